import type { ToolAnnotations } from "@modelcontextprotocol/server";
import { methodInfo } from "../protocol/methods.ts";
import type { GrantableMethod } from "../protocol/tool-schemas.js";

type Changing = {
  [M in GrantableMethod]: (typeof methodInfo)[M]["pluginAccess"] extends "read" ? never : M;
}[GrantableMethod];

/**
 * What methods that change something do: `adds` only, `replaces` what can be changed back, `destroys` or overwrites
 * what may be missed, `runs` commands, which may do anything. A new method does not compile until this is decided.
 */
const EFFECT: Readonly<Record<Changing, "adds" | "replaces" | "destroys" | "runs">> = {
  "config.log": "adds",
  "environment.setup": "destroys",
  "environment.create": "adds",
  "environment.update": "replaces",
  "environment.use": "replaces",
  "environment.build": "runs",
  "environment.delete": "destroys",
  "environment.export": "adds",
  "file.log": "adds",
  "metric.log": "adds",
  "project.update": "replaces",
  "queue.add": "runs",
  "queue.claim": "runs",
  "queue.cancel": "destroys",
  "run.start": "runs",
  "run.create": "adds",
  "run.finish": "adds",
  "run.update": "replaces",
  "run.delete": "destroys",
  "run.undelete": "adds",
  "run.stop": "destroys",
  "run.rerun": "runs",
  "snapshot.create": "adds",
  "snapshot.update": "replaces",
  "snapshot.delete": "destroys",
  "snapshot.checkout": "destroys",
  "sweep.start": "runs",
  "task.create": "adds",
  "task.run": "runs",
  "workspace.start": "runs",
  "workspace.stop": "destroys",
};

/** Calling it again with the same arguments changes nothing more. */
const IDEMPOTENT: ReadonlySet<GrantableMethod> = new Set<GrantableMethod>([
  "config.log",
  "environment.create",
  "environment.update",
  "environment.use",
  "project.update",
  "run.update",
  "run.undelete",
  "snapshot.create",
  "snapshot.update",
  "task.create",
]);

/** Hints for the client, which asks its user before what is not harmless. */
export function annotationsOf(method: GrantableMethod): ToolAnnotations {
  if (methodInfo[method].pluginAccess === "read") return { readOnlyHint: true, openWorldHint: false };
  const effect = EFFECT[method as Changing];
  return {
    readOnlyHint: false,
    destructiveHint: effect === "destroys" || effect === "runs",
    idempotentHint: IDEMPOTENT.has(method),
    openWorldHint: effect === "runs",
  };
}
