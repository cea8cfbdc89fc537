import { join } from "node:path";
import { orMissing, type SeriesFs } from "./series-fs.ts";

/** The files of one run's series folder that count. */
export interface RunListing {
  /** Numbers of the sealed files, highest first. Only the first one counts. */
  readonly sealed: readonly number[];
  /** Series files, in the order in which they are read. */
  readonly series: readonly SeriesFileName[];
  /** Sealed files that came from other copies of the project, whole and never sealed again. */
  readonly shared: readonly string[];
  /** What a sealing that was cut off left behind. */
  readonly unfinished: readonly string[];
}

export interface SeriesFileName {
  readonly name: string;
  /** Whole id of the engine that wrote it. */
  readonly writer: string;
  /** Renamed for sealing: its writer does not add to it any more. */
  readonly retired: boolean;
}

export const RETIRED_SUFFIX = ".ret";
export const UNFINISHED_PREFIX = "tmp-";

export function seriesFolder(directory: string, runId: string): string {
  return join(directory, "series", runId);
}

/** Name of a sealed file that came from elsewhere: the SHA-256 of its content there. */
export function sharedName(sha256: string): string {
  return `${sha256}.shared`;
}

export function sealedName(number: number): string {
  return `${String(number).padStart(8, "0")}.sealed`;
}

/** What is in a run's folder; nothing when there is no folder. */
export async function listRun(fs: SeriesFs, folder: string): Promise<RunListing> {
  const sealed: number[] = [];
  const series: SeriesFileName[] = [];
  const unfinished: string[] = [];
  const shared: string[] = [];
  for (const name of (await orMissing(fs.list(folder))) ?? []) {
    const file = /^([0-9A-Za-z]+)-\d+\.ser(\.ret)?$/.exec(name);
    if (file) series.push({ name, writer: file[1]!, retired: file[2] !== undefined });
    const number = /^(\d{8})\.sealed$/.exec(name);
    if (number) sealed.push(Number(number[1]));
    if (/^[0-9a-f]{64}\.shared$/.test(name)) shared.push(name);
    if (name.startsWith(UNFINISHED_PREFIX)) unfinished.push(name);
  }
  sealed.sort((a, b) => b - a);
  series.sort((a, b) => (a.name < b.name ? -1 : 1));
  return { sealed, series, shared: shared.sort(), unfinished };
}

/**
 * True when everything that was there at the first listing was still there at the second, so that what was
 * read in between is whole. A new series file does not count: it holds what was written meanwhile.
 */
export function sameFiles(before: RunListing, after: RunListing): boolean {
  if (!sameImages(before, after)) return false;
  const names = new Set(after.series.map((file) => file.name));
  for (const file of before.series) if (!names.delete(file.name)) return false;
  return ![...names].some((name) => name.endsWith(RETIRED_SUFFIX));
}

/** True when the sealed files that count are the same. */
export function sameImages(before: RunListing, after: RunListing): boolean {
  return before.sealed[0] === after.sealed[0] && before.shared.join() === after.shared.join();
}
