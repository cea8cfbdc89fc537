import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import type { StartSpec } from "../../src/services/ports/drivers.ts";
import { ask, type TestEngine } from "../helpers/docker-engine.ts";
import { containersOf, makePlace, outputOf, type Place, skip, until, useEngine } from "./helpers.ts";

const ENGINE = fileURLToPath(new URL("../fixtures/docker/engine.ts", import.meta.url));

/** Starts a command from an engine of its own, which can be killed. */
async function startFrom(t: TestContext, host: string, spec: StartSpec) {
  const child: ChildProcess = spawn(
    process.execPath,
    ["--import", "tsx", ENGINE, host, JSON.stringify(spec)],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  t.after(() => child.kill("SIGKILL"));
  const [line] = (await once(child.stdout!, "data")) as [Buffer];
  const { container } = JSON.parse(line.toString()) as { container: string };
  return {
    container,
    child,
    async kill() {
      const gone = once(child, "exit");
      child.kill("SIGKILL");
      await gone;
    },
  };
}

async function ended(place: Place, taskDirectory: string) {
  return until(async () => {
    const state = await place.driver.inspect(taskDirectory);
    return state.state !== "alive" && state;
  });
}

/** Both streams at once, told apart by their characters: a byte that is lost, doubled or swapped would show. */
const NUMBERS =
  "seq 3000 & (seq 3000 | tr '0-9\\n' 'a-j.') >&2; wait; while [ ! -e go ]; do sleep 0.02; done; echo 0; exit 5";
const NUMBER_TEXT = Array.from({ length: 3000 }, (_, i) => `${i + 1}\n`).join("");

function assertNumbers(output: string): void {
  assert.equal(output.replace(/[a-z.]/g, ""), `${NUMBER_TEXT}0\n`);
  const other = output.replace(/[0-9\n]/g, "");
  assert.equal(
    other.replace(/./g, (one) => (one === "." ? "\n" : String(one.charCodeAt(0) - 97))),
    NUMBER_TEXT,
  );
}

async function remove(engine: TestEngine, id: string): Promise<void> {
  const { request } = await import("node:http");
  await new Promise<void>((resolve, reject) => {
    const path = `/containers/${id}?force=1`;
    request({ socketPath: engine.socket, path, method: "DELETE", agent: false }, (response) => {
      response.resume();
      response.on("end", resolve);
    })
      .on("error", reject)
      .end();
  });
}

describe("runs whose engine is killed", { skip }, () => {
  const box = useEngine();

  test("output goes on to the byte where it was, and the exit code is told", async (t) => {
    const place = makePlace(t, box.engine.host);
    const spec = place.spec(NUMBERS);
    const engine = await startFrom(t, box.engine.host, spec);
    // In the middle of it.
    await until(() => outputOf(spec.taskDirectory).length > 3000);
    await engine.kill();
    const state = await place.driver.inspect(spec.taskDirectory);
    assert.equal(state.state, "alive");
    assert.ok(state.state === "alive" && state.pid > 0);
    const before = readFileSync(join(spec.taskDirectory, "output.log"));
    writeFileSync(join(place.root, "go"), "");
    const found = await ended(place, spec.taskDirectory);
    assert.equal(found.state === "ended" && found.exit.exitCode, 5);
    const output = outputOf(spec.taskDirectory);
    assert.equal(output.slice(0, before.length), before.toString());
    assertNumbers(output);
    assert.deepEqual(await containersOf(box.engine, place.root), []);
    // Looked at again: nothing is written twice.
    await place.driver.inspect(spec.taskDirectory);
    assert.equal(outputOf(spec.taskDirectory), output);
  });

  test("wherever a write was torn, nothing is lost and nothing doubled", async (t) => {
    const place = makePlace(t, box.engine.host);
    for (const cut of [0, 1, 2500]) {
      const spec = place.spec(NUMBERS);
      const engine = await startFrom(t, box.engine.host, spec);
      await until(() => outputOf(spec.taskDirectory).length === 2 * NUMBER_TEXT.length);
      await engine.kill();
      const log = join(spec.taskDirectory, "output.log");
      const size = readFileSync(log).length;
      // As when it was killed between the announcement and the write, or in it.
      truncateSync(log, size - cut);
      if (cut === 1) appendFileSync(join(spec.taskDirectory, "output.pos"), Buffer.from([2, 0, 0, 0, 0]));
      writeFileSync(join(place.root, "go"), "");
      await ended(place, spec.taskDirectory);
      assertNumbers(outputOf(spec.taskDirectory));
      rmSync(join(place.root, "go"));
    }
  });

  test("what was never announced is not believed: all of it is taken again", async (t) => {
    const place = makePlace(t, box.engine.host);
    const spec = place.spec("echo one; while [ ! -e go ]; do sleep 0.02; done; echo two");
    const engine = await startFrom(t, box.engine.host, spec);
    await until(() => outputOf(spec.taskDirectory) === "one\n");
    await engine.kill();
    appendFileSync(join(spec.taskDirectory, "output.log"), "zeros");
    writeFileSync(join(place.root, "go"), "");
    await ended(place, spec.taskDirectory);
    assert.equal(outputOf(spec.taskDirectory), "one\ntwo\n");
  });

  test("after a restart of the machine the whole output is taken again, and the end is told", async (t) => {
    const place = makePlace(t, box.engine.host);
    const spec = place.spec("echo one; while [ ! -e go ]; do sleep 0.02; done; echo two; exit 3");
    const engine = await startFrom(t, box.engine.host, spec);
    await until(() => outputOf(spec.taskDirectory) === "one\n");
    await engine.kill();
    const path = join(spec.taskDirectory, "process.json");
    const file = JSON.parse(readFileSync(path, "utf8")) as { owner: object };
    writeFileSync(path, JSON.stringify({ ...file, owner: { ...file.owner, bootId: "another boot" } }));
    // Of the power cut: the size is there, the content is not.
    writeFileSync(join(spec.taskDirectory, "output.log"), "\0\0\0\0");
    writeFileSync(join(place.root, "go"), "");
    const state = await ended(place, spec.taskDirectory);
    assert.equal(state.state === "ended" && state.exit.exitCode, 3);
    assert.equal(outputOf(spec.taskDirectory), "one\ntwo\n");
  });

  test("another engine stops it, with its grace", async (t) => {
    const place = makePlace(t, box.engine.host);
    const spec = place.spec("trap 'echo bye; exit 9' TERM; touch ready; while :; do sleep 0.02; done");
    const engine = await startFrom(t, box.engine.host, spec);
    await until(() => existsSync(join(place.root, "ready")));
    await engine.kill();
    await place.driver.stop(spec.taskDirectory, { graceMs: 10_000 });
    const state = await place.driver.inspect(spec.taskDirectory);
    assert.equal(state.state === "ended" && state.exit.exitCode, 9);
    // Beside it the shell may say that its own child was terminated.
    assert.match(outputOf(spec.taskDirectory), /bye\n/);
  });

  test("a container that was removed behind our back is gone", async (t) => {
    const place = makePlace(t, box.engine.host);
    const spec = place.spec("sleep 600");
    const engine = await startFrom(t, box.engine.host, spec);
    await engine.kill();
    await remove(box.engine, engine.container);
    assert.deepEqual(await place.driver.inspect(spec.taskDirectory), { state: "gone" });
  });

  test("while its engine lives nobody else writes, and a stop from outside is recorded by it", async (t) => {
    const place = makePlace(t, box.engine.host);
    const spec = place.spec("echo one; sleep 600");
    const { child } = await startFrom(t, box.engine.host, spec);
    assert.deepEqual(await place.driver.inspect(spec.taskDirectory), { state: "alive", pid: child.pid });
    const gone = once(child, "exit");
    await place.driver.stop(spec.taskDirectory, { graceMs: 10_000 });
    assert.equal(outputOf(spec.taskDirectory), "one\n");
    assert.equal((await place.driver.inspect(spec.taskDirectory)).state, "ended");
    await gone;
  });

  test("a run cannot make datmo touch another container, nor end before it ends", async (t) => {
    const place = makePlace(t, box.engine.host);
    const other = place.spec("sleep 600");
    const victim = await place.driver.start(other);
    const spec = place.spec(
      'echo \'{"exitCode":0,"endedAt":"2026-01-01T00:00:00.000Z"}\' > /task/exit.json; sleep 600',
    );
    const engine = await startFrom(t, box.engine.host, spec);
    await until(() => existsSync(join(spec.taskDirectory, "exit.json")));
    await engine.kill();
    assert.equal((await place.driver.inspect(spec.taskDirectory)).state, "alive");
    const path = join(spec.taskDirectory, "process.json");
    const file = JSON.parse(readFileSync(path, "utf8")) as object;
    writeFileSync(path, JSON.stringify({ ...file, container: victim.container?.containerId }));
    rmSync(join(spec.taskDirectory, "exit.json"));
    await place.driver.stop(spec.taskDirectory, { graceMs: 0 });
    assert.deepEqual(await place.driver.inspect(spec.taskDirectory), { state: "gone" });
    const { status } = await ask(box.engine.socket, `/containers/${victim.container?.containerId}/top`);
    assert.equal(status, 200);
    await place.driver.stop(other.taskDirectory, { graceMs: 0 });
    await victim.exited;
    writeFileSync(path, JSON.stringify(file));
    await place.driver.stop(spec.taskDirectory, { graceMs: 0 });
  });

  test("garbage in place of process.json is nothing, and an engine that is away is told", async (t) => {
    const place = makePlace(t, box.engine.host);
    const { taskDirectory } = place.spec("true");
    mkdirSync(taskDirectory, { recursive: true });
    const owner = { pid: 999999, startTime: "1", bootId: "x", host: (await import("node:os")).hostname() };
    for (const content of ["", "{", "null", "[]", "{}", '{"container":"../x","engine":"unix:///x"}']) {
      writeFileSync(join(taskDirectory, "process.json"), content);
      assert.deepEqual(await place.driver.inspect(taskDirectory), { state: "gone" }, content);
    }
    const away = { container: "a".repeat(64), engine: "unix:///nosuch.sock", owner };
    writeFileSync(join(taskDirectory, "process.json"), JSON.stringify(away));
    await assert.rejects(place.driver.inspect(taskDirectory), { kind: "CONTAINER_ENGINE_MISSING" });
    writeFileSync(
      join(taskDirectory, "process.json"),
      JSON.stringify({ ...away, owner: { ...owner, host: "elsewhere" } }),
    );
    assert.equal((await place.driver.inspect(taskDirectory)).state, "alive");
  });
});

describe("Docker restarted under runs", { skip }, () => {
  const box = useEngine({ own: true });

  for (const signal of ["SIGTERM", "SIGKILL"] as const) {
    test(`${signal}: the run that is followed gets its end, the one that is not as well`, async (t) => {
      const place = makePlace(t, box.engine.host);
      const orphan = place.spec("echo one; sleep 600");
      const engine = await startFrom(t, box.engine.host, orphan);
      await engine.kill();
      const spec = place.spec("echo one; sleep 600");
      const started = await place.driver.start(spec);
      await until(() => outputOf(spec.taskDirectory) === "one\n");
      await box.engine.restart(signal);
      const exit = await started.exited;
      assert.ok(exit.exitCode > 128, String(exit.exitCode));
      assert.equal(outputOf(spec.taskDirectory), "one\n");
      const state = await ended(place, orphan.taskDirectory);
      assert.ok(state.state === "ended" && state.exit.exitCode > 128);
      assert.equal(outputOf(orphan.taskDirectory), "one\n");
      assert.deepEqual(await containersOf(box.engine, place.root), []);
    });
  }
});
