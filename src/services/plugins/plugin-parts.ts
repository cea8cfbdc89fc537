import { intersect } from "../../domain/plugin-permissions.ts";
import { errors } from "../../protocol/errors.ts";
import type { BuiltinPlugin } from "../ports/builtin-plugins.ts";
import type { HookOutbox } from "../ports/hooks.ts";
import type {
  InstalledPlugin,
  PluginFailures,
  PluginGrant,
  PluginGrants,
  PluginHealth,
  PluginHost,
  PluginStore,
  RunnablePlugin,
} from "../ports/plugins.ts";

/** What a project has for its plugins. Opening is cheap; each part wakes up on first use. */
export interface PluginParts {
  readonly store: PluginStore;
  readonly grants: PluginGrants;
  readonly health: PluginHealth;
  readonly host: PluginHost;
  /** What they were not told yet. */
  readonly outbox: HookOutbox;
  /** Those that are part of datmo, by name. */
  readonly builtins: readonly BuiltinPlugin[];
}

/** Failures in a row after which a plugin rests. */
export const MOST_FAILURES = 5;
/** How long it rests. */
const REST_MS = 10 * 60_000;

/** Plugins that may be run, with their content read once for as long as neither it nor the grant changes. */
export function createRunnables({ store, grants }: Pick<PluginParts, "store" | "grants">): {
  /** Undefined when its present content was not granted anything. Throws PLUGIN_NOT_FOUND and PLUGIN_INVALID. */
  get(name: string): Promise<RunnablePlugin | undefined>;
} {
  const known = new Map<string, { stamp: string; grant: PluginGrant; plugin: RunnablePlugin }>();
  return {
    async get(name) {
      const [stamp, all] = await Promise.all([store.stamp(name), grants.all()]);
      if (stamp === undefined) throw errors.PLUGIN_NOT_FOUND({ name });
      const grant = all.get(name);
      const before = known.get(name);
      if (before && before.stamp === stamp && before.grant === grant) return before.plugin;
      const plugin = grant && runnable(await installed(store, name), grant);
      if (grant && plugin) known.set(name, { stamp, grant, plugin });
      return plugin;
    },
  };
}

/** Throws PLUGIN_NOT_FOUND and PLUGIN_INVALID. */
export async function installed(store: PluginStore, name: string): Promise<InstalledPlugin> {
  const found = await store.read(name);
  if (!found) throw errors.PLUGIN_NOT_FOUND({ name });
  return found;
}

export function runnable({ content }: InstalledPlugin, grant: PluginGrant): RunnablePlugin | undefined {
  if (grant.hash !== content.hash) return undefined;
  return { content, permissions: intersect(content.manifest.asks, grant.permissions), all: grant.all };
}

/** Its failures in a row. Throws PLUGIN_OFF when these are too many. */
export async function throwIfResting(
  health: PluginHealth,
  { content }: RunnablePlugin,
): Promise<PluginFailures | undefined> {
  const { name } = content.manifest;
  const bad = await health.read(name, content.hash);
  if (!bad || bad.failures < MOST_FAILURES || Date.now() - bad.at > REST_MS) return bad;
  // The sentence that it is put into has its own end.
  throw errors.PLUGIN_OFF({ name, failures: bad.failures, reason: bad.reason.replace(/\.+$/, "") });
}

/**
 * Kinds of errors that are the plugin's process's doing, not those of one call. What is wrong with its files stays so,
 * and is said each time: it does not get better by a rest.
 */
export const PROCESS_FAILURES: ReadonlySet<string> = new Set([
  "PLUGIN_CRASHED",
  "PLUGIN_TIMEOUT",
  "PLUGIN_LIMIT",
  "PLUGIN_ANSWER",
]);
