import { isId } from "../../../domain/ids.ts";
import type { SharedUnit, UnitsRefused } from "../../../services/ports/sharing.ts";
import { encodeCommit, parseCommit } from "../objects/commit-format.ts";
import { EMPTY_TREE } from "../objects/object-id.ts";
import type { ObjectReader } from "../objects/object-reader.ts";
import type { ObjectStore } from "../objects/object-store.ts";
import { encodeTree, type TreeEntry } from "../objects/tree-format.ts";
import { readTree } from "../objects/tree-walk.ts";

/* Commits of the chains under `refs/datmo/ops`: see `docs/formats.md`, "Sharing". */

const FORMAT = "format";
const OPERATIONS = "ops";
const SERIES = "series";
const FILES = "files";
/** Highest version of the format that this code reads. */
const SHARE_VERSION = 1;
/** A chain of more has been written by nobody. */
const LONGEST_CHAIN = 1_000_000;

export interface UnitContent {
  /** Tree with `format`, `ops/` and `series/`. */
  readonly content: string;
  readonly files: readonly { readonly runId: string; readonly treeId: string }[];
  readonly parent?: string;
  readonly createdAt: string;
}

/** Adds the commit of a unit to the store; on disk after the next flush. */
export async function addUnit(store: ObjectStore, unit: UnitContent): Promise<string> {
  const entries = [...(await readTree(store.reader, unit.content))];
  const kept = unit.files.filter(({ treeId }) => treeId !== EMPTY_TREE);
  if (kept.length > 0) {
    const runs: TreeEntry[] = kept.map(({ runId, treeId }) => ({ name: runId, mode: "40000", id: treeId }));
    entries.push({ name: FILES, mode: "40000", id: store.add("tree", encodeTree(runs)) });
  }
  return store.add(
    "commit",
    encodeCommit({
      tree: store.add("tree", encodeTree(entries)),
      parents: unit.parent === undefined ? [] : [unit.parent],
      message: "Records and points of runs",
      createdAt: unit.createdAt,
    }),
  );
}

/** The chain from `tip` back to one of `known`, oldest first. Throws `DamagedObject` for what is missing. */
export async function readUnits(
  reader: ObjectReader,
  tip: string,
  known: ReadonlySet<string>,
): Promise<readonly SharedUnit[] | UnitsRefused> {
  const units: SharedUnit[] = [];
  for (let commit: string | undefined = tip; commit !== undefined && !known.has(commit); ) {
    if (units.length >= LONGEST_CHAIN) return { refused: "its chain is too long" };
    const { tree, parents } = parseCommit(await reader.readAs(commit, "commit"));
    if (parents.length > 1) return { refused: `${commit} has two parents` };
    const unit = await readUnit(reader, commit, tree);
    if ("refused" in unit) return unit;
    const [parent] = parents;
    units.push(parent === undefined ? unit : { ...unit, parent });
    commit = parent;
  }
  return units.reverse();
}

async function readUnit(
  reader: ObjectReader,
  commit: string,
  tree: string,
): Promise<SharedUnit | UnitsRefused> {
  const entries = new Map((await readTree(reader, tree)).map((entry) => [entry.name, entry]));
  const format = await readFormat(reader, entries.get(FORMAT));
  if (format === undefined) return { refused: `${commit} does not say its format` };
  const unit = { commit, format, operations: [], images: [], files: [] };
  // Of a later format nothing more is known.
  if (format > SHARE_VERSION) return unit;
  for (const name of entries.keys()) {
    if (![FORMAT, OPERATIONS, SERIES, FILES].includes(name)) return { refused: `${commit} holds ${name}` };
  }
  const operations = await below(reader, entries.get(OPERATIONS));
  const files = await below(reader, entries.get(FILES));
  const images = await imagesIn(reader, await below(reader, entries.get(SERIES)));
  const sound =
    operations.every(({ name, mode }) => /^\d{1,6}\.jsonl$/.test(name) && mode === "100644") &&
    files.every(({ name, mode }) => isId(name) && mode === "40000");
  if (!sound || !images) return { refused: `${commit} holds what no datmo writes` };
  return {
    ...unit,
    operations: operations.map(({ id }) => id),
    images,
    files: files.map(({ name, id }) => ({ runId: name, treeId: id })),
  };
}

async function imagesIn(
  reader: ObjectReader,
  runs: readonly TreeEntry[],
): Promise<SharedUnit["images"] | undefined> {
  const images: { runId: string; sha256: string; blobId: string }[] = [];
  for (const run of runs) {
    if (!isId(run.name) || run.mode !== "40000") return undefined;
    for (const { name, mode, id } of await readTree(reader, run.id)) {
      const sha256 = /^([0-9a-f]{64})\.sealed$/.exec(name)?.[1];
      if (sha256 === undefined || mode !== "100644") return undefined;
      images.push({ runId: run.name, sha256, blobId: id });
    }
  }
  return images;
}

async function below(reader: ObjectReader, entry: TreeEntry | undefined): Promise<TreeEntry[]> {
  return entry ? readTree(reader, entry.id) : [];
}

async function readFormat(reader: ObjectReader, entry: TreeEntry | undefined): Promise<number | undefined> {
  if (!entry || entry.mode === "40000") return undefined;
  try {
    const { v } = JSON.parse((await reader.readAs(entry.id, "blob")).toString("utf8")) as { v?: unknown };
    return typeof v === "number" && Number.isSafeInteger(v) && v > 0 ? v : undefined;
  } catch {
    return undefined;
  }
}
