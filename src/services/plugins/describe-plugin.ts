import { intersect, permissionsToWire } from "../../domain/plugin-permissions.ts";
import { permissionsText } from "../../domain/plugin-sentences.ts";
import { errors, isDatmoError } from "../../protocol/errors.ts";
import type { Plugin } from "../../protocol/types.ts";
import type { PluginGrant, RunnablePlugin } from "../ports/plugins.ts";
import { installed, type PluginParts, runnable, throwIfResting } from "./plugin-parts.ts";

/** The plugin as the protocol shows it, also when its files cannot be used. Throws PLUGIN_NOT_FOUND. */
export async function describePlugin(parts: PluginParts, name: string): Promise<Plugin> {
  const grant = (await parts.grants.all()).get(name);
  try {
    return await described(parts, name, grant);
  } catch (error) {
    if (!isDatmoError(error) || error.kind === "PLUGIN_NOT_FOUND") throw error;
    return {
      name,
      version: "",
      runtime: "",
      hash: "",
      provides: [],
      asks: {},
      state: "broken",
      problem: error.message,
      installedAt: "",
      source: "",
    };
  }
}

async function described(parts: PluginParts, name: string, grant: PluginGrant | undefined): Promise<Plugin> {
  const found = await installed(parts.store, name);
  const { manifest, hash } = found.content;
  const plugin = grant && runnable(found, grant);
  const off = plugin && (await reasonOfRest(parts, plugin));
  const last = await parts.health.read(name, hash);
  const missed = plugin ? missedText(await parts.outbox.missed(name)) : undefined;
  const problem = plugin ? (off ?? last?.reason ?? missed) : ungranted(grant !== undefined);
  return {
    name,
    version: manifest.version,
    ...(manifest.description === undefined ? {} : { description: manifest.description }),
    runtime: manifest.runtime,
    hash,
    provides: manifest.provides,
    asks: permissionsToWire(manifest.asks),
    state: plugin ? (off === undefined ? "ready" : "off") : "ungranted",
    ...(problem === undefined ? {} : { problem }),
    ...(grant && plugin
      ? {
          granted: permissionsToWire(intersect(manifest.asks, grant.permissions)),
          ...(grant.all ? { grantedAll: true } : {}),
          grantedAt: grant.grantedAt,
        }
      : {}),
    installedAt: found.installedAt,
    source: found.source,
  };
}

async function reasonOfRest({ health }: PluginParts, plugin: RunnablePlugin): Promise<string | undefined> {
  return throwIfResting(health, plugin).then(
    () => undefined,
    (error: Error) => error.message,
  );
}

/** What its hooks were never told of, because they did not keep up or failed. */
function missedText(missed: number): string | undefined {
  return missed === 0 ? undefined : `it was not told of ${missed} event${missed === 1 ? "" : "s"}`;
}

/** The error for a plugin that may not be run. */
export function notGranted({
  name,
  asks,
}: {
  name: string;
  asks: Parameters<typeof permissionsText>[0];
}): Error {
  return errors.PLUGIN_NOT_GRANTED({ name, asks: permissionsText(asks) });
}

function ungranted(wasGranted: boolean): string {
  return wasGranted ? "it has changed since it was granted" : "it was never granted anything";
}
