import { isDatmoError } from "../../protocol/errors.ts";
import type { PluginProvides } from "../../protocol/types.ts";
import type { RunnablePlugin } from "../ports/plugins.ts";
import type { OpenProject } from "../project/open-project.ts";
import { runnablePlugin, runnablesOf } from "./ask-plugin.ts";
import { installed } from "./plugin-parts.ts";

/** Something that a plugin provides, with the plugin as it may be run. */
export interface Provider {
  readonly plugin: RunnablePlugin;
  readonly provides: PluginProvides;
}

/** What the granted plugins provide of a kind, by name of the plugin. What cannot be used is left out. */
export async function providersOf(project: OpenProject, kind: string): Promise<Provider[]> {
  const found: Provider[] = [];
  for (const name of await project.plugins.store.names()) {
    const plugin = await runnablesOf(project).get(name).catch(ignoreUnusable);
    for (const provides of plugin?.content.manifest.provides ?? []) {
      if (plugin && provides.kind === kind) found.push({ plugin, provides });
    }
  }
  return found;
}

/**
 * The plugin that provides something by its name, also asked for when it was not granted anything: then throws
 * PLUGIN_NOT_GRANTED. Undefined when no installed plugin does.
 */
export async function findProvider(
  project: OpenProject,
  kind: string,
  wanted: string,
): Promise<Provider | undefined> {
  const { store } = project.plugins;
  for (const name of await store.names()) {
    const found = await installed(store, name).catch(ignoreUnusable);
    const provides = found?.content.manifest.provides.find((it) => it.kind === kind && it.name === wanted);
    if (provides) return { plugin: await runnablePlugin(project, name), provides };
  }
  return undefined;
}

/** Names of what the granted plugins provide of a kind. */
export async function namesProvided(project: OpenProject, kind: string): Promise<string[]> {
  const found = await providersOf(project, kind);
  return found.flatMap(({ provides: { name } }) => (name === undefined ? [] : [name])).sort();
}

/** Broken, or removed by somebody else meanwhile; `plugin ls` tells. */
function ignoreUnusable(error: unknown): undefined {
  if (isDatmoError(error)) return undefined;
  throw error;
}
