import type { SnapshotCreateParams } from "../../protocol/types.ts";
import type { JsonObject } from "../../util/json.ts";
import type { WorkOptions } from "../ports/snapshots.ts";
import type { OpenProject } from "../project/open-project.ts";
import { type HeldEnvironment, HOST, heldOfRecord, heldOfRun } from "./held-environment.ts";
import type { SnapshottedRun } from "./snapshotted-run.ts";

/** Of a run that is going on: its own. Else the one asked for. */
export async function environmentFor(
  project: OpenProject,
  { environment, environmentPaths }: SnapshotCreateParams,
  run: SnapshottedRun | undefined,
  options: WorkOptions,
): Promise<HeldEnvironment | undefined> {
  if (run) return heldOfRun(project, (field) => (run.run() as unknown as JsonObject)[field]);
  if (environment === undefined && environmentPaths === undefined) return undefined;
  if (environment === "host" && environmentPaths === undefined) return HOST;
  const choice = {
    ...(environment === undefined ? {} : { environment }),
    ...(environmentPaths === undefined ? {} : { environmentPaths }),
  };
  const { recordedChoice } = await import("../environments/resolve.ts");
  return heldOfRecord(project, await recordedChoice(project, choice, options));
}
