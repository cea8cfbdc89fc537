import { basename } from "node:path";
import { errors } from "../../protocol/errors.ts";
import type { JsonObject } from "../../util/json.ts";
import type { OpenProject } from "../project/open-project.ts";
import { createSnapshot } from "../snapshots/snapshot-service.ts";
import { snapshottedSession } from "../snapshots/snapshotted-run.ts";
import { placeOfNamed } from "./place/paths-inside.ts";
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
  const isKnown = method === "snapshot.create" || method === "run.get";
  if (!isKnown) throw errors.METHOD_NOT_FOUND({ method });
  if (!asker) throw errors.RUN_NOT_ACTIVE({ id: runId, status: "gone" });
  if (method === "run.get") {
    await takePrinted(asker);
    return { run: asker.fields.run() } as unknown as JsonObject;
  }
  const asked = { message: typeof params["message"] === "string" ? params["message"] : "", runId };
  const label = typeof params["label"] === "string" ? { label: params["label"] } : {};
  const named = Array.isArray(params["paths"]) ? params["paths"].map(String) : undefined;
  const paths = named
    ? { paths: await Promise.all(named.map((spec) => specHere(project, asker, spec))) }
    : {};
  // Its journal is being read right now: what it logged before it asked has been taken in.
  const run = snapshottedSession(project, asker, true);
  const answer = await createSnapshot(project, { ...asked, ...label, ...paths }, () => run, {});
  return answer as unknown as JsonObject;
}

/** Its journal and its points have been taken in already: that is how the request came. */
async function takePrinted({ pump, metrics }: RunSession): Promise<void> {
  await pump.pull();
  await metrics.publish("now");
}

/** `SRC>NAME` as it is on this machine: what runs in a container names paths inside. */
async function specHere(
  project: OpenProject,
  { root, workingDirectory, fields }: RunSession,
  spec: string,
): Promise<string> {
  if (fields.get("image") === undefined) return spec;
  const [source = "", ...name] = spec.split(">");
  const place = await placeOfNamed({ project, run: fields, root, workingDirectory }, source.trim());
  if (place !== undefined) return [place, ...(name.length > 0 ? name : [basename(source)])].join(">");
  throw errors.PATH_INVALID({ path: source, reason: "it lies in none of the run's own folders" });
}
