import type { StoredRecord } from "../ports/records.ts";
import type { FileEntry, FilePlace, ReadSnapshot, TreeFile } from "../ports/snapshots.ts";
import type { OpenProject } from "../project/open-project.ts";
import { keptChanges, outsideCode, type PlacedFile, type Places, placedFiles } from "./kept-places.ts";

/** Kept files of the target that the checkout has to do with. */
export interface KeptToRestore {
  /** Those that are not at their places as they were kept. */
  readonly restore: readonly FilePlace[];
  /** Places, of these and of kept files that the target has as code, with something that must be saved first. */
  readonly replaced: readonly string[];
  /** Names of those that have no place in the project. */
  readonly elsewhere: readonly string[];
}

/** Compares the target's kept files with the disk; `watched` are the kept files of the state before. */
export async function keptToRestore(
  project: OpenProject,
  target: ReadSnapshot,
  current: { readonly codeTree: string; readonly watched: readonly PlacedFile[] },
  places: Places,
): Promise<KeptToRestore> {
  const taken = await takenByCode(project, target.codeTree, current.watched, places);
  const files = filesOfManifest(target);
  const elsewhere = files.filter(({ source }) => source === undefined).map(({ path }) => path);
  const placed = placedFiles(files);
  if (placed.length === 0 || target.filesTree === undefined) {
    return { restore: [], replaced: taken, elsewhere };
  }
  const byPlace = new Map(placed.map((file) => [file.source, file]));
  const { free, refused } = await project.snapshots.freePlaces(
    target.codeTree,
    placed.map(({ path, source }) => ({ path, place: source })),
  );
  const modes = new Map(
    (await project.snapshots.listTree(target.filesTree)).map((leaf) => [leaf.path, leaf]),
  );
  const restore: FilePlace[] = [];
  const replaced: PlacedFile[] = [];
  for (const place of free) {
    const leaf = modes.get(place.path);
    const file = byPlace.get(place.place);
    if (!leaf || !file || (await isThere(places, file, leaf))) continue;
    restore.push(place);
    const { state } = await places.at(place.place);
    if (state === "file" || state === "link") replaced.push(file);
  }
  return {
    restore,
    // What belongs to the code now is saved with it.
    replaced: [
      ...taken,
      ...(await outsideCode(project, current.codeTree, replaced)).map(({ source }) => source),
    ],
    elsewhere: [...elsewhere, ...refused.map(({ path }) => path)],
  };
}

/** What lies at places of kept files and is in no snapshot. */
export async function unsavedKept(
  records: readonly StoredRecord[],
  places: Places,
  watched: readonly PlacedFile[],
  { replaced }: KeptToRestore,
): Promise<string[]> {
  const known = new Set(watched.map(({ source }) => source));
  // What lies at a place of the target counts, whoever put it there.
  const others = replaced
    .filter((place) => !known.has(place))
    .map((source) => ({ path: source, bytes: -1, sha256: "", source }));
  const changes = await keptChanges(places, records, [...watched, ...others]);
  return changes.filter(({ status }) => status !== "removed").map(({ path }) => path);
}

async function isThere(places: Places, file: PlacedFile, leaf: TreeFile): Promise<boolean> {
  if (await places.change(file)) return false;
  const content = await places.at(file.source);
  if (content.state === "link") return leaf.mode === "link";
  return content.state === "file" && content.executable === (leaf.mode === "executable");
}

/** Places of kept files that the target's code has something for. */
async function takenByCode(
  project: OpenProject,
  codeTree: string,
  watched: readonly PlacedFile[],
  places: Places,
): Promise<string[]> {
  const free = new Set((await outsideCode(project, codeTree, watched)).map(({ source }) => source));
  const taken: string[] = [];
  for (const { source } of watched) {
    if (free.has(source)) continue;
    const { state } = await places.at(source);
    if (state === "file" || state === "link") taken.push(source);
  }
  return taken;
}

function filesOfManifest({ manifest }: ReadSnapshot): FileEntry[] {
  const files = manifest["files"] as unknown;
  return Array.isArray(files) ? (files as FileEntry[]) : [];
}
