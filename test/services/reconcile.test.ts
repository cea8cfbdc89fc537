import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { randomId } from "../../src/domain/ids.ts";
import type { Run } from "../../src/protocol/types.ts";
import { identityOf, thisProcess } from "../../src/util/process-identity.ts";
import { openTestEngine, removeTestEngine, type TestEngine } from "../helpers/engine.ts";

let engine: TestEngine;

before(async () => {
  engine = await openTestEngine();
});
after(() => removeTestEngine(engine));

/** Starts a run in an engine of its own, kills that engine with SIGKILL, and answers the run's id. */
async function startAndKillEngine(command: string): Promise<string> {
  const child = spawn(
    process.execPath,
    ["--import", "tsx", "test/fixtures/services/start-run.ts", engine.directory, command],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  const id = await new Promise<string>((resolve, reject) => {
    child.stdout.once("data", (chunk: Buffer) => resolve(chunk.toString().trim()));
    child.once("exit", (code) => reject(new Error(`the engine ended with ${code}`)));
  });
  const gone = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGKILL");
  await gone;
  return id;
}

async function reconciled(id: string): Promise<Run> {
  const other = await openTestEngine({ directory: engine.directory });
  const { run } = await other.call("run.wait", { id, timeoutMs: 20_000 });
  await other.close();
  return run;
}

test("a run whose engine was killed ends with its true exit code, output, metrics and a late snapshot", async () => {
  const id = await startAndKillEngine("echo 'loss: 1'; sleep 0.7; echo 'loss: 2'; echo x > made.txt; exit 3");
  const run = await reconciled(id);
  assert.equal(run.status, "failed");
  assert.equal(run.exitCode, 3);
  assert.deepEqual(run.metrics, { loss: 2 });
  assert.equal(run.late, true);
  assert.ok(run.afterSnapshotId);
  const history = await engine.call("metric.history", { runId: id, name: "loss" });
  assert.deepEqual(history.points.value, [1, 2]);
  assert.equal(existsSync(join(engine.directory, ".datmo", "open", `${id}.json`)), false);
});

test("a run whose engine and process are both gone is lost, and its output stays", async () => {
  const id = await startAndKillEngine("echo begun; sleep 30");
  const identity = JSON.parse(
    await readFile(join(engine.directory, ".datmo", "tasks", id, "process.json"), "utf8"),
  );
  process.kill(-identity.pid, "SIGKILL");
  const run = await reconciled(id);
  assert.equal(run.status, "lost");
  assert.equal(run.error?.kind, "RUN_LOST");
  assert.equal((await engine.call("run.logs", { id })).text, "begun\n");
});

test("a run whose engine is gone but whose process lives can be stopped by another engine", async () => {
  const id = await startAndKillEngine("sleep 30");
  const { runs } = await engine.call("run.stop", { id });
  assert.equal(runs[0]?.status, "stopped");
});

test("a script that recorded itself without any engine is taken in", async () => {
  const id = randomId();
  const task = join(engine.directory, ".datmo", "tasks", id);
  await mkdir(join(task, "journal"), { recursive: true, mode: 0o700 });
  const at = new Date().toISOString();
  const dead = { ...(await thisProcess()), pid: 2 ** 22 - 3, startTime: "1" };
  const lines = [
    {
      v: 1,
      at,
      type: "begin",
      run: { name: "lonely-lark", config: { a: 1 }, tags: ["t"], command: ["train.py"] },
    },
    { v: 1, at, type: "points", points: { name: ["x"], step: [0], value: [5], at: [1] } },
    { v: 1, at, type: "end", status: "failed", exitCode: 2, error: { kind: "ValueError", message: "no" } },
  ];
  await writeFile(
    join(task, "journal", "w.jsonl"),
    lines.map((line) => `${JSON.stringify(line)}\n`).join(""),
  );
  await writeFile(
    join(engine.directory, ".datmo", "open", `${id}.json`),
    JSON.stringify({ v: 1, type: "recorded", createdAt: at, owner: dead }),
  );
  const run = await reconciled(id);
  assert.equal(run.name, "lonely-lark");
  assert.equal(run.status, "failed");
  assert.equal(run.exitCode, 2);
  assert.deepEqual(run.error, { kind: "ValueError", message: "no" });
  assert.deepEqual(
    [run.config, run.metrics, run.tags, run.command],
    [{ a: 1 }, { x: 5 }, ["t"], ["train.py"]],
  );
});

test("a recorded run: created twice is once, logs, finishes, and keeps both snapshots", async () => {
  const id = randomId();
  await writeFile(join(engine.directory, "lib.py"), "x = 1\n");
  const first = await engine.call("run.create", {
    id,
    name: "one",
    config: { lr: 0.1 },
    command: ["train.py"],
  });
  await engine.call("run.create", { id, name: "one" });
  assert.equal(first.run.status, "running");
  assert.equal(first.run.origin, "recorded");
  await engine.call("config.log", { runId: id, config: { net: { depth: 3 } } });
  await engine.call("metric.log", {
    runId: id,
    points: { name: ["a", "a"], step: [1, 1], value: [1, 2], at: [1, 2] },
  });
  await writeFile(join(engine.directory, "weights"), "1234");
  await engine.call("file.log", { runId: id, path: "weights", name: "model/weights" });
  const { run } = await engine.call("run.finish", { id, exitCode: 0 });
  assert.equal(run.status, "succeeded");
  const done = (await engine.call("run.wait", { id })).run;
  assert.deepEqual(done.config, { lr: 0.1, net: { depth: 3 } });
  assert.deepEqual(done.metrics, { a: 2 });
  assert.ok(done.beforeSnapshotId && done.afterSnapshotId);
  const list = await engine.call("file.list", { snapshotId: done.afterSnapshotId });
  assert.deepEqual(
    list.items.map((file) => file.path),
    ["model/weights"],
  );
  const history = await engine.call("metric.history", { runId: id, name: "a" });
  assert.deepEqual(history.points.value, [1, 2]);
});

test("a recorded run whose script vanished ends as lost when its engine sees it", async () => {
  const script = spawn("sleep", ["30"]);
  const id = randomId();
  const own = await openTestEngine({ directory: engine.directory });
  assert.ok(await identityOf(script.pid as number));
  await own.call("run.create", { id, processId: script.pid as number });
  const gone = new Promise((resolve) => script.once("exit", resolve));
  script.kill("SIGKILL");
  await gone;
  await own.close();
  assert.equal((await reconciled(id)).status, "lost");
});

/** What the Python client appends to the run's journal when its script is terminated. */
function lastLine(): string {
  const line = { v: 1, at: new Date().toISOString(), type: "end", status: "stopped", exitCode: 143 };
  return `${JSON.stringify(line)}\n`;
}

test("the last word of a script that came after its engine gave the run up is its end", async () => {
  const script = spawn("sleep", ["30"]);
  const id = randomId();
  const own = await openTestEngine({ directory: engine.directory });
  await own.call("run.create", { id, processId: script.pid as number, snapshots: false });
  await own.close();
  const before = (await engine.call("run.get", { id })).run;
  assert.deepEqual([before.status, before.error?.kind], ["lost", "RUN_LOST"]);
  await writeFile(join(engine.directory, ".datmo", "tasks", id, "journal", "w.jsonl"), lastLine());
  const gone = new Promise((resolve) => script.once("exit", resolve));
  script.kill("SIGKILL");
  await gone;
  const run = await reconciled(id);
  assert.deepEqual([run.status, run.exitCode, run.error], ["stopped", 143, undefined]);
  const left = await readdir(join(engine.directory, ".datmo", "open"));
  assert.deepEqual(
    left.filter((name) => name.startsWith(id)),
    [],
  );
});

test("an engine that is ended together with a script waits for the script's last word", async () => {
  const script = spawn("sleep", ["30"]);
  const id = randomId();
  const own = await openTestEngine({ directory: engine.directory });
  await own.call("run.create", { id, processId: script.pid as number, snapshots: false });
  const closing = own.close();
  await writeFile(join(engine.directory, ".datmo", "tasks", id, "journal", "w.jsonl"), lastLine());
  await closing;
  const gone = new Promise((resolve) => script.once("exit", resolve));
  script.kill("SIGKILL");
  await gone;
  const run = await reconciled(id);
  assert.deepEqual([run.status, run.exitCode, run.error], ["stopped", 143, undefined]);
});

test("what a script logs after its run's end is kept, and the spools go when the script is gone", async () => {
  const script = spawn("sleep", ["30"]);
  const id = randomId();
  const own = await openTestEngine({ directory: engine.directory });
  await own.call("run.create", { id, processId: script.pid as number, snapshots: false });
  const journal = join(engine.directory, ".datmo", "tasks", id, "journal", "w.jsonl");
  const line = (step: number, value: number): string =>
    `${JSON.stringify({ v: 1, at: new Date().toISOString(), type: "points", points: { name: ["x"], step: [step], value: [value], at: [step] } })}\n`;
  await writeFile(journal, line(0, 1));
  await own.call("run.finish", { id, exitCode: 0 });
  await own.call("run.wait", { id });
  await writeFile(journal, line(0, 1) + line(1, 2));
  const retired = join(engine.directory, ".datmo", "open", `${id}.retired`);
  assert.ok(existsSync(retired));
  await own.close();
  assert.ok(existsSync(retired), "the script still lives");
  const gone = new Promise((resolve) => script.once("exit", resolve));
  script.kill("SIGKILL");
  await gone;
  const next = await openTestEngine({ directory: engine.directory });
  await next.call("run.list", {});
  await next.close();
  assert.equal(existsSync(retired), false);
  assert.equal(existsSync(journal), false);
  const { run } = await engine.call("run.get", { id });
  assert.deepEqual([run.status, run.metrics], ["succeeded", { x: 2 }]);
  const history = await engine.call("metric.history", { runId: id, name: "x" });
  assert.deepEqual(history.points.value, [1, 2]);
});

test("a request that a dead run left behind is not carried out on what the folder is now", async () => {
  const request = { v: 1, type: "request", id: randomId(), method: "snapshot.create" };
  const line = JSON.stringify({ ...request, at: new Date().toISOString(), params: { message: "mid" } });
  const id = await startAndKillEngine(`echo '${line}' > "$DATMO_TASK_DIR/journal/w.jsonl"; sleep 0.3`);
  await writeFile(join(engine.directory, "changed-since.txt"), "x");
  assert.equal((await reconciled(id)).status, "succeeded");
  assert.deepEqual((await engine.call("snapshot.list", { text: "mid" })).items, []);
});

test("another engine leaves a run alone whose script has left while its own engine is still at its end", async () => {
  const [own, other] = [
    await openTestEngine({ directory: engine.directory }),
    await openTestEngine({ directory: engine.directory }),
  ];
  const script = spawn("sleep", ["30"]);
  const gone = new Promise((resolve) => script.once("exit", resolve));
  const id = randomId();
  await own.call("run.create", { id, processId: script.pid as number });
  script.kill("SIGKILL");
  await gone;
  await own.call("run.finish", { id, exitCode: 0 });
  await other.call("run.list", {});
  await own.call("run.wait", { id, timeoutMs: 20_000 });
  await other.close();
  await own.close();
  const { run } = await engine.call("run.get", { id });
  assert.deepEqual([run.status, run.late], ["succeeded", undefined]);
  assert.deepEqual([...own.warnings, ...other.warnings], []);
  const left = await readdir(join(engine.directory, ".datmo", "open"));
  assert.deepEqual(
    left.filter((name) => name.startsWith(id)),
    [],
  );
});
