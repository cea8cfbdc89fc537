import { runFromRecord } from "../../domain/run-record.ts";
import type { StoredRecord } from "../ports/records.ts";
import type { OpenProject } from "../project/open-project.ts";

/** Runs read at a time. */
const PAGE = 500;

/** What a deleted record keeps for ever, so that other copies of the project hear of it. */
export const COLLECTED = "collected";

/** What of all runs matters to a collector. */
export interface RunCensus {
  /** Runs with a record that says more than that it is gone. */
  readonly recorded: ReadonlySet<string>;
  readonly collected: ReadonlySet<string>;
  /** Runs that were deleted and not collected. */
  readonly deleted: readonly StoredRecord[];
  /** Trees that the rest keep, by run. */
  readonly keptTrees: ReadonlyMap<string, string>;
  /** SHA-256 of what the data of the rest held. */
  readonly data: ReadonlySet<string>;
}

export async function takeCensus(project: OpenProject): Promise<RunCensus> {
  const recorded = new Set<string>();
  const collected = new Set<string>();
  const deleted: StoredRecord[] = [];
  const keptTrees = new Map<string, string>();
  const data = new Set<string>();
  for await (const record of everyRecord(project, "run")) {
    if (isCollected(record)) {
      collected.add(record.id);
      continue;
    }
    recorded.add(record.id);
    if (record.deleted) deleted.push(record);
    const tree = record.fields["keptTree"];
    if (typeof tree === "string") keptTrees.set(record.id, tree);
    for (const { sha256 } of runFromRecord(record).dataContents ?? []) if (sha256) data.add(sha256);
  }
  return { recorded, collected, deleted, keptTrees, data };
}

export function isCollected(record: StoredRecord): boolean {
  return typeof record.fields[COLLECTED] === "string";
}

/** All records of a kind, deleted ones too, a page at a time. */
export async function* everyRecord(
  project: OpenProject,
  kind: "run" | "snapshot" | "environment",
): AsyncGenerator<StoredRecord> {
  let last: StoredRecord | undefined;
  do {
    const after = last ? { after: { createdAt: last.createdAt, id: last.id } } : {};
    const records = await project.records.list(kind, { includeDeleted: true, limit: PAGE, ...after });
    yield* records;
    last = records.length < PAGE ? undefined : records.at(-1);
  } while (last);
}

/** Trees with the definition files of environments, by environment. */
export async function environmentTrees(project: OpenProject): Promise<Map<string, string>> {
  const trees = new Map<string, string>();
  for await (const { id, deleted, fields } of everyRecord(project, "environment")) {
    const tree = fields["filesTree"];
    if (!deleted && typeof tree === "string") trees.set(id, tree);
  }
  return trees;
}

/** Trees that records keep, asked for afresh. `without`: runs that are taken as collected. */
export async function keptTrees(
  project: OpenProject,
  without: ReadonlySet<string> = new Set(),
): Promise<string[]> {
  const ofRuns = [...(await takeCensus(project)).keptTrees];
  return [
    ...ofRuns.filter(([runId]) => !without.has(runId)).map(([, tree]) => tree),
    ...(await environmentTrees(project)).values(),
  ];
}
