import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { Driver, StartSpec } from "../../src/services/ports/drivers.ts";

/** What the suite needs of a driver: a folder to work in, and starts that differ in nothing but the command. */
export interface DriverPlace {
  readonly driver: Driver;
  /** Working directory of every command. */
  readonly directory: string;
  spec(command: string | string[], more?: Partial<StartSpec>): StartSpec;
}

/** What every driver does alike; each implementation runs it. */
export function driverSuite(makePlace: (t: TestContext) => DriverPlace): void {
  async function run(place: DriverPlace, command: string | string[], more?: Partial<StartSpec>) {
    const spec = place.spec(command, more);
    const { exited } = await place.driver.start(spec);
    return { spec, exit: await exited, output: outputOf(spec) };
  }

  async function startReady(place: DriverPlace, command: string) {
    const spec = place.spec(command);
    const started = await place.driver.start(spec);
    while (!existsSync(join(place.directory, "ready"))) await sleep(10);
    return { spec, ...started };
  }

  test("driver: both streams are recorded as they come, the exit code is the command's own", async (t) => {
    const { exit, output, spec } = await run(makePlace(t), "printf 'no end'; echo ' é' >&2; exit 7");
    assert.equal(exit.exitCode, 7);
    assert.deepEqual([...output].sort(), [..."no end é\n"].sort());
    assert.ok(Math.abs(Date.parse(exit.endedAt) - Date.now()) < 600_000);
    const told = JSON.parse(readFileSync(join(spec.taskDirectory, "exit.json"), "utf8")) as object;
    assert.deepEqual({ ...told, endedAt: "" }, { exitCode: 7, endedAt: "" });
  });

  test("driver: one string is a shell's, several words are executed as they are", async (t) => {
    const place = makePlace(t);
    assert.equal((await run(place, "x=c; echo a  b $x")).output, "a b c\n");
    assert.equal((await run(place, ["echo", "$x", "a  b", ""])).output, "$x a  b \n");
  });

  test("driver: a death by signal is 128 and its number", async (t) => {
    const { exit, output } = await run(makePlace(t), "kill -9 $$");
    assert.deepEqual([exit.exitCode, exit.signal, output], [137, "SIGKILL", ""]);
  });

  test("driver: the command has its variables and its directory", async (t) => {
    const place = makePlace(t);
    const environment = { ...place.spec("true").environment, EXTRA: "a  b\nc" };
    const { output } = await run(place, 'echo "$EXTRA"; echo x > here', { environment });
    assert.equal(output, "a  b\nc\n");
    assert.equal(readFileSync(join(place.directory, "here"), "utf8"), "x\n");
  });

  test("driver: gone before, alive meanwhile, ended afterwards; a stop of what does not run does nothing", async (t) => {
    const place = makePlace(t);
    const { driver } = place;
    assert.deepEqual(await driver.inspect(place.spec("true").taskDirectory), {
      state: "gone",
      unstarted: true,
    });
    const { spec, exited } = await startReady(
      place,
      "touch ready; while [ ! -e go ]; do sleep 0.02; done; exit 3",
    );
    assert.equal((await driver.inspect(spec.taskDirectory)).state, "alive");
    const { writeFileSync } = await import("node:fs");
    writeFileSync(join(place.directory, "go"), "");
    const exit = await exited;
    assert.deepEqual(await driver.inspect(spec.taskDirectory), { state: "ended", exit });
    await driver.stop(spec.taskDirectory, { graceMs: 0 });
    await assert.rejects(driver.start({ ...place.spec("true"), taskDirectory: spec.taskDirectory }), {
      kind: "COMMAND_NOT_STARTED",
      message: /before/,
    });
  });

  test("driver: what obeys ends by the signal, what does not is killed after the grace", async (t) => {
    for (const [command, graceMs, code] of [
      ["touch ready; exec sleep 600", 600_000, 143],
      ["trap 'exit 9' TERM; touch ready; while :; do sleep 0.02; done", 600_000, 9],
      ["trap '' TERM; touch ready; while :; do sleep 0.02; done", 100, 137],
    ] as const) {
      const place = makePlace(t);
      const { spec, exited } = await startReady(place, command);
      await place.driver.stop(spec.taskDirectory, { graceMs });
      assert.equal((await place.driver.inspect(spec.taskDirectory)).state, "ended");
      assert.equal((await exited).exitCode, code, command);
    }
  });

  test("driver: several at once, each with its own output and end", async (t) => {
    const place = makePlace(t);
    const runs = await Promise.all(
      [1, 2, 3].map((n) => run(place, `echo ${n}; sleep 0.1; echo ${n}; exit ${n}`)),
    );
    assert.deepEqual(
      runs.map(({ exit, output }) => [exit.exitCode, output]),
      [1, 2, 3].map((n) => [n, `${n}\n${n}\n`]),
    );
  });

  test("driver: without a command nothing starts", async (t) => {
    const place = makePlace(t);
    const spec = place.spec([]);
    await assert.rejects(place.driver.start(spec), { kind: "COMMAND_NOT_STARTED", message: /no command/ });
    assert.deepEqual(await place.driver.inspect(spec.taskDirectory), { state: "gone", unstarted: true });
  });
}

function outputOf(spec: StartSpec): string {
  return readFileSync(join(spec.taskDirectory, "output.log"), "utf8");
}
