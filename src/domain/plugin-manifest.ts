import { protocolVersion } from "../protocol/methods.ts";
import type { PluginProvides } from "../protocol/types.ts";
import { NO_PARSER } from "./parser-choice.ts";
import {
  PERMISSION_KINDS,
  type Permissions,
  permissionProblem,
  permissionsOf,
} from "./plugin-permissions.ts";

/** `datmo-plugin.json`, whose shape was held against `schemas/plugin-manifest.schema.json`. */
export interface PluginManifest {
  readonly name: string;
  readonly version: string;
  readonly description?: string;
  /** Versions of the protocol: `1` or `1-3`. */
  readonly engine: string;
  readonly main: string;
  readonly runtime: "deno" | "process";
  readonly provides: readonly PluginProvides[];
  readonly asks: Permissions;
}

/** What a plugin of this engine can provide. */
const KINDS: readonly string[] = [
  "command",
  "driver",
  "environment",
  "exporter",
  "hook",
  "importer",
  "parser",
];

/** What hooks can be told of. */
export const HOOK_EVENTS: readonly string[] = [
  "run.started",
  "run.finished",
  "snapshot.created",
  "metric.logged",
];

export const MANIFEST_NAME = "datmo-plugin.json";

/** The manifest of a document of the right shape, or why it cannot be meant. */
export function readManifest(document: unknown): PluginManifest | { readonly problem: string } {
  const given = document as Omit<PluginManifest, "asks" | "runtime"> & {
    readonly runtime?: PluginManifest["runtime"];
    readonly permissions?: Parameters<typeof permissionsOf>[0];
  };
  const runtime = given.runtime ?? "deno";
  const problem =
    mainProblem(given.main, runtime) ?? providesProblem(given.provides) ?? asksProblem(given.permissions);
  if (problem !== undefined) return { problem };
  const { name, version, description, engine, main, provides } = given;
  return {
    name,
    version,
    ...(description === undefined ? {} : { description }),
    engine,
    main,
    runtime,
    provides,
    asks: permissionsOf(given.permissions),
  };
}

/** Whether this engine's protocol is one that the plugin speaks. */
export function speaksProtocol(engine: string, version: number = protocolVersion): boolean {
  const [from, to = from] = engine.split("-").map(Number) as [number, number?];
  return from <= version && version <= to;
}

/** What it provides, each as `command NAME` or `hook EVENT`: what its code says of itself is held against it. */
export function provisionsOf(provides: readonly PluginProvides[]): string[] {
  return [...named(provides), ...hooksOf(provides).map((event) => `hook ${event}`)];
}

/** The events that it is told of. */
export function hooksOf(provides: readonly PluginProvides[]): string[] {
  return provides.flatMap(({ kind, on = [] }) => (kind === "hook" ? on : []));
}

/** What it provides under a name, each as `command best`. */
export function named(provides: readonly PluginProvides[]): string[] {
  return provides.flatMap(({ kind, name }) => (name === undefined ? [] : [`${kind} ${name}`]));
}

function mainProblem(main: string, runtime: PluginManifest["runtime"]): string | undefined {
  const inside = !/^\/|\\|(^|\/)\.{1,2}(\/|$)|\/\/|\/$/.test(main) && !/[\x00-\x1f]/.test(main);
  if (!inside) return `main "${main}" is not the path of a file in its folder`;
  if (runtime === "deno" && !/\.(ts|mts|js|mjs)$/.test(main)) {
    return `main "${main}" is neither TypeScript nor a JavaScript module (.ts, .mts, .js, .mjs)`;
  }
  return undefined;
}

function providesProblem(provides: readonly PluginProvides[]): string | undefined {
  for (const provided of provides) {
    const { kind, name, params, on } = provided;
    if (!KINDS.includes(kind)) return `it provides "${kind}", which this engine does not know`;
    if (kind === "hook") {
      const problem = hookProblem(provided);
      if (problem !== undefined) return problem;
      continue;
    }
    if (on !== undefined) return `a ${kind} has no "on"`;
    if (name === undefined) return `a ${kind} has no name`;
    if (kind === "parser" && name === NO_PARSER) return `"${name}" stands for no parser`;
    if (params !== undefined && params["type"] !== "object") return `the params of "${name}" are no object`;
  }
  const all = provisionsOf(provides);
  const twice = all.find((it, at) => all.indexOf(it) !== at);
  return twice === undefined ? undefined : `it provides the ${twice} twice`;
}

function hookProblem({ name, params, on = [] }: PluginProvides): string | undefined {
  if (name !== undefined || params !== undefined) return "a hook has neither name nor params";
  if (on.length === 0) return 'a hook says with "on" what it is told of';
  const unknown = on.find((event) => !HOOK_EVENTS.includes(event));
  if (unknown === undefined) return undefined;
  return `there is no event "${unknown}" to be told of; there are ${HOOK_EVENTS.join(", ")}`;
}

function asksProblem(given: Parameters<typeof permissionsOf>[0]): string | undefined {
  const asks = permissionsOf(given);
  for (const kind of PERMISSION_KINDS) {
    for (const value of asks[kind]) {
      const problem = permissionProblem(kind, value);
      if (problem !== undefined) return `it asks for ${kind} "${value}", which ${problem}`;
    }
  }
  return undefined;
}
