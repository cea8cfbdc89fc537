import { isAbsolute, join, resolve } from "node:path";
import { PATH_RULES, pathsOf } from "../domain/path-rules.ts";
import { errors } from "../protocol/errors.ts";
import { methodInfo } from "../protocol/methods.ts";
import type { GrantableMethod } from "../protocol/tool-schemas.js";
import type { JsonObject } from "../util/json.ts";
import { findProjectRoot } from "../util/project-root.ts";
import { isWithin, realOf } from "../util/real-path.ts";
import type { Grant } from "./engine-port.ts";
import { argumentsOf, toolName } from "./tools.ts";

const HINT = "Whoever started `datmo mcp` can allow it with --allow-exec.";

/**
 * Throws what keeps a call from being made: a method that runs commands, a param that is no agent's, a file outside
 * of the project. Whoever may run commands may reach any file, so nothing is held against paths then.
 */
export async function assertGranted(
  method: GrantableMethod,
  params: JsonObject,
  grant: Grant,
): Promise<void> {
  const { pluginAccess } = methodInfo[method];
  if (pluginAccess === "exec" && !grant.allowExec)
    throw errors.METHOD_NOT_GRANTED({ method, reason: "it runs commands" });
  const taken = argumentsOf(method);
  const strange = Object.keys(params).find((name) => !Object.hasOwn(taken, name));
  if (strange !== undefined) {
    const names = Object.keys(taken).join(", ");
    throw errors.INVALID_PARAMS(
      { summary: `${toolName(method)} takes no ${strange.slice(0, 100)}.`, problems: [] },
      { hint: names === "" ? "It takes nothing." : `It takes ${names}.` },
    );
  }
  if (!grant.allowExec) await assertInProject(method, params, grant.directory);
}

async function assertInProject(
  method: GrantableMethod,
  params: JsonObject,
  directory: string,
): Promise<void> {
  const project = (await findProjectRoot(directory)) ?? directory;
  const root = await realOf(project);
  const kept = await realOf(join(project, ".datmo"));
  for (const rule of PATH_RULES[method] ?? []) {
    for (const path of pathsOf(rule, params)) {
      if (rule.access === "run") throw outside(path, "it is a program that would be started");
      // `SRC>NAME`: what comes behind is a name inside datmo.
      const source = path.split(">", 1)[0] ?? "";
      const wanted = await realOf(isAbsolute(source) ? source : resolve(project, source));
      if (isWithin(kept, wanted)) throw outside(path, "it belongs to datmo itself");
      if (!isWithin(root, wanted)) throw outside(path, "it lies outside of the project");
    }
  }
}

function outside(path: string, reason: string): Error {
  return errors.PATH_INVALID({ path, reason }, { hint: HINT });
}
