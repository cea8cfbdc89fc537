import { join } from "node:path";
import { errors } from "../../protocol/errors.ts";
import type { SnapshotCheckoutParams, SnapshotCheckoutResult } from "../../protocol/types.ts";
import { findRecord } from "../lookup.ts";
import type { StoredRecord } from "../ports/records.ts";
import type { ReadSnapshot, RestoreRequest, TreeChange, WorkOptions } from "../ports/snapshots.ts";
import type { OpenProject } from "../project/open-project.ts";
import { plainOptions } from "../work-options.ts";
import { outsideCode, Places, watchedFiles } from "./kept-places.ts";
import { type KeptToRestore, keptToRestore, unsavedKept } from "./kept-to-restore.ts";
import { recordOf } from "./snapshot-service.ts";
import { takeSnapshot } from "./snapshot-taker.ts";

/** Paths named in an error's sentence; its details carry more. */
const NAMED_PATHS = 5;
const DETAILED_PATHS = 1_000;

/** What the project's folder holds that no snapshot does. */
interface Unsaved {
  readonly code: readonly string[];
  /** Places of kept files. */
  readonly kept: readonly string[];
}

/** The state before a checkout, saved. */
interface Held {
  readonly id: string;
  readonly codeTree: string;
  readonly filesTree?: string;
  readonly created: boolean;
}

/**
 * Brings a snapshot's code and the kept files that lay in the project back into the project's folder. Unsaved work
 * is never lost: refused, or saved first.
 */
export async function checkoutSnapshot(
  project: OpenProject,
  params: SnapshotCheckoutParams,
  options: WorkOptions,
): Promise<SnapshotCheckoutResult> {
  const { snapshots } = project;
  const record = await findRecord(project, "snapshot", params.id);
  const target = await snapshots.read(record.id);
  options.progress?.({ message: "Looking for unsaved work" });
  const interrupted = await interruptedBy(project, record.id, params.force === true);
  const now = await snapshots.captureCode(options);
  const places = new Places(project, options);
  const records = await project.records.list("snapshot");
  const watched = await outsideCode(project, now.treeId, watchedFiles(records, now.treeId));
  const kept = await keptToRestore(project, target, { codeTree: now.treeId, watched }, places);
  const unsaved = {
    code: (await unsavedPaths(project, now.treeId)).map(({ path }) => path),
    kept: await unsavedKept(records, places, watched, kept),
  };
  const list = [...new Set([...unsaved.code, ...unsaved.kept])];
  // Half of a checkout is no work of the user's; it is saved all the same.
  const ask = list.length > 0 && interrupted === undefined;
  if (ask && !params.force) throw dirty(list);
  const held = await hold(project, record.id, unsaved, kept, options);
  options.progress?.({ message: "Restoring files" });
  const report = await snapshots.restore(
    await restoreRequest(project, target, kept, held, interrupted?.heldId, params.force === true),
    options,
  );
  return {
    snapshot: await recordOf(project, record.id),
    ...(list.length > 0 && held.created ? { saved: await recordOf(project, held.id) } : {}),
    written: report.written,
    removed: report.removed,
    displaced: [...report.displaced],
    restored: kept.restore.map(({ place }) => place),
    notRestored: [...kept.elsewhere],
  };
}

/** Paths in the project that no snapshot holds as they are: compared with the newest snapshot. */
export async function unsavedPaths(project: OpenProject, tree: string): Promise<TreeChange[]> {
  const equal = await project.records.byField("snapshot", "codeTree", tree);
  if (equal.length > 0) return [];
  const [newest] = await project.records.list("snapshot", { limit: 1 });
  return project.snapshots.diffTrees((newest?.fields["codeTree"] as string | undefined) ?? null, tree);
}

/** Half of a checkout is no state to go on from: finish it, or go back; by force it is saved like other work. */
async function interruptedBy(
  project: OpenProject,
  id: string,
  force: boolean,
): Promise<{ readonly targetId: string; readonly heldId: string } | undefined> {
  const interrupted = await project.snapshots.interruptedRestore();
  if (interrupted && !force && id !== interrupted.targetId && id !== interrupted.heldId) {
    throw errors.CHECKOUT_INTERRUPTED({ id: interrupted.targetId, heldId: interrupted.heldId });
  }
  return interrupted;
}

/** Saves what the checkout could take away, unless snapshots hold all of it. */
async function hold(
  project: OpenProject,
  targetId: string,
  unsaved: Unsaved,
  { replaced }: KeptToRestore,
  options: WorkOptions,
): Promise<Held> {
  const known = await heldAlready(project, unsaved, replaced, options);
  if (known) return known;
  const names = [...new Set([...replaced, ...(await ordinary(project, unsaved.kept, options))])].sort();
  const sources = names.map((name) => ({ name, source: join(project.directory, name), asLink: true }));
  const files = sources.length > 0 ? await project.snapshots.captureFiles(sources, options) : undefined;
  const taken = await takeSnapshot(
    project,
    {
      message: `before checkout of ${targetId.slice(0, 8)}`,
      visible: false,
      config: {},
      metrics: {},
      ...(files ? { files } : {}),
    },
    options,
  );
  return {
    id: taken.id,
    created: taken.created,
    codeTree: taken.code.treeId,
    ...(files ? { filesTree: files.treeId } : {}),
  };
}

/** A snapshot that holds the folder as it is. */
async function heldAlready(
  project: OpenProject,
  unsaved: Unsaved,
  replaced: readonly string[],
  options: WorkOptions,
): Promise<Held | undefined> {
  if (unsaved.code.length + unsaved.kept.length + replaced.length > 0) return undefined;
  const { treeId } = await project.snapshots.captureCode(options);
  const equal: StoredRecord[] = await project.records.byField("snapshot", "codeTree", treeId);
  for (const { id } of equal) {
    if (await project.snapshots.exists(id)) return { id, codeTree: treeId, created: false };
  }
  return undefined;
}

/** Those of the places that hold a file or link: what else lies there is not replaced without being asked. */
async function ordinary(
  project: OpenProject,
  kept: readonly string[],
  options: WorkOptions,
): Promise<string[]> {
  const queries = kept.map((place) => ({ path: join(project.directory, place) }));
  const contents = await project.snapshots.contentsOf(queries, { ...plainOptions(options), most: -1 });
  return kept.filter((_, i) => ["file", "link"].includes(contents[i]?.state ?? ""));
}

/** Kept files are restored as if they belonged to the code, with the same safety. */
async function restoreRequest(
  project: OpenProject,
  target: ReadSnapshot,
  kept: KeptToRestore,
  held: Held,
  heldBefore: string | undefined,
  displace: boolean,
): Promise<RestoreRequest> {
  const { snapshots } = project;
  const saved = kept.replaced.map((place) => ({ path: place, place }));
  return {
    targetTree: await snapshots.withFiles(target.codeTree, target.filesTree ?? "", kept.restore),
    heldTree: await snapshots.withFiles(held.codeTree, held.filesTree ?? "", saved),
    targetId: target.id,
    heldId: heldBefore ?? held.id,
    displace,
  };
}

function dirty(paths: readonly string[]): Error {
  const more = paths.length > NAMED_PATHS ? ` and ${paths.length - NAMED_PATHS} more` : "";
  return errors.WORKING_TREE_DIRTY({
    list: paths.slice(0, NAMED_PATHS).join(", ") + more,
    paths: paths.slice(0, DETAILED_PATHS),
  });
}
