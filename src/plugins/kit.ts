import { execFile } from "node:child_process";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { errors } from "../protocol/errors.ts";
import type { PluginTestOutcome } from "../protocol/types.ts";
import { type PluginKit, SDK_FOLDER } from "../services/ports/plugin-kit.ts";
import type { PluginContent } from "../services/ports/plugins.ts";
import type { Variables } from "../util/executables.ts";
import { denoVersion, findDeno } from "./deno-binary.ts";
import { DENO_ENVIRONMENT } from "./launch.ts";
import { CLOSED, moduleGraph } from "./module-graph.ts";
import { sdkFolder } from "./prepare.ts";
import { readTap } from "./tap.ts";

const MOST_MS = 120_000;
const MOST_OUTPUT = 16 * 1024 * 1024;
const MOST_TEXT = 4_000;
/** Files that Deno takes for tests. */
const TEST_FILE = /(^|\/)(test|[^/]+[_.]test)\.(ts|mts|js|mjs)$/;
const CODE = /\.(ts|mts|js|mjs)$/;

interface Ran {
  readonly passed: boolean;
  readonly stdout: string;
  readonly stderr: string;
  readonly durationMs: number;
}

export function createPluginKit(variables: Variables): PluginKit {
  return {
    sdk: readSources,
    async examine(content, directory, { signal }) {
      const deno = findDeno(variables, import.meta.url);
      await denoVersion(deno);
      await copyFiles(content, directory, await readSources());
      const names = content.files.map(({ path }) => path);
      const tests = names.filter((path) => TEST_FILE.test(path));
      const main = content.manifest.main;
      const run = (words: readonly string[]): Promise<Ran> => runDeno(deno, words, { directory, signal });
      const checked = await checkTypes([main, ...tests], directory, run);
      const ran: PluginTestOutcome[] = [];
      for (const test of tests) ran.push(...(await runTests(test, { deno, directory }, run)));
      return [checked, ...ran];
    },
  };
}

async function checkTypes(
  files: readonly string[],
  directory: string,
  run: (words: readonly string[]) => Promise<Ran>,
): Promise<PluginTestOutcome> {
  const { passed, stderr, durationMs } = await run(["check", ...closed(directory), ...files]);
  const name = `types of ${files.join(", ")}`;
  if (passed) return { name, kind: "types", passed, durationMs };
  return { name, kind: "types", passed, durationMs, problem: cleaned(stderr, directory) };
}

async function runTests(
  file: string,
  { deno, directory }: { readonly deno: string; readonly directory: string },
  run: (words: readonly string[]) => Promise<Ran>,
): Promise<PluginTestOutcome[]> {
  // What is imported statically is read without asking, so it is looked at first, as with the plugin itself.
  const tool = { path: deno, env: DENO_ENVIRONMENT };
  const graph = await moduleGraph(tool, join(directory, file), directory, join(directory, MAP));
  const failed = (problem: string, durationMs: number): PluginTestOutcome[] => [
    { name: file, kind: "unit", passed: false, durationMs, problem: cleaned(problem, directory) },
  ];
  if (graph.problem !== undefined) return failed(graph.problem, 0);
  const { passed, stdout, stderr, durationMs } = await run([
    "test",
    ...closed(directory),
    "--cached-only",
    "--no-prompt",
    "--no-check",
    "--reporter=tap",
    `--allow-read=${directory}`,
    file,
  ]);
  const tests = readTap(stdout);
  const each = durationMs / Math.max(1, tests.length);
  const results = tests.map(({ name, problem }): PluginTestOutcome => {
    const fine = { name: `${file}: ${name}`, kind: "unit", durationMs: each };
    return problem === undefined
      ? { ...fine, passed: true }
      : { ...fine, passed: false, problem: cleaned(problem, directory) };
  });
  const told = passed || results.some((result) => !result.passed);
  return told ? results : [...results, ...failed(stderr, durationMs)];
}

const MAP = "imports.json";

function closed(directory: string): string[] {
  return [...CLOSED, `--import-map=${join(directory, MAP)}`];
}

async function runDeno(
  deno: string,
  words: readonly string[],
  { directory, signal }: { readonly directory: string; readonly signal: AbortSignal },
): Promise<Ran> {
  const began = performance.now();
  const options = {
    cwd: directory,
    env: DENO_ENVIRONMENT,
    timeout: MOST_MS,
    maxBuffer: MOST_OUTPUT,
    signal,
  };
  const end = (text: { readonly stdout?: string; readonly stderr?: string }, passed: boolean): Ran => ({
    passed,
    stdout: text.stdout ?? "",
    stderr: text.stderr ?? "",
    durationMs: performance.now() - began,
  });
  try {
    return end(await promisify(execFile)(deno, [...words], options), true);
  } catch (error) {
    if (signal.aborted) throw errors.CANCELLED();
    const failed = error as { stdout?: string; stderr?: string; killed?: boolean };
    if (failed.killed) return end({ stderr: `it took longer than ${MOST_MS / 1000} s` }, false);
    return end(failed, false);
  }
}

/** The plugin's files as they were read, the SDK, and what "datmo-plugin" means. */
async function copyFiles(
  { files }: PluginContent,
  directory: string,
  sdk: ReadonlyMap<string, string>,
): Promise<void> {
  const write = async (path: string, content: string | Uint8Array): Promise<void> => {
    await mkdir(dirname(join(directory, path)), { recursive: true });
    await writeFile(join(directory, path), content);
  };
  for (const { path, content } of files) await write(path, content);
  for (const [path, text] of sdk) await write(`${SDK_FOLDER}/${path}`, text);
  const at = `./${SDK_FOLDER}/plugins/sdk`;
  const imports = { "datmo-plugin": `${at}/mod.ts`, "datmo-plugin/testing": `${at}/testing.ts` };
  await write(MAP, JSON.stringify({ imports }));
}

async function readSources(): Promise<ReadonlyMap<string, string>> {
  const sdk = await sdkFolder();
  const texts = new Map<string, string>();
  for (const name of (await readdir(sdk, { recursive: true })).sort()) {
    if (CODE.test(name)) texts.set(`plugins/sdk/${name}`, await readFile(join(sdk, name), "utf8"));
  }
  for (const name of ["methods.ts", "types.ts", "errors.ts"]) {
    texts.set(`protocol/${name}`, await readFile(join(sdk, "../../protocol", name), "utf8"));
  }
  return texts;
}

/** Without where the copy lies, and the stack of Deno itself. */
function cleaned(text: string, directory: string): string {
  const own = text.split("\n\nStack backtrace:")[0] as string;
  return own
    .replaceAll(`${pathToFileURL(directory).href}/`, "")
    .replaceAll(`${directory}/`, "")
    .split("\n")
    .filter((line) => !/^Check |\(ext:/.test(line))
    .join("\n")
    .trim()
    .slice(0, MOST_TEXT);
}
