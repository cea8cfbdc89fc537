import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Bench, type Figure, interleaved, median } from "./bench.ts";
import { INITIALIZE, RawEngine, WINDOW } from "./raw-engine.ts";

const ROUNDS = 9;

export const benches: Bench[] = [
  { name: "engine, spawn to initialize answered", goal: "≤ bare node + 40 ms", run: measureStart },
  {
    name: "metric points through stdio, 10 a request",
    goal: "≥ 800 k/s",
    run: () => measurePoints({ perRequest: 10, requests: 200_000, goal: 800_000 }),
  },
  {
    name: "metric points through stdio, 500 a request",
    goal: "≥ 2 M/s",
    run: () => measurePoints({ perRequest: 500, requests: 10_000, goal: 2_000_000 }),
  },
];

async function measureStart(): Promise<Figure> {
  const times = await interleaved(ROUNDS, {
    node: async () => void (await once(spawn(process.execPath, ["-e", "0"], { stdio: "ignore" }), "exit")),
    engine: async () => {
      const engine = new RawEngine(tmpdir());
      await engine.ask("initialize", INITIALIZE);
      starting.push(engine);
    },
  });
  await Promise.all(starting.splice(0).map((engine) => engine.leave()));
  const [node, engine] = [median(times["node"] ?? []), median(times["engine"] ?? [])];
  return {
    value: engine - node,
    unit: "ms above node",
    met: engine - node <= 40,
    detail: `node ${node.toFixed(0)} ms, engine ${engine.toFixed(0)} ms`,
  };
}

/** Engines that have answered; ended outside of what is timed. */
const starting: RawEngine[] = [];

interface Load {
  readonly perRequest: number;
  readonly requests: number;
  readonly goal: number;
}

async function measurePoints(load: Load): Promise<Figure> {
  const directory = mkdtempSync(join(tmpdir(), "datmo-bench-"));
  const engine = new RawEngine(directory);
  try {
    await engine.ask("initialize", INITIALIZE);
    await engine.ask("project.create", {});
    const { run } = (await engine.ask("run.create", {})) as { run: { id: string } };
    const rates: number[] = [];
    const ofCpu: number[] = [];
    const rounds = 5;
    const points = (load.requests / rounds) * load.perRequest;
    for (let round = 0; round < rounds; round++) {
      const bodies = pointRequests(run.id, load.perRequest, round);
      const [began, cpu] = [performance.now(), engine.cpuSeconds()];
      await engine.pump(bodies, load.requests / rounds);
      rates.push(points / ((performance.now() - began) / 1000));
      ofCpu.push(points / (engine.cpuSeconds() - cpu));
    }
    const rate = median(rates);
    const requests = `${(rate / load.perRequest / 1000).toFixed(1)} k requests/s, ${WINDOW} open`;
    return {
      value: rate / 1e6,
      unit: "M points/s",
      met: rate >= load.goal,
      detail: `${requests}; ${(median(ofCpu) / 1e6).toFixed(2)} M points per CPU second of the engine`,
    };
  } finally {
    await engine.leave();
    rmSync(directory, { recursive: true, force: true });
  }
}

/** Params of `metric.log` as a training loop sends them, ready as text: making them is not what is measured. */
function pointRequests(runId: string, perRequest: number, round: number): string[] {
  return Array.from({ length: 32 }, (_, block) => {
    const points = Array.from({ length: perRequest }, (_, i) => ({
      name: `metric${i % 10}`,
      step: (round * 32 + block) * perRequest + i,
      value: Math.exp(-i / 1000) + Math.random() / 10,
      at: 1_700_000_000 + block + i / 1000,
    }));
    return JSON.stringify({
      runId,
      points: {
        name: points.map(({ name }) => name),
        step: points.map(({ step }) => step),
        value: points.map(({ value }) => value),
        at: points.map(({ at }) => at),
      },
    });
  });
}
