import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { collect } from "./collect.ts";
import { CREATE_APPEND, errorCode, type Files, ignoring, syncFolderSync, writeAllSync } from "./files.ts";
import type { ImageState } from "./image.ts";
import { parseSegmentFile, snapshotFile } from "./layout.ts";
import type { ProblemLog } from "./problems.ts";
import { countRecords } from "./queries.ts";
import { listSnapshots } from "./snapshots.ts";
import { refreshCopy } from "./sqlite-copy.ts";
import type { View } from "./view.ts";

export interface CheckpointContext {
  readonly files: Files;
  /** `.datmo` */
  readonly directory: string;
  readonly problems: ProblemLog;
  readonly now: () => number;
  /** The project is on a network drive. */
  readonly patient: boolean;
}

export interface CheckpointResult {
  /** `current`: nothing to do. `lost`: another engine published first. `refused`: newer format, or damage. */
  readonly outcome: "published" | "current" | "lost" | "refused";
  /** Number of the newest snapshot known. */
  readonly generation: number;
  /** Size of it, bytes; 0 when not published here. */
  readonly bytes: number;
  readonly records: number;
}

/**
 * Folds a view, which must be freshly refreshed, into a new snapshot: complete and synced before its number
 * exists; the number can be taken once; a snapshot that is not based on the one before it withdraws.
 * Throws what the system says; everything that was there is then still there.
 */
export async function checkpoint(view: View, context: CheckpointContext): Promise<CheckpointResult> {
  const { files, directory, problems } = context;
  const records = countRecords(view.layers);
  const newest = listSnapshots(files, directory).find((n) => !view.bad.has(n)) ?? 0;
  const result = (
    outcome: CheckpointResult["outcome"],
    generation = newest,
    bytes = 0,
  ): CheckpointResult => ({
    outcome,
    generation,
    bytes,
    records,
  });
  if (view.newer !== undefined || view.damaged) return result("refused");
  if (newest !== view.safe) return result("lost");
  const temporary = (): string => join(directory, "snap", `tmp-${randomBytes(8).toString("hex")}`);
  if (isCurrent(view)) {
    if (newest > 0) refreshCopy(files, directory, newest, temporary(), problems);
    return result("current");
  }
  const target = nextNumber(files, directory, view);
  const image = (await view.fold()).export(nextState(view, target, context));
  if (!publish(context, image, target, temporary())) return result("lost");
  refreshCopy(files, directory, target, temporary(), problems);
  if (view.journal?.damage.size === 0) {
    const { loaded, bad } = view;
    collect({
      files,
      directory,
      base: loaded,
      published: target,
      bad,
      patient: context.patient,
      now: context.now(),
    });
  }
  return result("published", target, image.length);
}

/** Nothing was read since the newest snapshot was made, and nothing waits to be removed. */
function isCurrent(view: View): boolean {
  const { tail, loaded, safe, bad } = view;
  return loaded.generation > 0 && loaded.generation === safe && tail.bytes + tail.finished + bad.size === 0;
}

/** One above every number that is taken, unreadable snapshots and claims of the dead included. */
function nextNumber(files: Files, directory: string, view: View): number {
  const numbers = [view.safe, ...view.bad, ...listSnapshots(files, directory)];
  for (const name of files.namesSync(join(directory, "snap"))) {
    const claim = /^([0-9]{8})\.claim$/.exec(name);
    if (claim) numbers.push(Number(claim[1]));
  }
  return Math.max(...numbers) + 1;
}

function nextState(view: View, generation: number, context: CheckpointContext): ImageState {
  const journal = view.journal!;
  const gone = writersGone(view, context);
  const vector: Record<string, [number, number, number]> = {};
  for (const [writer, { segment, offset, sequence }] of journal.vector) {
    if (!gone.has(writer)) vector[writer] = [segment, offset, sequence];
  }
  const { latest, far } = view;
  return { generation, vector, damage: [...journal.damage.values()], latest, far };
}

/** Writers that need no place any more: all files removed, durably, and their place was in the snapshot before. */
function writersGone(view: View, { files, directory }: CheckpointContext): Set<string> {
  const folder = join(directory, "seg");
  const present = new Set(files.namesSync(folder).map((name) => parseSegmentFile(name)?.writer));
  const gone = new Set<string>();
  for (const [writer, position] of view.journal!.vector) {
    const before = view.loaded.vector.get(writer);
    const same = before?.segment === position.segment && before.offset === position.offset;
    if (same && !present.has(writer)) gone.add(writer);
  }
  if (gone.size > 0) syncFolderSync(files, folder);
  return gone;
}

/** False when the number, or the right to it, went to another engine. */
function publish(context: CheckpointContext, image: Buffer, target: number, temporary: string): boolean {
  const { files, directory } = context;
  const folder = join(directory, "snap");
  const path = join(folder, snapshotFile(target));
  files.mkdirSync(folder);
  try {
    writeSynced(files, temporary, image);
    if (!takeNumber(files, temporary, path)) return false;
    if (listSnapshots(files, directory)[0] !== target) {
      files.unlinkSync(path);
      return false;
    }
    syncFolderSync(files, folder);
    return true;
  } finally {
    ignoring(["ENOENT"], () => files.unlinkSync(temporary));
  }
}

function writeSynced(files: Files, path: string, bytes: Buffer): void {
  const fd = files.openSync(path, CREATE_APPEND, 0o600);
  try {
    writeAllSync(files, fd, bytes);
    files.fsyncSync(fd);
  } finally {
    files.closeSync(fd);
  }
}

/** A hard link fails when the name is there: exactly one engine gets each number. */
function takeNumber(files: Files, temporary: string, path: string): boolean {
  try {
    files.linkSync(temporary, path);
    return true;
  } catch (error) {
    if (errorCode(error) === "EEXIST") return false;
    if (!NO_LINKS.includes(errorCode(error))) throw error;
  }
  const claim = ignoring(["EEXIST"], () =>
    files.openSync(path.replace(/sqlite$/, "claim"), CREATE_APPEND, 0o600),
  );
  if (claim === undefined || files.statSync(path)) return false;
  files.closeSync(claim);
  files.renameSync(temporary, path);
  return true;
}

const NO_LINKS = ["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EMLINK", "EXDEV"];
