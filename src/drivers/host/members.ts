import { basename } from "node:path";
import type { ProcessStat } from "../../util/process-identity.ts";
import { hasVariable, isZombie, listProcesses } from "./process-table.ts";
import type { ProcessFile } from "./task-files.ts";

/** Processes of one run, as they stand at one moment. */
export interface RunMembers {
  /** The wrapper, while it lives. */
  readonly leader?: ProcessStat;
  /** Everything else: its session, and descendants that moved to sessions of their own. */
  readonly others: readonly ProcessStat[];
}

/**
 * Finds the processes of a run. Called again and again with the same `known` set, it keeps those that have
 * lost their parent meanwhile. A pid is only believed together with its start time.
 */
export async function findMembers(
  taskDirectory: string,
  file: ProcessFile,
  known: Map<number, string> = new Map(),
): Promise<RunMembers> {
  const table = (await listProcesses()).filter((entry) => entry.pid !== process.pid);
  const leader = table.find((entry) => entry.pid === file.pid && entry.startTime === file.startTime);
  if (leader) known.set(leader.pid, leader.startTime);
  if (file.session && !isReused(table, file)) {
    for (const entry of table.filter((row) => row.session === file.pid)) {
      // When nobody saw its leader, a session's number proves little: the run's own variable must be there.
      const sure = known.get(file.pid) === file.startTime;
      if (sure || hasVariable(entry.pid, "DATMO_RUN_ID", basename(taskDirectory))) note(entry, known);
    }
  }
  addDescendants(table, known);
  const living = table.filter((row) => known.get(row.pid) === row.startTime && !isZombie(row));
  return {
    ...(leader && !isZombie(leader) ? { leader } : {}),
    others: living.filter((row) => row !== leader),
  };
}

/** While a session has members its number is not given away, so a new owner of it means all of ours are gone. */
function isReused(table: readonly ProcessStat[], file: ProcessFile): boolean {
  return table.some((row) => row.pid === file.pid && row.startTime !== file.startTime);
}

function addDescendants(table: readonly ProcessStat[], known: Map<number, string>): void {
  const children = groupByParent(table);
  const queue = table.filter((row) => known.get(row.pid) === row.startTime);
  for (let row = queue.pop(); row; row = queue.pop()) {
    for (const child of children.get(row.pid) ?? []) {
      if (known.get(child.pid) === child.startTime) continue;
      note(child, known);
      queue.push(child);
    }
  }
}

function groupByParent(table: readonly ProcessStat[]): Map<number, ProcessStat[]> {
  const children = new Map<number, ProcessStat[]>();
  for (const row of table) {
    const siblings = children.get(row.parent);
    if (siblings) siblings.push(row);
    else children.set(row.parent, [row]);
  }
  return children;
}

function note(row: ProcessStat, known: Map<number, string>): void {
  known.set(row.pid, row.startTime);
}
