import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { createHostDriver } from "../../../src/drivers/host/host-driver.ts";
import { wrapperArguments } from "../../../src/drivers/host/wrapper.ts";
import { isRunning, makePlace, type Place, until } from "./helpers.ts";

const driver = createHostDriver();
const ENGINE = fileURLToPath(new URL("../../fixtures/host/engine.ts", import.meta.url));

/** Starts a command from an engine of its own. */
async function startEngine(t: TestContext, place: Place, command: string) {
  const engine: ChildProcess = spawn(
    process.execPath,
    ["--import", "tsx", ENGINE, place.directory, place.taskDirectory, command],
    { stdio: ["ignore", "pipe", "inherit"], detached: true },
  );
  t.after(() => engine.kill("SIGKILL"));
  const [line] = (await once(engine.stdout!, "data")) as [Buffer];
  const { pid } = JSON.parse(line.toString()) as { pid: number };
  return { engine, pid };
}

const SLOW = "echo one; while [ ! -e go ]; do sleep 0.02; done; echo two; exit 7";

test("output and exit code survive kill -9 of the engine", async (t) => {
  const place = makePlace(t);
  const { engine, pid } = await startEngine(t, place, SLOW);
  const gone = once(engine, "exit");
  process.kill(-engine.pid!, "SIGKILL");
  await gone;
  assert.deepEqual(await driver.inspect(place.taskDirectory), { state: "alive", pid });
  writeFileSync(join(place.directory, "go"), "");
  const ended = await until(async () => {
    const state = await driver.inspect(place.taskDirectory);
    return state.state === "ended" && state;
  });
  assert.equal(ended.exit.exitCode, 7);
  assert.equal(readFileSync(join(place.taskDirectory, "output.log"), "utf8"), "one\ntwo\n");
});

test("another engine stops a run whose engine was killed", async (t) => {
  const place = makePlace(t);
  const command = "trap 'echo bye; exit 9' TERM; touch ready; while :; do sleep 0.02; done";
  const { engine, pid } = await startEngine(t, place, command);
  await until(() => existsSync(join(place.directory, "ready")));
  engine.kill("SIGKILL");
  await driver.stop(place.taskDirectory, { graceMs: 10_000 });
  assert.equal(isRunning(pid), false);
  const state = await driver.inspect(place.taskDirectory);
  assert.equal(state.state === "ended" && state.exit.exitCode, 9);
  assert.match(readFileSync(join(place.taskDirectory, "output.log"), "utf8"), /bye\n$/);
});

test("a command starts only when its process was told: an engine that dies before leaves nothing running", async (t) => {
  const place = makePlace(t);
  mkdirSync(place.taskDirectory, { recursive: true });
  writeFileSync(join(place.taskDirectory, "exit.json.tmp"), " ".repeat(100));
  const words = wrapperArguments({ kind: "shell", text: "touch ran" }, place.directory, {});
  const child = spawn("/bin/sh", words, {
    cwd: place.taskDirectory,
    stdio: ["ignore", "ignore", "pipe", "pipe"],
  });
  const ended = once(child, "exit");
  const told = once(child.stderr!, "data");
  (child.stdio[3] as unknown as { destroy(): void }).destroy();
  assert.deepEqual(await ended, [125, null]);
  assert.match(String(await told), /ended before the command was started/);
  const state = await driver.inspect(place.taskDirectory);
  assert.equal(state.state === "ended" && state.exit.exitCode, 125);
  assert.equal(state.state === "ended" && state.exit.begun, false);
});

test("a reused pid is nobody's run: it is not alive, and never killed", async (t) => {
  const bystander = spawn("sleep", ["30"], { detached: true });
  t.after(() => bystander.kill("SIGKILL"));
  await once(bystander, "spawn");
  const bootId = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
  const record = { pid: bystander.pid, startTime: "12345", bootId, host: hostname(), session: true };
  for (const fake of [
    record,
    { ...record, bootId: "another boot" },
    { ...record, pid: -1 },
    { ...record, pid: 1 },
  ]) {
    const place = makePlace(t);
    await (await driver.start(place.spec("true"))).exited;
    unlinkSync(join(place.taskDirectory, "exit.json"));
    writeFileSync(join(place.taskDirectory, "process.json"), JSON.stringify(fake));
    assert.deepEqual(await driver.inspect(place.taskDirectory), { state: "gone" });
    await driver.stop(place.taskDirectory, { graceMs: 0 });
    assert.equal(isRunning(bystander.pid!), true);
  }
});

test("a run on another host is not judged and not stopped", async (t) => {
  const place = makePlace(t);
  mkdirSync(place.taskDirectory, { recursive: true });
  const elsewhere = { pid: 4242, startTime: "1", bootId: "x", host: "elsewhere", session: true };
  writeFileSync(join(place.taskDirectory, "process.json"), JSON.stringify(elsewhere));
  assert.deepEqual(await driver.inspect(place.taskDirectory), { state: "alive", pid: 4242 });
  await assert.rejects(driver.stop(place.taskDirectory, { graceMs: 0 }), {
    kind: "RUN_NOT_STOPPABLE",
    message: /it runs on elsewhere/,
  });
});

test("nothing was started: gone", async (t) => {
  const place = makePlace(t);
  assert.deepEqual(await driver.inspect(place.taskDirectory), { state: "gone", unstarted: true });
  await driver.stop(place.taskDirectory, { graceMs: 0 });
});

test("garbage and links in place of process.json and exit.json count as nothing", async (t) => {
  const place = makePlace(t);
  mkdirSync(place.taskDirectory, { recursive: true });
  const real = join(place.directory, "real.json");
  writeFileSync(real, '{"exitCode":0,"endedAt":"2026-01-01T00:00:00Z"}');
  for (const content of [
    "",
    "{",
    "null",
    "[]",
    '{"exitCode":"0"}',
    '{"exitCode":999,"endedAt":""}',
    "x".repeat(5000),
  ]) {
    for (const name of ["process.json", "exit.json"]) writeFileSync(join(place.taskDirectory, name), content);
    assert.deepEqual(await driver.inspect(place.taskDirectory), { state: "gone" }, content.slice(0, 30));
  }
  rmSync(join(place.taskDirectory, "exit.json"));
  symlinkSync(real, join(place.taskDirectory, "exit.json"));
  assert.deepEqual(await driver.inspect(place.taskDirectory), { state: "gone" });
});
