import assert from "node:assert/strict";
import { join } from "node:path";
import { it } from "node:test";
import { describeFiles, SnapshotProject, settle, takeSnapshot } from "../../helpers/snapshot-project.ts";
import { writeSourceTree } from "../../helpers/source-tree.ts";

it("deltas of a repacking git are read like everything else", async () => {
  const project = new SnapshotProject();
  try {
    const store = project.open();
    writeSourceTree(project.directory, 30);
    for (let i = 0; i < 4; i++) {
      project.write("log.txt", Array.from({ length: 500 + i }, (_, n) => `line ${n}\n`).join(""));
      await takeSnapshot(store);
    }
    await settle();
    assert.equal((await store.captureCode()).unchanged, true);
    const { id, tree } = await takeSnapshot(store);
    project.remove("log.txt");
    const held = await takeSnapshot(store);
    await store.restore({
      targetTree: tree,
      targetId: id,
      heldTree: held.tree,
      heldId: held.id,
      displace: false,
    });
    await store.exportTree(tree, join(project.root, "one"));
    assert.deepEqual(await store.check(), []);
    // A plain `git gc` makes no deltas in this directory.
    project.stockGit("gc", "--quiet", "--prune=now");
    await project.open().exportTree(tree, join(project.root, "two"));
    project.stockGit("gc", "--quiet", "--aggressive", "--prune=now");
    const fresh = project.open();
    for (const name of await fresh.ids())
      await fresh.exportTree((await fresh.read(name)).codeTree, join(project.root, name));
    assert.deepEqual(await fresh.check(), []);
    assert.deepEqual(describeFiles(join(project.root, id)), describeFiles(join(project.root, "one")));
  } finally {
    await project.close();
  }
});
