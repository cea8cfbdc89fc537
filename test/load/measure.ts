import { spawnSync } from "node:child_process";
import { lstatSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { median } from "../bench/bench.ts";
import { INITIALIZE, RawEngine } from "../bench/raw-engine.ts";

const CLI = resolve("dist/datmo.js");
const AGAIN = 3;
/** The system counts processor time in these. */
const TICK_MS = 10;
/** Milliseconds, megabytes, bytes or counts by the name of the row. */
export type Measures = Record<string, number>;

export interface LoadedProject {
  readonly directory: string;
  readonly runs: number;
  readonly points: number;
  /** A run of the fill, and the one with a long series. */
  readonly someRun: string;
  readonly longRun: string;
}

/** Everything that is measured at one size of the project. */
export async function measure(project: LoadedProject, rounds: number): Promise<Measures> {
  const found: Measures = {};
  const sizes = sizesOf(join(project.directory, ".datmo"));
  found["disk, MB"] = sizes.blocks / 1e6;
  found["files"] = sizes.files;
  found["bytes a point (series), content"] = (sizes.parts["series"] ?? 0) / project.points;
  found["bytes a run (all but series), content"] =
    (sizes.bytes - (sizes.parts["series"] ?? 0)) / project.runs;
  Object.assign(found, await questions(project, rounds));
  Object.assign(found, commands(project, rounds));
  Object.assign(found, await upkeep(project));
  return found;
}

/** Questions to engines: the first answer of a fresh one, then the same again. */
async function questions(project: LoadedProject, rounds: number): Promise<Measures> {
  const first: Record<string, number[]> = {};
  const work: Record<string, number[]> = {};
  const again: Record<string, number[]> = {};
  const found: Measures = {};
  for (let round = 0; round < rounds; round++) {
    for (const [name, [method, params]] of Object.entries(asked(project))) {
      const began = performance.now();
      const engine = await fresh(project.directory);
      await engine.ask(method, params);
      push(first, name, performance.now() - began);
      const spent = processorMs(engine.pid);
      push(work, name, spent);
      for (let i = 0; i < AGAIN; i++) await engine.ask(method, params);
      push(again, name, (processorMs(engine.pid) - spent) / AGAIN);
      found[`peak memory of an engine: ${name}, MB`] = engine.peakMegabytes();
      await engine.leave();
    }
  }
  for (const [name, times] of Object.entries(first)) found[`engine start and ${name}, ms`] = median(times);
  for (const [name, times] of Object.entries(work)) found[`engine start and ${name}, CPU ms`] = median(times);
  for (const [name, times] of Object.entries(again)) found[`${name} again, CPU ms`] = median(times);
  return found;
}

function asked({ someRun, longRun }: LoadedProject): Record<string, [string, object]> {
  return {
    "initialize only": ["project.get", {}],
    "list of the newest 20": ["run.list", { limit: 20 }],
    "best 10 by a metric": ["run.list", { sort: "-metrics.accuracy", limit: 10 }],
    "filter by metric and config": [
      "run.list",
      { filter: "metrics.loss < 0.01 and config.layers = 4", limit: 20 },
    ],
    "one run": ["run.get", { id: someRun }],
    "history of a series of some hundred": ["metric.history", { runId: someRun, name: "loss" }],
    "history of a series of 600,000 in 1,000 buckets": [
      "metric.history",
      { runId: longRun, name: "loss", buckets: 1000 },
    ],
    "list of tasks": ["task.list", {}],
    "list of sweeps": ["sweep.list", {}],
    status: ["project.status", {}],
  };
}

/** Whole processes, as typed. */
function commands({ directory, someRun }: LoadedProject, rounds: number): Measures {
  const lines: Record<string, string[]> = {
    "datmo ls": ["ls", "--limit", "20"],
    "datmo ls --sort -metrics.accuracy": ["ls", "--sort", "-metrics.accuracy", "--limit", "10"],
    "datmo run show": ["run", "show", someRun],
  };
  const found: Measures = {};
  const times: Record<string, number[]> = {};
  for (let round = 0; round < rounds; round++) {
    for (const [name, words] of Object.entries(lines)) {
      const began = performance.now();
      const { status, stderr } = spawnSync(process.execPath, [CLI, ...words], { cwd: directory });
      if (status !== 0) throw new Error(`${name}: ${stderr}`);
      push(times, name, performance.now() - began);
    }
  }
  for (const [name, values] of Object.entries(times)) found[`${name}, ms`] = median(values);
  return found;
}

/** What an engine does for the whole project, once each; and a new run beside it all. */
async function upkeep({ directory }: LoadedProject): Promise<Measures> {
  const found: Measures = {};
  const work = async (name: string, method: string, params: object): Promise<void> => {
    const engine = await fresh(directory);
    const spent = processorMs(engine.pid);
    found[`${name}, ms`] = await timed(() => engine.ask(method, params));
    found[`${name}, CPU ms`] = processorMs(engine.pid) - spent;
    found[`peak memory of an engine: ${name}, MB`] = engine.peakMegabytes();
    await engine.leave();
  };
  const engine = await fresh(directory);
  found["a new run: begin and end, ms"] = await timed(async () => {
    const { run } = (await engine.ask("run.create", { snapshots: false })) as { run: { id: string } };
    await engine.ask("run.finish", { id: run.id, exitCode: 0 });
  });
  await engine.leave();
  await work("checkpoint", "store.sync", {});
  await work("du", "store.usage", {});
  await work("gc", "store.gc", {});
  await work("fsck", "store.fsck", {});
  return found;
}

async function fresh(directory: string): Promise<RawEngine> {
  const engine = new RawEngine(directory);
  await engine.ask("initialize", INITIALIZE);
  return engine;
}

/** Processor time of a process so far, all its threads, those that have ended too. Does not mind a busy machine. */
function processorMs(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "latin1").split(") ")[1]?.split(" ") ?? [];
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

function push(times: Record<string, number[]>, name: string, value: number): void {
  times[name] ??= [];
  times[name].push(value);
}

interface Sizes {
  bytes: number;
  blocks: number;
  files: number;
  /** Content by folder or file of `.datmo`. */
  readonly parts: Record<string, number>;
}

function sizesOf(datmo: string): Sizes {
  const sizes: Sizes = { bytes: 0, blocks: 0, files: 0, parts: {} };
  const walk = (path: string, part: string): void => {
    const facts = lstatSync(path);
    sizes.blocks += facts.blocks * 512;
    if (!facts.isDirectory()) {
      sizes.bytes += facts.size;
      sizes.files++;
      sizes.parts[part] = (sizes.parts[part] ?? 0) + facts.size;
      return;
    }
    for (const name of readdirSync(path)) walk(join(path, name), part === "" ? name : part);
  };
  walk(datmo, "");
  return sizes;
}
