import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { cpSync, rmSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import type { SnapshotStore } from "../../../src/services/ports/snapshots.ts";
import { type FileSystem, systemFiles } from "../../../src/store/snapshots/files/file-system.ts";
import { CHANGING, watchedFiles } from "../../helpers/snapshot-files.ts";
import {
  describeFiles,
  publishRequest,
  SnapshotProject,
  settle,
  takeSnapshot,
} from "../../helpers/snapshot-project.ts";

const MIB = 1024 * 1024;
/** Every how many steps one is killed; 1 with `DATMO_SOAK=1`. Stock git is asked at fewer. */
const STRIDE = process.env["DATMO_SOAK"] ? 1 : 3;

/** A file system on which this process dies at call number `at`: half a write is done, all later calls fail. */
function dyingAt(at: number): { fs: FileSystem; died: () => boolean } {
  let calls = 0;
  const fs = watchedFiles((name, args) => {
    calls++;
    if (calls < at) return;
    const [fd, bytes, offset, length] = args as [number, Uint8Array, number, number];
    if (calls === at && name === "writeSync") systemFiles.writeSync(fd, bytes, offset, length >> 1);
    throw Object.assign(new Error("the process was killed"), { code: "EKILLED" });
  }, CHANGING);
  return { fs, died: () => calls >= at };
}

/** Runs work as a process that is killed at each step in turn. */
async function killAtEachStep(
  prepare: () => Promise<void> | void,
  work: (fs: FileSystem) => Promise<void>,
  afterwards: (step: number) => Promise<void>,
  first = 1,
): Promise<number> {
  for (let step = first; ; step += STRIDE) {
    await prepare();
    const dying = dyingAt(step);
    await work(dying.fs).catch((error) => {
      if (!dying.died()) throw error;
    });
    if (!dying.died()) return step;
    await afterwards(step);
  }
}

describe("killed while a snapshot is taken", () => {
  for (const first of [true, false]) {
    it(`${first ? "the first one" : "one of several"}: the store is whole and work goes on`, async () => {
      const project = new SnapshotProject();
      const pristine = join(project.root, "pristine");
      try {
        project.write("a/b/file", "content");
        project.write("run.sh", "x", 0o755);
        project.write("model.bin", randomBytes(MIB));
        const known: { id: string; tree: string }[] = [];
        if (!first) {
          const store = project.open({ threads: 0 });
          known.push(await takeSnapshot(store));
          project.write("a/new", "new");
          project.write("model.bin", randomBytes(MIB));
          project.write("extra.bin", randomBytes(4 * MIB));
          await store.close();
        }
        await settle();
        cpSync(project.datmo, pristine, { recursive: true });
        const steps = await killAtEachStep(
          () => {
            rmSync(project.datmo, { recursive: true });
            cpSync(pristine, project.datmo, { recursive: true, preserveTimestamps: true });
          },
          async (fs) => {
            await takeSnapshot(project.open({ fs }));
          },
          async (step) => {
            const next = project.open({ threads: 0 });
            for (const id of await next.ids()) assert.equal((await next.read(id)).id, id, `step ${step}`);
            const { id: newest, tree } = await takeSnapshot(next);
            assert.equal((await next.read(newest)).codeTree, tree);
            for (const { id, tree: held } of known) assert.equal((await next.read(id)).codeTree, held);
            assert.deepEqual(await next.check(), [], `step ${step}`);
            if (step % 4 === 0) project.fsck();
            const target = join(project.root, "out");
            await next.exportTree(tree, target);
            assert.deepEqual(describeFiles(target), describeFiles(project.directory), `step ${step}`);
            rmSync(target, { recursive: true });
            await next.close();
          },
        );
        assert.ok(steps > 20, `${steps} steps`);
      } finally {
        await project.close();
      }
    });
  }
});

describe("killed while a snapshot is restored", () => {
  it("can be finished, and can be taken back", async () => {
    const project = new SnapshotProject();
    const scene = join(project.root, "scene");
    try {
      const { target, held } = await twoStates(project);
      await settle();
      cpSync(project.directory, scene, { recursive: true, preserveTimestamps: true, verbatimSymlinks: true });
      const there = {
        targetTree: target.tree,
        targetId: target.id,
        heldTree: held.tree,
        heldId: held.id,
        displace: false,
      };
      const back = {
        targetTree: held.tree,
        targetId: held.id,
        heldTree: target.tree,
        heldId: target.id,
        displace: false,
      };
      for (const request of [there, back]) {
        const wanted = request === there ? target : held;
        let interrupted = 0;
        const steps = await killAtEachStep(
          () => {
            rmSync(project.directory, { recursive: true });
            cpSync(scene, project.directory, {
              recursive: true,
              preserveTimestamps: true,
              verbatimSymlinks: true,
            });
          },
          async (fs) => {
            await project.open({ fs }).restore(there);
          },
          async (step) => {
            const next = project.open({ threads: 0 });
            const mark = await next.interruptedRestore();
            if (mark) {
              interrupted++;
              assert.deepEqual(mark, { targetId: target.id, heldId: held.id });
            }
            // Without a mark nothing was changed yet, or all of it.
            const now = describeFiles(project.directory);
            const state = JSON.stringify(now) === JSON.stringify(target.files) ? target : held;
            if (!mark) assert.deepEqual(now, state.files, `step ${step}`);
            if (mark || state !== wanted) await next.restore(request);
            assert.deepEqual(describeFiles(project.directory), wanted.files, `step ${step}`);
            assert.equal(await next.interruptedRestore(), undefined);
            assert.equal((await next.captureCode()).treeId, wanted.tree);
            await next.close();
          },
          request === there ? 1 : 2,
        );
        assert.ok(steps > 20 && interrupted > 5, `${steps} steps, ${interrupted} interrupted`);
      }
      project.fsck();
    } finally {
      await project.close();
    }
  });

  it("tells an edit made since from what it left half written", async () => {
    const project = new SnapshotProject();
    try {
      project.write("file", "in the target ".repeat(100));
      const store = project.open({ threads: 0 });
      const target = await takeSnapshot(store);
      project.remove("file");
      project.write("other", "x");
      const held = await takeSnapshot(store);
      const request = {
        targetTree: target.tree,
        targetId: target.id,
        heldTree: held.tree,
        heldId: held.id,
        displace: false,
      };
      for (let step = 1; ; step++) {
        const { fs, died } = dyingAt(step);
        await project
          .open({ fs })
          .restore(request)
          .catch(() => undefined);
        assert.ok(died(), "the restore was never interrupted");
        if (await store.interruptedRestore()) break;
      }
      project.write("file", "in the target in the");
      assert.equal((await store.restore(request)).written, 1, "the beginning of it was left by the restore");
      await interrupt(project, store, request);
      project.write("file", "in the target, edited by the user");
      await assert.rejects(store.restore(request), { kind: "PATH_IN_THE_WAY" });
    } finally {
      await project.close();
    }
  });
});

/** Leaves the mark of a restore that was killed right after its first step. */
async function interrupt(
  project: SnapshotProject,
  store: SnapshotStore,
  request: Parameters<SnapshotStore["restore"]>[0],
): Promise<void> {
  project.write("other", "x");
  project.remove("file");
  for (let step = 1; (await store.interruptedRestore()) === undefined; step++) {
    await project
      .open({ fs: dyingAt(step).fs })
      .restore(request)
      .catch(() => undefined);
    assert.ok(step < 100);
  }
}

async function twoStates(project: SnapshotProject) {
  const store = project.open({ threads: 0 });
  const big = randomBytes(MIB);
  project.write("same", "same");
  project.write("changed", "in the target");
  project.write("new/deep/file", "only in the target ".repeat(50));
  project.write("new/script", "x", 0o755);
  project.write("mode", "m", 0o755);
  project.write("model.bin", big);
  project.write("file-or-folder", "a file in the target");
  project.write("folder-or-link/inside", "x");
  project.link("link", "in-the-target");
  project.write(".gitignore", "*.tmp\n");
  const target = { ...(await takeSnapshot(store)), files: describeFiles(project.directory) };
  for (const path of ["new", "file-or-folder", "folder-or-link", "link", "model.bin"]) project.remove(path);
  project.write("changed", "now");
  project.write("mode", "m", 0o644);
  project.write("gone/deep/file", "only held");
  project.write("file-or-folder/a/b", "held");
  project.link("folder-or-link", "/etc");
  project.link("link", "held");
  project.write(".gitignore", "*.tmp\nnew\n");
  const held = { ...(await takeSnapshot(store)), files: describeFiles(project.directory) };
  await store.publish(publishRequest(held.tree));
  await store.close();
  return { target, held };
}
