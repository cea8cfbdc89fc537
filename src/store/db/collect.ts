import { join } from "node:path";
import { CREATE_APPEND, type Files, ignoring } from "./files.ts";
import type { Position } from "./journal.ts";
import {
  collectedMarker,
  parseSegmentFile,
  type SegmentName,
  snapshotFile,
  snapshotNumbers,
} from "./layout.ts";
import { readSegment } from "./segment-reader.ts";

export interface Collection {
  readonly files: Files;
  /** `.datmo` */
  readonly directory: string;
  /** The snapshot before the one just published: only what both hold may go. */
  readonly base: { readonly generation: number; readonly vector: ReadonlyMap<string, Position> };
  /** Number of the snapshot just published. */
  readonly published: number;
  /** Snapshots that cannot be read. */
  readonly bad: ReadonlySet<number>;
  /** Wait a day before anything is removed: other machines may see old names for a while. */
  readonly patient: boolean;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/**
 * Removes what the two newest snapshots both hold: always one generation late, so that whoever has just opened
 * one of them still finds every segment it needs. Each step may be the last one; the next collection goes on.
 */
export function collect(work: Collection): void {
  const { files, directory, base, patient, now } = work;
  const folder = join(directory, "seg");
  const names = files.namesSync(folder);
  const doomed = names.flatMap((name) => {
    const segment = parseSegmentFile(name);
    return segment && mayGo(work, folder, segment) ? [join(folder, name)] : [];
  });
  const young = (path: string): boolean => patient && now - (files.statSync(path)?.mtimeMs ?? now) < DAY;
  const removable = doomed.filter((path) => !young(path));
  if (removable.length > 0) markCollected(files, folder, base.generation);
  for (const path of removable) remove(files, path);
  for (const name of names) {
    if (
      /^collected-[0-9]{8}$/.test(name) &&
      name < collectedMarker(base.generation) &&
      removable.length > 0
    ) {
      remove(files, join(folder, name));
    }
  }
  if (base.generation > 0) retireAbandoned(work, folder, names);
  collectSnapshots(work);
}

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
/** A retired segment is kept this long: its writer may just have looked whether it is still there. */
const RETIRED_FOR = 10 * MINUTE;

function mayGo(work: Collection, folder: string, segment: SegmentName): boolean {
  const position = work.base.vector.get(segment.writer);
  if (!position || segment.number > position.segment) return false;
  if (segment.number < position.segment) return true;
  if (!segment.file.endsWith(".ret")) return false;
  const facts = work.files.statSync(join(folder, segment.file));
  const since = facts ? work.now - Math.max(facts.ctimeMs, facts.mtimeMs) : 0;
  return since > RETIRED_FOR && holdsNothingAfter(work.files, folder, segment, position);
}

/** True when the segment has no whole frame after what the snapshot holds. */
function holdsNothingAfter(files: Files, folder: string, segment: SegmentName, position: Position): boolean {
  const steps = readSegment(files, folder, segment, position);
  const step = steps.next();
  if (!step.done) steps.return(undefined);
  return step.done === true && (step.value?.state === "end" || step.value?.state === "torn");
}

/**
 * Segments without a clean end whose writer has been silent for a day get another name. Should it still live,
 * it notices before it acknowledges anything more, and goes on elsewhere.
 */
function retireAbandoned(work: Collection, folder: string, names: readonly string[]): void {
  const { files, base, now } = work;
  for (const name of names) {
    const segment = parseSegmentFile(name);
    const position = segment && base.vector.get(segment.writer);
    if (!position || segment.number !== position.segment || name.endsWith(".ret")) continue;
    const path = join(folder, name);
    const facts = files.statSync(path);
    if (!facts || now - facts.mtimeMs < DAY || !holdsNothingAfter(files, folder, segment, position)) continue;
    ignoring(["ENOENT", ...BUSY], () => files.renameSync(path, `${path}.ret`));
  }
}

function collectSnapshots({ files, directory, base, published, bad, now }: Collection): void {
  const folder = join(directory, "snap");
  const names = files.namesSync(folder);
  for (const number of snapshotNumbers(names)) {
    if (number < base.generation || (bad.has(number) && number < published)) {
      remove(files, join(folder, snapshotFile(number)));
    }
  }
  for (const name of names) {
    const path = join(folder, name);
    const claim = /^([0-9]{8})\.claim$/.exec(name);
    if (claim && Number(claim[1]) <= published) remove(files, path);
    if (name.startsWith("tmp-") && now - (files.statSync(path)?.mtimeMs ?? now) > MINUTE) remove(files, path);
  }
}

function markCollected(files: Files, folder: string, generation: number): void {
  const fd = ignoring(["EEXIST"], () =>
    files.openSync(join(folder, collectedMarker(generation)), CREATE_APPEND, 0o600),
  );
  if (fd !== undefined) files.closeSync(fd);
}

const BUSY = ["EBUSY", "EPERM", "EACCES"];

/** Somebody else may have removed it, or (on Windows) still have it open. */
function remove(files: Files, path: string): void {
  ignoring(["ENOENT", ...BUSY], () => files.unlinkSync(path));
}
