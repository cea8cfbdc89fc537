import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { errors, isDatmoError } from "../../../protocol/errors.ts";
import type { Json, JsonObject } from "../../../util/json.ts";
import { isWithin } from "../../../util/real-path.ts";
import type { PluginContent } from "../../ports/plugins.ts";
import type { CallMethod } from "../engine-access.ts";
import { filledIn, mismatch } from "./expectation.ts";
import type { ThrowAway } from "./throw-away.ts";

export const TESTS_NAME = "tests.json";

/** One test of `tests.json`. */
export interface Case {
  readonly name: string;
  readonly files?: Readonly<Record<string, string>>;
  readonly steps: readonly Step[];
}

interface Step {
  readonly command?: string;
  readonly run?: string;
  readonly request?: string;
  readonly params?: JsonObject;
  readonly as?: string;
  readonly expect?: Json;
  readonly expectError?: string;
}

/** The tests in a plugin's `tests.json`; none when it has no such file. Throws PLUGIN_INVALID. */
export async function readCases({ files, manifest }: PluginContent): Promise<readonly Case[]> {
  const file = files.find(({ path }) => path === TESTS_NAME);
  if (!file) return [];
  const invalid = (problem: string): Error =>
    errors.PLUGIN_INVALID({ name: manifest.name, reason: `${TESTS_NAME}: ${problem}` });
  let document: unknown;
  try {
    document = JSON.parse(Buffer.from(file.content).toString("utf8"));
  } catch (error) {
    throw invalid(`it is not JSON: ${(error as Error).message}`);
  }
  const { validatePluginTests } = await import("../../../protocol/document-validators.js");
  if (!validatePluginTests(document)) {
    const { instancePath = "", message = "" } = validatePluginTests.errors?.[0] ?? {};
    throw invalid(`${instancePath.slice(1).replaceAll("/", ".")} ${message}`.trim());
  }
  const { tests } = document as { readonly tests: readonly Case[] };
  for (const { name, steps } of tests) {
    const wrong = steps.findIndex((step) => actsOf(step).length !== 1);
    if (wrong >= 0)
      throw invalid(`step ${wrong + 1} of "${name}" needs exactly one of command, run and request`);
  }
  return tests;
}

/** What is wrong, in words; undefined when all of it is as expected. Throws CANCELLED. */
export async function carryOut(
  { files = {}, steps }: Case,
  plugin: string,
  { directory, callMethod }: ThrowAway,
  signal: AbortSignal,
): Promise<string | undefined> {
  for (const [path, text] of Object.entries(files)) {
    const to = join(directory, path);
    if (!isWithin(directory, to)) return `${path} is not in the project`;
    await mkdir(dirname(to), { recursive: true });
    await writeFile(to, text);
  }
  const known = new Map<string, Json>();
  for (const [index, step] of steps.entries()) {
    const problem = await oneStep(step, { plugin, known, callMethod, signal });
    if (problem !== undefined) return `step ${index + 1} (${actsOf(step).join("")}): ${problem}`;
  }
  return undefined;
}

interface Place {
  readonly plugin: string;
  readonly known: Map<string, Json>;
  readonly callMethod: CallMethod;
  readonly signal: AbortSignal;
}

async function oneStep(step: Step, place: Place): Promise<string | undefined> {
  const { as, expect, expectError } = step;
  let result: Json;
  try {
    result = await resultOf(step, place);
  } catch (error) {
    if (place.signal.aborted) throw errors.CANCELLED();
    const { message } = error as Error;
    if (!isDatmoError(error)) return message;
    return error.kind === expectError ? undefined : `${error.kind}: ${message}`;
  }
  if (expectError !== undefined) return `it gave ${JSON.stringify(result).slice(0, 300)}, not ${expectError}`;
  if (as !== undefined) place.known.set(as, result);
  return expect === undefined ? undefined : mismatch(filledIn(expect, place.known), result);
}

async function resultOf(step: Step, { plugin, known, callMethod, signal }: Place): Promise<Json> {
  const params = filledIn(step.params ?? {}, known) as JsonObject;
  const ask = async (method: string, given: JsonObject): Promise<JsonObject> =>
    (await callMethod(method, given, signal)) as JsonObject;
  if (step.request !== undefined) return ask(step.request, params);
  if (step.command !== undefined) {
    const { result = null } = await ask("plugin.call", { name: plugin, command: step.command, params });
    return result;
  }
  const { run } = await ask("run.start", { ...params, command: filledIn(step.run as string, known) });
  return ask("run.wait", { id: (run as JsonObject)["id"] as string });
}

function actsOf({ command, run, request }: Step): string[] {
  return [command, run, request].filter((it) => it !== undefined);
}
