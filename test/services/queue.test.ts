import assert from "node:assert/strict";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { rename } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import type { QueueClaimResult, Run } from "../../src/protocol/types.ts";
import { thisProcess } from "../../src/util/process-identity.ts";
import { openTestEngine, removeTestEngine, type TestEngine } from "../helpers/engine.ts";

async function makeEngine(t: TestContext, variables?: NodeJS.ProcessEnv): Promise<TestEngine> {
  const engine = await openTestEngine(variables ? { variables } : {});
  t.after(() => removeTestEngine(engine));
  return engine;
}

const text = (engine: TestEngine, ...path: string[]): string =>
  readFileSync(join(engine.directory, ...path), "utf8");

async function add(engine: TestEngine, command: string, more: object = {}): Promise<Run> {
  return (await engine.call("queue.add", { command, ...more })).run;
}

/** Claims one and waits for its end. */
async function work(engine: TestEngine, params: object = {}): Promise<Run | undefined> {
  const { run } = await engine.call("queue.claim", params);
  return run && (await engine.call("run.wait", { id: run.id })).run;
}

const waiting = async (engine: TestEngine): Promise<string[]> =>
  (await engine.call("queue.list", {})).items.map(({ run }) => run.id);

test("a queued run works later on the state of then, in a copy", async (t) => {
  const engine = await makeEngine(t);
  const file = join(engine.directory, "job.sh");
  writeFileSync(file, "echo version: 1; cat $DATMO_CONFIG; echo x > made\n");
  const run = await add(engine, "sh job.sh {lr}", { config: { lr: 0.5 }, tags: ["a"], name: "first" });
  assert.deepEqual([run.status, run.isolated, run.name], ["queued", true, "first"]);
  assert.ok(run.beforeSnapshotId);
  writeFileSync(file, "echo version: 2\n");
  await engine.call("run.update", { id: run.id, name: "renamed", removeTags: ["a"] });
  const ended = await work(engine);
  assert.deepEqual([ended?.status, ended?.metrics], ["succeeded", { version: 1 }]);
  assert.deepEqual([ended?.name, ended?.tags], ["renamed", []]);
  assert.equal(ended?.beforeSnapshotId, run.beforeSnapshotId);
  assert.match((await engine.call("run.logs", { id: run.id })).text, /"lr": ?0\.5/);
  assert.deepEqual(readdirSync(engine.directory).sort(), [".datmo", "job.sh"]);
  assert.deepEqual(readdirSync(join(engine.directory, ".datmo/queue")), []);
  const told = engine.notifications.filter(({ method }) => method === "run.statusChanged");
  assert.deepEqual(
    [...new Set(told.map(({ params }) => (params["run"] as Run).status))],
    ["queued", "preparing", "running", "succeeded"],
  );
});

test("the oldest first; a snapshot may be named; a command that cannot start is how its run ends", async (t) => {
  const engine = await makeEngine(t);
  writeFileSync(join(engine.directory, "a.txt"), "one");
  const { snapshot } = await engine.call("snapshot.create", { message: "one" });
  writeFileSync(join(engine.directory, "a.txt"), "two");
  const ids = [
    (await add(engine, "cat a.txt", { snapshotId: snapshot.id })).id,
    (await add(engine, "true", { directory: "missing" })).id,
    (await add(engine, "exit 3")).id,
  ];
  assert.deepEqual(await waiting(engine), ids);
  const first = await work(engine);
  assert.equal((await engine.call("run.logs", { id: first?.id ?? "" })).text, "one");
  const { run: unstarted } = await engine.call("queue.claim", {});
  assert.deepEqual([unstarted?.status, unstarted?.error?.kind], ["failed", "COMMAND_NOT_STARTED"]);
  assert.equal((await work(engine))?.exitCode, 3);
  assert.deepEqual(await engine.call("queue.claim", {}), { waiting: 0, held: 0, unfit: 0 });
});

test("many claims at once give each run once", async (t) => {
  const engine = await makeEngine(t);
  const other = await openTestEngine({ directory: engine.directory });
  t.after(() => other.close());
  const log = join(engine.directory, ".datmo", "ran.txt");
  for (let n = 0; n < 6; n++) await add(engine, `echo "$DATMO_RUN_ID" >> ${log}`);
  const claims = await Promise.all(
    [...Array(16)].map((_, n) => (n % 2 ? engine : other).call("queue.claim", {})),
  );
  const runs = claims.flatMap(({ run }) => (run ? [run.id] : []));
  for (const id of runs) await engine.call("run.wait", { id });
  while ((await waiting(engine)).length > 0) await work(engine);
  const ran = readFileSync(log, "utf8").trim().split("\n");
  assert.deepEqual([ran.length, new Set(ran).size], [6, 6]);
});

test("a run that waits can be cancelled and stopped; wait waits through the queue", async (t) => {
  const engine = await makeEngine(t);
  const [a, b, c] = [await add(engine, "true"), await add(engine, "true"), await add(engine, "exit 5")];
  const other = await openTestEngine({ directory: engine.directory });
  t.after(() => other.close());
  const waited = other.call("run.wait", { id: c.id });
  const { runs } = await other.call("queue.cancel", { ids: [a.id] });
  assert.deepEqual([runs[0]?.id, runs[0]?.status], [a.id, "stopped"]);
  assert.equal((await engine.call("run.stop", { id: b.id })).runs[0]?.status, "stopped");
  await assert.rejects(engine.call("queue.cancel", { ids: [c.id, a.id] }), { kind: "RUN_NOT_ACTIVE" });
  assert.deepEqual(await waiting(engine), [c.id]);
  const { project } = await engine.call("project.get", {});
  await assert.rejects(engine.call("project.delete", { confirm: project.id }), { kind: "RUN_ACTIVE" });
  assert.equal((await work(engine))?.id, c.id);
  assert.equal((await waited).run.exitCode, 5);
  await add(engine, "true");
  assert.deepEqual(
    (await engine.call("run.stop", { all: true })).runs.map(({ status }) => status),
    ["stopped"],
  );
  await assert.rejects(engine.call("queue.cancel", { ids: [c.id] }), { kind: "RUN_NOT_ACTIVE" });
});

test("a claim that is cancelled leaves the run waiting", async (t) => {
  const engine = await makeEngine(t);
  const run = await add(engine, "true");
  const controller = new AbortController();
  controller.abort();
  await assert.rejects(engine.call("queue.claim", {}, controller.signal), { kind: "CANCELLED" });
  const { items } = await engine.call("queue.list", {});
  assert.deepEqual(
    items.map((item) => [item.run.id, item.run.status, item.held]),
    [[run.id, "queued", undefined]],
  );
  assert.equal((await work(engine))?.status, "succeeded");
});

test("credentials: none is kept, and the worker's own are used", async (t) => {
  const secret = "9f8a7b6c5d4e3f2a1b0c9d8e7f6a5b4c";
  const engine = await makeEngine(t, { ...process.env, HF_TOKEN: secret });
  await assert.rejects(add(engine, `train --api-key ${secret}`), { kind: "QUEUE_REFUSED" });
  await assert.rejects(add(engine, "train", { config: { api_key: secret } }), { kind: "QUEUE_REFUSED" });
  const variables = { HF_TOKEN: secret, OTHER_TOKEN: secret, PLAIN: "1" };
  const lacking = await add(engine, "true", { variables });
  assert.match(engine.warnings.join(), /HF_TOKEN, OTHER_TOKEN/);
  const measure = `echo "got: $(printf %s "$HF_TOKEN" | wc -c)$PLAIN"`;
  await add(engine, measure, { variables: { HF_TOKEN: secret, PLAIN: "1" } });
  for (const name of readdirSync(join(engine.directory, ".datmo/queue"))) {
    assert.ok(!text(engine, ".datmo/queue", name).includes(secret));
  }
  const { run } = await engine.call("queue.claim", {});
  assert.deepEqual([run?.id, run?.status], [lacking.id, "failed"]);
  assert.match(run?.error?.message ?? "", /OTHER_TOKEN/);
  assert.deepEqual((await work(engine))?.metrics, { got: 321 });
});

test("GPUs are given once at a time; runs without go ahead; the oldest is never starved", async (t) => {
  const engine = await makeEngine(t);
  const show = (seconds: number): string => `echo "<$CUDA_VISIBLE_DEVICES>"; sleep ${seconds}`;
  const one = await add(engine, show(0.4), { gpu: "1" });
  const both = await add(engine, show(0), { gpu: "2" });
  const small = await add(engine, show(0), { gpu: "1" });
  const none = await add(engine, "true");
  const never = await add(engine, "true", { gpu: "7" });
  const claim = (): Promise<QueueClaimResult> => engine.call("queue.claim", { gpus: ["4", "5"] });
  const first = await claim();
  assert.deepEqual([first.run?.id, first.gpus], [one.id, ["4"]]);
  const second = await claim();
  assert.deepEqual([second.run?.id, second.gpus, second.waiting], [none.id, undefined, 2]);
  const third = await claim();
  assert.deepEqual([third.run, third.waiting, third.unfit], [undefined, 2, 1]);
  await engine.call("run.wait", { id: one.id });
  const fourth = await claim();
  assert.deepEqual([fourth.run?.id, fourth.gpus], [both.id, ["4", "5"]]);
  await engine.call("run.wait", { id: both.id });
  assert.equal((await claim()).run?.id, small.id);
  await engine.call("run.wait", { id: small.id });
  assert.equal((await engine.call("run.logs", { id: both.id })).text, "<4,5>\n");
  assert.equal((await engine.call("run.logs", { id: one.id })).text, "<4>\n");
  assert.deepEqual(await waiting(engine), [never.id]);
  await assert.rejects(add(engine, "true", { gpu: "no such" }), { kind: "INVALID_PARAMS" });
});

test("two workers with the same GPUs do not give one twice", async (t) => {
  const engine = await makeEngine(t);
  const other = await openTestEngine({ directory: engine.directory });
  t.after(() => other.close());
  for (let n = 0; n < 4; n++) await add(engine, "sleep 0.3", { gpu: "1" });
  const claims = await Promise.all(
    [engine, other, engine, other].map((one) => one.call("queue.claim", { gpus: ["0", "1"] })),
  );
  const given = claims.flatMap(({ gpus }) => gpus ?? []);
  assert.equal(new Set(given).size, given.length);
  for (const { run } of claims) if (run) await engine.call("run.wait", { id: run.id });
});

/* What a worker that was killed leaves, step by step. */

interface Left {
  readonly open?: boolean;
  readonly status?: string;
  readonly exit?: object;
  readonly process?: boolean;
  readonly stop?: boolean;
}

async function leave(engine: TestEngine, id: string, left: Left): Promise<void> {
  const datmo = join(engine.directory, ".datmo");
  const owner = { ...(await thisProcess()), pid: 2 ** 22 - 5, startTime: "1" };
  writeFileSync(join(datmo, "queue", `${id}.1.lease`), JSON.stringify(owner));
  const task = join(datmo, "tasks", id);
  if (left.open || left.exit || left.process || left.stop) {
    mkdirSync(join(datmo, "open"), { recursive: true });
    const createdAt = new Date().toISOString();
    writeFileSync(
      join(datmo, "open", `${id}.json`),
      JSON.stringify({ v: 1, type: "executed", createdAt, owner, gpus: ["0"] }),
    );
    mkdirSync(join(task, "journal"), { recursive: true });
    mkdirSync(join(datmo, "isolated", id, "project"), { recursive: true });
    writeFileSync(join(task, "output.log"), "old\n");
  }
  if (left.process) writeFileSync(join(task, "process.json"), JSON.stringify({ ...owner, session: true }));
  if (left.exit) writeFileSync(join(task, "exit.json"), JSON.stringify(left.exit));
  if (left.stop) writeFileSync(join(task, "stop.json"), JSON.stringify({ at: new Date().toISOString() }));
}

const endedAt = "2026-01-01T00:00:00.000Z";

for (const [what, left] of [
  ["with nothing but its lease", {}],
  ["when it had opened the run", { open: true }],
  ["before it let the command begin", { process: true, exit: { exitCode: 125, endedAt, begun: false } }],
] as const) {
  test(`a worker that was killed ${what}: the run waits again and runs once`, async (t) => {
    const engine = await makeEngine(t);
    const run = await add(engine, "echo new");
    await leave(engine, run.id, left);
    const other = await openTestEngine({ directory: engine.directory });
    t.after(() => other.close());
    const { items } = await other.call("run.list", {});
    assert.deepEqual(
      items.map(({ status }) => status),
      ["queued"],
    );
    assert.equal(existsSync(join(engine.directory, ".datmo/open", `${run.id}.json`)), false);
    const ended = await work(other);
    assert.deepEqual([ended?.id, ended?.status], [run.id, "succeeded"]);
    assert.equal((await other.call("run.logs", { id: run.id })).text, "new\n");
    assert.equal(await work(other), undefined);
    assert.deepEqual(readdirSync(join(engine.directory, ".datmo/queue")), []);
  });
}

for (const [what, left, status] of [
  ["ended", { process: true, exit: { exitCode: 7, endedAt } }, "failed"],
  ["is gone as well", { process: true }, "lost"],
] as const) {
  test(`a worker that was killed when the command had begun, which ${what}: it is not run again`, async (t) => {
    const engine = await makeEngine(t);
    const run = await add(engine, "echo new");
    await leave(engine, run.id, left);
    const other = await openTestEngine({ directory: engine.directory });
    t.after(() => other.close());
    const { run: ended } = await other.call("run.wait", { id: run.id });
    assert.equal(ended.status, status);
    assert.equal(await work(other), undefined);
    assert.equal((await other.call("run.logs", { id: run.id })).text, "old\n");
  });
}

test("somebody asked to stop a run whose worker was killed before it began: it is stopped", async (t) => {
  const engine = await makeEngine(t);
  const run = await add(engine, "echo new");
  await leave(engine, run.id, { stop: true });
  const other = await openTestEngine({ directory: engine.directory });
  t.after(() => other.close());
  assert.equal((await other.call("run.wait", { id: run.id })).run.status, "stopped");
  assert.equal(await work(other), undefined);
});

test("an entry whose run was never recorded is dropped; a run whose entry is lost can be stopped", async (t) => {
  const engine = await makeEngine(t);
  const [a, b] = [await add(engine, "true"), await add(engine, "true")];
  const folder = join(engine.directory, ".datmo/queue");
  const [first = ""] = readdirSync(folder).filter((name) => name.includes(a.id));
  const stranger = "abcdefghijklmnopqrstuvwxyz".slice(0, 26);
  const entry = JSON.parse(readFileSync(join(folder, first), "utf8"));
  writeFileSync(
    join(folder, `000000000000-${stranger}.json`),
    JSON.stringify({ ...entry, runId: stranger, plan: { ...entry.plan, id: stranger } }),
  );
  assert.equal((await work(engine))?.id, a.id);
  const [second = ""] = readdirSync(folder).filter((name) => name.includes(b.id));
  await rename(join(folder, second), join(engine.directory, ".datmo", "lost.json"));
  assert.equal((await engine.call("run.stop", { id: b.id })).runs[0]?.status, "stopped");
  assert.deepEqual(readdirSync(folder), []);
});
