import { dirname, join, resolve } from "node:path";
import type { Variables } from "../../../util/executables.ts";
import { readRegularFile } from "../regular-file.ts";

/** Options of `uv run`, `pixi run` … that are followed by a value. */
const VALUES =
  /^(?:-p|--python|--prefix|-n|--name|-e|--environment|--with|--group|--extra|--project|--package)$/;

/**
 * Folders of environments that a program which runs commands in one (`uv run`, `pixi run`, `conda run -n x`,
 * `poetry run`, `pdm run`, `pipenv run`) would use, the likeliest first; none when the command is no such.
 * Nothing is started: what only the program itself knows is not found.
 */
export function managedEnvironments(
  words: readonly string[],
  variables: Variables,
  directory: string,
): string[] {
  const [program = "", ...rest] = words;
  const name = program.split("/").at(-1) ?? "";
  const at = rest.indexOf("run");
  if (at === -1) return [];
  const options = optionsOf(rest);
  switch (name) {
    case "uv":
      return uvEnvironments(options, variables, directory);
    case "poetry":
    case "pipenv":
    case "rye":
      return [join(directory, ".venv")];
    case "pdm":
      return [pdmEnvironment(directory), join(directory, ".venv")].filter((it) => it !== undefined);
    case "pixi": {
      const environment = options.get("-e") ?? options.get("--environment") ?? "default";
      return [join(directory, ".pixi", "envs", environment)];
    }
    case "conda":
    case "mamba":
    case "micromamba":
      return condaEnvironments(options, variables, directory);
    default:
      return [];
  }
}

/** The value behind each option, up to the command itself. */
function optionsOf(words: readonly string[]): ReadonlyMap<string, string> {
  const options = new Map<string, string>();
  for (let i = 0; i < words.length; i++) {
    const word = words[i] as string;
    const [option = "", value] = word.split("=", 2);
    if (value !== undefined && option.startsWith("-")) options.set(option, value);
    else if (VALUES.test(word)) options.set(word, words[++i] ?? "");
    else if (word.startsWith("-")) options.set(word, "");
    else if (word !== "run") break;
  }
  return options;
}

function uvEnvironments(
  options: ReadonlyMap<string, string>,
  variables: Variables,
  directory: string,
): string[] {
  const active = variables["VIRTUAL_ENV"];
  if (options.has("--active") && active) return [active];
  const project = resolve(directory, options.get("--project") ?? ".");
  return [resolve(project, variables["UV_PROJECT_ENVIRONMENT"] || ".venv")];
}

/** pdm notes the interpreter that it uses in a file. */
function pdmEnvironment(directory: string): string | undefined {
  const path = readRegularFile(join(directory, ".pdm-python"), 4_096)?.toString("utf8").trim();
  return path ? dirname(dirname(resolve(directory, path))) : undefined;
}

function condaEnvironments(
  options: ReadonlyMap<string, string>,
  variables: Variables,
  directory: string,
): string[] {
  const prefix = options.get("-p") ?? options.get("--prefix");
  if (prefix !== undefined) return [resolve(directory, prefix)];
  const name = options.get("-n") ?? options.get("--name");
  const roots = condaRoots(variables);
  if (name === undefined) return [];
  if (name === "base") return roots;
  const home = variables["HOME"];
  const places = roots.map((root) => join(root, "envs"));
  if (home) places.push(join(home, ".conda", "envs"));
  return places.map((place) => join(place, name));
}

/** Where conda itself lies, by its own variables and the active environment. */
function condaRoots(variables: Variables): string[] {
  const program = variables["CONDA_EXE"];
  const active = variables["CONDA_PREFIX"];
  const found = [
    program && dirname(dirname(program)),
    variables["MAMBA_ROOT_PREFIX"],
    active?.replace(/\/envs\/[^/]+\/?$/, ""),
  ];
  return [...new Set(found.filter((root): root is string => root !== undefined && root !== ""))];
}
