import { isDatmoError } from "../../protocol/errors.ts";
import type { PluginCall, PluginCallMap } from "../../protocol/methods.ts";
import type { PluginCallOptions, RunnablePlugin } from "../ports/plugins.ts";
import type { OpenProject } from "../project/open-project.ts";
import { notGranted } from "./describe-plugin.ts";
import { createRunnables, installed, PROCESS_FAILURES, throwIfResting } from "./plugin-parts.ts";

const runnables = new WeakMap<OpenProject, ReturnType<typeof createRunnables>>();

/** The plugin as it may be run. Throws PLUGIN_NOT_FOUND, PLUGIN_INVALID and PLUGIN_NOT_GRANTED. */
export async function runnablePlugin(project: OpenProject, name: string): Promise<RunnablePlugin> {
  const { plugins } = project;
  const plugin = await runnablesOf(project).get(name);
  if (plugin) return plugin;
  throw notGranted((await installed(plugins.store, name)).content.manifest);
}

/** Undefined when its present content was not granted anything. Throws PLUGIN_NOT_FOUND and PLUGIN_INVALID. */
export function runnablesOf(project: OpenProject): ReturnType<typeof createRunnables> {
  let known = runnables.get(project);
  if (!known) {
    known = createRunnables(project.plugins);
    runnables.set(project, known);
  }
  return known;
}

/**
 * Makes a call of what a plugin provides, and keeps count of its failures: after several in a row it rests. Throws
 * PLUGIN_OFF while it does, else as `PluginHost.call`.
 */
export async function askPlugin<C extends PluginCall>(
  { plugins: { health, host } }: OpenProject,
  plugin: RunnablePlugin,
  call: { readonly name: C; readonly params: PluginCallMap[C]["params"] },
  options: PluginCallOptions,
): Promise<PluginCallMap[C]["result"]> {
  const { content } = plugin;
  const { name } = content.manifest;
  const failed = await throwIfResting(health, plugin);
  try {
    const answer = await host.call(plugin, call.name, call.params, options);
    if (failed) await health.forget(name);
    return answer;
  } catch (error) {
    // A command that takes too long for its caller says nothing about the plugin.
    const isSlow = call.name === "command.call" && isDatmoError(error) && error.kind === "PLUGIN_TIMEOUT";
    const counts = isDatmoError(error) && PROCESS_FAILURES.has(error.kind) && !isSlow;
    if (counts) await health.failed(name, content.hash, (error as Error).message);
    throw error;
  }
}
