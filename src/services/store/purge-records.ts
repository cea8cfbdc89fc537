import { rm } from "node:fs/promises";
import { join } from "node:path";
import { pathKeys } from "../../domain/field-paths.ts";
import { writeFileAtomic } from "../../util/atomic-file.ts";
import type { Json } from "../../util/json.ts";
import { isThere } from "../../util/safe-files.ts";
import type { PurgeReport } from "../ports/collecting.ts";
import type { Change, StoredRecord } from "../ports/records.ts";
import type { WorkOptions } from "../ports/snapshots.ts";
import type { OpenProject } from "../project/open-project.ts";
import { forgetState } from "./gone-records.ts";
import { environmentTrees, keptTrees, takeCensus } from "./run-census.ts";

/*
 * A purge is a record that stays: contents (blobs) that no copy of the project may hold, and for each snapshot that
 * was written anew the old commit and the new one. Commits are made anew from nothing but the old ones and the
 * contents, so every copy comes to the same ones.
 */

const COMMITS = "commits/";

/** Contents that may not be held, of all purges. */
export async function purgedBlobs(project: OpenProject): Promise<string[]> {
  const records = await project.records.list("purge");
  return [...new Set(records.flatMap((record) => blobsOf(record)))].sort();
}

/** Which commit of a snapshot stands for which now. */
export async function purgedCommits(project: OpenProject): Promise<Map<string, string>> {
  const next = new Map<string, string>();
  for (const { fields } of await project.records.list("purge")) {
    for (const [path, made] of Object.entries(fields)) {
      if (path.startsWith(COMMITS) && typeof made === "string") next.set(path.slice(COMMITS.length), made);
    }
  }
  const last = (commit: string, steps = 0): string => {
    const made = next.get(commit);
    return made === undefined || steps > next.size ? commit : last(made, steps + 1);
  };
  return new Map([...next.keys()].map((commit) => [commit, last(commit)]));
}

/**
 * Takes everything that was purged, here or in another copy of the project, out of what is held. Idempotent; costs
 * nothing when nothing is held. Returns the ids of the snapshots that were written anew.
 */
export async function applyPurges(project: OpenProject, options: WorkOptions = {}): Promise<string[]> {
  const blobs = await purgedBlobs(project);
  const held = blobs.length === 0 ? [] : await project.collector.stored(blobs);
  return held.length === 0 ? [] : takeOut(project, held, options);
}

/** Takes contents out of snapshots and of what runs keep, and tells their records. */
export async function takeOut(
  project: OpenProject,
  blobs: readonly string[],
  options: WorkOptions,
): Promise<string[]> {
  const purges = (await project.records.list("purge")).filter((record) =>
    blobsOf(record).some((id) => blobs.includes(id)),
  );
  const noteIn = purges[0]?.id;
  await mark(project);
  const report = await project.collector.purge(
    {
      blobs,
      keptTrees: await keptTrees(project),
      planned: async (plan) => {
        const changes = [
          ...(await snapshotChanges(project, plan)),
          ...(await runChanges(project, plan)),
          ...(await environmentChanges(project, plan)),
        ];
        const commits = plan.snapshots.map(({ oldCommit, newCommit }) => [COMMITS + oldCommit, newCommit]);
        if (noteIn && commits.length > 0) {
          changes.push({ kind: "purge", id: noteIn, set: Object.fromEntries(commits) });
        }
        if (changes.length > 0) await project.records.commit(changes);
      },
    },
    options,
  );
  await unmark(project);
  return report.snapshots.map(({ id }) => id);
}

/** Goes on with a purge that was cut off. */
export async function finishPurges(project: OpenProject): Promise<void> {
  if (!(await isThere(markOf(project)))) return;
  const blobs = await purgedBlobs(project);
  if (blobs.length > 0) await takeOut(project, blobs, {});
  await unmark(project);
}

export function blobsOf(record: StoredRecord): string[] {
  const blobs = record.fields["blobs"];
  return Array.isArray(blobs) ? blobs.filter((id): id is string => typeof id === "string") : [];
}

/** There while a purge is under way. */
export async function mark(project: OpenProject): Promise<void> {
  await writeFileAtomic(markOf(project), "{}\n");
}

async function unmark(project: OpenProject): Promise<void> {
  await rm(markOf(project), { force: true });
}

function markOf(project: OpenProject): string {
  return join(project.datmo, "git", "datmo", "purge.json");
}

type Plan = Omit<PurgeReport, "bytes">;

async function snapshotChanges(project: OpenProject, plan: Plan): Promise<Change[]> {
  const changes: Change[] = [];
  for (const { id, changed, codeTree, filesTree } of plan.snapshots) {
    const record = changed ? await project.records.get("snapshot", id) : undefined;
    if (!record) continue;
    await forgetState(project, record);
    const left = filesTree
      ? new Set((await project.snapshots.listTree(filesTree)).map(({ path }) => path))
      : null;
    const files = (record.fields["files"] ?? []) as unknown as readonly { path: string }[];
    const staying = files.filter(({ path }) => left?.has(path));
    const set: Record<string, Json> = { codeTree, files: staying as unknown as Json, contentKey: null };
    if (record.fields["filesTree"] !== undefined) set["filesTree"] = filesTree ?? null;
    changes.push({ kind: "snapshot", id, set });
  }
  return changes;
}

/** What a run tells of its files follows what it and its after-snapshot keep of them. */
async function runChanges(project: OpenProject, plan: Plan): Promise<Change[]> {
  const census = await takeCensus(project);
  const runs = new Map<string, { kept?: string; after?: string }>();
  for (const [runId, tree] of census.keptTrees) {
    const made = plan.trees.get(tree);
    if (made) runs.set(runId, { kept: made });
  }
  for (const { id, filesTree } of plan.snapshots) {
    for (const run of await project.records.byField("run", "afterSnapshotId", id)) {
      runs.set(run.id, { ...runs.get(run.id), ...(filesTree ? { after: filesTree } : {}) });
    }
  }
  const changes: Change[] = [];
  for (const [id, trees] of runs) {
    const record = await project.records.get("run", id);
    if (!record) continue;
    const kept = trees.kept ?? (record.fields["keptTree"] as string | undefined);
    const left = new Set<string>();
    for (const tree of [kept, trees.after]) {
      if (tree) for (const { path } of await project.snapshots.listTree(tree)) left.add(path);
    }
    const set: Record<string, Json> = trees.kept ? { keptTree: trees.kept } : {};
    for (const path of Object.keys(record.fields)) {
      if (path.startsWith("files/") && !left.has(pathKeys(path).slice(1).join("/"))) set[path] = null;
    }
    if (Object.keys(set).length > 0) changes.push({ kind: "run", id, set });
  }
  return changes;
}

/** A definition that lacks a file cannot be built; what it was known as stays. */
async function environmentChanges(project: OpenProject, plan: Plan): Promise<Change[]> {
  const changes: Change[] = [];
  for (const [id, tree] of await environmentTrees(project)) {
    const made = plan.trees.get(tree);
    if (made) changes.push({ kind: "environment", id, set: { filesTree: made } });
  }
  return changes;
}
