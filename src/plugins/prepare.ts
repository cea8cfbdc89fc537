import { execFile } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { basename, dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { errors } from "../protocol/errors.ts";
import type { PluginContent } from "../services/ports/plugins.ts";
import { denoVersion } from "./deno-binary.ts";
import { DENO_ENVIRONMENT } from "./launch.ts";
import { CLOSED, lastLine, moduleGraph } from "./module-graph.ts";

/** A plugin's verified files in a folder of the user's own, as they are run. */
export interface Prepared {
  readonly directory: string;
  /** The plugin's own files in it; it may read these. */
  readonly files: string;
}

/** Changes with what is written here, so that nothing of an older datmo is run. */
const FORMAT = "2";

/**
 * Writes the files that were read, never the folder's, into a private folder named by their content; asks Deno's
 * parser that they import nothing from outside; and turns TypeScript into JavaScript, which Deno would do at each
 * start. Only what has passed has its name, so it is done once. Throws PLUGIN_INVALID and DENO_NOT_FOUND.
 */
export async function prepare(content: PluginContent, deno: string, cache: string): Promise<Prepared> {
  const sdk = await readSdk();
  const directory = join(cache, await keyOf(content, deno, sdk));
  if (await isWhole(directory, content)) return preparedAt(directory);
  await rm(directory, { recursive: true, force: true });
  await mkdir(cache, { recursive: true, mode: 0o700 });
  const made = join(cache, `${randomBytes(8).toString("hex")}.new`);
  try {
    await build(made, content, deno, sdk);
    await rename(made, directory).catch(async (error: NodeJS.ErrnoException) => {
      // Another engine was faster with the same.
      if (!["ENOTEMPTY", "EEXIST"].includes(error.code ?? "")) throw error;
    });
  } finally {
    await rm(made, { recursive: true, force: true });
  }
  return preparedAt(directory);
}

function preparedAt(directory: string): Prepared {
  return { directory, files: join(directory, "plugin") };
}

async function keyOf(
  content: PluginContent,
  deno: string,
  sdk: ReadonlyMap<string, string>,
): Promise<string> {
  const hash = createHash("sha256");
  hash.update(`${FORMAT}\n${content.hash}\n${content.manifest.runtime}\n`);
  if (content.manifest.runtime === "deno") {
    const { size, mtimeMs } = await stat(deno);
    hash.update(`${deno}\n${size}\n${mtimeMs}\n${JSON.stringify([...sdk])}`);
  }
  return hash.digest("hex").slice(0, 32);
}

/** The files are what was verified: whoever can write here could else slip something in. */
async function isWhole(directory: string, { files }: PluginContent): Promise<boolean> {
  try {
    await stat(join(directory, "whole"));
    const same = files.map(async ({ path, content }) =>
      (await readFile(join(directory, "plugin", path))).equals(content),
    );
    return (await Promise.all(same)).every((it) => it);
  } catch {
    return false;
  }
}

async function build(
  directory: string,
  content: PluginContent,
  deno: string,
  sdk: ReadonlyMap<string, string>,
): Promise<void> {
  const { files, manifest } = content;
  for (const { path, content: bytes } of files) {
    const isProgram = manifest.runtime === "process" && path === manifest.main;
    await write(join(directory, "plugin", path), bytes, isProgram ? 0o700 : 0o600);
  }
  if (manifest.runtime === "deno") {
    await denoVersion(deno);
    for (const [name, text] of sdk) await write(join(directory, "sdk", name), text);
    await compile(directory, content, deno, [...sdk.keys()]);
  }
  await write(join(directory, "whole"), "");
}

async function compile(
  directory: string,
  { manifest }: PluginContent,
  deno: string,
  sdkNames: readonly string[],
): Promise<void> {
  const invalid = (reason: string): Error =>
    errors.PLUGIN_INVALID({ name: manifest.name, reason: reason.replaceAll(`${directory}/plugin/`, "") });
  const boot = join(directory, "boot.js");
  const main = `./plugin/${manifest.main.split("/").map(encodeURIComponent).join("/")}`;
  await write(boot, bootText(main));
  const map = join(directory, "imports.json");
  await write(map, importMap(directory, []));
  const tool = { path: deno, env: DENO_ENVIRONMENT };
  const sources = await moduleGraph(tool, boot, directory, map);
  const modules = sources.typeScript.filter((path) => !path.startsWith(join(directory, "sdk")));
  const sdk = sdkNames.map((name) => join(directory, "sdk", name));
  await transpile(tool, directory, [...modules, ...sdk]).catch((error: unknown) => {
    throw invalid(sources.problem ?? lastLine(error));
  });
  await write(map, importMap(directory, [...modules, ...sdk]));
  // Of what will be run: types that were imported are gone.
  const { problem } = await moduleGraph(tool, boot, directory, map);
  if (problem !== undefined) throw invalid(problem);
}

/** Each `x.ts` gets an `x.ts.js` beside it. */
async function transpile(
  deno: { readonly path: string; readonly env: Readonly<Record<string, string>> },
  directory: string,
  paths: readonly string[],
): Promise<void> {
  const out = join(directory, "out");
  const words = ["transpile", "--no-check", ...CLOSED, `--outdir=${out}`, ...paths];
  await promisify(execFile)(deno.path, words, { cwd: directory, env: deno.env, timeout: 60_000 });
  for (const path of paths) {
    const name = relative(directory, path).replace(/\.(m?)ts$/, ".$1js");
    await rename(join(out, name), `${path}.js`);
  }
  await rm(out, { recursive: true });
}

function bootText(main: string): string {
  return [
    `import { serve } from "./sdk/serve.ts";`,
    `import plugin from ${JSON.stringify(main)};`,
    "await serve(plugin);",
    "",
  ].join("\n");
}

/** Relative to the map: the folder is moved to its final name when all is done. */
function importMap(directory: string, compiled: readonly string[]): string {
  const imports: Record<string, string> = {
    "datmo-plugin": compiled.length > 0 ? "./sdk/mod.ts.js" : "./sdk/mod.ts",
  };
  for (const path of compiled) {
    const url = `./${relative(directory, path).split("/").map(encodeURIComponent).join("/")}`;
    imports[url] = `${url}.js`;
  }
  return JSON.stringify({ imports });
}

async function write(path: string, content: string | Uint8Array, mode = 0o600): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  await writeFile(path, content, { mode, flag: basename(path) === "imports.json" ? "w" : "wx" });
}

/** The sources of the SDK; the built engine has them in a folder beside it. */
async function readSdk(): Promise<ReadonlyMap<string, string>> {
  const directory = await sdkFolder();
  const names = (await readdir(directory, { recursive: true })).filter((name) => name.endsWith(".ts")).sort();
  const texts = names.map(async (name) => [name, await readFile(join(directory, name), "utf8")] as const);
  return new Map(await Promise.all(texts));
}

/** Where the SDK's sources lie, for `deno check` too. */
export async function sdkFolder(): Promise<string> {
  for (const place of ["./sdk/", "./plugin-sdk/plugins/sdk/"]) {
    const folder = fileURLToPath(new URL(place, import.meta.url));
    const names = await readdir(folder).catch(() => [] as string[]);
    if (names.includes("mod.ts")) return folder;
  }
  throw new Error("the SDK for plugins is missing from this installation of datmo");
}
