import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rename, rm, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { randomId } from "../../src/domain/ids.ts";
import { isDatmoError } from "../../src/protocol/errors.ts";
import type { Run, RunStartParams } from "../../src/protocol/types.ts";
import { thisProcess } from "../../src/util/process-identity.ts";
import { openTestEngine, removeTestEngine, type TestEngine } from "../helpers/engine.ts";

/* Runs that their engine left half done. */

let engine: TestEngine;

before(async () => {
  engine = await openTestEngine();
  await mkdir(join(engine.directory, "data"));
  await writeFile(join(engine.directory, "data", "big.csv"), "1\n");
  await writeFile(join(engine.directory, ".gitignore"), "data\n");
  await writeFile(join(engine.directory, "train.sh"), "echo loss: 1\n");
});
after(() => removeTestEngine(engine));

async function startAndKillEngine(
  params: RunStartParams,
  before: (id: string) => Promise<void> = async () => undefined,
): Promise<string> {
  const child = spawn(
    process.execPath,
    ["--import", "tsx", "test/fixtures/services/start-and-wait.ts", engine.directory, JSON.stringify(params)],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  const id = await new Promise<string>((resolve, reject) => {
    child.stdout.once("data", (chunk: Buffer) => resolve(chunk.toString().trim()));
    child.once("exit", (code) => reject(new Error(`the engine ended with ${code}`)));
  });
  await before(id);
  const gone = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGKILL");
  await gone;
  return id;
}

/** A new engine finishes what it finds; the run as it is then. */
async function reconciled(id: string, directory = engine.directory): Promise<Run> {
  const other = await openTestEngine({ directory });
  await other.call("run.wait", { id, timeoutMs: 20_000 });
  await other.close();
  const fresh = await openTestEngine({ directory });
  const { run } = await fresh.call("run.get", { id });
  await fresh.close();
  return run;
}

/** As if the engine of a run had died just before it closed the run's books. */
async function reopen(id: string, type: "executed" | "recorded"): Promise<void> {
  const owner = { ...(await thisProcess()), pid: 2 ** 22 - 3, startTime: "1" };
  const open = { v: 1, type, createdAt: new Date().toISOString(), owner };
  await writeFile(join(engine.directory, ".datmo", "open", `${id}.json`), JSON.stringify(open));
}

/** As if the engine that began the run had gone: the engines of this test are one process. */
async function reownByNobody(id: string): Promise<void> {
  const path = join(engine.directory, ".datmo", "open", `${id}.json`);
  const open = JSON.parse(await readFile(path, "utf8")) as { owner: object };
  const owner = { ...open.owner, pid: 2 ** 22 - 3, startTime: "1" };
  await writeFile(path, JSON.stringify({ ...open, owner }));
}

test("an isolated run of a killed engine keeps what it made, and its copy is removed", async () => {
  const id = await startAndKillEngine({ command: "sleep 0.5; echo x > made.txt; exit 3", isolated: true });
  const run = await reconciled(id);
  assert.deepEqual([run.status, run.exitCode, run.late], ["failed", 3, true]);
  assert.ok(run.beforeSnapshotId && run.afterSnapshotId);
  const { diff } = await engine.call("snapshot.diff", { a: run.beforeSnapshotId, b: run.afterSnapshotId });
  // The links to inputs that are not captured are no work of the run.
  assert.deepEqual(diff.code, [{ path: "made.txt", status: "added" }]);
  assert.deepEqual(await readdir(join(engine.directory, ".datmo", "isolated")), []);
  assert.equal(existsSync(join(engine.directory, "made.txt")), false);
});

test("copies that nobody needs any more are removed, those of open runs are not", async () => {
  const { run } = await engine.call("run.start", { command: "sleep 2", isolated: true });
  const isolated = join(engine.directory, ".datmo", "isolated");
  await mkdir(join(isolated, randomId(), "project"), { recursive: true });
  await mkdir(join(isolated, ".removed-abc"));
  const other = await openTestEngine({ directory: engine.directory });
  await other.call("run.list", {});
  await other.close();
  assert.deepEqual(await readdir(isolated), [run.id]);
  await engine.call("run.stop", { id: run.id });
});

test("an end that was recorded stands, with its after-snapshot, when its engine died behind it", async () => {
  const { run } = await engine.call("run.start", { command: "sh train.sh; exit 3" });
  const ended = (await engine.call("run.wait", { id: run.id })).run;
  await writeFile(join(engine.directory, "later.txt"), "changed after the run\n");
  const metrics = join(engine.directory, "metrics.json");
  await writeFile(metrics, '{"of another run": 1}');
  const soon = Date.now() / 1000 + 10;
  await utimes(metrics, soon, soon);
  await reopen(run.id, "executed");
  assert.deepEqual(await reconciled(run.id), ended);
  await rm(metrics);
});

test("a recorded run that has finished is not lost when its engine died behind the end", async () => {
  const { run } = await engine.call("run.create", { name: "done" });
  await engine.call("run.finish", { id: run.id, status: "succeeded" });
  const ended = (await engine.call("run.wait", { id: run.id })).run;
  await reopen(run.id, "recorded");
  assert.deepEqual(await reconciled(run.id), ended);
});

test("a run that was to record no snapshots gets none when its script is gone", async () => {
  const { run } = await engine.call("run.create", { name: "bare", snapshots: false });
  const other = await openTestEngine({ directory: engine.directory });
  await reopen(run.id, "recorded");
  await other.call("run.list", {});
  await other.close();
  const found = (await engine.call("run.get", { id: run.id })).run;
  assert.equal(found.afterSnapshotId, undefined);
  await engine.call("run.finish", { id: run.id, status: "succeeded" });
});

test("a script that was asked to stop and went without a word was stopped, not lost", async () => {
  const id = randomId();
  const task = join(engine.directory, ".datmo", "tasks", id);
  await mkdir(task, { recursive: true });
  await writeFile(join(task, "stop.json"), '{"at":"2026-01-01T00:00:00Z"}\n');
  await reopen(id, "recorded");
  const run = await reconciled(id);
  assert.deepEqual([run.status, run.error], ["stopped", undefined]);
});

test("nobody watches the time of a run whose engine is gone but the next engine", async () => {
  const id = await startAndKillEngine({ command: "sleep 30", timeoutMs: 300 });
  const run = await reconciled(id);
  assert.deepEqual([run.status, run.exitCode, run.error?.kind], ["failed", 124, "TIMEOUT"]);
});

test("of several engines that find a run one finishes it", async () => {
  const id = await startAndKillEngine({
    command: "echo x > $DATMO_TASK_DIR/made.txt; sleep 0.5",
    isolated: true,
  });
  await new Promise((resolve) => setTimeout(resolve, 700));
  const snapshots = () => engine.call("snapshot.list", { all: true, limit: 1000 });
  const known = (await snapshots()).items.length;
  const others = await Promise.all([1, 2, 3, 4].map(() => openTestEngine({ directory: engine.directory })));
  await Promise.all(others.map((other) => other.call("run.wait", { id, timeoutMs: 20_000 })));
  await Promise.all(others.map((other) => other.close()));
  const { run } = await engine.call("run.get", { id });
  assert.ok(run.afterSnapshotId);
  assert.equal((await snapshots()).items.length, known + 1);
});

test("files that were kept stay kept, and what was changed after the end is not taken for the run's", async () => {
  const script = `
    const { appendFileSync, writeFileSync } = require("node:fs");
    const say = (path) => appendFileSync(process.env.DATMO_TASK_DIR + "/journal/w.jsonl",
      JSON.stringify({ v: 1, at: new Date().toISOString(), type: "file", path }) + "\\n");
    writeFileSync("model.bin", "first"); say("model.bin");
    writeFileSync("late.bin", "never looked at"); setTimeout(() => say("late.bin"), 1500);`;
  await writeFile(join(engine.directory, "keep.cjs"), script);
  const id = await startAndKillEngine({ command: [process.execPath, "keep.cjs"] }, async (run) => {
    while ((await engine.call("file.list", { runId: run })).items.length === 0)
      await new Promise((resolve) => setTimeout(resolve, 20));
  });
  await new Promise((resolve) => setTimeout(resolve, 1700));
  const soon = Date.now() / 1000 + 10;
  for (const name of ["model.bin", "late.bin"]) {
    await writeFile(join(engine.directory, name), "changed by somebody else");
    await utimes(join(engine.directory, name), soon, soon);
  }
  const run = await reconciled(id);
  const { items } = await engine.call("file.list", { runId: id });
  assert.deepEqual(
    items.map(({ path, bytes }) => [path, bytes]),
    [["model.bin", 5]],
  );
  const { content } = await engine.call("file.get", { runId: id, path: "model.bin" });
  assert.equal(Buffer.from(content as string, "base64").toString(), "first");
  assert.equal(run.status, "succeeded");
});

test("a run that was never recorded leaves nothing", async () => {
  const id = randomId();
  const task = join(engine.directory, ".datmo", "tasks", id);
  await mkdir(task, { recursive: true });
  await writeFile(join(task, "config.json"), '{"password":"hunter2-Correct9"}\n');
  await reopen(id, "executed");
  await engine.call("run.list", {});
  assert.equal(existsSync(task), false);
  assert.equal(existsSync(join(engine.directory, ".datmo", "open", `${id}.json`)), false);
});

test("a run that is cancelled before its command starts leaves no folder and no copy", async () => {
  const before = await readdir(join(engine.directory, ".datmo", "tasks"));
  await assert.rejects(
    engine.call(
      "run.start",
      { command: "true", isolated: true, config: { password: "hunter2-Correct9" } },
      AbortSignal.abort(),
    ),
    (error: unknown) => isDatmoError(error) && error.kind === "CANCELLED",
  );
  assert.deepEqual(await readdir(join(engine.directory, ".datmo", "tasks")), before);
  const open = await readdir(join(engine.directory, ".datmo", "open"));
  assert.deepEqual(
    open.filter((name) => name.endsWith(".json")),
    [],
  );
});

test("a project that is moved while a run goes on: whoever waits is told, and the end is recorded there", async () => {
  const here = await openTestEngine();
  const { run } = await here.call("run.start", { command: "echo 'a: 1'; sleep 0.7; echo 'b: 2'; exit 3" });
  const moved = `${here.directory}-moved`;
  await rename(here.directory, moved);
  await assert.rejects(here.call("run.wait", { id: run.id }), (error: unknown) => {
    assert.ok(isDatmoError(error) && error.kind === "PROJECT_MOVED", String(error));
    assert.equal(error.details["exitCode"], 3);
    return true;
  });
  // Its owner is this very process, which lives: the file in `open` has to say somebody else.
  await here.close().catch(() => undefined);
  assert.equal(existsSync(here.directory), false);
  const open = join(moved, ".datmo", "open", `${run.id}.json`);
  const owner = { ...(await thisProcess()), pid: 2 ** 22 - 3, startTime: "1" };
  await writeFile(open, JSON.stringify({ v: 1, type: "executed", createdAt: run.createdAt, owner }));
  const found = await reconciled(run.id, moved);
  assert.deepEqual([found.status, found.exitCode, found.metrics], ["failed", 3, { a: 1, b: 2 }]);
  await removeTestEngine(await openTestEngine({ directory: moved }));
});

test("an after-snapshot that the disk did not take at the run's end is taken by the next engine", async () => {
  for (const isolated of [false, true]) {
    const first = await openTestEngine({ directory: engine.directory });
    // More than any disk here has room for, and none of it is written.
    const { run } = await first.call("run.start", {
      command: "echo made > made.txt; truncate -s 15T huge",
      isolated,
    });
    const ended = (await first.call("run.wait", { id: run.id })).run;
    assert.deepEqual(
      [ended.status, ended.error?.kind, ended.afterSnapshotId],
      ["succeeded", "DISK_FULL", undefined],
    );
    assert.deepEqual((await first.call("project.status", {})).activeRuns, []);
    await first.close();
    const root = isolated
      ? join(engine.directory, ".datmo", "isolated", run.id, "project")
      : engine.directory;
    await reownByNobody(run.id);
    const still = await reconciled(run.id);
    assert.equal(still.error?.kind, "DISK_FULL");
    await rm(join(root, "huge"));
    const then = await reconciled(run.id);
    assert.deepEqual([then.status, then.error, then.late], ["succeeded", undefined, true]);
    assert.ok(then.afterSnapshotId);
    assert.equal(existsSync(join(engine.directory, ".datmo", "open", `${run.id}.json`)), false);
    await rm(join(engine.directory, "made.txt"), { force: true });
  }
});
