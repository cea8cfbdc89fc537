import type { RestoreRequest } from "../../../services/ports/snapshots.ts";
import { EXECUTABLE, LINK } from "../capture/entry-kind.ts";
import type { FileSystem } from "../files/file-system.ts";
import { decodeName, fsPath } from "../files/names.ts";
import { compareTrees, type LeafChange } from "../objects/diff-trees.ts";
import type { ObjectReader } from "../objects/object-reader.ts";
import type { Leaf } from "../objects/tree-walk.ts";
import type { Current, DiskState } from "./disk-state.ts";
import type { Seen } from "./seen.ts";

/** What a restore is going to do. Paths are relative to the project. */
export interface RestorePlan {
  /** Held files that the target does not have, or has as something else. */
  readonly remove: string[];
  /** Right content, wrong executable bit. */
  readonly changeMode: Leaf[];
  readonly write: { readonly leaf: Leaf; readonly replace: boolean }[];
  /** How what is removed or replaced looked when it was found to be held. */
  readonly seen: Map<string, Seen>;
  /** Folders where the target has a file. */
  readonly foldersInTheWay: string[];
  /** What no snapshot holds and stands where the target has something. */
  readonly inTheWay: string[];
}

export interface PlanInputs {
  readonly fs: FileSystem;
  readonly reader: ObjectReader;
  readonly directory: string;
  readonly request: RestoreRequest;
  /** Tree of the project as it is now; the held one unless something changed since. */
  readonly currentTree: string;
  readonly disk: DiskState;
  /** A restore between these two trees was killed: half written files are its own. */
  readonly resuming: boolean;
}

/**
 * Compares the target, the held state and the disk. A file is replaced or removed only when it is what the held
 * tree has at its path; the plan changes nothing itself.
 */
export async function planRestore(inputs: PlanInputs): Promise<RestorePlan> {
  const lists = { remove: [], changeMode: [], write: [], foldersInTheWay: [], inTheWay: [] };
  const plan: RestorePlan = { ...lists, seen: new Map() };
  for (const change of await changesOf(inputs)) await decide(inputs, change, plan);
  const removed = new Set(plan.remove);
  const above = ancestors(plan.remove);
  for (const folder of plan.foldersInTheWay) {
    plan.inTheWay.push(...strangersIn(inputs.fs, inputs.directory, folder, removed, above));
  }
  // A held file that is removed anyway is no obstacle to what comes below its path.
  const obstacles = [...new Set(plan.inTheWay)].filter((path) => !removed.has(path)).sort();
  return { ...plan, inTheWay: topmost(obstacles) };
}

/** Every path where the held tree differs from the target, or from the disk. */
async function changesOf(inputs: PlanInputs): Promise<LeafChange[]> {
  const { reader, request, currentTree } = inputs;
  const changes = await compareTrees(reader, request.heldTree, request.targetTree);
  if (currentTree === request.heldTree) return changes;
  const listed = new Set(changes.map(({ path }) => path));
  for (const { path, before } of await compareTrees(reader, request.heldTree, currentTree)) {
    if (before && !listed.has(path)) changes.push({ path, before, after: before });
  }
  return changes;
}

async function decide(
  inputs: PlanInputs,
  { path, before, after }: LeafChange,
  plan: RestorePlan,
): Promise<void> {
  const { disk } = inputs;
  const current = disk.at(path);
  if (current.state === "absent" && current.blockedBy === undefined) {
    if (after) plan.write.push({ leaf: after, replace: false });
    return;
  }
  if (!after) {
    if (!(await isHeld(inputs, path, current, before))) return;
    plan.remove.push(path);
    if (current.state === "leaf") plan.seen.set(path, current.seen);
    return;
  }
  if (await disk.holds(path, current, after)) {
    if (!sameMode(current, after)) plan.changeMode.push(after);
    return;
  }
  if (current.state === "absent") {
    plan.inTheWay.push(current.blockedBy as string);
    plan.write.push({ leaf: after, replace: false });
  } else if (current.state === "folder") {
    plan.foldersInTheWay.push(path);
    plan.write.push({ leaf: after, replace: false });
  } else {
    const held = await isHeld(inputs, path, current, before, after);
    if (!held) plan.inTheWay.push(path);
    else if (current.state === "leaf") plan.seen.set(path, current.seen);
    plan.write.push({ leaf: after, replace: held });
  }
}

/** True when what lies there is in the held tree, or was left half written by a killed restore. */
async function isHeld(
  { disk, resuming }: PlanInputs,
  path: string,
  current: Current,
  before: Leaf | undefined,
  after?: Leaf,
): Promise<boolean> {
  if (await disk.holds(path, current, before)) return true;
  if (!resuming) return false;
  return (await disk.isPartOf(path, current, before)) || (await disk.isPartOf(path, current, after));
}

function sameMode(current: Current, leaf: Leaf): boolean {
  if (current.state !== "leaf" || current.kind === LINK) return true;
  return (current.kind === EXECUTABLE) === (leaf.mode === "100755");
}

/** Everything in a folder that goes with none of the removals; a folder without any is told as one. */
function strangersIn(
  fs: FileSystem,
  directory: string,
  folder: string,
  removed: ReadonlySet<string>,
  above: ReadonlySet<string>,
): string[] {
  const names = fs.readdirSync(fsPath(`${directory}/${folder}`), {
    encoding: "buffer",
  }) as unknown as Buffer[];
  return names.map(decodeName).flatMap((name) => {
    const path = `${folder}/${name}`;
    if (removed.has(path)) return [];
    const isFolder = fs.lstatSync(fsPath(`${directory}/${path}`)).isDirectory();
    if (isFolder && above.has(path)) return strangersIn(fs, directory, path, removed, above);
    const isEmpty = isFolder && fs.readdirSync(fsPath(`${directory}/${path}`)).length === 0;
    return isEmpty ? [] : [path];
  });
}

function ancestors(paths: readonly string[]): Set<string> {
  const folders = new Set<string>();
  for (const path of paths) {
    for (let slash = path.lastIndexOf("/"); slash > 0; slash = path.lastIndexOf("/", slash - 1)) {
      folders.add(path.slice(0, slash));
    }
  }
  return folders;
}

/** Leaves out what lies in another one. */
function topmost(sorted: readonly string[]): string[] {
  const all = new Set(sorted);
  return sorted.filter((path) => {
    for (let slash = path.indexOf("/"); slash >= 0; slash = path.indexOf("/", slash + 1)) {
      if (all.has(path.slice(0, slash))) return false;
    }
    return true;
  });
}
