import { PATH_RULES, pathsOf } from "../../../domain/path-rules.ts";
import { PERMISSION_KINDS, type PermissionKind } from "../../../domain/plugin-permissions.ts";
import { methodInfo } from "../../../protocol/methods.ts";
import type { JsonObject } from "../../../util/json.ts";
import type { PluginContent } from "../../ports/plugins.ts";
import type { Case } from "./cases.ts";

/**
 * The first thing that reaches further than a project which is thrown away: what the plugin asks for, or what its
 * tests do themselves. Undefined: whoever tests it risks nothing.
 */
export function reachesBeyond({ manifest }: PluginContent, cases: readonly Case[]): string | undefined {
  for (const kind of PERMISSION_KINDS) {
    const value = manifest.asks[kind].find((it) => !isWithin(kind, it));
    if (value !== undefined) return `${kind} ${value}`;
  }
  for (const { name, steps } of cases) {
    const step = steps.find(({ run, request, params = {} }) => run !== undefined || acts(request, params));
    if (step)
      return `its test "${name}" to ${step.run === undefined ? "call" : "run"} ${step.run ?? step.request}`;
  }
  return undefined;
}

function isWithin(kind: PermissionKind, value: string): boolean {
  if (kind === "engine") return true;
  return (kind === "read" || kind === "write") && isInside(value);
}

/** What plugins never call, and tests may: the one path that each of these reads or writes. */
const PATHS: Readonly<Record<string, string>> = { "importer.run": "path", "exporter.run": "directory" };

/** Whether a request may do something outside of the project. */
function acts(method: string | undefined, params: JsonObject): boolean {
  if (method === undefined) return false;
  const info = Object.hasOwn(methodInfo, method) ? methodInfo[method as keyof typeof methodInfo] : undefined;
  // One that nobody knows fails by itself.
  if (info === undefined) return false;
  const path = Object.hasOwn(PATHS, method) ? params[PATHS[method] as string] : undefined;
  if (typeof path === "string") return !isInside(path);
  if (info.pluginAccess === "never" || info.pluginAccess === "exec") return true;
  return (PATH_RULES[method] ?? []).some((rule) =>
    pathsOf(rule, params).some((path) => rule.access === "run" || !isInside(path)),
  );
}

/** As it is written: nothing is there yet that it could lead to. */
function isInside(path: string): boolean {
  return !path.startsWith("/") && !/(^|\/)\.\.(\/|$)|[{>]/.test(path);
}
