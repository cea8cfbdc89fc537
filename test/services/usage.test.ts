import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { SystemSummary } from "../../src/domain/system-metrics.ts";
import type { Run, RunStartParams } from "../../src/protocol/types.ts";
import type { PointColumns } from "../../src/services/ports/series.ts";
import type { GpuMeter, UsageProbe, UsageReading } from "../../src/services/ports/usage.ts";
import { nextDelay } from "../../src/services/usage/schedule.ts";
import { startSampler } from "../../src/services/usage/usage-sampler.ts";
import { type TestEngine, withTestEngine } from "../helpers/usage-engine.ts";

const NO_GPUS: GpuMeter = { watch: async () => undefined };

async function run(engine: TestEngine, params: RunStartParams): Promise<Run> {
  const { run } = await engine.call("run.start", params);
  await engine.call("run.wait", { id: run.id });
  return (await engine.call("run.get", { id: run.id })).run;
}

/** A command that goes on until the run's record has a system metric, or its own name in a file appears. */
async function untilMeasured(engine: TestEngine, id: string): Promise<Run> {
  for (;;) {
    const { run } = await engine.call("run.get", { id });
    if (run.system) return run;
    await sleep(50);
  }
}

test("what a run uses is measured, and kept apart from what it logs", async (t) => {
  const engine = await withTestEngine(t, {});
  const { run: begun } = await engine.call("run.start", {
    command: "echo 'system/cpu_percent: 7'; while [ ! -e stop ]; do :; done",
  });
  await untilMeasured(engine, begun.id);
  await writeFile(join(engine.directory, "stop"), "");
  await engine.call("run.wait", { id: begun.id });
  const { run } = await engine.call("run.get", { id: begun.id });
  assert.deepEqual(run.metrics, { "system/cpu_percent": 7 }, "its own metric of that name is its own");
  const names = [
    "system/cpu_percent",
    "system/disk_read_bytes",
    "system/disk_write_bytes",
    "system/memory_bytes",
  ];
  assert.deepEqual(Object.keys(run.system ?? {}), names);
  assert.ok((run.system?.["system/cpu_percent"]?.max ?? 0) > 1);
  assert.ok((run.system?.["system/memory_bytes"]?.max ?? 0) > 100_000);
  const own = await engine.call("metric.history", { runId: run.id, name: "system/cpu_percent" });
  assert.deepEqual(own.points.value, [7]);
  const measured = await engine.call("metric.history", {
    runId: run.id,
    name: "system/cpu_percent",
    system: true,
  });
  assert.equal(measured.points.value.length, run.system?.["system/cpu_percent"]?.count);
  // A name that the run did not log itself needs no word.
  const memory = await engine.call("metric.history", { runId: run.id, name: "system/memory_bytes" });
  assert.ok(memory.points.step.every((step) => step >= 1));
  const { items } = await engine.call("metric.list", { runId: run.id });
  assert.deepEqual(
    items.map(({ name }) => name),
    ["system/cpu_percent"],
  );
  const system = await engine.call("metric.list", { runId: run.id, system: true });
  assert.deepEqual(
    system.items.map(({ name }) => name),
    names,
  );
  const { snapshot } = await engine.call("snapshot.get", { id: run.afterSnapshotId ?? "" });
  assert.deepEqual(snapshot.metrics, { "system/cpu_percent": 7 });
  const listed = await engine.call("run.list", { filter: "system.memory_bytes > 1000" });
  assert.deepEqual(
    listed.items.map(({ id, system }) => [id, system]),
    [[run.id, undefined]],
  );
  const shown = await engine.call("run.list", { system: true });
  assert.ok(shown.items[0]?.system);
});

test("nothing is measured when nobody wants it", async (t) => {
  const engine = await withTestEngine(t, { DATMO_USAGE: "" });
  const unmeasured = await run(engine, { command: "sleep 1.5", usage: false });
  assert.equal(unmeasured.system, undefined);
  const again = await engine.call("run.rerun", { id: unmeasured.id });
  await engine.call("run.wait", { id: again.run.id });
  assert.equal(
    (await engine.call("run.get", { id: again.run.id })).run.system,
    undefined,
    "nor of its rerun",
  );
  await writeFile(join(engine.directory, ".datmo/config.json"), '{"v":1,"usage":false}');
  assert.equal((await run(engine, { command: "sleep 1.5" })).system, undefined);
  const off = await withTestEngine(t, { DATMO_USAGE: "off" });
  assert.equal((await run(off, { command: "sleep 1.5" })).system, undefined);
});

test("a run whose engine was killed is measured on by the next engine, once", async (t) => {
  const engine = await withTestEngine(t, {});
  const child = spawn(
    process.execPath,
    [
      "--import",
      "tsx",
      "test/fixtures/services/start-run.ts",
      engine.directory,
      "while [ ! -e stop ]; do sleep 0.1; done",
    ],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  const [line] = await once(child.stdout, "data");
  const id = String(line).trim().split(/\s/)[0] ?? "";
  child.kill("SIGKILL");
  await once(child, "exit");
  assert.equal((await engine.call("run.get", { id })).run.status, "running");
  const taken = await untilMeasured(engine, id);
  assert.ok(taken.system?.["system/memory_bytes"]);
  const claim = JSON.parse(await readFile(join(engine.directory, ".datmo/open", `${id}.usage`), "utf8"));
  assert.equal(claim.pid, process.pid);
  await writeFile(join(engine.directory, "stop"), "");
  for (;;) {
    const { run } = await engine.call("run.get", { id });
    if (run.status === "succeeded" && run.system) break;
    await sleep(50);
  }
});

interface Sampled {
  readonly points: PointColumns[];
  readonly record: Record<string, unknown>;
  readonly gone: () => boolean;
  stop(): Promise<void>;
}

function sample(probe: UsageProbe, meter = NO_GPUS, append = async (): Promise<void> => undefined): Sampled {
  const points: PointColumns[] = [];
  const record: Record<string, unknown> = {};
  let isGone = false;
  const sampler = startSampler({
    series: {
      async appendSystem(_id, columns) {
        await append();
        points.push(columns);
      },
    },
    fields: {
      id: "r",
      get: () => undefined,
      all: () => ({}),
      write: async (set) => void Object.assign(record, set),
    },
    startedAt: Date.now() - 1_000,
    everyMs: 20,
    probe,
    meter,
    isFresh: true,
    gone: () => {
      isGone = true;
    },
  });
  return { points, record, gone: () => isGone, stop: () => sampler.stop() };
}

function probeOf(...readings: (UsageReading | undefined)[]): UsageProbe & { closed: boolean; asked: number } {
  const probe = {
    closed: false,
    asked: 0,
    async read() {
      return readings[Math.min(probe.asked++, readings.length - 1)];
    },
    close() {
      probe.closed = true;
    },
  };
  return probe;
}

async function until(look: () => boolean): Promise<void> {
  while (!look()) await sleep(5);
}

test("nobody looks any more where nothing is to be seen", async () => {
  const probe = probeOf({ memoryBytes: 5 }, undefined);
  const sampled = sample(probe);
  // Timers of a watch keep no process alive; this test does.
  const alive = setInterval(() => undefined, 1_000);
  await until(sampled.gone);
  clearInterval(alive);
  assert.equal(probe.closed, true);
  assert.equal(probe.asked, 4);
  assert.deepEqual(
    sampled.points.map(({ name }) => name),
    [["system/memory_bytes"]],
  );
});

test("a disk that takes nothing, and a meter that fails, are no trouble of the run", async () => {
  const probe = probeOf({ cpuSeconds: 1, memoryBytes: 5, gpu: {} });
  const failing: GpuMeter = { watch: () => Promise.reject(new Error("no")) };
  const sampled = sample(probe, failing, () => Promise.reject(new Error("full")));
  const alive = setInterval(() => undefined, 1_000);
  await until(() => probe.asked >= 3);
  clearInterval(alive);
  await sampled.stop();
  assert.equal(probe.closed, true);
  assert.deepEqual(sampled.record, {});
});

test("the end of a run waits for no probe, and records what was measured", async () => {
  let asked = 0;
  const probe: UsageProbe = {
    read: () =>
      asked++ === 0 ? Promise.resolve({ cpuSeconds: 2, memoryBytes: 9 }) : new Promise(() => undefined),
    close: () => undefined,
  };
  const gpus = { read: () => [{ index: 1, utilizationPercent: 50 }], close: () => undefined };
  const sampled = sample(probe, { watch: async () => gpus });
  const alive = setInterval(() => undefined, 1_000);
  await until(() => asked === 2);
  clearInterval(alive);
  await sampled.stop();
  const memory = sampled.record["system/system~1memory_bytes"] as unknown as SystemSummary;
  assert.equal(memory.max, 9);
});

test("points come early, then at their pace, and more and more rarely", () => {
  const times: number[] = [];
  let [at, count] = [0, 0];
  while (at < 86_400_000 * 30) {
    at += nextDelay(count++, 10_000, 0);
    times.push(at);
  }
  assert.deepEqual(times.slice(0, 4), [1_000, 3_000, 6_000, 10_000]);
  assert.equal(times[101]! - times[100]!, 10_000);
  assert.ok(times.length < 7_000, `${times.length} points in a month`);
  assert.equal(nextDelay(100, 10_000, 200), 80_000, "a costly look is made more rarely");
  assert.equal(nextDelay(100, 10_000, 1e9), 300_000, "and yet made");
});
