import assert from "node:assert/strict";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import { randomId } from "../../../src/domain/ids.ts";
import type { SnapshotStore } from "../../../src/services/ports/snapshots.ts";
import {
  describeFiles,
  git,
  publishRequest,
  SnapshotProject,
  settle,
  takeSnapshot,
} from "../../helpers/snapshot-project.ts";
import { writeSourceTree } from "../../helpers/source-tree.ts";

describe("comparing trees", () => {
  let project: SnapshotProject;
  let store: SnapshotStore;
  beforeEach(() => {
    project = new SnapshotProject();
    store = project.open({ threads: 0 });
  });
  afterEach(() => project.closeWhole());

  it("tells every kind of change, as git does", async () => {
    for (const name of ["same", "changed", "removed", "mode", "to-link", "to-folder"])
      project.write(name, name);
    project.write("from-folder/a", "x");
    project.write("deep/er/same", "x");
    project.write("deep/er/other", "x");
    const before = (await takeSnapshot(store)).tree;
    project.write("changed", "after");
    project.remove("removed");
    chmodSync(project.path("mode"), 0o755);
    for (const name of ["to-link", "to-folder", "from-folder"]) project.remove(name);
    project.link("to-link", "same");
    project.write("to-folder/b", "x");
    project.write("from-folder", "x");
    project.write("deep/er/other", "y");
    project.write("added/c", "x");
    const after = (await takeSnapshot(store)).tree;
    const changes = await store.diffTrees(before, after);
    assert.deepEqual(
      changes.map(({ path, status }) => `${status} ${path}`),
      [
        "added added/c",
        "modified changed",
        "modified deep/er/other",
        "added from-folder",
        "removed from-folder/a",
        "modeChanged mode",
        "removed removed",
        "removed to-folder",
        "added to-folder/b",
        "typeChanged to-link",
      ],
    );
    const native = git(
      ["--git-dir", project.git, "diff-tree", "-r", "--no-renames", "--name-only", before, after],
      project.root,
    );
    assert.deepEqual(
      changes.map(({ path }) => path),
      native.split("\n").filter(Boolean).sort(),
    );
    const back = await store.diffTrees(after, before);
    assert.deepEqual(
      changes.map(({ path, oldId, newId }) => ({ path, oldId, newId })),
      back.map(({ path, oldId, newId }) => ({ path, oldId: newId, newId: oldId })),
    );
  });

  it("takes null for the empty tree, and skips equal trees unread", async () => {
    writeSourceTree(project.directory, 30);
    const { tree } = await takeSnapshot(store);
    assert.equal((await store.diffTrees(null, tree)).filter(({ status }) => status === "added").length, 30);
    assert.equal((await store.diffTrees(tree, null)).filter(({ status }) => status === "removed").length, 30);
    assert.deepEqual(await store.diffTrees(null, null), []);
    assert.deepEqual(await store.diffTrees("7".repeat(40), "7".repeat(40)), []);
  });

  it("compares what is captured and not yet published", async () => {
    project.write("a", "1");
    const before = (await takeSnapshot(store)).tree;
    project.write("a", "2");
    const { treeId } = await store.captureCode();
    const [change] = await store.diffTrees(before, treeId);
    assert.equal(change?.path, "a");
    assert.equal((await store.readFile(change?.newId ?? "")).toString(), "2");
    assert.equal((await store.listTree(treeId))[0]?.bytes, 1);
  });
});

describe("exporting", () => {
  let project: SnapshotProject;
  let store: SnapshotStore;
  let target: string;
  beforeEach(() => {
    project = new SnapshotProject();
    store = project.open({ threads: 0 });
    target = join(project.root, "export");
  });
  afterEach(() => project.closeWhole());

  it("fills a new or an empty folder, and answers what it wrote", async () => {
    writeSourceTree(project.directory, 40);
    project.write("run.sh", "#!/bin/sh\n", 0o755);
    project.link("out", "/etc");
    const { tree } = await takeSnapshot(store);
    const sizes = (await store.listTree(tree)).reduce((sum, { bytes }) => sum + bytes, 0);
    assert.deepEqual(await store.exportTree(tree, join(target, "new", "deep")), { files: 42, bytes: sizes });
    mkdirSync(join(project.root, "empty"));
    await store.exportTree(tree, join(project.root, "empty"));
    for (const folder of [join(target, "new", "deep"), join(project.root, "empty")]) {
      assert.deepEqual(describeFiles(folder), describeFiles(project.directory));
    }
  });

  it("refuses a folder with something in it, a file, and .datmo", async () => {
    project.write("a", "a");
    const { tree } = await takeSnapshot(store);
    mkdirSync(target);
    writeFileSync(join(target, "mine"), "mine");
    await assert.rejects(store.exportTree(tree, target), { kind: "PATH_INVALID", message: /not empty/ });
    await assert.rejects(store.exportTree(tree, join(target, "mine")), { kind: "PATH_INVALID" });
    await assert.rejects(store.exportTree(tree, join(project.datmo, "x")), {
      kind: "PATH_INVALID",
      message: /\.datmo/,
    });
    symlinkSync(project.datmo, join(project.root, "disguised"));
    await assert.rejects(store.exportTree(tree, join(project.root, "disguised", "x")), {
      kind: "PATH_INVALID",
    });
    assert.deepEqual(readdirSync(target), ["mine"]);
    assert.equal(existsSync(join(project.datmo, "x")), false);
  });

  it("refuses trees that lead out or into .git, whoever made them", async () => {
    project.damaged = true;
    await takeSnapshot(store);
    for (const hostile of ["..", ".git", ".GIT", ".datmo", "git~1", ".git ", "."]) {
      const blob = nativeObject("blob", Buffer.from("evil"));
      const tree = nativeObject(
        "tree",
        Buffer.concat([Buffer.from(`100644 ${hostile}\0`), Buffer.from(blob, "hex")]),
      );
      const fresh = project.open({ threads: 0 });
      await assert.rejects(fresh.exportTree(tree, target), { kind: "SNAPSHOT_CORRUPT" }, hostile);
      await assert.rejects(fresh.listTree(tree), { kind: "SNAPSHOT_CORRUPT" }, hostile);
      assert.equal(existsSync(target), false);
    }
  });

  it("refuses a tree with a link and something below the same name", async () => {
    project.damaged = true;
    await takeSnapshot(store);
    const blob = nativeObject("blob", Buffer.from("/etc"));
    const inner = nativeObject(
      "tree",
      Buffer.concat([Buffer.from("100644 passwd\0"), Buffer.from(blob, "hex")]),
    );
    const entries = [`120000 x\0`, blob, "40000 x\0", inner];
    const body = Buffer.concat(
      entries.map((part, i) => (i % 2 === 0 ? Buffer.from(part) : Buffer.from(part, "hex"))),
    );
    await assert.rejects(store.exportTree(nativeObject("tree", body), target), { kind: "SNAPSHOT_CORRUPT" });
    assert.equal(existsSync(target), false);
  });

  it("leaves nothing behind when it is cancelled", async () => {
    writeSourceTree(project.directory, 300);
    const { tree } = await takeSnapshot(store);
    const stop = new AbortController();
    const work = { signal: stop.signal, progress: () => stop.abort() };
    await assert.rejects(store.exportTree(tree, target, work), { kind: "CANCELLED" });
    assert.equal(existsSync(target), false);
  });

  function nativeObject(type: string, body: Buffer): string {
    const file = join(project.root, "object");
    writeFileSync(file, body);
    return git(
      ["--git-dir", project.git, "hash-object", "-w", "--literally", "-t", type, file],
      project.root,
    ).trim();
  }
});

describe("damage", () => {
  let project: SnapshotProject;
  let store: SnapshotStore;
  beforeEach(() => {
    project = new SnapshotProject();
    store = project.open({ threads: 0 });
  });
  afterEach(() => project.closeWhole());

  it("is found by reading, and told with the snapshot it touches", async () => {
    project.damaged = true;
    project.write("a", "first");
    const first = await takeSnapshot(store);
    project.write("b", "second ".repeat(100));
    const second = await takeSnapshot(store);
    const packs = join(project.git, "objects", "pack");
    const [newest] = project
      .stockGit("rev-parse", `refs/datmo/snapshots/${second.id}^1:b`)
      .split("\n")
      .map((id) =>
        readdirSync(packs).find((name) => name.endsWith(".idx") && contains(join(packs, name), id)),
      );
    const pack = join(packs, (newest ?? "").replace(/idx$/, "pack"));
    const bytes = readFileSync(pack);
    chmodSync(pack, 0o600);
    // Somewhere in the stream of the first object, the new file.
    bytes[30] = (bytes[30] ?? 0) ^ 0xff;
    writeFileSync(pack, bytes);
    const fresh = project.open({ threads: 0 });
    const problems = await fresh.check();
    assert.ok(
      problems.some(({ path }) => path.endsWith(".pack")),
      "the checksum of the pack",
    );
    const touched = problems.find(({ path }) => path === "b");
    assert.deepEqual(touched?.snapshots, [second.id]);
    assert.deepEqual((await fresh.read(first.id)).codeTree, first.tree);
    await assert.rejects(fresh.exportTree(second.tree, join(project.root, "out")), {
      kind: "SNAPSHOT_CORRUPT",
    });
    assert.equal(existsSync(join(project.root, "out")), false);
  });

  it("of a reference is told", async () => {
    project.damaged = true;
    project.write("a", "first");
    const { id } = await takeSnapshot(store);
    const ref = join(project.git, "refs", "datmo", "snapshots", id);
    writeFileSync(ref, "");
    await assert.rejects(store.read(id), { kind: "SNAPSHOT_CORRUPT", message: new RegExp(id) });
    assert.deepEqual(await store.check(), [
      { path: `git/refs/datmo/snapshots/${id}`, problem: "the reference is damaged", snapshots: [id] },
    ]);
    writeFileSync(ref, `${"3".repeat(40)}\n`);
    await assert.rejects(store.read(id), { kind: "SNAPSHOT_CORRUPT", message: /is missing/ });
    const [problem] = await store.check();
    assert.deepEqual(problem?.snapshots, [id]);
  });

  it("is not confused with a snapshot that never was", async () => {
    await takeSnapshot(store);
    for (const id of [randomId(), "nonsense", "../../../HEAD", ""]) {
      assert.equal(await store.exists(id), false);
      await assert.rejects(store.read(id), { kind: "SNAPSHOT_NOT_FOUND" });
    }
    const code = (await store.captureCode()).treeId;
    await store.publish(publishRequest(code));
    assert.deepEqual(await store.check(), []);
  });

  it("of a whole index hides its objects and is told", async () => {
    project.damaged = true;
    project.write("a", "first");
    const { id } = await takeSnapshot(store);
    // Old enough to be remembered without being read again.
    await settle();
    await store.captureCode();
    const packs = join(project.git, "objects", "pack");
    const index = join(packs, readdirSync(packs).find((name) => name.endsWith(".idx")) ?? "");
    chmodSync(index, 0o600);
    writeFileSync(index, "rubbish");
    const fresh = project.open({ threads: 0 });
    const problems = await fresh.check();
    assert.ok(problems.some(({ path, problem }) => path.endsWith(".pack") && /index/.test(problem)));
    assert.ok(problems.some(({ snapshots }) => snapshots.includes(id)));
    // The next snapshot does not rely on what can no longer be found.
    const again = await takeSnapshot(fresh);
    const copy = join(project.root, "copy");
    cpSync(project.directory, copy, { recursive: true, filter: (source) => !source.includes(".datmo") });
    const target = join(project.root, "out");
    await fresh.exportTree(again.tree, target);
    assert.deepEqual(describeFiles(target), describeFiles(copy));
    rmSync(copy, { recursive: true });
  });
});

function contains(path: string, id: string): boolean {
  return readFileSync(path).includes(Buffer.from(id, "hex"));
}
