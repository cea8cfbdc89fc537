import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { createHostDriver } from "../../../src/drivers/host/host-driver.ts";
import { isRunning, makePlace, type Place, until } from "./helpers.ts";

const driver = createHostDriver();

/** Pids that the command wrote into a file, once there are as many. */
function pidsIn(place: Place, count: number): Promise<number[]> {
  return until(() => {
    const file = join(place.directory, "pids");
    const pids = existsSync(file) ? readFileSync(file, "utf8").trim().split("\n").map(Number) : [];
    return pids.length >= count && pids;
  });
}

test("a command that obeys ends by the signal, at once", async (t) => {
  for (const [signal, code] of [
    ["SIGTERM", 143],
    ["SIGINT", 130],
  ] as const) {
    const place = makePlace(t);
    const started = await driver.start(place.spec("echo $$ > pids; exec sleep 60"));
    await pidsIn(place, 1);
    await driver.stop(place.taskDirectory, { graceMs: 60_000, signal });
    assert.deepEqual(await started.exited.then((exit) => [exit.exitCode, exit.signal]), [code, signal]);
    assert.equal((await driver.inspect(place.taskDirectory)).state, "ended");
  }
});

test("SIGINT is a KeyboardInterrupt in Python", async (t) => {
  const place = makePlace(t);
  const script = `
import time
try:
    open("pids", "w").write("1\\n")
    time.sleep(60)
except KeyboardInterrupt:
    print("saved")`;
  const started = await driver.start(place.spec(["python3", "-S", "-c", script]));
  await pidsIn(place, 1);
  await driver.stop(place.taskDirectory, { graceMs: 60_000, signal: "SIGINT" });
  assert.equal((await started.exited).exitCode, 0);
  assert.equal(readFileSync(join(place.taskDirectory, "output.log"), "utf8"), "saved\n");
});

test("what ignores the signal is killed after the grace, children and their sessions too", async (t) => {
  const place = makePlace(t);
  const started = await driver.start(
    place.spec(`trap '' TERM INT HUP
echo $$ > pids
sh -c 'echo $$ >> pids; sleep 60' &
setsid sh -c 'echo $$ >> pids; sleep 60; :' &
python3 -S -c 'import os, time
os.setpgid(0, 0); open("pids", "a").write(f"{os.getpid()}\\n"); time.sleep(60)' &
wait; sleep 60`),
  );
  const pids = await pidsIn(place, 4);
  await driver.stop(place.taskDirectory, { graceMs: 50 });
  const exit = await started.exited;
  assert.deepEqual([exit.exitCode, exit.signal], [137, "SIGKILL"]);
  assert.deepEqual(pids.filter(isRunning), []);
});

test("the grace is given to a child that outlives the command itself", async (t) => {
  const place = makePlace(t);
  const started = await driver.start(
    place.spec(`sh -c 'trap "sleep 0.2 && echo tidy > tidy; exit" TERM; echo $$ >> pids; while :; do sleep 0.02; done' &
echo $$ >> pids; exec sleep 60`),
  );
  const pids = await pidsIn(place, 2);
  await driver.stop(place.taskDirectory, { graceMs: 60_000 });
  assert.equal((await started.exited).exitCode, 143);
  assert.equal(existsSync(join(place.directory, "tidy")), true);
  assert.deepEqual(pids.filter(isRunning), []);
});

test("a stopped command still gets the signal", async (t) => {
  const place = makePlace(t);
  const started = await driver.start(place.spec("echo $$ > pids; exec sleep 60"));
  const [pid = 0] = await pidsIn(place, 1);
  process.kill(-started.pid, "SIGSTOP");
  await driver.stop(place.taskDirectory, { graceMs: 60_000 });
  assert.equal((await started.exited).exitCode, 143);
  assert.equal(isRunning(pid), false);
});

test("a killed wrapper takes its command along, and the end is told", async (t) => {
  const place = makePlace(t);
  const started = await driver.start(place.spec("echo $$ > pids; exec sleep 60"));
  const [pid = 0] = await pidsIn(place, 1);
  process.kill(started.pid, "SIGKILL");
  const exit = await started.exited;
  assert.deepEqual([exit.exitCode, exit.signal], [137, "SIGKILL"]);
  assert.equal(isRunning(pid), false);
  assert.deepEqual(await driver.inspect(place.taskDirectory), { state: "ended", exit });
});

test("stopping twice, at once or later, does no harm", async (t) => {
  const place = makePlace(t);
  const started = await driver.start(place.spec("echo $$ > pids; exec sleep 60"));
  await pidsIn(place, 1);
  const stop = () => driver.stop(place.taskDirectory, { graceMs: 60_000 });
  await Promise.all([stop(), stop()]);
  await stop();
  assert.equal((await started.exited).exitCode, 143);
});

test("a run can stop itself", async (t) => {
  const place = makePlace(t);
  const url = new URL("../../../src/drivers/host/host-driver.ts", import.meta.url).href;
  const script = `const { createHostDriver } = await import(${JSON.stringify(url)});
process.on("SIGTERM", () => console.log("told"));
await createHostDriver().stop(${JSON.stringify(place.taskDirectory)}, { graceMs: 60000 });
console.log("stopped");`;
  const place2 = place.spec(
    `"${process.execPath}" --import tsx --input-type=module -e '${script}' & wait; echo not reached`,
    { directory: process.cwd() },
  );
  const started = await driver.start(place2);
  assert.equal((await started.exited).exitCode, 143);
  const log = join(place.taskDirectory, "output.log");
  const output = await until(() => /stopped/.test(readFileSync(log, "utf8")) && readFileSync(log, "utf8"));
  assert.equal(output, "stopped\n");
});
