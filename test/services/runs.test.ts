import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { isDatmoError } from "../../src/protocol/errors.ts";
import type { Run } from "../../src/protocol/types.ts";
import { openTestEngine, removeTestEngine, type TestEngine } from "../helpers/engine.ts";

let engine: TestEngine;

before(async () => {
  engine = await openTestEngine();
  await writeFile(
    join(engine.directory, "say.sh"),
    'echo "accuracy: 0.5"\necho "epoch: 3"\necho "loss = 1e-3"\n',
  );
});
after(() => removeTestEngine(engine));

async function run(params: Parameters<typeof start>[0]): Promise<Run> {
  const { run } = await start(params);
  return (await engine.call("run.wait", { id: run.id })).run;
}

function start(params: { command: string | readonly string[] } & Record<string, unknown>) {
  return engine.call("run.start", params as never);
}

async function kindOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
  } catch (error) {
    return isDatmoError(error) ? error.kind : String(error);
  }
  return "nothing thrown";
}

test("a run records status, code, output, metrics, config and both snapshots", async () => {
  const ended = await run({
    command: ["sh", "say.sh"],
    config: { lr: 0.1, net: { layers: [64, 32] } },
    tags: ["a"],
  });
  assert.equal(ended.status, "succeeded");
  assert.equal(ended.exitCode, 0);
  assert.deepEqual(ended.metrics, { accuracy: 0.5, loss: 1e-3 });
  assert.deepEqual(ended.config, { lr: 0.1, net: { layers: [64, 32] } });
  assert.deepEqual(ended.tags, ["a"]);
  assert.ok(ended.beforeSnapshotId && ended.afterSnapshotId);
  const logs = await engine.call("run.logs", { id: ended.id });
  assert.equal(logs.text, "accuracy: 0.5\nepoch: 3\nloss = 1e-3\n");
  assert.equal(logs.ended, true);
  const history = await engine.call("metric.history", { runId: ended.id, name: "loss" });
  assert.deepEqual(history.points.step, [3]);
  assert.deepEqual(history.points.value, [1e-3]);
});

test("a run is found by name, by prefix and in lists, and its state is durable in another engine", async () => {
  const ended = await run({ command: "true", name: "calm-otter" });
  assert.equal((await engine.call("run.get", { id: "calm-otter" })).run.id, ended.id);
  assert.equal((await engine.call("run.get", { id: ended.id.slice(0, 8) })).run.id, ended.id);
  const other = await openTestEngine({ directory: engine.directory });
  const listed = await other.call("run.list", { filter: "name = 'calm-otter'" });
  assert.deepEqual(listed.items, [ended]);
  await other.close();
});

test("a failing command is a result with the command's own code", async () => {
  const ended = await run({ command: "echo no >&2; exit 7" });
  assert.equal(ended.status, "failed");
  assert.equal(ended.exitCode, 7);
  assert.equal((await engine.call("run.logs", { id: ended.id })).text, "no\n");
  const missing = await run({ command: ["no-such-program-here"] });
  assert.equal(missing.exitCode, 127);
});

test("the same state before two runs is one snapshot, another config is another", async () => {
  const one = await run({ command: "true", config: { a: 1 } });
  const two = await run({ command: "true", config: { a: 1 } });
  const three = await run({ command: "true", config: { a: 2 } });
  assert.equal(one.beforeSnapshotId, two.beforeSnapshotId);
  assert.notEqual(one.beforeSnapshotId, three.beforeSnapshotId);
});

test("a time limit ends the run with 124 and says so", async () => {
  const ended = await run({ command: "sleep 30", timeoutMs: 200 });
  assert.equal(ended.status, "failed");
  assert.equal(ended.exitCode, 124);
  assert.equal(ended.error?.kind, "TIMEOUT");
});

test("stop is graceful and recorded as stopped; stopping again is refused", async () => {
  const { run } = await start({
    command: "trap 'echo bye; exit 0' TERM; echo ready; while :; do sleep 0.05; done",
  });
  while ((await engine.call("run.logs", { id: run.id })).text !== "ready\n") await sleep(20);
  const { runs } = await engine.call("run.stop", { id: run.id });
  assert.equal(runs[0]?.status, "stopped");
  // Shells may say that their sleeping child was terminated with them.
  assert.match((await engine.call("run.logs", { id: run.id })).text, /^ready\n(Terminated\n)?bye\n$/);
  assert.equal(await kindOf(engine.call("run.stop", { id: run.id })), "RUN_NOT_ACTIVE");
});

test("a command finds its config, its variables and its folders", async () => {
  const ended = await run({
    command: 'cat "$DATMO_CONFIG"; echo; echo $WORD {lr}; echo done > "$DATMO_TASK_DIR/result.txt"; pwd',
    config: { lr: 0.25 },
    variables: { WORD: "hello" },
  });
  const logs = await engine.call("run.logs", { id: ended.id });
  assert.equal(logs.text, `{"lr":0.25}\n\nhello 0.25\n${engine.directory}\n`);
  const files = (await engine.call("file.list", { runId: ended.id })).items;
  assert.deepEqual(
    files.map((file) => [file.path, file.bytes]),
    [["result.txt", 5]],
  );
  const content = await engine.call("file.get", { runId: ended.id, path: "result.txt" });
  assert.equal(Buffer.from(content.content ?? "", "base64").toString(), "done\n");
});

test("output is passed on with its offsets while the run goes on", async () => {
  const { run } = await start({ command: "printf 'a\\nb\\n'", originId: "here" });
  await engine.call("run.wait", { id: run.id });
  const output = engine.notifications.filter(
    (n) => n.method === "run.output" && n.params["originId"] === "here",
  );
  assert.equal(output.map((n) => n.params["text"]).join(""), "a\nb\n");
  const statuses = engine.notifications
    .filter((n) => n.method === "run.statusChanged" && n.params["runId"] === run.id)
    .map((n) => (n.params["run"] as Run).status);
  assert.deepEqual([...new Set(statuses)], ["running", "succeeded"]);
});

test("a run's journal is taken in: config, points, tags, texts, files", async () => {
  const line = (record: object): string => JSON.stringify({ v: 1, at: new Date().toISOString(), ...record });
  const lines = [
    line({ type: "config", config: { opt: { momentum: 0.9 } } }),
    line({
      type: "points",
      points: { name: ["loss", "loss"], step: [1, 2], value: [0.5, "NaN"], at: [1, 2] },
    }),
    line({ type: "tag", add: ["best"] }),
    line({ type: "summary", summary: { note: "fine" } }),
    line({ type: "file", path: "kept.txt" }),
    line({ type: "nonsense" }),
    line({
      type: "request",
      id: "r1",
      method: "snapshot.create",
      params: { message: "inside", label: "mid" },
    }),
  ].join("\n");
  await writeFile(join(engine.directory, "journal.txt"), `${lines}\n`);
  const script = [
    "echo content > kept.txt",
    'cp journal.txt "$DATMO_TASK_DIR/journal/w1.jsonl"',
    'while [ ! -s "$DATMO_TASK_DIR/reply/w1.jsonl" ]; do sleep 0.02; done',
    'cat "$DATMO_TASK_DIR/reply/w1.jsonl"',
  ].join("\n");
  const ended = await run({ command: script });
  assert.deepEqual(ended.config, { opt: { momentum: 0.9 } });
  assert.deepEqual(ended.metrics, { loss: "NaN" });
  assert.deepEqual(ended.tags, ["best"]);
  assert.deepEqual(ended.summary, { note: "fine" });
  assert.deepEqual(
    (await engine.call("file.list", { runId: ended.id })).items.map((f) => f.path),
    ["kept.txt"],
  );
  const reply = JSON.parse((await engine.call("run.logs", { id: ended.id })).text) as {
    id: string;
    result: { snapshot: { id: string; label: string } };
  };
  assert.equal(reply.id, "r1");
  const { snapshot } = await engine.call("snapshot.get", { id: "mid" });
  assert.equal(snapshot.id, reply.result.snapshot.id);
  // All five components are those of the moment: what was logged before the request is in it.
  assert.deepEqual(
    [snapshot.config, snapshot.metrics, snapshot.runId],
    [ended.config, ended.metrics, ended.id],
  );
});

test("logged values win over those in the output, wherever they come first", async () => {
  const points = { name: ["loss"], step: [9], value: [0.125], at: [Date.now() / 1000] };
  const line = JSON.stringify({ v: 1, at: new Date().toISOString(), type: "points", points });
  const command = `echo 'loss: 7'; echo '${line}' > "$DATMO_TASK_DIR/journal/w.jsonl"; echo 'loss: 8'; echo 'other: 1'`;
  const ended = await run({ command });
  assert.deepEqual(ended.metrics, { loss: 0.125, other: 1 });
  const history = await engine.call("metric.history", { runId: ended.id, name: "loss" });
  assert.deepEqual(history.points.value, [0.125]);
  const unparsed = await run({ command: "echo 'loss: 7'", parse: false });
  assert.deepEqual(unparsed.metrics, {});
});

test("metrics documents count: the run's own, and one at the root that it wrote", async () => {
  const own = await run({
    command: `echo '{"acc": 0.9, "by": {"class": 1}}' > "$DATMO_TASK_DIR/metrics.json"`,
  });
  assert.deepEqual(own.metrics, { acc: 0.9, "by.class": 1 });
  const root = await run({ command: `echo '{"f1": 0.7}' > stats.json` });
  assert.deepEqual(root.metrics, { f1: 0.7 });
  const later = await run({ command: "true" });
  assert.deepEqual(later.metrics, {});
});

test("diff names config, metrics and code", async () => {
  const one = await run({ command: "echo 'x: 1'", config: { lr: 1 } });
  await writeFile(join(engine.directory, "new.py"), "import json\n");
  const two = await run({ command: "echo 'x: 2'", config: { lr: 2, wd: 0 } });
  const { diff } = await engine.call("run.diff", { a: one.id, b: two.id });
  assert.deepEqual(diff.config, [
    { key: "lr", a: 1, b: 2 },
    { key: "wd", b: 0 },
  ]);
  assert.deepEqual(diff.metrics, [{ key: "x", a: 1, b: 2 }]);
  assert.deepEqual(diff.code, [{ path: "new.py", status: "added" }]);
});

test("rerun repeats on the before-snapshot in a copy, and verify finds what differs", async () => {
  await writeFile(join(engine.directory, "in.txt"), "one\n");
  const original = await run({ command: "cat in.txt; echo 'n: 4'; wc -c < in.txt > out.txt" });
  await writeFile(join(engine.directory, "in.txt"), "changed since\n");
  const { run: again } = await engine.call("run.rerun", { id: original.id });
  const repeated = (await engine.call("run.wait", { id: again.id })).run;
  assert.equal(repeated.status, "succeeded");
  assert.equal(repeated.isolated, true);
  assert.equal(repeated.rerunOf, original.id);
  assert.equal((await engine.call("run.logs", { id: repeated.id })).text, "one\nn: 4\n");
  assert.equal(await readFile(join(engine.directory, "in.txt"), "utf8"), "changed since\n");
  const verified = await engine.call("run.verify", { rerunId: repeated.id });
  assert.deepEqual(verified.differences, []);
  assert.equal(verified.same, true);
  assert.equal(verified.comparedFiles, 1);

  const random = await run({ command: "echo n: $(date +%N | sed 's/^0*//'); date +%N > out.txt" });
  const { run: other } = await engine.call("run.rerun", { id: random.id });
  await engine.call("run.wait", { id: other.id });
  const failed = await engine.call("run.verify", { rerunId: other.id });
  assert.equal(failed.same, false);
  assert.deepEqual([failed.first?.kind, failed.cause], ["metric", undefined]);
  assert.deepEqual(
    failed.differences.map((d) => `${d.kind} ${d.name}`),
    ["metric n", "file out.txt"],
  );
});

test("delete and undelete; an active run is not deleted", async () => {
  const ended = await run({ command: "true" });
  await engine.call("run.delete", { ids: [ended.id] });
  assert.equal(await kindOf(engine.call("run.wait", { id: ended.id })), "RUN_NOT_FOUND");
  await engine.call("run.undelete", { ids: [ended.id.slice(0, 10)] });
  assert.equal((await engine.call("run.get", { id: ended.id })).run.deleted, undefined);
  const { run: active } = await start({ command: "sleep 20" });
  assert.equal(await kindOf(engine.call("run.delete", { ids: [active.id] })), "RUN_ACTIVE");
  await engine.call("run.stop", { id: active.id });
});

test("bad input is named", async () => {
  assert.equal(await kindOf(start({ command: "true", driver: "moon" })), "DRIVER_UNKNOWN");
  assert.equal(await kindOf(start({ command: "true", directory: "../.." })), "PATH_INVALID");
  assert.equal(await kindOf(engine.call("run.get", { id: "nope" })), "RUN_NOT_FOUND");
  assert.equal(await kindOf(engine.call("run.list", { filter: "metrics.x >" })), "FILTER_INVALID");
  assert.equal(await kindOf(engine.call("run.list", { sort: "colour" })), "SORT_INVALID");
  await writeFile(join(engine.directory, "config.json"), "[1, 2]");
  assert.equal(await kindOf(start({ command: "true" })), "CONFIG_INVALID");
  await writeFile(join(engine.directory, "config.json"), "{}");
});

test("an engine that has no terminal gives none away: nothing is started, nothing recorded", async () => {
  const before = (await engine.call("run.list", {})).items.length;
  assert.equal(await kindOf(start({ command: "cat", interactive: true })), "INVALID_PARAMS");
  assert.equal(await kindOf(start({ command: "cat", interactive: true, detached: true })), "INVALID_PARAMS");
  assert.equal((await engine.call("run.list", {})).items.length, before);
});

test("secrets are masked in what is kept, and given to the command", async () => {
  const secret = "sk-4f9aQ2xLr8Tz0WmB7cVn3KdY";
  const ended = await run({ command: 'cat "$DATMO_CONFIG"', config: { api_key: secret, max_tokens: 5 } });
  assert.notEqual(ended.config["api_key"], secret);
  assert.equal(ended.config["max_tokens"], 5);
  assert.ok((await engine.call("run.logs", { id: ended.id })).text.includes(secret));
  const kept = await readFile(join(engine.directory, ".datmo", "tasks", ended.id, "config.json"), "utf8");
  assert.ok(!kept.includes(secret));
});

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

test("metrics of a run are listed with what was logged just before", async () => {
  const { run } = await engine.call("run.create", { snapshots: false });
  const points = { name: ["loss"], step: [1], value: [0.5], at: [1] };
  for (const count of [1, 2, 3]) {
    await engine.call("metric.log", { runId: run.id, points: structuredClone(points) });
    const { items } = await engine.call("metric.list", { runId: run.id });
    assert.deepEqual(
      items.map(({ name, count: counted, last }) => [name, counted, last]),
      [["loss", count, 0.5]],
    );
  }
  await engine.call("run.finish", { id: run.id });
});
