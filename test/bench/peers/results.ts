import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { cpus, release, totalmem } from "node:os";
import type { Row, Sample } from "./group.ts";

/** What is known of a peer in a row. */
export interface Cell {
  readonly values: readonly number[];
  readonly note?: string;
  /** Why there is no value. */
  readonly failed?: string;
  readonly at: string;
}

export interface ResultRow extends Row {
  readonly group: string;
  readonly cells: Record<string, Cell>;
}

export interface Results {
  machine: string;
  at: string;
  /** By peer. */
  readonly versions: Record<string, string>;
  readonly how: Record<string, string>;
  /** Peers that could not be installed, and why. */
  readonly missing: Record<string, string>;
  rows: ResultRow[];
}

/** Results of earlier calls, so that rows and peers can be measured one after the other. */
export function readResults(path: string): Results {
  if (existsSync(path)) return JSON.parse(readFileSync(path, "utf8")) as Results;
  return { machine: "", at: "", versions: {}, how: {}, missing: {}, rows: [] };
}

export function writeResults(path: string, results: Results): void {
  results.machine = `${cpus().length} × ${cpus()[0]?.model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GB, Linux ${release()}, Node ${process.version}`;
  results.at = new Date().toISOString();
  writeFileSync(path, `${JSON.stringify(results, null, 1)}\n`);
}

/** Puts what was measured into the rows, which keep the order that they are listed in. */
export function putSamples(
  results: Results,
  group: { readonly name: string; readonly rows: readonly Row[] },
  peer: string,
  found: readonly Record<string, Sample>[],
  error?: Error,
): void {
  for (const row of group.rows) {
    let kept = results.rows.find(({ name }) => name === row.name);
    if (!kept) {
      kept = { ...row, group: group.name, cells: {} };
      results.rows.push(kept);
    }
    kept.cells[peer] = cellOf(row, found, error);
  }
}

/** A peer that failed after some rounds keeps the values of these, with a note. */
function cellOf(row: Row, found: readonly Record<string, Sample>[], error?: Error): Cell {
  const at = new Date().toISOString();
  const samples = found.flatMap((one) => one[row.name] ?? []);
  if (error && samples.length === 0) return { values: [], failed: error.message, at };
  const told = samples.flatMap(({ note }) => note ?? []);
  const all = [...new Set(told), ...(error ? [`a later round failed: ${error.message}`] : [])];
  return {
    values: samples.map(({ value }) => value),
    ...(all.length > 0 ? { note: all.join("; ") } : {}),
    at,
  };
}
