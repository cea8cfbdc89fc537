import { readIfThere } from "../files/file-system.ts";
import { parseCommit } from "../objects/commit-format.ts";
import { DamagedObject } from "../objects/damaged-object.ts";
import type { ObjectStore } from "../objects/object-store.ts";
import { type Refs, SNAPSHOTS, TIP } from "../refs.ts";

/** A snapshot as its reference names it. */
export interface SnapshotRoot {
  readonly id: string;
  readonly commit: string;
  readonly codeCommit: string;
  /** The snapshot's own tree, with manifest, environment and files; and the code. */
  readonly tree: string;
  readonly codeTree: string;
}

export interface Roots {
  readonly snapshots: readonly SnapshotRoot[];
  /** What the tip should be. Absent: there should be none. */
  readonly tip?: string;
  /** Objects that other references name. */
  readonly others: readonly string[];
  /** Trees that records and a checkout under way keep. */
  readonly trees: readonly string[];
}

/**
 * Everything that is needed. `without`: snapshots that are taken as deleted. Throws `DamagedObject`: what a damaged
 * reference needs nobody knows.
 */
export async function readRoots(
  store: ObjectStore,
  refs: Refs,
  kept: readonly string[],
  without: ReadonlySet<string> = new Set(),
): Promise<Roots> {
  const snapshots: SnapshotRoot[] = [];
  const others: string[] = [];
  for (const [name, object] of refs.all()) {
    const id = name.startsWith(`${SNAPSHOTS}/`) ? name.slice(SNAPSHOTS.length + 1) : undefined;
    if (name === TIP || (id !== undefined && without.has(id))) continue;
    if (!object) throw new DamagedObject(id ?? name, "has a damaged reference");
    if (id === undefined) others.push(object);
    else snapshots.push(await snapshotRoot(store, id, object));
  }
  const trees = [...kept, ...restoring(store)].filter((tree) => store.hasTree(tree));
  const tip = await liveTip(store, refs.tip(), snapshots);
  return { snapshots, ...(tip ? { tip } : {}), others, trees };
}

/** Where everything that is needed begins. */
export function allRoots({ snapshots, tip, others, trees }: Roots): string[] {
  return [...snapshots.map(({ commit }) => commit), ...(tip ? [tip] : []), ...others, ...trees];
}

/** The trees whose big files are needed: those of the snapshots themselves, not of the code before them. */
export function ownTrees({ snapshots, trees }: Roots): string[] {
  return [...snapshots.flatMap(({ tree, codeTree }) => [tree, codeTree]), ...trees];
}

/** Throws `DamagedObject`. */
export async function snapshotRoot(store: ObjectStore, id: string, commit: string): Promise<SnapshotRoot> {
  const { tree, parents } = parseCommit(await store.reader.readAs(commit, "commit"));
  const [codeCommit] = parents;
  if (!codeCommit) throw new DamagedObject(commit, "names no code");
  const code = parseCommit(await store.reader.readAs(codeCommit, "commit"));
  return { id, commit, codeCommit, tree, codeTree: code.tree };
}

/** The latest code commit on the tip's chain that a snapshot needs, else one that a snapshot needs. */
async function liveTip(
  store: ObjectStore,
  tip: string | undefined,
  snapshots: readonly SnapshotRoot[],
): Promise<string | undefined> {
  const live = new Set(snapshots.map(({ codeCommit }) => codeCommit));
  if (live.size === 0) return undefined;
  const seen = new Set<string>();
  for (let id = tip; id !== undefined && !seen.has(id); ) {
    if (live.has(id)) return id;
    seen.add(id);
    try {
      id = parseCommit(await store.reader.readAs(id, "commit")).parents[0];
    } catch {
      // The chain cannot be followed; it is a hint.
      break;
    }
  }
  return [...live].sort().at(-1);
}

function restoring(store: ObjectStore): string[] {
  try {
    const text = readIfThere(store.fs, store.path("datmo", "restore.json"))?.toString("utf8");
    const { targetTree, heldTree } = JSON.parse(text ?? "{}") as Record<string, unknown>;
    return [targetTree, heldTree].filter((tree): tree is string => typeof tree === "string");
  } catch {
    return [];
  }
}
