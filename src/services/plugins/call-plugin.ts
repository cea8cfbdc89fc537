import { paramsProblem } from "../../domain/simple-schema.ts";
import { errors, isDatmoError } from "../../protocol/errors.ts";
import type { PluginCallParams, PluginCallResult } from "../../protocol/types.ts";
import type { JsonObject } from "../../util/json.ts";
import type { RunnablePlugin } from "../ports/plugins.ts";
import type { OpenProject } from "../project/open-project.ts";
import { notGranted } from "./describe-plugin.ts";
import { createRunnables, installed, PROCESS_FAILURES, throwIfResting } from "./plugin-parts.ts";

/** Longest time that a command may take when nothing else is said. */
const DEFAULT_MS = 60_000;

const runnables = new WeakMap<OpenProject, ReturnType<typeof createRunnables>>();

/** Calls a command of a plugin that was granted what it is to do. */
export async function callPlugin(
  project: OpenProject,
  params: PluginCallParams,
  signal: AbortSignal,
): Promise<PluginCallResult> {
  const { plugins } = project;
  const plugin = await runnableOf(project, params.name);
  checkParams(plugin, params);
  const failed = await throwIfResting(plugins.health, plugin);
  const { name, command, timeoutMs = DEFAULT_MS } = params;
  try {
    const answer = (await plugins.host.call(
      plugin,
      "command",
      { name: command, params: (params.params ?? {}) as JsonObject },
      { timeoutMs, signal },
    )) as JsonObject | null;
    if (failed) await plugins.health.forget(name);
    return { result: answer?.["result"] ?? null };
  } catch (error) {
    // A command that takes too long for its caller says nothing about the plugin.
    const counts = isDatmoError(error) && PROCESS_FAILURES.has(error.kind) && error.kind !== "PLUGIN_TIMEOUT";
    if (counts) await plugins.health.failed(name, plugin.content.hash, (error as Error).message);
    throw error;
  }
}

async function runnableOf(project: OpenProject, name: string): Promise<RunnablePlugin> {
  const { plugins } = project;
  let known = runnables.get(project);
  if (!known) {
    known = createRunnables(plugins);
    runnables.set(project, known);
  }
  const plugin = await known.get(name);
  if (plugin) return plugin;
  throw notGranted((await installed(plugins.store, name)).content.manifest);
}

function checkParams(plugin: RunnablePlugin, { name, command, params }: PluginCallParams): void {
  const { provides } = plugin.content.manifest;
  const known = provides.find((it) => it.kind === "command" && it.name === command);
  if (!known) throw errors.PLUGIN_COMMAND_UNKNOWN({ name, command });
  const problem = paramsProblem(known.params as JsonObject | undefined, (params ?? {}) as JsonObject);
  if (problem === undefined) return;
  throw errors.INVALID_PARAMS({ summary: `${problem}.`, problems: [{ path: "/params", message: problem }] });
}
