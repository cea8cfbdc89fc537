import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import {
  history,
  randomNumbers,
  type SeriesProject,
  type SpoolRecord,
  seriesProject,
  writeSpool,
} from "../../stores/series/series-fixture.ts";

const soak = process.env["DATMO_SOAK"] ? 10 : 1;
const folder = mkdtempSync(join(tmpdir(), "datmo-series-kill-"));
after(() => rmSync(folder, { recursive: true, force: true }));
/** Bundled once: the engines start faster, and kills meet them at work. */
const engine = join(folder, "point-writer.mjs");
await build({
  entryPoints: [fileURLToPath(new URL("../../fixtures/series/point-writer.ts", import.meta.url))],
  outfile: engine,
  bundle: true,
  platform: "node",
  format: "esm",
});

interface Victim {
  readonly process: ChildProcess;
  /** The last number it printed. */
  readonly told: () => number;
  readonly ended: Promise<void>;
}

function start(project: SeriesProject, ...args: string[]): Victim {
  const child = spawn(process.execPath, [engine, project.directory, project.run, ...args]);
  let output = "";
  let errors = "";
  child.stdout.on("data", (chunk) => {
    output += chunk;
  });
  child.stderr.on("data", (chunk) => {
    errors += chunk;
  });
  const ended = new Promise<void>((resolve, reject) => {
    child.on("close", (code) => (code === null ? resolve() : reject(new Error(errors))));
  });
  // The last line may have been cut off by the kill.
  const told = (): number => Number(output.slice(0, output.lastIndexOf("\n")).split("\n").at(-1));
  return { process: child, told, ended };
}

/** Waits until the engine is at work, lets it go on for a moment, and kills it. */
async function kill(victim: Victim, afterMs: number): Promise<void> {
  while (victim.told() === 0) await Promise.race([sleep(5), victim.ended]);
  await sleep(afterMs);
  victim.process.kill("SIGKILL");
  await victim.ended;
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

test("kill -9 of engines that log to one run, with one that seals: every acknowledged point is there, once", async (t) => {
  const random = randomNumbers(Date.now());
  const project = seriesProject(t);
  const far = 1_000_000;
  const acknowledged: { from: number; to: number }[] = [];
  let kills = 0;
  for (let round = 0; round < 6 * soak; round++) {
    const bases = [0, 1, 2].map((i) => (round * 3 + i) * far);
    const writers = bases.map((base) => start(project, "inline", String(base)));
    const sealer = round % 2 ? [start(project, "seal")] : [];
    const victims = [...writers, ...sealer];
    await Promise.all(victims.map((victim) => kill(victim, random() * 60)));
    kills += victims.length;
    for (const [i, writer] of writers.entries()) acknowledged.push({ from: bases[i]!, to: writer.told() });
    const steps = (await history(project.open(), project.run, "a")).map(([step]) => step);
    assert.equal(new Set(steps).size, steps.length, "a point is there twice");
    const there = new Set(steps);
    for (const { from, to } of acknowledged) {
      for (let step = from; step < to; step++) assert.ok(there.has(step), `step ${step} of ${from} to ${to}`);
    }
  }
  const before = await history(project.open(), project.run, "a");
  const store = project.open();
  await store.seal(project.run);
  assert.equal(project.files().length, 1);
  assert.deepEqual(await history(store, project.run, "a"), before);
  assert.deepEqual(project.problems, []);
  const points = acknowledged.reduce((sum, { from, to }) => sum + to - from, 0);
  t.diagnostic(`${kills} kills, ${points} acknowledged points, 0 lost`);
});

test("kill -9 of engines that take one spool in: nothing durable is lost, nothing is there twice", async (t) => {
  const random = randomNumbers(Date.now() + 1);
  for (let round = 0; round < 2 * soak; round++) {
    const project = seriesProject(t);
    const path = project.path("spool.bin");
    const count = 60_000;
    const records: SpoolRecord[] = [["name", 0, "a"]];
    for (let i = 0; i < count; i++) {
      if (i % 1000 === 500) records.push(["name", i, `m${i}`]);
      records.push(["point", 0, i, i, i]);
    }
    const end = writeSpool(path, { run: project.run, spool: "0123456789abcdef", records, reserve: 4 << 20 });
    for (let i = 0; i < 3; i++) {
      const victims = [start(project, "spool", path), start(project, "spool", path)];
      if (i === 1) victims.push(start(project, "seal"));
      await Promise.all(victims.map((victim) => kill(victim, random() * 40)));
      const durable = Math.max(...victims.slice(0, 2).map((victim) => victim.told()));
      const slots = (Math.min(durable, end) - 64) / 32;
      const steps = (await history(project.open(), project.run, "a")).map(([step]) => step);
      const least = slots - 2 - 2 * Math.ceil(slots / 1000);
      assert.ok(steps.length >= least, `${steps.length} points, ${least} were durable`);
      assert.deepEqual(
        steps,
        Array.from({ length: steps.length }, (_, step) => step),
      );
    }
    const store = project.open();
    assert.equal((await store.appendSpool(project.run, { path, from: 0 })).durableTo, end);
    assert.equal((await history(store, project.run, "a")).length, count);
    await store.seal(project.run);
    assert.equal((await history(store, project.run, "a")).length, count);
  }
});
