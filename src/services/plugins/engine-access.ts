import { isAbsolute, resolve } from "node:path";
import { PATH_RULES, type PathRule, pathsOf } from "../../domain/path-rules.ts";
import { covers } from "../../domain/plugin-permissions.ts";
import { errors } from "../../protocol/errors.ts";
import { methodInfo } from "../../protocol/methods.ts";
import type { JsonObject } from "../../util/json.ts";
import { isWithin, realOf } from "../../util/real-path.ts";
import type { AnswerPlugin, PluginAudit, RunnablePlugin } from "../ports/plugins.ts";

/** Calls a method of the protocol as a client would: params checked, errors those of the table. */
export type CallMethod = (method: string, params: unknown, signal: AbortSignal) => Promise<object>;

export interface EngineAccessOptions {
  readonly projectDirectory: string;
  readonly callMethod: CallMethod;
  readonly audit: PluginAudit;
}

/** What a plugin may do with the engine: what it was granted by name, and with files only what it may do itself. */
export function createEngineAccess(options: EngineAccessOptions): AnswerPlugin {
  return async (plugin, method, params, signal) => {
    const act = (await deniedAct(plugin, method, params, options.projectDirectory)) ?? undefined;
    if (act === undefined) return options.callMethod(method, params, signal);
    const { name } = plugin.content.manifest;
    await options.audit({ plugin: name, hash: plugin.content.hash, denied: act });
    throw errors.PLUGIN_PERMISSION_DENIED({ name, act });
  };
}

/** What it wants and may not, in words. */
async function deniedAct(
  plugin: RunnablePlugin,
  method: string,
  params: unknown,
  project: string,
): Promise<string | undefined> {
  const call = `call ${method.slice(0, 100)}`;
  const info = Object.hasOwn(methodInfo, method) ? methodInfo[method as keyof typeof methodInfo] : undefined;
  if (info === undefined || info.pluginAccess === "never") return call;
  if (plugin.all) return undefined;
  if (!plugin.permissions.engine.includes(method)) return call;
  if (info.pluginAccess === "exec" && !plugin.permissions.run.includes("*")) {
    return `${call}, which runs commands, without being allowed to start every program (--allow-run=*)`;
  }
  if (info.pluginAccess === "exec") return undefined;
  for (const rule of PATH_RULES[method] ?? []) {
    for (const path of pathsOf(rule, params as JsonObject)) {
      if (!(await isAllowed(plugin, rule, path, project)))
        return `${rule.access} ${path} by way of ${method}`;
    }
  }
  return undefined;
}

async function isAllowed(
  { permissions }: RunnablePlugin,
  { access }: PathRule,
  path: string,
  project: string,
): Promise<boolean> {
  if (access === "run") return permissions.run.some((granted) => covers("run", granted, path));
  // `SRC>NAME`: what comes behind is a name inside datmo. A file of such a name is not told apart, and denied.
  const source = path.includes(">") ? path.slice(0, path.indexOf(">")) : path;
  const wanted = await realOf(isAbsolute(source) ? source : resolve(project, source));
  if (isWithin(await realOf(resolve(project, ".datmo")), wanted)) return false;
  for (const granted of permissions[access]) {
    if (isWithin(await realOf(resolve(project, granted)), wanted)) return true;
  }
  return false;
}
