import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { randomId } from "../../src/domain/ids.ts";
import { spoolBytes } from "../helpers/spool-bytes.ts";
import { type Bench, type Figure, median } from "./bench.ts";
import { withProject } from "./bench-project.ts";
import { INITIALIZE, RawEngine } from "./raw-engine.ts";

const ROUNDS = 5;
const POINTS = 100_000;
/** Points in a message, or told of at a time when they are in a spool. */
const AT_ONCE = 500;
const SLOT_BYTES = 32;
const HEADER_BYTES = 64;

/** What a built engine takes of the machine. */
export const benches: Bench[] = [
  {
    name: "peak memory of a script's engine: begin, 100,000 points in a spool, finish",
    goal: "≤ 60 MB",
    run: () => measureScript(logSpool),
  },
  {
    name: "peak memory of a script's engine: begin, 100,000 points in messages, finish",
    goal: "≤ 60 MB",
    run: () => measureScript(logMessages),
  },
  { name: "peak memory of an engine that has listed 10,000 runs", goal: "≤ 130 MB", run: measureListing },
];

type Log = (engine: RawEngine, directory: string, runId: string) => Promise<void>;

/** The peak at the answer to `run.finish`; what seals the run behind it is told beside. */
async function measureScript(log: Log): Promise<Figure> {
  const finished: number[] = [];
  const left: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const [atFinish, atEnd] = await oneScript(log);
    finished.push(atFinish);
    left.push(atEnd);
  }
  const value = median(finished);
  return {
    value,
    unit: "MB",
    met: value <= 60,
    detail: `at the answer to run.finish; ${median(left).toFixed(0)} MB when the run is packed; ${await bareNode()}`,
  };
}

async function oneScript(log: Log): Promise<[atFinish: number, atEnd: number]> {
  const directory = mkdtempSync(join(tmpdir(), "datmo-bench-"));
  const engine = new RawEngine(directory);
  try {
    await engine.ask("initialize", INITIALIZE);
    await engine.ask("project.create", {});
    const { run } = (await engine.ask("run.create", { snapshots: false })) as { run: { id: string } };
    await log(engine, directory, run.id);
    await engine.ask("run.finish", { id: run.id, exitCode: 0 });
    const atFinish = engine.peakMegabytes();
    await engine.leave();
    return [atFinish, engine.peakMegabytes()];
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

async function logSpool(engine: RawEngine, directory: string, runId: string): Promise<void> {
  const file = `${randomId()}.bin`;
  const path = join(directory, ".datmo/tasks", runId, "spool", file);
  const bytes = spoolBytes(runId, POINTS, 1);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, bytes);
  for (let from = HEADER_BYTES; from < bytes.length; from += AT_ONCE * SLOT_BYTES) {
    const to = Math.min(bytes.length, from + AT_ONCE * SLOT_BYTES);
    await engine.ask("metric.log", { runId, spool: { file, from, to } });
  }
}

async function logMessages(engine: RawEngine, _directory: string, runId: string): Promise<void> {
  for (let from = 0; from < POINTS; from += AT_ONCE) {
    const rows = Array.from({ length: AT_ONCE }, (_, i) => from + i);
    const points = {
      name: rows.map((row) => `metric${row % 10}`),
      step: rows.map((row) => Math.floor(row / 10)),
      value: rows.map(() => Math.random()),
      at: rows.map((row) => 1_700_000_000 + row / 100),
    };
    await engine.ask("metric.log", { runId, points });
  }
}

function measureListing(): Promise<Figure> {
  return withProject(10_000, async (directory) => {
    const peaks: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const engine = new RawEngine(directory);
      await engine.ask("initialize", INITIALIZE);
      await engine.ask("run.list", {});
      await engine.ask("run.list", { limit: 100 });
      await engine.leave();
      peaks.push(engine.peakMegabytes());
    }
    const value = median(peaks);
    return { value, unit: "MB", met: value <= 130, detail: await bareNode() };
  });
}

async function bareNode(): Promise<string> {
  const { execFileSync } = await import("node:child_process");
  const script = `require("fs").readFileSync("/proc/self/status","latin1").match(/VmHWM:\\s*(\\d+)/)[1] * 1024 / 1e6`;
  const megabytes = Number(execFileSync(process.execPath, ["-p", script], { encoding: "utf8" }));
  return `bare Node ${megabytes.toFixed(0)} MB`;
}
