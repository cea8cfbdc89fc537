import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { openTestEngine } from "../helpers/engine.ts";
import { type Bench, type Figure, median } from "./bench.ts";

/* 100,000 points of ten metrics into each format, beside the real tool writing the same. */

const POINTS = 100_000;
const METRICS = 10;
const ROUNDS = 3;
const PYTHON = process.env["DATMO_TEST_PEERS_PYTHON"] ?? resolve(".venv-peers/bin/python");

const HEAD = `
import os, sys, time
out, N, M = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
`;
const FRAME = `
import pandas as pd
frame = pd.DataFrame({"run": ["r"] * N, "name": [f"m{i % M}" for i in range(N)], "step": range(N), "value": [i / 3 for i in range(N)], "at": [i / 8 for i in range(N)]})
os.makedirs(out)
began = time.perf_counter()
`;

/** Each writes the points into a folder; what is before `began` does not count. */
const PEERS: Readonly<Record<string, string>> = {
  mlruns: `
import mlflow
from mlflow import MlflowClient
from mlflow.entities import Metric
mlflow.set_tracking_uri("file:" + out)
client = MlflowClient(); run = client.create_run(client.create_experiment("e")).info.run_id
began = time.perf_counter()
for at in range(0, N, 1000): client.log_batch(run, metrics=[Metric(f"m{i % M}", i / 3, i, i) for i in range(at, at + 1000)])
`,
  tfevents: `
from tensorboardX import SummaryWriter
began = time.perf_counter()
with SummaryWriter(out) as writer:
    for i in range(N): writer.add_scalar(f"m{i % M}", i / 3, i)
`,
  dvclive: `
from dvclive import Live
live = Live(out, dvcyaml=None, save_dvc_exp=False, report=None, monitor_system=False)
began = time.perf_counter()
for i in range(N):
    live.step = i
    live.log_metric(f"m{i % M}", i / 3)
live.make_summary()
`,
  csv: `${FRAME}frame.to_csv(out + "/metrics.csv", index=False)\n`,
  parquet: `${FRAME}frame.to_parquet(out + "/metrics.parquet", index=False)\n`,
};

export const benches: Bench[] = Object.keys(PEERS).map((format) => ({
  name: `export ${POINTS.toLocaleString("en")} points as ${format}`,
  goal: "told",
  run: () => measure(format),
}));

async function measure(format: string): Promise<Figure> {
  const folder = mkdtempSync(join(tmpdir(), "datmo-export-bench-"));
  const engine = await openTestEngine({ directory: folder });
  try {
    await engine.call("project.create", {});
    await logPoints(engine);
    const ours: number[] = [];
    const theirs: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const began = performance.now();
      await engine.call("exporter.run", { format, directory: join(folder, `ours-${round}`) });
      ours.push(performance.now() - began);
      // Some of them take minutes.
      if (round === 0 && existsSync(PYTHON)) theirs.push(peer(format, join(folder, `theirs-${round}`)));
    }
    const value = median(ours);
    if (theirs.length === 0) return { value, unit: "ms", detail: "the other tool is not installed" };
    const other = median(theirs);
    return { value, unit: "ms", ratio: other / value, detail: `the tool itself: ${Math.round(other)} ms` };
  } finally {
    await engine.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function logPoints(engine: Awaited<ReturnType<typeof openTestEngine>>): Promise<void> {
  const { run } = await engine.call("run.create", {});
  for (let from = 0; from < POINTS; from += 10_000) {
    const numbers = Array.from({ length: 10_000 }, (_, i) => from + i);
    const points = {
      name: numbers.map((i) => `m${i % METRICS}`),
      step: numbers,
      value: numbers.map((i) => i / 3),
      at: numbers.map((i) => i / 8),
    };
    await engine.call("metric.log", { runId: run.id, points });
  }
  await engine.call("run.finish", { id: run.id });
}

/** Milliseconds. */
function peer(format: string, out: string): number {
  const code = `${HEAD}${PEERS[format]}print((time.perf_counter() - began) * 1000)`;
  const env = { ...process.env, MLFLOW_ALLOW_FILE_STORE: "true", DVCLIVE_TEST: "true" };
  const text = execFileSync(PYTHON, ["-c", code, out, String(POINTS), String(METRICS)], {
    encoding: "utf8",
    env,
    timeout: 300_000,
    stdio: ["ignore", "pipe", "ignore"],
  });
  return Number(text.trim().split("\n").at(-1));
}
