import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { MetricValue } from "../../src/domain/metric-values.ts";
import { openTestEngine, type TestEngine, temporaryFolder } from "./engine.ts";

/** A project with runs whose values, names and files are as hard to export as they get. */
export interface ExportPlace {
  readonly engine: TestEngine;
  readonly beside: string;
  /** By name of the run. */
  readonly ids: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

export const HARD_VALUES: readonly number[] = [
  0.1,
  -0,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
  5e-324,
  1.7976931348623157e308,
  1 / 3,
  9007199254740994,
  1e21,
  1e-7,
];
export const HARD_NAMES: readonly string[] = [
  "loss",
  "train/loss",
  "train",
  "../escape",
  "/absolute",
  "a//b",
  "with: colon",
  "試験/ü ñ",
  'quo"te,\tand\\tab',
  ".git/config",
  "a=b%c",
  "x".repeat(400),
];
export const CONFIG = {
  lr: 0.1,
  text: "1.10",
  flag: true,
  none: null,
  "ключ ü": "ß\nsecond line",
  nested: { depth: { n: 3 }, list: [1, "a"], empty: {} },
};

export async function exportPlace(big = 0): Promise<ExportPlace> {
  const beside = await temporaryFolder();
  const directory = join(beside, "project");
  await mkdir(directory);
  const engine = await openTestEngine({ directory });
  await engine.call("project.create", { name: "Hard ü" });
  const ids: Record<string, string> = {};
  await writeFile(join(beside, "big.bin"), Buffer.alloc(9_000_000, "big"));
  for (const [name, group] of [
    ["first", undefined],
    ["second run / ü", "Group 試"],
  ] as const) {
    const { run } = await engine.call("run.create", {
      name,
      config: CONFIG,
      tags: ["best", "a/b"],
      note: "a note\nwith lines",
      ...(group === undefined ? {} : { group }),
    });
    ids[name] = run.id;
    for (const metric of HARD_NAMES) await log(engine, run.id, metric, HARD_VALUES);
    if (big > 0 && name === "first")
      await log(
        engine,
        run.id,
        "big",
        Array.from({ length: big }, (_, i) => Math.sin(i) / 3),
      );
    await engine.call("file.log", { runId: run.id, path: join(beside, "big.bin"), name: "models/big ü.bin" });
    await engine.call("run.finish", { id: run.id, status: name === "first" ? "succeeded" : "failed" });
  }
  return {
    engine,
    beside,
    ids,
    async close() {
      await engine.close();
      await rm(beside, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

async function log(
  engine: TestEngine,
  runId: string,
  name: string,
  values: readonly number[],
): Promise<void> {
  for (let from = 0; from < values.length; from += 10_000) {
    const part = values.slice(from, from + 10_000);
    await engine.call("metric.log", {
      runId,
      points: {
        name: part.map(() => name),
        step: part.map((_, i) => (from + i) * 2),
        value: part.map(wire),
        at: part.map((_, i) => 1_700_000_000 + (from + i) / 8),
      },
    });
  }
}

function wire(value: number): MetricValue {
  return Number.isFinite(value) ? value : (String(value) as MetricValue);
}

/** As Python's `float.hex` tells values apart, but for the sign of what is no number. */
export function bitsOf(values: Iterable<number>): string[] {
  const bytes = Buffer.alloc(8);
  return Array.from(values, (value) => {
    bytes.writeDoubleBE(value);
    return Number.isNaN(value) ? "nan" : bytes.toString("hex");
  });
}

/** The same in Python: `bits(float)`. */
export const PY_BITS = `
import struct, json, sys, glob, os
def bits(v): return "nan" if v != v else struct.pack(">d", v).hex()
`;
