import { mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { MANIFEST_NAME } from "../../../domain/plugin-manifest.ts";
import { errors } from "../../../protocol/errors.ts";
import { protocolVersion } from "../../../protocol/methods.ts";
import type { PluginCreateParams, PluginCreateResult } from "../../../protocol/types.ts";
import { type PluginKit, SDK_FOLDER } from "../../ports/plugin-kit.ts";
import { writeSdk } from "../sdk-folder.ts";
import { TESTS_NAME } from "../testing/cases.ts";
import { commandTemplate } from "./command-template.ts";
import { driverTemplate } from "./driver-template.ts";
import { environmentTemplate } from "./environment-template.ts";
import { exporterTemplate } from "./exporter-template.ts";
import { hookTemplate } from "./hook-template.ts";
import { importerTemplate } from "./importer-template.ts";
import { parserTemplate } from "./parser-template.ts";
import { readmeOf } from "./readme.ts";
import { LANGUAGES, type Language, type Template } from "./template.ts";

/** An example for every kind of what plugins provide. */
const TEMPLATES: Readonly<Record<string, Template>> = {
  command: commandTemplate,
  driver: driverTemplate,
  environment: environmentTemplate,
  exporter: exporterTemplate,
  hook: hookTemplate,
  importer: importerTemplate,
  parser: parserTemplate,
};

const MAIN: Readonly<Record<Language, string>> = { typescript: "main.ts", python: "main.py", r: "main.R" };

/** Writes a new plugin's folder. Throws INVALID_PARAMS, and PATH_INVALID for a folder that has something in it. */
export async function createPlugin(
  kit: PluginKit,
  start: string,
  params: PluginCreateParams,
): Promise<PluginCreateResult> {
  const { name } = params;
  if (!/^[a-z][a-z0-9-]{0,49}$/.test(name)) throw badName(name);
  const { template, language } = chosen(params);
  const directory = resolve(start, params.directory ?? name);
  const files = filesOf(name, {
    template,
    language,
    description: params.description ?? template.description,
  });
  const isNew = await claim(directory);
  try {
    for (const [path, text] of files) {
      const mode = path === MAIN[language] && language !== "typescript" ? 0o755 : 0o644;
      await writeFile(join(directory, path), text, { flag: "wx", mode });
    }
    if (language === "typescript") await writeSdk(directory, kit);
  } catch (error) {
    for (const path of [...files.keys(), SDK_FOLDER]) {
      await rm(join(directory, path), { recursive: true, force: true });
    }
    if (isNew) await rm(directory, { recursive: true, force: true });
    throw error;
  }
  return { directory, files: [...files.keys()], language };
}

function chosen({ kind = "command", language = "typescript" }: PluginCreateParams): {
  readonly template: Template;
  readonly language: Language;
} {
  const template = Object.hasOwn(TEMPLATES, kind) ? TEMPLATES[kind] : undefined;
  if (!template) throw refused("kind", kind, Object.keys(TEMPLATES));
  const known = LANGUAGES.filter((it) => template.main[it] !== undefined);
  const found = known.find((it) => it === language);
  if (!found) throw refused("language", language, known);
  return { template, language: found };
}

function filesOf(
  name: string,
  { template, language, description }: { template: Template; language: Language; description: string },
): ReadonlyMap<string, string> {
  const main = MAIN[language];
  const provides = template.provides(name);
  const manifest = {
    name,
    version: "0.1.0",
    description,
    engine: String(protocolVersion),
    main,
    ...(language === "typescript" ? {} : { runtime: "process" }),
    provides,
    ...(template.permissions ? { permissions: template.permissions } : {}),
  };
  const cases = template.cases(name);
  const facts = { name, description, language, main, reaches: template.reaches === true };
  const readme = readmeOf({ ...facts, use: template.use(name), hasCases: cases.length > 0 });
  const files: [string, string][] = [
    [MANIFEST_NAME, json(manifest)],
    [main, template.main[language]?.(name) ?? ""],
    ...(cases.length > 0 ? [[TESTS_NAME, testsText(cases)] as [string, string]] : []),
    ["README.md", readme],
  ];
  if (language === "typescript") {
    const at = `./${SDK_FOLDER}/plugins/sdk`;
    const imports = { "datmo-plugin": `${at}/mod.ts`, "datmo-plugin/testing": `${at}/testing.ts` };
    files.push(["main_test.ts", template.unitTest(name)]);
    files.push(["deno.json", json({ imports, exclude: [SDK_FOLDER], lock: false })]);
    files.push([".gitignore", `${SDK_FOLDER}/\n`]);
  }
  return new Map(files);
}

/** Whether the folder was made now. */
async function claim(directory: string): Promise<boolean> {
  const there = await readdir(directory).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    if (error.code === "ENOTDIR") return [basename(directory)];
    throw error;
  });
  if (there !== undefined && there.length > 0) {
    const hint = "Name another folder, or remove what is there.";
    throw errors.PATH_INVALID({ path: directory, reason: "there is something already" }, { hint });
  }
  await mkdir(directory, { recursive: true });
  return there === undefined;
}

function json(value: object): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}

/** A step a line, which is how tests are read. */
function testsText(cases: readonly object[]): string {
  const texts = (cases as readonly { readonly name: string; readonly steps: readonly object[] }[]).map(
    ({ steps, ...rest }) => {
      const head = JSON.stringify(rest, undefined, 2).slice(2, -2).replaceAll("\n", "\n    ");
      const lines = steps.map((step) => `        ${oneLine(step)}`);
      return `    {\n    ${head},\n      "steps": [\n${lines.join(",\n")}\n      ]\n    }`;
    },
  );
  return `{\n  "tests": [\n${texts.join(",\n")}\n  ]\n}\n`;
}

/** JSON with spaces, on one line. */
function oneLine(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(oneLine).join(", ")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const members = Object.entries(value).map(([key, item]) => `${JSON.stringify(key)}: ${oneLine(item)}`);
  return members.length === 0 ? "{}" : `{ ${members.join(", ")} }`;
}

function badName(name: string): Error {
  const problem = `"${name}" is no name for a plugin: lower-case letters, digits and hyphens, beginning with a letter`;
  const hint = "Such as best-so-far.";
  return errors.INVALID_PARAMS(
    { summary: `${problem}.`, problems: [{ path: "/name", message: problem }] },
    { hint },
  );
}

function refused(what: "kind" | "language", given: string, known: readonly string[]): Error {
  const problem = `There is no example of ${what} "${given}"`;
  return errors.INVALID_PARAMS(
    { summary: `${problem}.`, problems: [{ path: `/${what}`, message: problem }] },
    { hint: `There are: ${known.join(", ")}.` },
  );
}
