import assert from "node:assert/strict";
import { chmod, mkdir, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { isDatmoError } from "../../src/protocol/errors.ts";
import { openTestEngine, removeTestEngine, type TestEngine, temporaryFolder } from "../helpers/engine.ts";

let engine: TestEngine;
const at = (...names: string[]): string => join(engine.directory, ...names);

before(async () => {
  engine = await openTestEngine();
  await mkdir(at("src"));
  await writeFile(at("src", "model.py"), "import json\nprint(1)\n");
  await writeFile(at("config.json"), '{"lr": 0.1, "layers": [64, 64]}');
  await writeFile(at("metrics.json"), '{"accuracy": 0.9}');
});
after(() => removeTestEngine(engine));

async function errorOf(work: Promise<unknown>): Promise<{ kind: string; message: string }> {
  try {
    await work;
  } catch (error) {
    if (isDatmoError(error)) return { kind: error.kind, message: error.message };
    throw error;
  }
  return { kind: "nothing thrown", message: "" };
}

test("all five components in one step; config and metrics files at the root are picked up", async () => {
  await writeFile(at("weights.bin"), "w".repeat(1000));
  const { snapshot, created } = await engine.call("snapshot.create", {
    message: "first",
    label: "base",
    paths: ["weights.bin>model/w.bin", "src"],
  });
  assert.equal(created, true);
  assert.deepEqual(snapshot.config, { lr: 0.1, layers: [64, 64] });
  assert.deepEqual(snapshot.metrics, { accuracy: 0.9 });
  assert.deepEqual(snapshot.files.map((f) => f.path).sort(), ["model/w.bin", "src/model.py"]);
  assert.equal(snapshot.visible, true);
  const read = await engine.call("snapshot.get", { id: "base" });
  assert.equal(read.codeFiles, 4);
  assert.equal(read.environment.kind, "host");
  assert.match(read.environment.python ?? "", /^3\./);
});

test("nothing changed gives the same snapshot, and a new message and label are applied", async () => {
  const one = await engine.call("snapshot.create", { message: "same" });
  const two = await engine.call("snapshot.create", { message: "said again", label: "twice" });
  assert.equal(two.created, false);
  assert.equal(two.snapshot.id, one.snapshot.id);
  assert.equal(two.snapshot.message, "said again");
  assert.equal(two.snapshot.label, "twice");
  const other = await engine.call("snapshot.create", { message: "other config", config: { lr: 1 } });
  assert.equal(other.created, true);
});

test("status and list: clean, changed paths, the current one marked", async () => {
  await engine.call("snapshot.create", { message: "now" });
  const clean = await engine.call("project.status", {});
  assert.equal(clean.clean, true);
  assert.equal(clean.current?.message, "now");
  await writeFile(at("src", "model.py"), "import json\nprint(2)\n");
  await writeFile(at("extra.txt"), "x");
  const dirty = await engine.call("project.status", {});
  assert.equal(dirty.clean, false);
  assert.deepEqual(dirty.changes, [
    { path: "extra.txt", status: "added" },
    { path: "src/model.py", status: "modified" },
  ]);
  const list = await engine.call("snapshot.list", { markCurrent: true });
  assert.ok(list.items.every((item) => item.current === undefined));
  const { snapshot } = await engine.call("snapshot.create", { message: "after edits" });
  const marked = await engine.call("snapshot.list", { markCurrent: true });
  assert.deepEqual(
    marked.items.filter((item) => item.current).map((item) => item.id),
    [snapshot.id],
  );
});

test("checkout refuses unsaved work, saves it with force, and goes back byte for byte", async () => {
  await writeFile(at("a.txt"), "one");
  await writeFile(at("run.sh"), "#!/bin/sh\n");
  await chmod(at("run.sh"), 0o755);
  const first = (await engine.call("snapshot.create", { message: "one" })).snapshot;
  await writeFile(at("a.txt"), "two");
  await rm(at("run.sh"));
  await mkdir(at("run.sh"));
  await writeFile(at("run.sh", "inner"), "now a folder");
  const refused = await errorOf(engine.call("snapshot.checkout", { id: first.id }));
  assert.equal(refused.kind, "WORKING_TREE_DIRTY");
  assert.match(refused.message, /a\.txt/);
  const forced = await engine.call("snapshot.checkout", { id: first.id, force: true });
  assert.equal(await readFile(at("a.txt"), "utf8"), "one");
  assert.equal((await stat(at("run.sh"))).mode & 0o777, 0o755);
  assert.ok(forced.saved);
  const back = await engine.call("snapshot.checkout", { id: forced.saved.id });
  assert.equal(back.saved, undefined);
  assert.equal(await readFile(at("a.txt"), "utf8"), "two");
  assert.equal(await readFile(at("run.sh", "inner"), "utf8"), "now a folder");
});

test("diff of two snapshots, export to a folder, update and delete", async () => {
  const a = (await engine.call("snapshot.create", { message: "a", config: { x: 1 } })).snapshot;
  await writeFile(at("only-b.txt"), "b");
  const b = (await engine.call("snapshot.create", { message: "b", config: { x: 2 }, paths: ["only-b.txt"] }))
    .snapshot;
  const { diff } = await engine.call("snapshot.diff", { a: a.id, b: b.id });
  assert.deepEqual(diff.config, [{ key: "x", a: 1, b: 2 }]);
  assert.deepEqual(diff.code, [{ path: "only-b.txt", status: "added" }]);
  assert.deepEqual(diff.files, [{ path: "only-b.txt", status: "added" }]);
  const target = join(await temporaryFolder(), "out");
  await engine.call("snapshot.export", { id: b.id, directory: target });
  assert.ok((await readdir(target)).includes("only-b.txt"));
  assert.equal(await readFile(join(target, "datmo_files", "only-b.txt"), "utf8"), "b");
  await rm(target, { recursive: true });
  const updated = await engine.call("snapshot.update", { id: b.id, label: "kept", config: { y: { z: 3 } } });
  assert.deepEqual(updated.snapshot.config, { x: 2, y: { z: 3 } });
  assert.equal(updated.snapshot.label, "kept");
  await engine.call("snapshot.delete", { ids: ["kept"] });
  assert.equal((await errorOf(engine.call("snapshot.get", { id: b.id }))).kind, "SNAPSHOT_NOT_FOUND");
});

test("a run's after-snapshot becomes one of the user's with the run's metrics", async () => {
  const { run } = await engine.call("run.start", { command: "echo 'score: 3'; echo x > made.txt" });
  const ended = (await engine.call("run.wait", { id: run.id })).run;
  const { snapshot, created } = await engine.call("snapshot.create", {
    message: "of the run",
    runId: run.id,
    label: "best",
  });
  assert.equal(created, false);
  assert.equal(snapshot.id, ended.afterSnapshotId);
  assert.equal(snapshot.visible, true);
  assert.deepEqual(snapshot.metrics, { score: 3 });
  const used = await errorOf(engine.call("snapshot.delete", { ids: [snapshot.id] }));
  assert.equal(used.kind, "SNAPSHOT_IN_USE");
});

test("bad paths are named", async () => {
  const kind = async (...paths: string[]): Promise<string> =>
    (await errorOf(engine.call("snapshot.create", { message: "m", paths }))).kind;
  assert.equal(await kind("no-such-file"), "PATH_NOT_FOUND");
  assert.equal(await kind("a.txt", "src>a.txt"), "PATH_DUPLICATE");
  assert.equal(await kind("a.txt>/abs"), "PATH_INVALID");
  assert.equal(await kind("a.txt>../up"), "PATH_INVALID");
  assert.equal(await kind("a.txt>.git/x"), "PATH_INVALID");
  assert.equal(await kind("a.txt>b>c"), "PATH_INVALID");
  const both = await errorOf(
    engine.call("snapshot.create", { message: "m", config: {}, configFile: "config.json" }),
  );
  assert.equal(both.kind, "INVALID_PARAMS");
  const broken = await errorOf(engine.call("snapshot.create", { message: "m", configFile: "src/model.py" }));
  assert.equal(broken.kind, "CONFIG_INVALID");
});

test("fsck finds nothing wrong", async () => {
  assert.deepEqual(await engine.call("store.fsck", {}), { clean: true, problems: [], objects: [] });
});

test("half of a checkout is finished or taken back, not left for a third state", async () => {
  await writeFile(at("state.txt"), "one");
  const one = (await engine.call("snapshot.create", { message: "state one" })).snapshot;
  await writeFile(at("state.txt"), "two");
  const two = (await engine.call("snapshot.create", { message: "state two" })).snapshot;
  await writeFile(at("state.txt"), "three");
  const three = (await engine.call("snapshot.create", { message: "state three" })).snapshot;
  // What a checkout of the first leaves behind when it is killed.
  const mark = { v: 1, targetId: one.id, targetTree: one.codeId, heldId: three.id, heldTree: three.codeId };
  await writeFile(at(".datmo", "git", "datmo", "restore.json"), JSON.stringify(mark));
  assert.equal((await engine.call("project.status", {})).interruptedCheckout?.targetId, one.id);
  assert.equal(
    (await errorOf(engine.call("snapshot.checkout", { id: two.id }))).kind,
    "CHECKOUT_INTERRUPTED",
  );
  await engine.call("snapshot.checkout", { id: one.id });
  assert.equal(await readFile(at("state.txt"), "utf8"), "one");
  assert.equal((await engine.call("project.status", {})).interruptedCheckout, undefined);
  await engine.call("snapshot.checkout", { id: two.id });
});

test("what was changed after a checkout was cut off is saved when it is finished, and told", async () => {
  await writeFile(at("a.py"), "1");
  const first = (await engine.call("snapshot.create", { message: "first" })).snapshot;
  await writeFile(at("a.py"), "2");
  const second = (await engine.call("snapshot.create", { message: "second" })).snapshot;
  const trees = { targetTree: first.codeId, heldTree: second.codeId };
  const mark = { v: 1, targetId: first.id, heldId: second.id, ...trees };
  await writeFile(at(".datmo", "git", "datmo", "restore.json"), JSON.stringify(mark));
  await writeFile(at("a.py"), "work done since");
  const { saved } = await engine.call("snapshot.checkout", { id: first.id });
  assert.ok(saved);
  await engine.call("snapshot.checkout", { id: saved.id });
  assert.equal(await readFile(at("a.py"), "utf8"), "work done since");
});

test("of two equal states one of the user's is the current one, not what a checkout saved on its way", async () => {
  await writeFile(at(".gitignore"), "w.pt\n");
  await writeFile(at("w.pt"), "weights");
  const kept = (await engine.call("snapshot.create", { message: "kept", paths: ["w.pt"], config: { lr: 1 } }))
    .snapshot;
  await writeFile(at("w.pt"), "other weights");
  const { saved } = await engine.call("snapshot.checkout", { id: kept.id, force: true });
  assert.ok(saved);
  assert.equal((await engine.call("project.status", {})).current?.id, kept.id);
  await rm(at("w.pt"));
  await mkdir(at("w.pt"));
  await writeFile(at("w.pt", "mine"), "mine");
  await engine.call("snapshot.checkout", { id: kept.id, force: true });
  assert.equal((await engine.call("project.status", {})).current?.id, kept.id);
});
