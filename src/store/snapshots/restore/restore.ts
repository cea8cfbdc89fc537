import { dirname } from "node:path";
import { errors } from "../../../protocol/errors.ts";
import type { RestoreReport, RestoreRequest, WorkOptions } from "../../../services/ports/snapshots.ts";
import { LARGE } from "../capture/entry-kind.ts";
import type { ProjectCapture } from "../capture/project-capture.ts";
import type { Hint } from "../capture/scan.ts";
import { errorCode, isMissing, removeIfThere } from "../files/file-system.ts";
import { requireSpace } from "../files/free-space.ts";
import { fsPath } from "../files/names.ts";
import type { ObjectStore } from "../objects/object-store.ts";
import { readLeaves } from "../objects/tree-walk.ts";
import { DiskState } from "./disk-state.ts";
import { displace } from "./displace.ts";
import type { RestoreJournal, RestoreMark } from "./restore-journal.ts";
import { planRestore, type RestorePlan } from "./restore-plan.ts";
import { inUsersWords, requireSeen, WRITTEN_MEANWHILE } from "./seen.ts";
import { type FileToWrite, prepareWrites, writeFiles } from "./write-files.ts";

const MOST_LISTED = 10;

export interface RestoreParts {
  readonly store: ObjectStore;
  readonly project: ProjectCapture;
  readonly journal: RestoreJournal;
  readonly directory: string;
  readonly datmoDirectory: string;
  readonly ignoresCase: () => boolean;
}

/**
 * Turns the project into the target tree. Everything that can be refused is refused before the first change; after
 * it the journal tells a later engine to finish, or to go back by restoring the held tree with the roles swapped.
 */
export async function restore(
  parts: RestoreParts,
  request: RestoreRequest,
  options: WorkOptions,
): Promise<RestoreReport> {
  const { store, project, journal, directory } = parts;
  await store.flush();
  if (parts.ignoresCase()) await refuseCollisions(store, request.targetTree);
  const { capture, activity } = await project.capture(options);
  try {
    const root = project.files?.root;
    if (!root) throw new Error("the project was not captured");
    const plan = await planRestore({
      fs: store.fs,
      reader: store.reader,
      directory,
      request,
      currentTree: capture.treeId,
      disk: new DiskState(store, directory, root),
      resuming: isSame(journal.read(), request),
    });
    if (plan.inTheWay.length > 0 && !request.displace) throw inTheWay(plan.inTheWay);
    return await carryOut(parts, request, plan, options);
  } catch (error) {
    throw inUsersWords(error, directory);
  } finally {
    activity.end();
  }
}

async function carryOut(
  parts: RestoreParts,
  request: RestoreRequest,
  plan: RestorePlan,
  options: WorkOptions,
): Promise<RestoreReport> {
  const { store, journal, directory, datmoDirectory } = parts;
  const files = await prepareWrites(
    store,
    plan.write.map(({ leaf }) => leaf),
  );
  requireSpace(
    store.fs,
    directory,
    files.reduce((sum, file) => sum + file.bytes, 0),
    "the files to restore",
  );
  const written = files.length + plan.changeMode.length;
  if (written + plan.remove.length > 0) {
    for (const [path, seen] of plan.seen) requireSeen(store.fs, `${directory}/${path}`, seen);
    await journal.write(request);
    displace(store.fs, directory, datmoDirectory, request.targetId, plan.inTheWay);
    const hints = await change(parts, plan, files, options);
    journal.clear();
    await remember(parts, hints);
  } else {
    journal.clear();
  }
  return { written, removed: plan.remove.length, displaced: plan.inTheWay };
}

/** The changes themselves: removals, modes, folders, files, links. */
async function change(
  parts: RestoreParts,
  plan: RestorePlan,
  files: readonly FileToWrite[],
  options: WorkOptions,
): Promise<Map<string, Hint>> {
  const { store, directory } = parts;
  const { fs } = store;
  for (const path of plan.remove) {
    const seen = plan.seen.get(path);
    // Looked at again right before: a checkout of many files takes seconds, and somebody may be at work.
    if (seen) requireSeen(fs, `${directory}/${path}`, seen);
    removeIfThere(fs, fsPath(`${directory}/${path}`));
  }
  removeEmptyFolders(parts, plan.remove);
  for (const folder of plan.foldersInTheWay) removeFolderTree(parts, folder);
  for (const { path, mode } of plan.changeMode) changeMode(parts, path, mode === "100755");
  const placed = files.map((file, i) => ({
    ...file,
    path: `${directory}/${file.leaf.path}`,
    replace: plan.write[i]?.replace ?? false,
    seen: plan.seen.get(file.leaf.path),
  }));
  makeFolders(
    parts,
    placed.map(({ leaf }) => leaf.path),
  );
  const hints = new Map<string, Hint>();
  await writeFiles(store, placed, { ...options, resumable: true }, ({ leaf, kind, pointer }, facts) => {
    const flags = kind | (pointer ? LARGE : 0);
    hints.set(leaf.path, { flags, id: Buffer.from(leaf.id, "hex"), facts: [...facts] });
  }).catch((error: unknown) => {
    const { path } = error as NodeJS.ErrnoException;
    if (errorCode(error) !== "EEXIST" || !path) throw error;
    const appeared = path.startsWith(`${directory}/`) ? path.slice(directory.length + 1) : path;
    throw inTheWay([appeared], { hint: WRITTEN_MEANWHILE });
  });
  return hints;
}

/** Fills the stat cache with what was just written, so that the next capture need not read it. */
async function remember({ project }: RestoreParts, hints: ReadonlyMap<string, Hint>): Promise<void> {
  try {
    const { activity } = await project.capture({}, hints);
    activity.end();
  } catch {
    // The restore is complete; without the cache the next capture reads more.
  }
}

function isSame(mark: RestoreMark | undefined, request: RestoreRequest): boolean {
  if (!mark) return false;
  const trees = [request.targetTree, request.heldTree];
  return trees.includes(mark.targetTree) && trees.includes(mark.heldTree);
}

function inTheWay(paths: readonly string[], options: { readonly hint?: string } = {}): Error {
  const more = paths.length > MOST_LISTED ? ", …" : "";
  const list = paths.slice(0, MOST_LISTED).join(", ") + more;
  return errors.PATH_IN_THE_WAY({ count: paths.length, list, paths }, options);
}

/** On a file system that does not tell case apart two names may be one. */
async function refuseCollisions(store: ObjectStore, tree: string): Promise<void> {
  const seen = new Map<string, string>();
  for (const { path } of await readLeaves(store.reader, tree)) {
    const folded = path.normalize("NFC").toLowerCase();
    const other = seen.get(folded);
    if (other !== undefined) {
      throw errors.PATH_INVALID({ path, reason: `it is one with ${other} on this file system` });
    }
    seen.set(folded, path);
  }
}

function changeMode({ store, directory }: RestoreParts, path: string, executable: boolean): void {
  const full = fsPath(`${directory}/${path}`);
  const mode = store.fs.lstatSync(full).mode & 0o777;
  // Who may read may execute, as git does it.
  store.fs.chmodSync(full, executable ? mode | ((mode & 0o444) >> 2) : mode & ~0o111);
}

function removeEmptyFolders({ store, directory }: RestoreParts, removed: readonly string[]): void {
  const folders = new Set<string>();
  for (const path of removed) {
    for (let above = dirname(path); above !== "."; above = dirname(above)) folders.add(above);
  }
  for (const folder of [...folders].sort((a, b) => b.length - a.length)) {
    try {
      store.fs.rmdirSync(fsPath(`${directory}/${folder}`));
    } catch (error) {
      if (!isMissing(error) && !["ENOTEMPTY", "EEXIST", "EBUSY"].includes(errorCode(error))) throw error;
    }
  }
}

/** Removes folders that hold nothing but folders. */
function removeFolderTree(parts: RestoreParts, folder: string): void {
  const { fs } = parts.store;
  const path = fsPath(`${parts.directory}/${folder}`);
  if (!fs.lstatSync(path, { throwIfNoEntry: false })?.isDirectory()) return;
  for (const name of fs.readdirSync(path)) removeFolderTree(parts, `${folder}/${name}`);
  fs.rmdirSync(path);
}

/** Makes the folders above the paths. None of them may be a link: it would lead out of the project. */
function makeFolders({ store, directory }: RestoreParts, paths: readonly string[]): void {
  const seen = new Set<string>();
  for (const path of paths) {
    for (let slash = path.indexOf("/"); slash >= 0; slash = path.indexOf("/", slash + 1)) {
      const folder = path.slice(0, slash);
      if (seen.has(folder)) continue;
      seen.add(folder);
      const full = fsPath(`${directory}/${folder}`);
      const facts = store.fs.lstatSync(full, { throwIfNoEntry: false });
      if (!facts) store.fs.mkdirSync(full);
      else if (!facts.isDirectory()) throw inTheWay([folder], { hint: WRITTEN_MEANWHILE });
    }
  }
}
