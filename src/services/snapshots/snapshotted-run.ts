import { isEnded, runFromRecord } from "../../domain/run-record.ts";
import type { Run } from "../../protocol/types.ts";
import { findRecord } from "../lookup.ts";
import type { StoredRecord } from "../ports/records.ts";
import type { SnapshotStore } from "../ports/snapshots.ts";
import type { OpenProject } from "../project/open-project.ts";
import { isolatedCopyOf } from "../runs/isolated-copy.ts";
import { createKeptFiles } from "../runs/kept-files.ts";
import { createRunFields } from "../runs/run-fields.ts";
import type { RunSession } from "../runs/run-session.ts";
import { producedFiles } from "../runs/task-files.ts";
import type { FilesState } from "./files-state.ts";

/** A run that is going on while its state is saved. */
export interface SnapshottedRun {
  readonly id: string;
  /** Root of the files that it works on: the project, or its isolated copy. */
  readonly root: string;
  run(): Run;
  /** Takes in what it has said and printed up to now. */
  refresh(): Promise<void>;
  /** What it has kept so far, and what is in its own folder. */
  files(): Promise<FilesState | undefined>;
  /** The store over its isolated copy, to be closed. Absent: it works on the project. */
  readonly openStore?: () => SnapshotStore;
  /** Folders that files to be kept must lie in. Absent: anywhere. */
  readonly within?: readonly string[];
}

/** A run of this engine. `asking`: its journal is being read right now, and what asks is a line of it. */
export function snapshottedSession(
  project: OpenProject,
  session: RunSession,
  asking: boolean,
): SnapshottedRun {
  const { root, fields, intake } = session;
  const directory = project.taskDirectory(fields.id);
  const notCaptured = (fields.get("notCaptured") as string[] | undefined) ?? [];
  return {
    id: fields.id,
    root,
    run: () => fields.run(),
    async refresh() {
      if (!asking) await intake.pull();
      await writeMetrics(session);
    },
    async files() {
      const left = await producedFiles(directory);
      return asking ? intake.filesWithin(left) : intake.files(left);
    },
    ...(root === project.directory ? {} : { openStore: () => project.snapshotsAt(root, notCaptured) }),
    ...(asking ? { within: [root, directory] } : {}),
  };
}

/** The runs of this engine, by their ids. */
export function ownRuns(
  project: OpenProject,
  active: { get(runId: string): { readonly session?: RunSession } | undefined },
): (runId: string) => SnapshottedRun | undefined {
  return (runId) => {
    const session = active.get(runId)?.session;
    return session && snapshottedSession(project, session, false);
  };
}

/** Puts everything that was logged and printed so far into the run's record, which else lags a little behind. */
async function writeMetrics(session: RunSession): Promise<void> {
  await session.pump.pull();
  const fields = session.metrics.finalFields();
  if (Object.keys(fields).length > 0) await session.fields.write(fields, "process");
}

/** The run that is meant, when it goes on: in this engine or in another one. */
export async function goingOn(
  project: OpenProject,
  asked: string,
  active: (runId: string) => SnapshottedRun | undefined,
): Promise<SnapshottedRun | undefined> {
  const own = active(asked);
  if (own) return own;
  const record = await findRecord(project, "run", asked);
  const { status } = record.fields;
  return active(record.id) ?? (isEnded(String(status)) ? undefined : elsewhere(project, record));
}

/** A run of another engine: what that one has recorded so far. */
function elsewhere(project: OpenProject, record: StoredRecord): SnapshottedRun {
  const { id, createdAt, fields } = record;
  const isolated = fields["isolated"] === true;
  const root = isolated ? isolatedCopyOf(project, id, []).root : project.directory;
  const notCaptured = (fields["notCaptured"] as string[] | undefined) ?? [];
  const run = createRunFields(project, id, createdAt, fields);
  const kept = createKeptFiles({ project, run, root, workingDirectory: root, warn: () => undefined });
  return {
    id,
    root,
    run: () => runFromRecord(record),
    refresh: async () => undefined,
    files: async () => kept.all(await producedFiles(project.taskDirectory(id))),
    ...(isolated ? { openStore: () => project.snapshotsAt(root, notCaptured) } : {}),
  };
}
