import { stat } from "node:fs/promises";
import { join } from "node:path";
import { errors } from "../protocol/errors.ts";
import type { RunnablePlugin } from "../services/ports/plugins.ts";
import { findExecutable, type Variables } from "../util/executables.ts";
import { isWithin } from "../util/real-path.ts";
import { wrapped } from "./bubblewrap.ts";
import { linksOut, type Place, resolvePlaces } from "./places.ts";
import type { Prepared } from "./prepare.ts";

/** Data segment of a plugin's process; each worker of its own takes half a gigabyte of it without using it. */
const MEMORY_KB = 1280 * 1024;
const HEAP_MB = 256;
/** What is written to a variable that steers Deno stays there for ever, and what it caches anybody could fill. */
export const DENO_ENVIRONMENT: Readonly<Record<string, string>> = {
  DENO_DIR: "/dev/null/none",
  DENO_NO_UPDATE_CHECK: "1",
  DENO_NO_PROMPT: "1",
  NO_COLOR: "1",
};

/** Where there is no `nice`, plugins have their full share. */
const LIMITS = `ulimit -c 0; ulimit -d ${MEMORY_KB} 2>/dev/null
if command -v nice >/dev/null; then exec nice -n 5 "$@"; else exec "$@"; fi`;

export interface Launch {
  readonly file: string;
  readonly words: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly directory: string;
}

export interface LaunchPlace {
  /** Absolute path of Deno. */
  readonly deno: string;
  /** Absolute path of bubblewrap; undefined: it is not used. */
  readonly bubblewrap: string | undefined;
  readonly project: string;
  /** Folders that no plugin may look into, whatever it was granted. */
  readonly forbidden: readonly string[];
  /** Where the files of all plugins are that are run; none may change them. */
  readonly cache: string;
  readonly variables: Variables;
}

/** How a plugin's process is started: with what it was granted, and nothing else. Throws PLUGIN_INVALID. */
export async function launchOf(
  plugin: RunnablePlugin,
  prepared: Prepared,
  place: LaunchPlace,
): Promise<Launch> {
  const { manifest } = plugin.content;
  const { project, variables } = place;
  if (manifest.runtime === "process") {
    const main = join(prepared.files, manifest.main);
    return limited([main], { env: plain(variables), directory: project, variables });
  }
  const deno = (flags: readonly string[]): string[] => [
    place.deno,
    "run",
    ...FIXED_FLAGS,
    `--import-map=${join(prepared.directory, "imports.json")}`,
    ...flags,
    join(prepared.directory, "boot.js"),
  ];
  if (plugin.all) {
    const env = { ...plain(variables), ...DENO_ENVIRONMENT };
    return limited(deno(["--allow-all"]), { env, directory: project, variables });
  }
  const granted = await grantedPlaces(plugin, prepared, place);
  const flags = permissionFlags(plugin, granted, place.cache);
  const env = { ...DENO_ENVIRONMENT, ...grantedVariables(plugin, variables) };
  const words = deno(flags);
  const command = granted.wrapped
    ? [...wrapping(place, plugin, prepared, granted, granted.wrapped), ...withLimits(words, {})]
    : withLimits(words, variables);
  return { file: command[0] as string, words: command.slice(1), env, directory: project };
}

const FIXED_FLAGS = [
  "--no-prompt",
  "--no-remote",
  "--no-npm",
  "--cached-only",
  "--no-config",
  "--no-lock",
  "--no-code-cache",
  `--v8-flags=--max-old-space-size=${HEAP_MB}`,
];

interface Granted {
  readonly read: readonly Place[];
  readonly write: readonly Place[];
  readonly denied: readonly string[];
  /** Path of bubblewrap, when it is used. */
  readonly wrapped: string | undefined;
}

async function grantedPlaces(
  { content, permissions }: RunnablePlugin,
  prepared: Prepared,
  place: LaunchPlace,
): Promise<Granted> {
  const { name } = content.manifest;
  const [read, write] = await Promise.all([
    resolvePlaces(name, place.project, permissions.read),
    resolvePlaces(name, place.project, permissions.write),
  ]);
  const all = [...read, ...write];
  // Programs that it may start are somewhere in the system, and are confined by nothing anyway.
  const useWrap = permissions.run.length === 0 && (await canBind(all)) ? place.bubblewrap : undefined;
  const links = useWrap === undefined ? await linksOut(name, all, place.forbidden) : [];
  const shown = [...all, { path: prepared.files, real: prepared.files }];
  const reachable = place.forbidden.filter((path) => !path.includes(",") || isShown(all, path));
  const denied = [...reachable.flatMap(spellings), ...links];
  throwOnCommas(name, [...denied, ...shown.flatMap(({ path, real }) => [path, real])]);
  return { read: [...read, ...shown.slice(-1)], write, denied, wrapped: useWrap };
}

/** Whether a forbidden folder is in one that was granted, or the other way round. */
function isShown(places: readonly Place[], path: string): boolean {
  return places.some(
    ({ path: at, real }) => isWithin(at, path) || isWithin(real, path) || isWithin(path, real),
  );
}

/** Deno takes several paths with commas in between, and knows no way to write one that holds a comma. */
function throwOnCommas(name: string, paths: readonly string[]): void {
  const bad = paths.find((path) => path.includes(","));
  if (bad === undefined) return;
  const reason = `Deno can neither be granted nor denied ${bad}, because of the comma in it`;
  const hint = "Rename it, or grant other folders; a plugin that you trust runs with --allow-all.";
  throw errors.PLUGIN_INVALID({ name, reason }, { hint });
}

/** A file to be written that does not exist yet cannot be shown: only its folder can. */
async function canBind(places: readonly Place[]): Promise<boolean> {
  const there = places.map(({ real }) =>
    stat(real).then(
      () => true,
      () => false,
    ),
  );
  return (await Promise.all(there)).every((it) => it);
}

function permissionFlags({ permissions }: RunnablePlugin, granted: Granted, cache: string): string[] {
  const list = (flag: string, values: readonly string[]): string[] =>
    values.length === 0 ? [] : [`--${flag}=${[...new Set(values)].join(",")}`];
  const paths = (places: readonly Place[]): string[] => places.flatMap(({ path, real }) => [path, real]);
  const anyRun = permissions.run.includes("*");
  return [
    ...list("allow-read", paths(granted.read)),
    ...list("allow-write", paths(granted.write)),
    ...list("deny-read", granted.denied),
    ...list("deny-write", [...granted.denied, cache]),
    ...list("allow-net", permissions.net),
    ...list("allow-env", permissions.env),
    ...(anyRun ? ["--allow-run"] : list("allow-run", permissions.run)),
  ];
}

function wrapping(
  place: LaunchPlace,
  { permissions }: RunnablePlugin,
  prepared: Prepared,
  granted: Granted,
  bwrap: string,
): string[] {
  const own = [place.deno, prepared.directory];
  const shown = [...granted.read, ...granted.write].flatMap(({ path, real }) => [path, real]);
  return wrapped({
    bwrap,
    readable: [...new Set([...own, ...granted.read.flatMap(({ path, real }) => [path, real])])],
    writable: [...new Set(granted.write.flatMap(({ path, real }) => [path, real]))],
    hidden: place.forbidden.filter((path) => shown.some((it) => isWithin(it, path))),
    network: permissions.net.length > 0,
    directory: place.project,
  });
}

/** Where the file system takes no notice of upper case, a forbidden folder has many names. */
function spellings(path: string): string[] {
  if (process.platform === "linux") return [path];
  const cut = path.lastIndexOf("/") + 1;
  const [parent, name] = [path.slice(0, cut), path.slice(cut)];
  let names = [""];
  for (const letter of name) {
    const both = [...new Set([letter.toLowerCase(), letter.toUpperCase()])];
    names = names.flatMap((begin) => both.map((it) => begin + it));
  }
  return names.map((it) => parent + it);
}

function grantedVariables({ permissions }: RunnablePlugin, variables: Variables): Record<string, string> {
  // A program that it may start has to be found.
  const names = permissions.run.length > 0 ? [...permissions.env, "PATH", "HOME"] : permissions.env;
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = variables[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );
}

function plain(variables: Variables): Record<string, string> {
  return Object.fromEntries(
    Object.entries(variables).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}

function limited(
  words: readonly string[],
  { variables, ...rest }: Pick<Launch, "env" | "directory"> & { readonly variables: Variables },
): Launch {
  const [file, ...others] = withLimits(words, variables) as [string, ...string[]];
  return { file, words: others, ...rest };
}

/**
 * Less than its share of the processor, bounded memory (typed arrays too, which V8's own limit does not count), no
 * memory image on disk, and the end of the engine is its own.
 */
function withLimits(words: readonly string[], variables: Variables): string[] {
  const dies = process.platform === "linux" ? findExecutable("setpriv", variables, "/") : undefined;
  const before = dies ? [dies, "--pdeathsig", "KILL"] : [];
  return ["/bin/sh", "-c", LIMITS, "sh", ...before, ...words];
}
