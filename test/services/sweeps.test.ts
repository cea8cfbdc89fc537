import assert from "node:assert/strict";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { randomId } from "../../src/domain/ids.ts";
import { openTestEngine, removeTestEngine, type TestEngine } from "../helpers/engine.ts";

let engine: TestEngine;

before(async () => {
  engine = await openTestEngine();
  writeFileSync(join(engine.directory, "config.json"), '{"opt": {"lr": 1}, "epochs": 2}');
});
after(() => removeTestEngine(engine));

const spec = {
  grid: [
    { name: "opt.lr", values: [0.1, 0.01] },
    { name: "depth", values: [2, 4] },
  ],
};
const command = "echo loss: {depth}; echo lr: {opt.lr}";

async function drain(sweepId: string): Promise<void> {
  for (;;) {
    const { run } = await engine.call("queue.claim", { sweepId });
    if (!run) return;
    await engine.call("run.wait", { id: run.id });
  }
}

test("a sweep queues a run for each combination, on one state and in one group", async () => {
  const bystander = (await engine.call("queue.add", { command: "true" })).run.id;
  const { sweep, added } = await engine.call("sweep.start", { command, spec, name: "first" });
  assert.deepEqual([sweep.total, added, sweep.group], [4, 4, "first"]);
  const queued = await engine.call("sweep.get", { id: "first" });
  assert.deepEqual(queued.counts, { queued: 4 });
  assert.deepEqual(
    queued.runs.map(({ run }) => [run?.name, run?.group, run?.sweepId, run?.beforeSnapshotId]),
    [1, 2, 3, 4].map((n) => [`first-${n}`, "first", sweep.id, sweep.snapshotId]),
  );
  assert.deepEqual(queued.runs[1]?.values, { opt: { lr: 0.1 }, depth: 4 });
  assert.deepEqual(queued.runs[1]?.run?.config, { opt: { lr: 0.1 }, depth: 4, epochs: 2 });
  await drain(sweep.id);
  const { runs, counts } = await engine.call("sweep.get", { id: sweep.id.slice(0, 8) });
  assert.deepEqual(counts, { succeeded: 4 });
  assert.deepEqual(
    runs.map(({ run }) => run?.metrics),
    [
      { loss: 2, lr: 0.1 },
      { loss: 4, lr: 0.1 },
      { loss: 2, lr: 0.01 },
      { loss: 4, lr: 0.01 },
    ],
  );
  const { items } = await engine.call("queue.list", {});
  assert.deepEqual(
    items.map(({ run }) => run.id),
    [bystander],
  );
});

test("sweeps are listed newest first, with what became of their runs", async () => {
  const { sweep } = await engine.call("sweep.start", {
    command: "exit {code}",
    spec: { grid: [{ name: "code", values: [0, 3] }] },
  });
  const [waiting] = (await engine.call("sweep.list", { limit: 1 })).items;
  assert.deepEqual([waiting?.sweep.id, waiting?.counts], [sweep.id, { queued: 2 }]);
  await drain(sweep.id);
  const page = await engine.call("sweep.list", { limit: 1 });
  assert.deepEqual(page.items[0]?.counts, { succeeded: 1, failed: 1 });
  const next = await engine.call("sweep.list", { cursor: page.nextCursor as string });
  assert.ok(next.items.length > 0 && next.items.every((item) => item.sweep.id !== sweep.id));
  assert.equal(next.nextCursor, undefined);
});

test("starting it again adds only what is missing, however many do so at once", async () => {
  const id = randomId();
  const other = await openTestEngine({ directory: engine.directory });
  const first = await engine.call("sweep.start", { id, command, spec, name: "again" });
  assert.equal(first.sweep.id, id);
  const { runs } = await engine.call("sweep.get", { id });
  // As if the engine had been killed in the middle: records are there, or not.
  const [gone, deleted] = [runs[1]?.run?.id ?? "", runs[2]?.run?.id ?? ""];
  await engine.call("queue.cancel", { ids: [deleted] });
  await engine.call("run.delete", { ids: [deleted] });
  const again = await Promise.all([
    engine.call("sweep.start", { id }),
    other.call("sweep.start", { id: "again" }),
    other.call("sweep.start", { id, command, spec }),
  ]);
  assert.deepEqual(
    again.map(({ added }) => added),
    [0, 0, 0],
  );
  assert.ok(gone);
  const changed = { grid: [{ name: "depth", values: [3] }] };
  await assert.rejects(engine.call("sweep.start", { id, spec: changed }), { kind: "SWEEP_INVALID" });
  await drain(id);
  assert.deepEqual((await other.call("sweep.get", { id })).counts, { succeeded: 3 });
  await other.close();
});

test("a sweep that was cut off while it was begun is completed", async () => {
  const id = randomId();
  const controller = new AbortController();
  const many = { grid: [{ name: "depth", values: [...Array(40).keys()] }] };
  const starting = engine.call(
    "sweep.start",
    { id, command: "echo loss: {depth}", spec: many },
    controller.signal,
  );
  const queue = join(engine.directory, ".datmo", "queue");
  while (readdirSync(queue).filter((name) => name.endsWith(".json")).length < 4) {
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  controller.abort();
  await assert.rejects(starting);
  const before = (await engine.call("sweep.get", { id })).counts["queued"] ?? 0;
  assert.ok(before > 0 && before < 40, String(before));
  assert.equal((await engine.call("sweep.start", { id })).added, 40 - before);
  const { runs } = await engine.call("sweep.get", { id });
  assert.deepEqual(
    runs.map(({ run }) => run?.config["depth"]),
    [...Array(40).keys()],
  );
  await engine.call("run.stop", { all: true });
  assert.deepEqual((await engine.call("sweep.get", { id })).counts, { stopped: 40 });
});

test("what makes no sense is refused, and leaves nothing", async () => {
  await assert.rejects(engine.call("sweep.start", { command }), { kind: "SWEEP_INVALID" });
  await assert.rejects(engine.call("sweep.start", { id: "nobody" }), { kind: "SWEEP_NOT_FOUND" });
  await assert.rejects(engine.call("sweep.get", { id: "zzzz" }), { kind: "SWEEP_NOT_FOUND" });
  const key = "9f8a7b6c5d4e3f2a1b0c9d8e7f6a5b4c";
  await assert.rejects(
    engine.call("sweep.start", { command, spec: { grid: [{ name: "api_key", values: [key] }] } }),
    { kind: "QUEUE_REFUSED" },
  );
  assert.deepEqual((await engine.call("queue.list", {})).items, []);
});

test("random values are drawn with a seed that is kept", async () => {
  const random = { count: 3, parameters: [{ name: "lr", kind: "uniform" as const, low: 0, high: 1 }] };
  const { sweep } = await engine.call("sweep.start", { command: "true", spec: { random } });
  assert.equal(typeof sweep.spec.random?.seed, "number");
  const seed = sweep.spec.random?.seed as number;
  const twin = await engine.call("sweep.start", { command: "true", spec: { random: { ...random, seed } } });
  const values = async (id: string) => (await engine.call("sweep.get", { id })).runs.map((run) => run.values);
  assert.deepEqual(await values(sweep.id), await values(twin.sweep.id));
  assert.equal((await engine.call("sweep.start", { id: sweep.id, spec: { random } })).added, 0);
});

test("a task runs on any snapshot in a copy, with the config of that state", async () => {
  writeFileSync(join(engine.directory, "data.txt"), "one");
  const { snapshot } = await engine.call("snapshot.create", { message: "one", config: { lr: 0.5 } });
  writeFileSync(join(engine.directory, "data.txt"), "two");
  const { run } = await engine.call("run.start", { command: "cat data.txt; echo lr: {lr} > out.txt" });
  await engine.call("run.wait", { id: run.id });
  const id = (run.taskId as string).slice(0, 8);
  const old = (await engine.call("task.run", { id, snapshotId: snapshot.id })).run;
  const now = (await engine.call("task.run", { id, config: { lr: 3 } })).run;
  const printed = async (one: string): Promise<string> => {
    await engine.call("run.wait", { id: one });
    return (await engine.call("run.logs", { id: one })).text;
  };
  assert.equal(await printed(old.id), "one");
  assert.equal(await printed(now.id), "two");
  assert.deepEqual([old.config, old.isolated, old.taskId], [{ lr: 0.5 }, true, run.taskId]);
  assert.equal(now.config["lr"], 3);
  assert.equal(readFileSync(join(engine.directory, "out.txt"), "utf8").trim(), "lr: {lr}");
  const { task, runs } = await engine.call("task.get", { id });
  assert.equal(task.runs, 3);
  assert.deepEqual(new Set(runs.map((one) => one.id)), new Set([run.id, old.id, now.id]));
  const { items } = await engine.call("task.list", {});
  assert.equal(items.find((one) => one.id === run.taskId)?.runs, 3);
  await assert.rejects(engine.call("task.run", { id: "zzzzzz" }), { kind: "TASK_NOT_FOUND" });
});

test("a task whose command held a credential is refused", async () => {
  const { task } = await engine.call("task.create", {
    command: ["train", "--api-key", "9f8a7b6c5d4e3f2a1b0c9d8e7f6a5b4c"],
  });
  await assert.rejects(engine.call("task.run", { id: task.id }), { kind: "TASK_NOT_RUNNABLE" });
});

test("the graph: snapshots and the runs between them, cut to what is asked for", async () => {
  const { snapshots, runs } = await engine.call("graph.get", { limit: 1000 });
  const ids = new Set(snapshots.map(({ id }) => id));
  assert.ok(runs.length > 4);
  assert.ok(runs.every(({ from, to }) => [from, to].every((id) => id === undefined || ids.has(id))));
  assert.ok(runs.some(({ from, to }) => from !== undefined && to !== undefined));
  const few = await engine.call("graph.get", { limit: 2 });
  assert.deepEqual([few.snapshots.length, few.more], [2, true]);
  assert.deepEqual(few.snapshots, snapshots.slice(0, 2));
});
