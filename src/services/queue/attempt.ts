import { randomBytes } from "node:crypto";
import { rename } from "node:fs/promises";
import { dirname, join } from "node:path";
import { isEnded } from "../../domain/run-record.ts";
import { removeFolder } from "../../util/remove-folder.ts";
import type { Lease } from "../ports/queue.ts";
import type { StoredRecord } from "../ports/records.ts";
import type { OpenProject } from "../project/open-project.ts";
import { driverOfRun } from "../runs/drivers.ts";
import { isolatedCopyOf } from "../runs/isolated-copy.ts";
import { readTaskJson } from "../runs/task-files.ts";

/*
 * A worker that was killed may have left a run at any step of its start. Whoever holds the run's lease finds out
 * whether its command was ever started: if so the run is finished as any other whose engine is gone; if not, what
 * the attempt left is cleared away and the run waits on.
 */

export type Attempt = "none" | "unknown" | "begun";

/** Whether the command of a queued run was started. `unknown`: it may be about to be, or to say that it was not. */
export async function attemptOf(project: OpenProject, record: StoredRecord): Promise<Attempt> {
  const status = record.fields["status"];
  if (status === "running") return "begun";
  const driver = await driverOfRun(project, record.fields["driver"]);
  const state = await driver.inspect(project.taskDirectory(record.id));
  if (state.state === "alive") return "unknown";
  if (state.state === "ended") return state.exit.begun === false ? "none" : "begun";
  return state.unstarted ? "none" : "begun";
}

/**
 * Makes a run that nobody executes wait again, for whoever holds its lease. True: it waits. False: it does not,
 * because it ended, was stopped, or has no record.
 */
export async function backToWaiting(project: OpenProject, runId: string, lease: Lease): Promise<boolean> {
  const record = await project.records.get("run", runId);
  const directory = project.taskDirectory(runId);
  const stopped = (await readTaskJson(directory, "stop.json")) !== undefined;
  const status = record?.fields["status"];
  const over = !record || record.deleted || isEnded(String(status));
  if (over) await lease.finish();
  else if (stopped) await endWaiting(project, runId, lease);
  else if (status !== "queued") {
    await project.records.commit([{ kind: "run", id: runId, set: { status: "queued" } }]);
  }
  if (await project.openRuns.read(runId)) {
    await isolatedCopyOf(project, runId, []).remove();
    // Its wrapper may still write into the folder: the next one under this name is another.
    await removeAside(directory);
    await project.openRuns.remove(runId);
  }
  return !over && !stopped;
}

/** Ends a run that waits, for whoever holds its lease. Its record first: from then on nobody starts it. */
export async function endWaiting(project: OpenProject, runId: string, lease: Lease): Promise<void> {
  const endedAt = new Date().toISOString();
  await project.records.commit([{ kind: "run", id: runId, set: { status: "stopped", endedAt } }]);
  await lease.finish();
}

async function removeAside(directory: string): Promise<void> {
  const aside = join(dirname(directory), `.removed-${randomBytes(6).toString("hex")}`);
  try {
    await rename(directory, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return;
    throw error;
  }
  await removeFolder(aside).catch(() => undefined);
}
