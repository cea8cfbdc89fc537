import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { fileURLToPath } from "node:url";
import { randomId } from "../../../src/domain/ids.ts";
import type { StoreProblem } from "../../../src/services/ports/records.ts";
import type { HistoryQuery, PointColumns, SeriesStore } from "../../../src/services/ports/series.ts";
import { openSeriesStore, type SeriesStoreOptions } from "../../../src/store/series/series-store.ts";

export interface SeriesProject {
  /** The project's `.datmo`. */
  readonly directory: string;
  readonly run: string;
  readonly problems: StoreProblem[];
  /** Opens an engine's store; it is closed with the test. */
  open(options?: Partial<SeriesStoreOptions>): SeriesStore;
  /** Names in the run's series folder. */
  files(run?: string): string[];
  path(...parts: string[]): string;
}

/** A project in a temporary folder that goes with the test. */
export function seriesProject(context: TestContext): SeriesProject {
  const root = mkdtempSync(join(tmpdir(), "datmo-series-"));
  const directory = join(root, ".datmo");
  mkdirSync(directory);
  const stores: SeriesStore[] = [];
  const problems: StoreProblem[] = [];
  const run = randomId();
  context.after(async () => {
    await Promise.allSettled(stores.map((store) => store.close()));
    rmSync(root, { recursive: true, force: true });
  });
  return {
    directory,
    run,
    problems,
    open(options = {}) {
      const store = openSeriesStore({
        directory,
        onProblem: (problem) => problems.push(problem),
        ...options,
      });
      stores.push(store);
      return store;
    },
    files(of = run) {
      try {
        return readdirSync(join(directory, "series", of)).sort();
      } catch {
        return [];
      }
    },
    path: (...parts) => join(directory, ...parts),
  };
}

export type Point = readonly [name: string, step: number, value: number, at: number];

export function columns(points: readonly Point[]): PointColumns {
  return {
    name: points.map((point) => point[0]),
    step: points.map((point) => point[1]),
    value: points.map((point) => point[2]),
    at: points.map((point) => point[3]),
  };
}

/** `count` points of one name, one a step. */
export function ramp(name: string, from: number, count: number): PointColumns {
  return columns(
    Array.from({ length: count }, (_, i) => [name, from + i, (from + i) / 7, 1.7e12 + (from + i) * 10]),
  );
}

/** A series as [step, value, time]. */
export async function history(
  store: SeriesStore,
  run: string,
  name: string,
  query?: HistoryQuery,
): Promise<[number, number, number][]> {
  const { step, value, at } = await store.history(run, name, query);
  return Array.from(step, (s, i) => [s, value[i]!, at[i]!]);
}

export type SpoolRecord =
  | readonly ["name", number, string]
  | readonly ["point" | "torn", number, number, number | string, number]
  | readonly ["raw", string];

export interface SpoolOrder {
  readonly run: string;
  readonly spool: string;
  readonly records: readonly SpoolRecord[];
  readonly reserve?: number;
  readonly slot?: number;
  readonly version?: number;
}

/** Has a Python process write a spool as a client does; returns the offset behind the last record. */
export function writeSpool(path: string, order: SpoolOrder): number {
  const script = fileURLToPath(new URL("../../fixtures/series/make_spool.py", import.meta.url));
  const result = spawnSync("python3", [script, path], {
    input: JSON.stringify({ reserve: 1 << 16, ...order }),
    encoding: "utf8",
  });
  if (result.status !== 0) throw new Error(result.stderr);
  return Number(result.stdout);
}

/** Numbers that look random and are the same every time. */
export function randomNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
