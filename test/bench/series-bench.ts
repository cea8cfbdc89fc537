import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { randomId } from "../../src/domain/ids.ts";
import type { PointColumns, SeriesStore } from "../../src/services/ports/series.ts";
import { openSeriesStore } from "../../src/store/series/series-store.ts";
import { spoolBytes } from "../helpers/spool-bytes.ts";
import { type Bench, type Figure, median, percentile } from "./bench.ts";

const ROUNDS = 5;
const POINTS = 1_000_000;
/** Appends without an answer at a time. */
const WINDOW = 64;

export const benches: Bench[] = [
  {
    name: "points appended, 10 a call",
    goal: "≥ 800 k/s, synced at the end",
    run: () => measureAppends({ perCall: 10, names: 10, goal: 800_000 }),
  },
  {
    name: "points appended, 500 a call",
    goal: "≥ 2 M/s, synced at the end",
    run: () => measureAppends({ perCall: 500, names: 1, goal: 2_000_000 }),
  },
  { name: "one append of 10 points, waited for", goal: "", run: measureLatency },
  { name: "points taken in from a spool", goal: "≥ 3 M/s, durable", run: measureSpool },
  {
    name: "bytes a point, unsealed, 500 points a series",
    goal: "≤ 28",
    run: () => measureUnsealed(500, 1, 28),
  },
  { name: "bytes a point, unsealed, 10 points a call", goal: "≤ 28", run: () => measureUnsealed(10, 10, 28) },
  {
    name: "bytes a point, sealed, smooth loss curve",
    goal: "≤ 8",
    run: () => measureSealed((i) => 2 * Math.exp(-i / 2e4) + 0.1, 8),
  },
  {
    name: "bytes a point, sealed, noisy single-precision loss",
    goal: "≤ 8",
    run: () => measureSealed((i) => Math.fround(2 * Math.exp(-i / 2e4) + 0.1 + noise() * 0.01), 8),
  },
  { name: "bytes a point, sealed, random values", goal: "", run: () => measureSealed(() => Math.random()) },
  { name: "history of 1 M points, unsealed", goal: "≤ 80 ms", run: () => measureRead(false) },
  { name: "history of 1 M points, sealed", goal: "≤ 80 ms", run: () => measureRead(true) },
];

async function withStore<T>(use: (store: SeriesStore, directory: string) => Promise<T>): Promise<T> {
  const directory = mkdtempSync(join(tmpdir(), "datmo-series-bench-"));
  const store = openSeriesStore({ directory });
  try {
    return await use(store, directory);
  } finally {
    await store.close();
    rmSync(directory, { recursive: true, force: true });
  }
}

function noise(): number {
  return Math.random() + Math.random() + Math.random() - 1.5;
}

/** Points of a training loop: one step after the other, about 10 ms each, `names` values a step. */
function columns(from: number, count: number, names: number, value: (i: number) => number): PointColumns {
  const points = { name: [] as string[], step: [] as number[], value: [] as number[], at: [] as number[] };
  for (let i = from; i < from + count; i++) {
    const step = Math.floor(i / names);
    points.name.push(names === 1 ? "loss" : `metric/${i % names}`);
    points.step.push(step);
    points.value.push(value(i));
    points.at.push(1.7e12 + step * 10 + (i % names === 0 ? noise() * 0.3 : 0));
  }
  return points;
}

async function appendAll(store: SeriesStore, run: string, calls: readonly PointColumns[]): Promise<void> {
  const inFlight: Promise<void>[] = [];
  for (const call of calls) {
    inFlight.push(store.append(run, call));
    if (inFlight.length >= WINDOW) await inFlight.shift();
  }
  await Promise.all(inFlight);
  await store.flush(run);
}

function callsOf(
  total: number,
  perCall: number,
  names: number,
  value: (i: number) => number,
): PointColumns[] {
  return Array.from({ length: total / perCall }, (_, i) => columns(i * perCall, perCall, names, value));
}

function measureAppends(kind: { perCall: number; names: number; goal: number }): Promise<Figure> {
  return withStore(async (store) => {
    const calls = callsOf(POINTS, kind.perCall, kind.names, Math.random);
    const rates: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const began = performance.now();
      await appendAll(store, randomId(), calls);
      rates.push((POINTS / (performance.now() - began)) * 1000);
    }
    return rateFigure(rates, kind.goal);
  });
}

function measureLatency(): Promise<Figure> {
  return withStore(async (store) => {
    const run = randomId();
    const call = columns(0, 10, 10, Math.random);
    const times: number[] = [];
    for (let i = 0; i < 3000; i++) {
      const began = performance.now();
      await store.append(run, call);
      times.push(performance.now() - began);
    }
    return { value: median(times), unit: "ms", detail: `p99 ${percentile(times, 0.99).toFixed(2)} ms` };
  });
}

function measureSpool(): Promise<Figure> {
  return withStore(async (store, directory) => {
    const count = 2_000_000;
    const path = join(directory, "spool.bin");
    const rates: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const run = randomId();
      writeFileSync(path, spoolBytes(run, count, round));
      const began = performance.now();
      const { points } = await store.appendSpool(run, { path, from: 0 });
      rates.push((points / (performance.now() - began)) * 1000);
    }
    return rateFigure(rates, 3_000_000);
  });
}

function rateFigure(rates: readonly number[], goal: number): Figure {
  const value = median(rates);
  const detail = `${(Math.min(...rates) / 1e6).toFixed(1)}–${(Math.max(...rates) / 1e6).toFixed(1)} M/s`;
  return { value, unit: "points/s", met: value >= goal, detail };
}

function measureUnsealed(perCall: number, names: number, goal: number): Promise<Figure> {
  return withStore(async (store) => {
    const [together, alone] = [randomId(), randomId()];
    const calls = callsOf(50_000, perCall, names, Math.random);
    await appendAll(store, together, calls);
    // The dearest case: nothing to share a write with.
    for (const call of calls) await store.append(alone, call);
    const value = (await store.usage(alone)) / 50_000;
    const shared = (await store.usage(together)) / 50_000;
    return {
      value,
      unit: "B",
      met: value <= goal,
      detail: `${shared.toFixed(1)} B with ${WINDOW} calls in flight`,
    };
  });
}

function measureSealed(value: (i: number) => number, goal?: number): Promise<Figure> {
  return withStore(async (store) => {
    const run = randomId();
    const count = POINTS / 2;
    await appendAll(store, run, callsOf(count, 500, 1, value));
    const began = performance.now();
    await store.seal(run);
    const seconds = (performance.now() - began) / 1000;
    const bytes = (await store.usage(run)) / count;
    const figure = {
      value: bytes,
      unit: "B",
      detail: `${(count / seconds / 1e6).toFixed(1)} M points/s sealed`,
    };
    return goal === undefined ? figure : { ...figure, met: bytes <= goal };
  });
}

function measureRead(sealed: boolean): Promise<Figure> {
  return withStore(async (store) => {
    const run = randomId();
    await appendAll(
      store,
      run,
      callsOf(POINTS, 500, 1, (i) => 2 * Math.exp(-i / 2e4) + 0.1),
    );
    if (sealed) await store.seal(run);
    const times: number[] = [];
    for (let round = -2; round < 2 * ROUNDS; round++) {
      const began = performance.now();
      const { step } = await store.history(run, "loss");
      if (step.length !== POINTS) throw new Error(`${step.length} points`);
      if (round >= 0) times.push(performance.now() - began);
    }
    const value = median(times);
    return { value, unit: "ms", met: value <= 80, detail: `least ${Math.min(...times).toFixed(0)} ms` };
  });
}
