import assert from "node:assert/strict";
import { readdirSync, rmSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import type { SnapshotStore } from "../../../src/services/ports/snapshots.ts";
import { describeFiles, SnapshotProject, takeSnapshot } from "../../helpers/snapshot-project.ts";
import { writeSourceTree } from "../../helpers/source-tree.ts";

describe("jobs for worker threads", () => {
  let project: SnapshotProject;
  let store: SnapshotStore;
  beforeEach(() => {
    project = new SnapshotProject();
    store = project.open({ threads: 2 });
    writeSourceTree(project.directory, 1200);
    project.write("a/link", "x");
    project.link("link", "a/link");
  });
  afterEach(() => project.closeWhole());

  it("capture, export and restore as the main thread does", async () => {
    const progress: { done?: number; total?: number }[] = [];
    const { treeId, files } = await store.captureCode({ progress: (update) => progress.push(update) });
    assert.equal(treeId, project.nativeTree());
    assert.equal(files, 1202);
    assert.deepEqual(progress.at(-1), { message: "Reading files", done: 1202, total: 1202 });
    const { id, tree } = await takeSnapshot(store);
    project.fsck();
    const target = join(project.root, "export");
    await store.exportTree(tree, target);
    const before = describeFiles(project.directory);
    assert.deepEqual(describeFiles(target), before);
    project.clear();
    const held = await takeSnapshot(store);
    await store.restore({
      targetTree: tree,
      targetId: id,
      heldTree: held.tree,
      heldId: held.id,
      displace: false,
    });
    assert.deepEqual(describeFiles(project.directory), before);
  });

  it("can be cancelled, and nothing is left of it", async () => {
    const stop = new AbortController();
    const work = { signal: stop.signal, progress: () => stop.abort() };
    await assert.rejects(store.captureCode(work), { kind: "CANCELLED" });
    assert.deepEqual(readdirSync(join(project.git, "datmo", "active")), []);
    assert.equal((await store.captureCode()).treeId, project.nativeTree());
  });

  it("tell a damaged object from the other thread", async () => {
    project.damaged = true;
    const { tree } = await takeSnapshot(store);
    rmSync(join(project.git, "objects", "pack"), { recursive: true });
    await assert.rejects(store.exportTree(tree, join(project.root, "x")), { kind: "SNAPSHOT_CORRUPT" });
  });
});

describe("many packs", () => {
  let project: SnapshotProject;
  let store: SnapshotStore;
  beforeEach(() => {
    project = new SnapshotProject();
    store = project.open({ threads: 0 });
  });
  afterEach(() => project.closeWhole());

  const packs = (): string[] =>
    readdirSync(join(project.git, "objects", "pack")).filter((name) => name.endsWith(".pack"));

  it("become one, and the old ones go a minute later", async () => {
    const taken: { id: string; tree: string }[] = [];
    const next = async (from = store): Promise<void> => {
      project.write("file", `${taken.length}`);
      taken.push(await takeSnapshot(from));
    };
    for (let i = 0; i < 51; i++) await next();
    assert.equal(packs().length, 52, "merged, the old ones still there for whoever reads them");
    const retired = join(project.git, "datmo", "retired");
    assert.equal(readdirSync(retired).length, 51);
    const reader = project.open({ threads: 0 });
    await reader.read(taken[0]?.id ?? "");
    const old = new Date(Date.now() - 61_000);
    for (const name of readdirSync(retired)) utimesSync(join(retired, name), old, old);
    await next();
    assert.equal(packs().length, 2);
    assert.deepEqual(readdirSync(retired), []);
    project.fsck();
    // Whoever had the old list finds everything in the new pack.
    for (const { id, tree } of taken) assert.equal((await reader.read(id)).codeTree, tree);
    assert.deepEqual(await reader.check(), []);
    await next(reader);
    project.fsck();
  });

  it("are merged by two engines at once without loss", async () => {
    const taken: { id: string; tree: string }[] = [];
    for (let i = 0; i < 50; i++) {
      project.write("file", `${i}`);
      taken.push(await takeSnapshot(store));
    }
    const engines = [project.open({ threads: 0 }), project.open({ threads: 0 })];
    taken.push(...(await Promise.all(engines.map((engine) => takeSnapshot(engine)))));
    const retired = join(project.git, "datmo", "retired");
    const old = new Date(Date.now() - 61_000);
    for (const name of readdirSync(retired)) utimesSync(join(retired, name), old, old);
    taken.push(...(await Promise.all(engines.map((engine) => takeSnapshot(engine)))));
    assert.ok(packs().length < 10, `${packs().length} packs`);
    project.fsck();
    const fresh = project.open({ threads: 0 });
    for (const { id, tree } of taken) assert.equal((await fresh.read(id)).codeTree, tree);
  });
});
