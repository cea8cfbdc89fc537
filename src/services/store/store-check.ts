import { join } from "node:path";
import { isId } from "../../domain/ids.ts";
import type { StoreFsckResult } from "../../protocol/types.ts";
import { isThere, lstatOf, readSmallFile } from "../../util/safe-files.ts";
import type { StoreProblem } from "../ports/records.ts";
import type { WorkOptions } from "../ports/snapshots.ts";
import type { OpenProject } from "../project/open-project.ts";
import { throwIfCancelled } from "./cancelled.ts";
import { namesIn } from "./folder-sizes.ts";
import { everyRecord, isCollected } from "./run-census.ts";

type FoundObject = StoreFsckResult["objects"][number];
type Note = NonNullable<StoreFsckResult["notes"]>[number];

const LARGEST_JSON = 32 * 1024 * 1024;

/** Reads everything that the project keeps and says what is damaged, and what that touches. Changes nothing. */
export async function checkStore(project: OpenProject, options: WorkOptions): Promise<StoreFsckResult> {
  options.progress?.({ message: "Reading the records" });
  const problems = (await project.records.check(options.signal)).map((problem) => ({ ...problem }));
  options.progress?.({ message: "Reading metric points and folders of runs" });
  problems.push(...(await checkRuns(project, options)));
  options.progress?.({ message: "Reading the snapshots" });
  const { lost, notes } = await compareWithRecords(project);
  const found = (await project.collector.check(options)).map((damage): FoundObject => ({ ...damage }));
  const objects = await withRuns(project, [...found, ...lost]);
  return {
    clean: problems.length === 0 && objects.length === 0,
    problems,
    objects,
    ...(notes.length > 0 ? { notes } : {}),
  };
}

async function checkRuns(project: OpenProject, { signal }: WorkOptions): Promise<StoreProblem[]> {
  const problems: StoreProblem[] = [];
  for (const id of (await namesIn(join(project.datmo, "series"))).filter(isId)) {
    throwIfCancelled(signal);
    problems.push(...(await project.series.check(id)));
  }
  for (const id of (await namesIn(join(project.datmo, "tasks"))).filter(isId)) {
    throwIfCancelled(signal);
    problems.push(...(await checkTaskFolder(project, id)));
  }
  for (const id of await project.openRuns.ids()) {
    const file = join("open", `${id}.json`);
    // Looked for again: a run that ends takes its file away.
    const unreadable = !(await project.openRuns.read(id)) && (await isThere(join(project.datmo, file)));
    if (unreadable) problems.push(unusable(id, file));
  }
  return problems;
}

/** What datmo itself wrote there; the rest is the run's own. */
async function checkTaskFolder(project: OpenProject, id: string): Promise<StoreProblem[]> {
  const folder = project.taskDirectory(id);
  if (!(await lstatOf(folder))?.isDirectory()) return [unusable(id, join("tasks", id))];
  const problems: StoreProblem[] = [];
  for (const name of ["process.json", "exit.json", "config.json"]) {
    try {
      const text = (await readSmallFile(join(folder, name), LARGEST_JSON))?.toString("utf8");
      // The wrapper of a killed machine may have left it empty; its end is then not known, and told as lost.
      if (text !== undefined && text.trim() !== "") JSON.parse(text);
    } catch {
      problems.push(unusable(id, join("tasks", id, name)));
    }
  }
  const output = await lstatOf(join(folder, "output.log"));
  if (output && !output.isFile()) problems.push(unusable(id, join("tasks", id, "output.log")));
  return problems;
}

function unusable(runId: string, file: string): StoreProblem {
  return {
    kind: "TASK_FILE_INVALID",
    message: `${file} of run ${runId} cannot be read.`,
    details: { file, runId, reason: "it cannot be read" },
  };
}

/** Snapshots with a record and without a reference, and the other way round. */
async function compareWithRecords(project: OpenProject): Promise<{ lost: FoundObject[]; notes: Note[] }> {
  const lost: FoundObject[] = [];
  const notes: Note[] = [];
  // References first: a snapshot that is taken meanwhile has one before it has a record.
  const unknown = new Set(await project.snapshots.ids());
  for await (const record of everyRecord(project, "snapshot")) {
    const stored = unknown.delete(record.id);
    if (record.deleted && stored) {
      const note = `snapshot ${record.id} was deleted and its content is still there`;
      notes.push({ path: refOf(record.id), note, hint: "`datmo gc` removes it." });
    }
    if (record.deleted || isCollected(record) || stored || (await project.snapshots.exists(record.id)))
      continue;
    lost.push({
      path: `snapshot ${record.id}`,
      problem: "it is recorded and not in .datmo/git",
      snapshots: [record.id],
      hint: "Bring .datmo/git back from a backup or pull it from a remote, or forget it with `datmo snapshot delete`.",
    });
  }
  for (const id of unknown) {
    if (await project.records.get("snapshot", id)) continue;
    const note = "no record tells of this snapshot; its content is whole";
    const hint = `\`git --git-dir .datmo/git show ${refOf(id)}\` shows it; \`git update-ref -d\` and \`datmo gc\` remove it.`;
    notes.push({ path: refOf(id), note, hint });
  }
  return { lost, notes };
}

function refOf(id: string): string {
  return `refs/datmo/snapshots/${id}`;
}

/** Tells which runs began or ended with a damaged snapshot. */
async function withRuns(project: OpenProject, objects: readonly FoundObject[]): Promise<FoundObject[]> {
  const told: FoundObject[] = [];
  const known = new Map<string, string[]>();
  for (const object of objects) {
    const runs = new Set<string>();
    for (const id of object.snapshots) {
      if (!known.has(id)) known.set(id, await runsOf(project, id));
      for (const run of known.get(id) ?? []) runs.add(run);
    }
    told.push(runs.size > 0 ? { ...object, runs: [...runs].sort() } : object);
  }
  return told;
}

async function runsOf(project: OpenProject, snapshotId: string): Promise<string[]> {
  const fields = ["beforeSnapshotId", "afterSnapshotId"];
  const found = await Promise.all(fields.map((field) => project.records.byField("run", field, snapshotId)));
  return found.flat().map(({ id }) => id);
}
