import { errors } from "../../protocol/errors.ts";
import type { JsonObject } from "../../util/json.ts";
import type { OpenProject } from "../project/open-project.ts";
import { createSnapshot } from "../snapshots/snapshot-service.ts";
import { snapshottedSession } from "../snapshots/snapshotted-run.ts";
import type { RunSession } from "./run-session.ts";

/**
 * A request that a run left in its journal: only what the journal's schema allows, only about that run.
 * `asker`: absent, whoever asked is gone. The folder may have changed since: what it asked for cannot be had.
 */
export async function answerJournalRequest(
  project: OpenProject,
  asker: RunSession | undefined,
  runId: string,
  method: string,
  params: JsonObject,
): Promise<JsonObject> {
  if (method !== "snapshot.create") throw errors.METHOD_NOT_FOUND({ method });
  if (!asker) throw errors.RUN_NOT_ACTIVE({ id: runId, status: "gone" });
  const asked = { message: typeof params["message"] === "string" ? params["message"] : "", runId };
  const label = typeof params["label"] === "string" ? { label: params["label"] } : {};
  const paths = Array.isArray(params["paths"]) ? { paths: params["paths"].map(String) } : {};
  // Its journal is being read right now: what it logged before it asked has been taken in.
  const run = snapshottedSession(project, asker, true);
  const answer = await createSnapshot(project, { ...asked, ...label, ...paths }, () => run, {});
  return answer as unknown as JsonObject;
}
