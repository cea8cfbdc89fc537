import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { cpSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { finishRun, logPoints, recordRun, sharedRecords, sharing } from "./sharing-fixture.ts";

/* Two projects and one bare repository. */

const STRANGE = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0.1 + 0.2, 5e-324, 1e308, 3];

test("snapshots, runs, points and files arrive as they were, once", async (t) => {
  const { peer, remote, refs } = sharing(t);
  const [a, b] = [await peer("a"), await peer("b")];
  const { snapshot } = await a.call("snapshot.create", { message: "first", label: "one" });
  const runId = await recordRun(a, STRANGE);
  const sent = await a.call("store.push", { remote });
  assert.equal(sent.nothingNew, false);
  assert.equal(sent.points, STRANGE.length);
  assert.deepEqual(sent.keptBack, []);
  const got = await b.call("store.pull", { remote });
  assert.equal(got.snapshots, refs().size - 1);
  assert.equal(got.points, STRANGE.length);
  assert.deepEqual(await sharedRecords(b.directory), await sharedRecords(a.directory));
  const ask = { runId, name: "loss" } as const;
  assert.deepEqual(await b.call("metric.history", ask), await a.call("metric.history", ask));
  const target = join(b.directory, "..", "out");
  await b.call("snapshot.export", { id: snapshot.id, directory: target });
  const read = (folder: string): string => readFileSync(join(folder, "train.py"), "utf8");
  assert.equal(read(target), read(a.directory));
  assert.equal((await b.call("store.pull", {})).nothingNew, true);
  assert.equal((await a.call("store.push", {})).nothingNew, true);
  assert.equal((await b.call("store.push", {})).nothingNew, true);
  assert.equal((await b.call("store.fsck", {})).clean, true);
  assert.equal((await b.call("run.get", { id: runId })).run.from, remote);
  assert.equal((await a.call("run.get", { id: runId })).run.from, undefined);
});

test("edits and deletions of both sides come together, and what was deleted stays so", async (t) => {
  const { peer, remote, refs } = sharing(t);
  const [a, b] = [await peer("a"), await peer("b")];
  const { snapshot } = await a.call("snapshot.create", { message: "first" });
  const [kept, gone] = [await recordRun(a, [1]), await recordRun(a, [2])];
  await a.call("store.push", { remote });
  await b.call("store.pull", { remote });
  await a.call("run.update", { id: kept, addTags: ["best"] });
  await a.call("run.delete", { ids: [gone] });
  await a.call("snapshot.delete", { ids: [snapshot.id], force: true });
  await b.call("run.update", { id: kept, name: "renamed" });
  await b.call("run.update", { id: gone, note: "edited meanwhile" });
  await b.call("snapshot.update", { id: snapshot.id, label: "edited" });
  await b.call("store.push", { remote });
  const sent = await a.call("store.push", { remote });
  assert.equal(sent.removed, 1);
  assert.equal(refs().has(`refs/datmo/snapshots/${snapshot.id}`), false);
  await a.call("store.pull", { remote });
  assert.equal((await b.call("store.pull", { remote })).removed, 1);
  assert.deepEqual(await sharedRecords(b.directory), await sharedRecords(a.directory));
  const { run } = await b.call("run.get", { id: kept });
  assert.deepEqual([run.name, run.tags], ["renamed", ["best"]]);
  assert.deepEqual(
    (await a.call("run.list", {})).items.map(({ id }) => id),
    [kept],
  );
  await assert.rejects(b.call("snapshot.get", { id: snapshot.id }), { kind: "SNAPSHOT_NOT_FOUND" });
  assert.equal((await b.call("store.push", {})).nothingNew, true);
  assert.equal((await a.call("store.push", {})).nothingNew, true);
});

test("a run that goes on elsewhere shows as running, and its end and points come later", async (t) => {
  const { peer, remote } = sharing(t);
  const [a, b] = [await peer("a"), await peer("b")];
  const { run } = await a.call("run.create", { name: "long" });
  await logPoints(a, run.id, [1, 2]);
  assert.equal((await a.call("store.push", { remote })).waiting, 1);
  await b.call("store.pull", { remote });
  assert.equal((await b.call("run.get", { id: run.id })).run.status, "running");
  await b.call("run.list", {});
  assert.equal((await b.call("run.get", { id: run.id })).run.status, "running");
  await logPoints(a, run.id, [3]);
  await finishRun(a, run.id, 3);
  await a.call("store.push", { remote });
  assert.equal((await b.call("store.pull", { remote })).points, 3);
  const ended = (await b.call("run.get", { id: run.id })).run;
  assert.deepEqual([ended.status, ended.exitCode], ["failed", 3]);
});

test("a copied project goes on under a name of its own", async (t) => {
  const { peer, remote, root, reopen, refs } = sharing(t);
  const a = await peer("a");
  await recordRun(a, [1]);
  await a.call("store.push", { remote });
  cpSync(a.directory, join(root, "copy"), { recursive: true });
  const copy = await reopen(join(root, "copy"));
  const [one, two] = [await recordRun(a, [1, 2]), await recordRun(copy, [1, 2, 3])];
  await a.call("store.push", { remote });
  await copy.call("store.push", { remote });
  const chains = [...refs().keys()].filter((name) => name.startsWith("refs/datmo/ops/"));
  assert.equal(chains.length, 2);
  await a.call("store.pull", { remote });
  await copy.call("store.pull", { remote });
  assert.deepEqual(await sharedRecords(copy.directory), await sharedRecords(a.directory));
  for (const engine of [a, copy]) {
    assert.equal((await engine.call("run.get", { id: one })).run.name, "run-2");
    assert.equal((await engine.call("metric.history", { runId: two, name: "loss" })).points.step.length, 3);
  }
});

test("two that push at once both arrive", async (t) => {
  const { peer, remote } = sharing(t);
  const [a, b, c] = [await peer("a"), await peer("b"), await peer("c")];
  await Promise.all([recordRun(a, [1]), recordRun(b, [1, 2])]);
  await Promise.all([a.call("store.push", { remote }), b.call("store.push", { remote })]);
  await c.call("store.pull", { remote });
  assert.equal((await c.call("run.list", {})).items.length, 2);
});

test("what came from elsewhere is executed only when it is trusted, and again when it has changed", async (t) => {
  const { peer, remote } = sharing(t);
  const [a, b] = [await peer("a"), await peer("b")];
  const started = await a.call("run.start", {
    command: "echo hello",
    variables: { MODE: "fast" },
  });
  await a.call("run.wait", { id: started.run.id });
  await a.call("store.push", { remote });
  await b.call("store.pull", { remote });
  const rerun = b.call("run.rerun", { id: started.run.id });
  await assert.rejects(rerun, (error: { kind: string; message: string }) => {
    assert.equal(error.kind, "RUN_TRUST_NEEDED");
    assert.match(error.message, /echo hello/);
    assert.match(error.message, /MODE=fast/);
    assert.ok(error.message.includes(remote));
    return true;
  });
  const { run } = await b.call("run.rerun", { id: started.run.id, trust: true });
  assert.equal((await b.call("run.wait", { id: run.id })).run.status, "succeeded");
  const again = await b.call("run.rerun", { id: started.run.id });
  await b.call("run.wait", { id: again.run.id });
  assert.equal((await b.call("run.get", { id: run.id })).run.from, undefined);
});

test("what is to be trusted is shown as it would run, nothing hidden in it", async (t) => {
  const { peer, remote } = sharing(t);
  const [a, b] = [await peer("a"), await peer("b")];
  const { run } = await a.call("run.start", {
    command: ["sh", "-c", "true {extra} #\nfalse \u202e\u001b[2K"],
    config: { extra: "; echo surprise" },
    variables: { MODE: "fast B=2" },
  });
  await a.call("run.wait", { id: run.id });
  await a.call("store.push", { remote });
  await b.call("store.pull", { remote });
  await assert.rejects(b.call("run.rerun", { id: run.id }), (error: { message: string }) => {
    assert.ok(error.message.includes("'true ; echo surprise #\\nfalse \\u202e\\u001b[2K'"), error.message);
    assert.ok(error.message.includes("MODE='fast B=2'"), error.message);
    return true;
  });
});

test("a task from elsewhere is shown as it would run; trusted on a state, it is asked for again when that changes", async (t) => {
  const { peer, remote } = sharing(t);
  const [a, b] = [await peer("a"), await peer("b")];
  const { run } = await a.call("run.start", { command: "true {extra}", config: { extra: "one" } });
  await a.call("run.wait", { id: run.id });
  const { snapshot } = await a.call("snapshot.create", { message: "state", config: { extra: "one" } });
  await a.call("store.push", { remote });
  await b.call("store.pull", { remote });
  const ask = { id: run.taskId as string, snapshotId: snapshot.id };
  await assert.rejects(b.call("task.run", ask), { kind: "TASK_TRUST_NEEDED", message: /true one/ });
  const first = await b.call("task.run", { ...ask, trust: true });
  assert.equal((await b.call("run.wait", { id: first.run.id })).run.status, "succeeded");
  await b.call("run.wait", { id: (await b.call("task.run", ask)).run.id });
  await a.call("snapshot.update", { id: snapshot.id, config: { extra: "; echo surprise" } });
  await a.call("store.push", { remote });
  await b.call("store.pull", { remote });
  await assert.rejects(b.call("task.run", ask), { kind: "TASK_TRUST_NEEDED", message: /echo surprise/ });
});

test("a command of one's own is queued on a state from elsewhere only when that is trusted", async (t) => {
  const { peer, remote } = sharing(t);
  const [a, b] = [await peer("a"), await peer("b")];
  const { snapshot } = await a.call("snapshot.create", { message: "state" });
  await a.call("store.push", { remote });
  await b.call("store.pull", { remote });
  const add = { command: "sh train.sh", snapshotId: snapshot.id };
  await assert.rejects(b.call("queue.add", add), { kind: "SNAPSHOT_TRUST_NEEDED", message: /sh train\.sh/ });
  assert.deepEqual((await b.call("queue.list", {})).items, []);
  assert.equal((await b.call("queue.add", { ...add, trust: true })).run.status, "queued");
  assert.equal((await b.call("queue.add", add)).run.status, "queued");
  const other = { ...add, command: "sh evaluate.sh" };
  await assert.rejects(b.call("queue.add", other), { kind: "SNAPSHOT_TRUST_NEEDED" });
  // The first copy made the snapshot itself.
  assert.equal((await a.call("queue.add", other)).run.status, "queued");
});

test("files that a run kept travel with it", async (t) => {
  const { peer, remote } = sharing(t);
  const [a, b] = [await peer("a"), await peer("b")];
  const { run } = await a.call("run.create", { name: "keeps", snapshots: false });
  const model = Buffer.alloc(5 * 1024 * 1024, 7);
  writeFileSync(join(a.directory, "model.bin"), model);
  await a.call("file.log", { runId: run.id, path: "model.bin" });
  await finishRun(a, run.id);
  assert.equal((await a.call("store.push", { remote })).bigFiles >= 1, true);
  await b.call("store.pull", { remote });
  const { items } = await b.call("file.list", { runId: run.id } as never);
  assert.equal((items as readonly { path: string }[])[0]?.path, "model.bin");
  const target = join(b.directory, "back.bin");
  await b.call("file.get", { runId: run.id, path: "model.bin", destination: target });
  assert.deepEqual(readFileSync(target), model);
});

test("a remote of a later format is left alone", async (t) => {
  const { peer, remote, refs } = sharing(t);
  const [a, b] = [await peer("a"), await peer("b")];
  await recordRun(a, [1]);
  await a.call("store.push", { remote });
  const chain = [...refs().keys()].find((name) => name.startsWith("refs/datmo/ops/")) as string;
  const git = (args: string[], input?: string): string =>
    execFileSync("git", ["-C", remote, ...args], input === undefined ? {} : { input })
      .toString()
      .trim();
  const blob = git(["hash-object", "-w", "--stdin"], '{"v":2}\n');
  const tree = git(["mktree"], `100644 blob ${blob}\tformat\n`);
  const env = ["-c", "user.name=x", "-c", "user.email=x@x"];
  const commit = git([...env, "commit-tree", tree, "-p", refs().get(chain) as string, "-m", "later"]);
  git(["update-ref", chain, commit]);
  const before = await sharedRecords(b.directory);
  await assert.rejects(b.call("store.pull", { remote }), { kind: "REMOTE_NEWER" });
  await assert.rejects(b.call("store.push", { remote }), { kind: "REMOTE_NEWER" });
  assert.deepEqual(await sharedRecords(b.directory), before);
  assert.equal(refs().get(chain), commit);
});

test("without a remote there is an error that says what to do", async (t) => {
  const { peer, root } = sharing(t);
  const a = await peer("a");
  await assert.rejects(a.call("store.push", {}), { kind: "REMOTE_NEEDED" });
  await assert.rejects(a.call("store.pull", { remote: join(root, "nothing") }), { kind: "REMOTE_NOT_FOUND" });
});

test("points that others would refuse are kept back, and told", async (t) => {
  const { peer, remote } = sharing(t);
  const [a, b] = [await peer("a"), await peer("b")];
  const [good, bad] = [await recordRun(a, [1]), await recordRun(a, STRANGE)];
  const folder = join(a.directory, ".datmo", "series", bad);
  await a.call("store.push", { remote });
  execFileSync("git", ["init", "-q", "--bare", `${remote}-2`]);
  const [sealed] = readdirSync(folder).filter((name) => name.endsWith(".sealed"));
  const content = readFileSync(join(folder, sealed as string));
  // In the middle of the frame with the points: the index is whole.
  content.writeUInt8((content.readUInt8(130) ^ 0xff) & 0xff, 130);
  writeFileSync(join(folder, sealed as string), content);
  const sent = await a.call("store.push", { remote: `${remote}-2` });
  assert.equal(sent.points, 1);
  assert.match(sent.keptBack.join(), new RegExp(`the points of run ${bad}`));
  await b.call("store.pull", { remote: `${remote}-2` });
  assert.equal((await b.call("metric.history", { runId: good, name: "loss" })).points.step.length, 1);
});

test("a pull that was cut off before the records is made good by the next one", async (t) => {
  const { peer, remote, refs } = sharing(t);
  const [a, b] = [await peer("a"), await peer("b")];
  const { snapshot } = await a.call("snapshot.create", { message: "first" });
  await a.call("store.push", { remote });
  const chain = [...refs().keys()].find((name) => name.startsWith("refs/datmo/ops/")) as string;
  // The sender was cut off behind the snapshot, and the first pull behind its reference.
  execFileSync("git", ["-C", remote, "update-ref", "-d", chain]);
  await b.call("snapshot.create", { message: "own" });
  const own = join(b.directory, ".datmo", "git");
  const name = `refs/datmo/snapshots/${snapshot.id}`;
  execFileSync("git", ["--git-dir", own, "fetch", "-q", remote, `${name}:${name}`]);
  await b.call("store.pull", { remote });
  const { items } = await b.call("snapshot.list", {});
  assert.ok(items.some(({ id, message }) => id === snapshot.id && message === "first"));
});
