import { appendFileSync, existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/* What was promised to writers: one file per writer, one line per promise, written when a call has returned. */

export type Promised =
  | { readonly kind: "run"; readonly id: string; readonly n: number }
  /** So many points of `loss` lie in the run's spool: values n, steps from 0. */
  | { readonly kind: "points"; readonly id: string; readonly count: number }
  /** So many points of `extra` were answered. */
  | { readonly kind: "inline"; readonly id: string; readonly count: number }
  | { readonly kind: "config"; readonly id: string; readonly phase: number }
  | { readonly kind: "end"; readonly id: string; readonly status: string }
  | { readonly kind: "snapshot"; readonly id: string; readonly path: string; readonly text: string };

/** Everything that was promised about one run. */
export interface RunPromise {
  readonly n: number;
  points: number;
  inline: number;
  phase?: number;
  status?: string;
}

export interface Ledger {
  readonly runs: Map<string, RunPromise>;
  readonly snapshots: Map<string, { readonly path: string; readonly text: string }>;
}

const DELETED = "deleted.txt";

export function promise(folder: string, writer: string, what: Promised): void {
  appendFileSync(join(folder, `${writer}.jsonl`), `${JSON.stringify(what)}\n`);
}

/** What has been promised so far. The last line of a writer that was killed may be cut off. */
export function readLedger(folder: string): Ledger {
  const ledger: Ledger = { runs: new Map(), snapshots: new Map() };
  for (const name of readdirSync(folder).filter((file) => file.endsWith(".jsonl"))) {
    const text = readFileSync(join(folder, name), "utf8");
    for (const line of text.slice(0, text.lastIndexOf("\n") + 1).split("\n")) {
      if (line !== "") note(ledger, JSON.parse(line) as Promised);
    }
  }
  return ledger;
}

/** Told before the run is deleted, so that nobody misses it. */
export function noteDeleted(folder: string, id: string): void {
  appendFileSync(join(folder, DELETED), `${id}\n`);
}

export function deletedRuns(folder: string): Set<string> {
  const path = join(folder, DELETED);
  return new Set(existsSync(path) ? readFileSync(path, "utf8").trim().split("\n") : []);
}

function note({ runs, snapshots }: Ledger, what: Promised): void {
  if (what.kind === "run") runs.set(what.id, { n: what.n, points: 0, inline: 0 });
  else if (what.kind === "snapshot") snapshots.set(what.id, { path: what.path, text: what.text });
  else {
    const run = runs.get(what.id);
    if (!run) throw new Error(`${what.kind} of run ${what.id}, which nobody began`);
    if (what.kind === "points") run.points = what.count;
    else if (what.kind === "inline") run.inline = what.count;
    else if (what.kind === "config") run.phase = what.phase;
    else run.status = what.status;
  }
}
