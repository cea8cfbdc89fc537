import { resolve } from "node:path";
import { errors, isDatmoError } from "../../../protocol/errors.ts";
import type {
  PluginGetResult,
  PluginTestOutcome,
  PluginTestParams,
  PluginTestResult,
} from "../../../protocol/types.ts";
import type { PluginKit } from "../../ports/plugin-kit.ts";
import type { PluginContent } from "../../ports/plugins.ts";
import { refreshSdk } from "../sdk-folder.ts";
import { type Case, carryOut, readCases } from "./cases.ts";
import { reachesBeyond } from "./reach.ts";
import type { ThrowAway, ThrowAways } from "./throw-away.ts";

/** What is kept of what the plugin prints. */
const KEPT_CHARACTERS = 20_000;

export interface PluginTesting {
  readonly pluginKit: PluginKit;
  /** Reads a folder as installing would. */
  readonly readPluginFolder: (directory: string) => Promise<PluginContent>;
  readonly makeThrowAways: () => Promise<ThrowAways>;
}

interface Options {
  readonly signal: AbortSignal;
  progress(update: { readonly message: string }): void;
}

/** Tests a plugin that is not installed, in projects that are thrown away. */
export async function testPlugin(
  parts: PluginTesting,
  start: string,
  params: PluginTestParams,
  options: Options,
): Promise<PluginTestResult> {
  const { signal } = options;
  const source = resolve(start, params.directory);
  const content = await parts.readPluginFolder(source);
  const cases = await readCases(content);
  const grant = grantOf(content, cases, params);
  await refreshSdk(source, parts.pluginKit);
  const places = await parts.makeThrowAways();
  let output = "";
  const hear = (text: string): void => {
    output = (output + text).slice(-KEPT_CHARACTERS);
  };
  try {
    const results: PluginTestOutcome[] = [];
    if (content.manifest.runtime === "deno") {
      options.progress({ message: "Checking types, and running its own tests" });
      results.push(...(await parts.pluginKit.examine(content, await places.folder("unit"), { signal })));
    }
    const install: Install = { places, source, grant, hear, signal };
    options.progress({ message: "Starting it" });
    const { result, shown } = await startOnce(content.manifest.name, install);
    results.push(result);
    if (result.passed) {
      for (const one of cases) {
        options.progress({ message: one.name });
        results.push(await oneCase(one, content.manifest.name, install));
      }
    }
    const passed = results.filter((it) => it.passed).length;
    const { plugin, permissions } = shown;
    const told = output === "" ? {} : { output };
    return { plugin, permissions, results, passed, failed: results.length - passed, ...told };
  } finally {
    await places.remove();
  }
}

interface Install {
  readonly places: ThrowAways;
  readonly source: string;
  readonly grant: object;
  readonly hear: (text: string) => void;
  readonly signal: AbortSignal;
}

/** What `plugin.grant` is given. Throws PLUGIN_NOT_GRANTED for what reaches beyond the project without being allowed. */
function grantOf(content: PluginContent, cases: readonly Case[], { asked, all }: PluginTestParams): object {
  const { name, runtime } = content.manifest;
  if (all) return { all: true, asked: true };
  if (runtime === "process") {
    const hint = "Nothing confines a program. When you trust it: datmo plugin test DIR --allow-all";
    throw errors.PLUGIN_NOT_GRANTED({ name, asks: "everything, without a sandbox" }, { hint });
  }
  const beyond = asked ? undefined : reachesBeyond(content, cases);
  if (beyond === undefined) return { asked: true };
  const hint =
    "It reaches beyond the project that is thrown away. When it may: datmo plugin test DIR --asked";
  throw errors.PLUGIN_NOT_GRANTED({ name, asks: beyond }, { hint });
}

async function startOnce(
  name: string,
  install: Install,
): Promise<{ readonly result: PluginTestOutcome; readonly shown: PluginGetResult }> {
  return inProject(name, install, async ({ callMethod }) => {
    const began = performance.now();
    const problem = await callMethod("plugin.start", { name }, install.signal).then(
      () => undefined,
      toldProblem,
    );
    const shown = (await callMethod("plugin.get", { name }, install.signal)) as PluginGetResult;
    return { result: resultOf("it starts, and does what its manifest says", "start", began, problem), shown };
  });
}

async function oneCase(one: Case, name: string, install: Install): Promise<PluginTestOutcome> {
  return inProject(name, install, async (project) => {
    const began = performance.now();
    const problem = await carryOut(one, name, project, install.signal);
    return resultOf(one.name, "case", began, problem);
  });
}

/** A new project with the plugin in it, granted what it is to have. */
async function inProject<T>(
  name: string,
  { places, source, grant, hear, signal }: Install,
  work: (project: ThrowAway) => Promise<T>,
): Promise<T> {
  const project = await places.project(hear);
  try {
    await project.callMethod("project.create", { directory: project.directory }, signal);
    await project.callMethod("plugin.install", { directory: source }, signal);
    await project.callMethod("plugin.grant", { name, ...grant }, signal);
    return await work(project);
  } finally {
    await project.close();
  }
}

function resultOf(name: string, kind: string, began: number, problem: string | undefined): PluginTestOutcome {
  const durationMs = performance.now() - began;
  return {
    name,
    kind,
    passed: problem === undefined,
    durationMs,
    ...(problem === undefined ? {} : { problem }),
  };
}

function toldProblem(error: unknown): string {
  if (!isDatmoError(error)) throw error;
  return error.message;
}
