import { FROM_FIELD } from "../../domain/local-fields.ts";
import { type RecordState, statusRank } from "../../domain/merge.ts";
import { type SharedLine, type SharedOperation, takeNews } from "../../domain/shared-operations.ts";
import { canonicalJson } from "../../domain/task-record.ts";
import type { Json } from "../../util/json.ts";
import type { LaterOperations, SharedTransaction } from "../ports/records.ts";
import type { OpenProject } from "../project/open-project.ts";
import { laterHash } from "./read-remote.ts";

/** Records that a pull changed, as `kind id`. */
export type ChangedRecords = Set<string>;

/**
 * Takes operations of other copies in, as far as they say something new. A record that was not here before is
 * marked with where it came from, in the same transaction: there is no moment in which it would pass for an own one.
 */
export async function mergeLines(
  project: OpenProject,
  lines: readonly SharedLine[],
  from: string,
  changed: ChangedRecords,
): Promise<void> {
  const { sharing } = project.records;
  const transactions: SharedTransaction[] = [];
  for (const [key, operations] of byRecord(lines)) {
    const [{ kind, id }] = operations as [SharedOperation, ...SharedOperation[]];
    const before = await sharing.state(kind, id);
    // Taking the news changes the record.
    const values = before && new Map(before.values);
    const own = before && isOwn(before);
    const { news } = takeNews(before, operations);
    if (news.length === 0) continue;
    changed.add(key);
    for (const [i, { stamp, set }] of news.entries()) {
      const mark = MARKED.has(kind) && (values ? own && decides(kind, set, values) : i === 0);
      const all: { [path: string]: Json } = mark ? { ...set, [FROM_FIELD]: from } : set;
      transactions.push({ stamp, changes: [{ kind, id, set: all }] });
    }
  }
  const later = await newLater(project, lines);
  if (transactions.length + later.length > 0) await sharing.merge(transactions, later);
}

/** Kinds of records that can lead to something being executed. */
const MARKED = new Set(["run", "task", "snapshot"]);

const DECIDING: Readonly<Record<string, RegExp>> = {
  run: /^(command|directory|driver|taskId|environmentId|beforeSnapshotId|parse|commandMasked|image|config\/.*)$/,
  task: /^definition$/,
  snapshot: /^(codeTree|filesTree|environmentId)$/,
};

/** Somebody else's change of what an own record would execute makes it somebody else's. */
function decides(kind: string, set: SharedOperation["set"], before: ReadonlyMap<string, Json>): boolean {
  const deciding = DECIDING[kind];
  return Object.entries(set).some(
    ([path, value]) =>
      deciding?.test(path) && canonicalJson(value) !== canonicalJson(before.get(path) ?? null),
  );
}

function isOwn(state: RecordState): boolean {
  return !state.values.has(FROM_FIELD);
}

function byRecord(lines: readonly SharedLine[]): Map<string, SharedOperation[]> {
  const records = new Map<string, SharedOperation[]>();
  for (const operation of lines.flatMap((line) => line.operations)) {
    const key = `${operation.kind} ${operation.id}`;
    const known = records.get(key);
    if (known) known.push(operation);
    else records.set(key, [operation]);
  }
  return records;
}

async function newLater(project: OpenProject, lines: readonly SharedLine[]): Promise<LaterOperations[]> {
  const given = lines.filter(({ later }) => later.length > 0);
  if (given.length === 0) return [];
  const known = new Set<string>();
  for (const { stamp, operations } of await project.records.sharing.laterOperations()) {
    for (const text of operations) known.add(laterHash(stamp, text));
  }
  return given
    .filter(({ stamp, later }) => later.some((text) => !known.has(laterHash(stamp, text))))
    .map(({ stamp, later, isPayload }) => ({ stamp, operations: later, isPayload }));
}

/** True when the status means that the run goes on somewhere. */
export function goesOn(status: Json | undefined): boolean {
  return statusRank(status) < statusRank("lost");
}
