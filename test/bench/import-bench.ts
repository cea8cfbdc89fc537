import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { ImporterRunResult } from "../../src/protocol/types.ts";
import { askPeer, noPeers } from "../helpers/peers.ts";
import { type Bench, type Figure, interleaved, median } from "./bench.ts";
import { spread } from "./snapshot-place.ts";

const CLI = resolve("dist/datmo.js");
const SCRIPT = `import runpy; runpy.run_path(${JSON.stringify(resolve("test/bench/import-peers.py"))}, run_name="__main__")`;
/** Of the quotable figures; a smaller share of all is for trying the bench. */
const SHARE = Number(process.env["DATMO_BENCH_SHARE"] ?? 1);
const RUNS = Math.ceil(1000 * SHARE);
const POINTS_A_RUN = 100;
const MEGABYTES = 100 * SHARE;
const ROUNDS = 3;

/** The whole of `datmo import`, into a new project each time. */
export const benches: Bench[] = [
  {
    name: `import ${RUNS.toLocaleString("en")} runs with ${(RUNS * POINTS_A_RUN).toLocaleString("en")} points of an MLflow file store`,
    goal: "≥ 5× faster than search_runs + get_metric_history",
    run: () => withFolder(mlruns),
  },
  {
    name: `import a .wandb log of ${MEGABYTES} MB`,
    goal: "≥ 20 MB/s",
    run: () => withFolder(wandb),
  },
];

async function mlruns(folder: string): Promise<Figure> {
  const source = join(folder, "mlruns");
  ask("write-mlruns", source, String(RUNS), String(POINTS_A_RUN));
  const times = await interleaved(ROUNDS, {
    mlflow: () => {
      const read = ask<{ runs: number; points: number; ms: number }>("read-mlruns", source);
      check(read.runs === RUNS && read.points === RUNS * POINTS_A_RUN, read);
      return read.ms;
    },
    datmo: () => {
      const { result, ms } = importInto(folder, source);
      check(result.newRuns === RUNS && result.points === RUNS * POINTS_A_RUN, result);
      return ms;
    },
  });
  const [value, theirs] = [median(times["datmo"] ?? []), median(times["mlflow"] ?? [])];
  const ratio = theirs / value;
  return { value, unit: "ms", ratio, met: ratio >= 5, detail: `${spread(times)} ms` };
}

async function wandb(folder: string): Promise<Figure> {
  const source = join(folder, "wandb");
  const written = ask<{ bytes: number; steps: number }>("write-wandb", source, String(MEGABYTES));
  let points = 0;
  const times = await interleaved(ROUNDS, {
    datmo: () => {
      const { result, ms } = importInto(folder, source);
      check(result.newRuns === 1 && result.points >= written.steps * 10, result);
      points = result.points;
      return ms;
    },
  });
  const ms = median(times["datmo"] ?? []);
  const value = written.bytes / 1e3 / ms;
  const detail = `${points.toLocaleString("en")} points; ${spread(times)} ms`;
  return { value, unit: "MB/s", met: value >= 20, detail };
}

/** The whole process; making the project does not count. */
function importInto(folder: string, source: string): { result: ImporterRunResult; ms: number } {
  const directory = join(folder, "project");
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory);
  datmo(directory, ["init", "--force"]);
  const began = performance.now();
  const text = datmo(directory, ["import", source, "--json"]);
  return { ms: performance.now() - began, result: JSON.parse(text) as ImporterRunResult };
}

function datmo(directory: string, words: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(process.execPath, [CLI, ...words], {
    cwd: directory,
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(`datmo ${words.join(" ")}: ${stderr}`);
  return stdout;
}

function ask<T>(...words: string[]): T {
  return askPeer<T>(SCRIPT, ...words);
}

/** What was not read wholly was not measured. */
function check(isWhole: boolean, told: object): void {
  if (!isWhole) throw new Error(JSON.stringify(told).slice(0, 1000));
}

async function withFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  if (noPeers) throw new Error(noPeers);
  const folder = mkdtempSync(join(tmpdir(), "datmo-import-bench-"));
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
