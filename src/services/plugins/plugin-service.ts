import { resolve } from "node:path";
import { hooksOf, named } from "../../domain/plugin-manifest.ts";
import {
  EVERY,
  isEmpty,
  NO_PERMISSIONS,
  notAsked,
  PERMISSION_KINDS,
  permissionProblem,
  permissionsOf,
  union,
} from "../../domain/plugin-permissions.ts";
import { permissionSentence } from "../../domain/plugin-sentences.ts";
import { errors } from "../../protocol/errors.ts";
import type {
  Plugin,
  PluginGetResult,
  PluginGrantParams,
  PluginInstallParams,
  PluginInstallResult,
  PluginProvides,
} from "../../protocol/types.ts";
import type { PluginContent } from "../ports/plugins.ts";
import type { OpenProject } from "../project/open-project.ts";
import { runnablePlugin } from "./ask-plugin.ts";
import { builtinNamed, describeBuiltin, throwIfBuiltin } from "./builtins.ts";
import { describePlugin } from "./describe-plugin.ts";
import { installed, type PluginParts } from "./plugin-parts.ts";

/** Copies a plugin's folder into the project; nothing of it is run. */
export async function installPlugin(
  { plugins }: OpenProject,
  start: string,
  params: PluginInstallParams,
): Promise<PluginInstallResult> {
  const { store, host } = plugins;
  const source = resolve(start, params.directory);
  const content = await store.readFolder(source);
  const { name } = content.manifest;
  throwIfBuiltin(plugins, name, "replaced");
  await throwOnConflict(plugins, content);
  await host.check(content);
  const replaced = (await store.stamp(name)) !== undefined;
  await plugins.outbox.forget(name);
  await store.install(content, source, new Date().toISOString());
  await host.stop(name);
  return { plugin: await describePlugin(plugins, name), replaced };
}

export async function listPlugins({ plugins }: OpenProject): Promise<Plugin[]> {
  const names = await plugins.store.names();
  const items = names.map((name) =>
    // Removed by somebody else meanwhile.
    describePlugin(plugins, name).catch((error: { readonly kind?: string }) => {
      if (error.kind === "PLUGIN_NOT_FOUND") return undefined;
      throw error;
    }),
  );
  const there = (await Promise.all(items)).filter((item) => item !== undefined);
  return [...there, ...plugins.builtins.map(describeBuiltin)];
}

export async function getPlugin({ plugins }: OpenProject, name: string): Promise<PluginGetResult> {
  const builtin = builtinNamed(plugins, name);
  const [plugin, sandbox] = await Promise.all([
    builtin ? describeBuiltin(builtin) : describePlugin(plugins, name),
    builtin ? "part of datmo" : plugins.host.sandbox(),
  ]);
  const asks = permissionsOf(plugin.asks);
  const granted = permissionsOf(plugin.granted);
  const hasFiles = plugin.state !== "broken" && builtin === undefined;
  const files = !hasFiles ? [] : (await installed(plugins.store, name)).content.files;
  return {
    plugin,
    permissions: PERMISSION_KINDS.flatMap((kind) =>
      asks[kind].map((value) => ({
        kind,
        value,
        sentence: permissionSentence(kind, value),
        granted: plugin.grantedAll === true || granted[kind].includes(value),
      })),
    ),
    files: files.map(({ path }) => path),
    sandbox: plugin.grantedAll || plugin.runtime === "process" ? "nothing confines it" : sandbox,
  };
}

/** Adds to what this content was granted before; another content begins with nothing. */
export async function grantPlugin({ plugins }: OpenProject, params: PluginGrantParams): Promise<Plugin> {
  const { name } = params;
  throwIfBuiltin(plugins, name, "granted more");
  const found = await installed(plugins.store, name);
  const { manifest, hash } = found.content;
  const wanted = params.asked ? manifest.asks : checkedWishes(params);
  const surplus = notAsked(manifest.asks, wanted);
  if (surplus) throw errors.PLUGIN_NOT_ASKED({ name, permission: `${surplus.kind} ${surplus.value}` });
  const before = (await plugins.grants.all()).get(name);
  const same = before?.hash === hash ? before : undefined;
  const nothing = isEmpty(wanted) && params.all !== true && params.asked !== true;
  if (nothing && !same && !isEmpty(manifest.asks)) throw nothingGranted(name);
  await plugins.grants.put(name, {
    hash,
    grantedAt: new Date().toISOString(),
    all: params.all === true || same?.all === true,
    permissions: union(same?.permissions ?? NO_PERMISSIONS, wanted),
    hooks: hooksOf(manifest.provides),
  });
  await plugins.health.forget(name);
  await plugins.outbox.clearMissed(name);
  await plugins.host.stop(name);
  return describePlugin(plugins, name);
}

/** Its process, so that what is wrong with it shows. Throws as a call of it does. */
export async function startPlugin(project: OpenProject, name: string): Promise<Plugin> {
  await project.plugins.host.start(await runnablePlugin(project, name));
  return describePlugin(project.plugins, name);
}

export async function revokePlugin({ plugins }: OpenProject, name: string): Promise<Plugin> {
  throwIfBuiltin(plugins, name, "revoked");
  if ((await plugins.store.stamp(name)) === undefined) throw errors.PLUGIN_NOT_FOUND({ name });
  await plugins.grants.remove(name);
  await plugins.outbox.forget(name);
  await plugins.host.stop(name);
  return describePlugin(plugins, name);
}

export async function removePlugin({ plugins }: OpenProject, name: string): Promise<string> {
  throwIfBuiltin(plugins, name, "removed");
  if ((await plugins.store.stamp(name)) === undefined) throw errors.PLUGIN_NOT_FOUND({ name });
  await plugins.grants.remove(name);
  await plugins.outbox.forget(name);
  await plugins.host.stop(name);
  await plugins.store.remove(name);
  await plugins.health.forget(name);
  return name;
}

function checkedWishes(params: PluginGrantParams): ReturnType<typeof permissionsOf> {
  const wishes = permissionsOf(params.permissions);
  for (const kind of PERMISSION_KINDS) {
    for (const value of wishes[kind]) {
      const problem = value === EVERY && kind === "run" ? undefined : permissionProblem(kind, value);
      if (problem === undefined) continue;
      const summary = `The ${kind} permission "${value}" ${problem}.`;
      throw errors.INVALID_PARAMS({
        summary,
        problems: [{ path: `/permissions/${kind}`, message: problem }],
      });
    }
  }
  return wishes;
}

function nothingGranted(name: string): Error {
  return errors.INVALID_PARAMS(
    { summary: "Nothing was named that is to be granted.", problems: [] },
    { hint: `\`datmo plugin grant ${name} --asked\` grants everything that it asks for.` },
  );
}

/** Two plugins must not provide the same thing under the same name: nobody could tell which one is meant. */
async function throwOnConflict({ store, builtins }: PluginParts, { manifest }: PluginContent): Promise<void> {
  const mine = named(manifest.provides);
  const shared = (provides: readonly PluginProvides[]): string | undefined =>
    named(provides).find((it) => mine.includes(it));
  for (const builtin of builtins) {
    const what = shared(builtin.provides);
    if (what === undefined) continue;
    const hint = `${builtin.name} is part of datmo; give it another name in the manifest.`;
    throw errors.PLUGIN_CONFLICT({ name: manifest.name, what, other: builtin.name }, { hint });
  }
  for (const name of await store.names()) {
    if (name === manifest.name) continue;
    const other = await store.read(name).catch(() => undefined);
    const what = shared(other?.content.manifest.provides ?? []);
    if (what !== undefined) throw errors.PLUGIN_CONFLICT({ name: manifest.name, what, other: name });
  }
}
