import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { readlinkSync } from "node:fs";
import { afterEach, beforeEach, describe, it } from "node:test";
import type { SnapshotStore } from "../../../src/services/ports/snapshots.ts";
import { systemError, watchedFiles } from "../../helpers/snapshot-files.ts";
import { describeFiles, SnapshotProject, settle, takeSnapshot } from "../../helpers/snapshot-project.ts";

const MIB = 1024 * 1024;

describe("a disk that cannot be read", () => {
  let project: SnapshotProject;
  /** Reads of paths that match fail. */
  let broken: RegExp | undefined;
  let store: SnapshotStore;
  beforeEach(() => {
    project = new SnapshotProject();
    broken = undefined;
    const fs = watchedFiles(
      (name, [what]) => {
        if (broken === undefined) return;
        const path = name === "readSync" ? readlinkSync(`/proc/self/fd/${what as number}`) : String(what);
        if (broken.test(path)) throw systemError("EIO");
      },
      ["readSync", "readFileSync", "readdirSync", "readlinkSync"],
    );
    store = project.open({ fs });
    project.write("a.txt", "first");
    project.write("folder/b.txt", "second");
    project.write("folder/model.bin", randomBytes(2 * MIB));
    project.link("folder/link", "b.txt");
  });
  afterEach(() => project.closeWhole());

  for (const path of ["a.txt", "folder/b.txt", "folder/model.bin", "folder/link"]) {
    it(`${path}: it is left out and named, and taken as soon as it can be read`, async () => {
      broken = new RegExp(`/project/${path}$`);
      const { skipped, treeId } = await store.captureCode();
      assert.deepEqual(
        skipped.map((skip) => skip.path),
        [path],
      );
      assert.match(skipped[0]?.reason ?? "", /cannot be read/);
      assert.ok(!(await store.listTree(treeId)).some((file) => file.path === path));
      await takeSnapshot(store);
      project.fsck();
      broken = undefined;
      const after = await store.captureCode();
      assert.deepEqual(after.skipped, []);
      await takeSnapshot(store);
      const target = `${project.root}/out`;
      await store.exportTree(after.treeId, target);
      assert.deepEqual(describeFiles(target), describeFiles(project.directory));
    });
  }

  it("a folder: it is named, what was known of it is not taken for deleted, and it comes back", async () => {
    const { tree } = await takeSnapshot(store);
    await settle();
    project.write("folder/new.txt", "third");
    broken = /\/project\/folder\/?$/;
    const { skipped } = await store.captureCode();
    assert.deepEqual(
      skipped.map((skip) => skip.path),
      ["folder"],
    );
    broken = undefined;
    const after = await store.captureCode();
    const changes = await store.diffTrees(tree, after.treeId);
    assert.deepEqual(
      changes.map((change) => change.path),
      ["folder/new.txt"],
    );
  });

  it("what is remembered of the last capture: everything is read again", async () => {
    const { tree } = await takeSnapshot(store);
    await settle();
    await takeSnapshot(store);
    broken = /\/datmo\/stat$/;
    const other = project.open({ fs: watchedFiles(failing(() => broken)) });
    assert.equal((await other.captureCode()).treeId, tree);
  });

  it("objects: reading fails in words, nothing half read is handed out, and it works again later", async () => {
    const { id, tree } = await takeSnapshot(store);
    const before = describeFiles(project.directory);
    for (const part of [/\.pack$/, /\/lfs\/objects\//]) {
      broken = part;
      const fresh = project.open({ fs: watchedFiles(failing(() => broken)) });
      const target = `${project.root}/broken-${part.source.length}`;
      const outcome = await fresh.exportTree(tree, target).then(
        () => "done",
        (error: { kind?: string }) => String(error.kind),
      );
      broken = undefined;
      if (outcome === "done") assert.deepEqual(describeFiles(target), before);
      else {
        assert.ok(["SNAPSHOT_CORRUPT", "GIT_STORE_IO"].includes(outcome), outcome);
        assert.deepEqual(describeFiles(target), {});
      }
      await fresh.exportTree(tree, `${project.root}/${part.source.length}`);
      assert.deepEqual(describeFiles(`${project.root}/${part.source.length}`), before);
      assert.equal((await fresh.read(id)).codeTree, tree);
    }
  });
});

function failing(broken: () => RegExp | undefined): Parameters<typeof watchedFiles>[0] {
  return (name, [what]) => {
    if (!["readSync", "readFileSync"].includes(name)) return;
    const path = name === "readSync" ? readlinkSync(`/proc/self/fd/${what as number}`) : String(what);
    if (broken()?.test(path)) throw systemError("EIO");
  };
}
