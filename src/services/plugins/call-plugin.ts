import { paramsProblem } from "../../domain/simple-schema.ts";
import { errors } from "../../protocol/errors.ts";
import type { PluginCallParams, PluginCallResult } from "../../protocol/types.ts";
import type { JsonObject } from "../../util/json.ts";
import type { RunnablePlugin } from "../ports/plugins.ts";
import type { OpenProject } from "../project/open-project.ts";
import { askPlugin, runnablePlugin } from "./ask-plugin.ts";
import { builtinNamed } from "./builtins.ts";

/** Longest time that a command may take when nothing else is said. */
const DEFAULT_MS = 60_000;

/** Calls a command of a plugin that was granted what it is to do. */
export async function callPlugin(
  project: OpenProject,
  params: PluginCallParams,
  signal: AbortSignal,
): Promise<PluginCallResult> {
  const { name } = params;
  if (builtinNamed(project.plugins, name))
    throw errors.PLUGIN_COMMAND_UNKNOWN({ name, command: params.command });
  const plugin = await runnablePlugin(project, name);
  checkParams(plugin, params);
  const { command, timeoutMs = DEFAULT_MS } = params;
  const call = { name: command, params: (params.params ?? {}) as JsonObject };
  const { result } = await askPlugin(
    project,
    plugin,
    { name: "command.call", params: call },
    { timeoutMs, signal },
  );
  return { result };
}

function checkParams(plugin: RunnablePlugin, { name, command, params }: PluginCallParams): void {
  const { provides } = plugin.content.manifest;
  const known = provides.find((it) => it.kind === "command" && it.name === command);
  if (!known) throw errors.PLUGIN_COMMAND_UNKNOWN({ name, command });
  const problem = paramsProblem(known.params as JsonObject | undefined, (params ?? {}) as JsonObject);
  if (problem === undefined) return;
  throw errors.INVALID_PARAMS({ summary: `${problem}.`, problems: [{ path: "/params", message: problem }] });
}
