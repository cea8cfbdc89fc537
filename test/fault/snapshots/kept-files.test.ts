import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { cpSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import type { RestoreRequest, SnapshotStore } from "../../../src/services/ports/snapshots.ts";
import { type FileSystem, systemFiles } from "../../../src/store/snapshots/files/file-system.ts";
import { CHANGING, systemError, watchedFiles } from "../../helpers/snapshot-files.ts";
import { describeFiles, publishRequest, SnapshotProject, settle } from "../../helpers/snapshot-project.ts";

/* Restoring kept files that the code ignores, interrupted or failing at every operation on files. */

const MIB = 1024 * 1024;
/** Every how many operations one fails; 1 with `DATMO_SOAK=1`. */
const STRIDE = process.env["DATMO_SOAK"] ? 1 : 3;

interface Scene {
  readonly request: RestoreRequest;
  readonly back: RestoreRequest;
  readonly target: Record<string, string>;
  readonly held: Record<string, string>;
}

interface State {
  readonly id: string;
  readonly code: string;
  readonly files: string;
  readonly all: Record<string, string>;
}

const SMALL = ["models/small", "models/turned", "models/link", "models/script"];
const NAMES = [...SMALL, "models/big.bin"];

/** Two states whose ignored files changed content, kind and mode, beside code that changed its kind. */
async function makeScene(project: SnapshotProject): Promise<Scene> {
  const store = project.open({ threads: 0 });
  project.write(".gitignore", "models/\n");
  project.write("train.py", "target ".repeat(300));
  project.write("file-or-folder", "a file");
  project.write("models/small", "small in the target ".repeat(100));
  project.write("models/big.bin", randomBytes(MIB + 1));
  project.write("models/turned", "a file in the target");
  project.link("models/link", "in-the-target");
  project.write("models/script", "same", 0o755);
  const target = await capture(project, store, NAMES);
  for (const name of ["file-or-folder", "models/turned", "models/link"]) project.remove(name);
  project.write("train.py", "now");
  project.write("file-or-folder/inside", "a folder now");
  project.write("models/small", "small now");
  project.write("models/big.bin", randomBytes(2 * MIB));
  project.link("models/turned", "a-link-now");
  project.write("models/link", "a file now");
  project.write("models/script", "same", 0o644);
  const held = await capture(project, store, NAMES);
  const places = NAMES.map((name) => ({ path: name, place: name }));
  const trees = {
    target: await store.withFiles(target.code, target.files, places),
    held: await store.withFiles(held.code, held.files, places),
  };
  // An export brings the trees to the disk, and proves them.
  const out = join(project.root, "out");
  for (const [tree, state] of [
    [trees.target, target],
    [trees.held, held],
  ] as const) {
    await store.exportTree(tree, out);
    assert.deepEqual(describeFiles(out), state.all);
    rmSync(out, { recursive: true });
  }
  await store.close();
  const ids = { targetId: target.id, heldId: held.id };
  return {
    request: { targetTree: trees.target, heldTree: trees.held, ...ids, displace: false },
    back: {
      targetTree: trees.held,
      heldTree: trees.target,
      targetId: held.id,
      heldId: target.id,
      displace: false,
    },
    target: target.all,
    held: held.all,
  };
}

async function capture(
  project: SnapshotProject,
  store: SnapshotStore,
  names: readonly string[],
): Promise<State> {
  const { treeId } = await store.captureCode();
  const sources = names.map((name) => ({ name, source: project.path(name), asLink: true }));
  const files = await store.captureFiles(sources);
  const request = publishRequest(treeId, { filesTree: files.treeId });
  await store.publish(request);
  return { id: request.id, code: treeId, files: files.treeId, all: describeFiles(project.directory) };
}

/** Calls `at` and all after it fail, or only the one; half a write is done first. */
function failingAt(at: number, code: string, onwards: boolean): { fs: FileSystem; failed: () => boolean } {
  let calls = 0;
  const fs = watchedFiles((name, args) => {
    calls++;
    if (calls < at || (!onwards && calls > at)) return;
    const [fd, bytes, offset, length] = args as [number, Uint8Array, number, number];
    if (calls === at && name === "writeSync") systemFiles.writeSync(fd, bytes, offset, length >> 1);
    throw systemError(code);
  }, CHANGING);
  return { fs, failed: () => calls >= at };
}

function reset(project: SnapshotProject, scene: string): void {
  rmSync(project.directory, { recursive: true });
  cpSync(scene, project.directory, { recursive: true, preserveTimestamps: true, verbatimSymlinks: true });
}

async function withScene(work: (project: SnapshotProject, scene: Scene, saved: string) => Promise<void>) {
  const project = new SnapshotProject();
  try {
    const scene = await makeScene(project);
    await settle();
    const saved = join(project.root, "scene");
    cpSync(project.directory, saved, { recursive: true, preserveTimestamps: true, verbatimSymlinks: true });
    await work(project, scene, saved);
    project.fsck();
  } finally {
    await project.close();
  }
}

describe("kept files", () => {
  it("are restored with their kinds and modes, and back", async () => {
    await withScene(async (project, scene) => {
      const store = project.open({ threads: 0 });
      await store.restore(scene.request);
      assert.deepEqual(describeFiles(project.directory), scene.target);
      assert.equal((await store.restore(scene.back)).displaced.length, 0);
      assert.deepEqual(describeFiles(project.directory), scene.held);
    });
  });

  for (const [name, code, onwards] of [
    ["killed", "EKILLED", true],
    ["stopped by an error of the disk", "EIO", false],
  ] as const) {
    for (const direction of ["finished", "taken back"]) {
      it(`${name} at each operation: the restore is ${direction}`, async () => {
        await withScene(async (project, scene, saved) => {
          const wanted = direction === "finished" ? scene.target : scene.held;
          let marked = 0;
          let step = 1;
          for (; ; step += STRIDE) {
            reset(project, saved);
            const failing = failingAt(step, code, onwards);
            let thrown: unknown;
            await project
              .open({ fs: failing.fs })
              .restore(scene.request)
              .catch((error: unknown) => {
                thrown = error;
              });
            if (thrown !== undefined && !failing.failed()) throw thrown;
            if (!failing.failed()) break;
            const next = project.open({ threads: 0 });
            const mark = await next.interruptedRestore();
            if (mark) marked++;
            // Without a mark nothing was changed yet, or all of it.
            const now = JSON.stringify(describeFiles(project.directory));
            const whole = [scene.held, scene.target].some((state) => JSON.stringify(state) === now);
            assert.ok(mark || whole, `step ${step}`);
            await next.restore(direction === "finished" ? scene.request : scene.back);
            assert.deepEqual(describeFiles(project.directory), wanted, `step ${step}`);
            assert.equal(await next.interruptedRestore(), undefined);
            await next.close();
          }
          assert.ok(step > 30 && marked > 4, `${step} steps, ${marked} with a mark`);
        });
      });
    }
  }

  it("changed since they were held are never replaced", async () => {
    await withScene(async (project, scene) => {
      project.write("models/small", "edited by the user");
      const store = project.open({ threads: 0 });
      await assert.rejects(store.restore(scene.request), { kind: "PATH_IN_THE_WAY" });
      assert.deepEqual(
        { ...describeFiles(project.directory), "models/small": "" },
        { ...scene.held, "models/small": "" },
      );
    });
  });

  it("in the way are moved by force, whatever operation fails", async () => {
    await withScene(async (project, scene, saved) => {
      let step = 1;
      for (; ; step += STRIDE) {
        reset(project, saved);
        project.write("models/small", "edited by the user");
        project.remove("models/big.bin");
        project.write("models/big.bin/inside", "a folder of the user");
        const failing = failingAt(step, "EKILLED", true);
        const request = { ...scene.request, displace: true };
        await project
          .open({ fs: failing.fs })
          .restore(request)
          .catch(() => undefined);
        const next = project.open({ threads: 0 });
        await next.restore(request);
        assert.deepEqual(describeFiles(project.directory), scene.target, `step ${step}`);
        const moved = contentsBelow(join(project.datmo, "displaced"));
        for (const text of ["edited by the user", "a folder of the user"]) {
          assert.ok(moved.includes(text), `step ${step}: ${text}`);
        }
        await next.close();
        if (!failing.failed()) break;
      }
      assert.ok(step > 30, `${step} steps`);
    });
  });
});

function contentsBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => systemFiles.readFileSync(join(entry.parentPath ?? entry.path, entry.name)).toString());
}
