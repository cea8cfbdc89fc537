import { readdirSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { errors } from "../../protocol/errors.ts";
import { executableAt, findExecutable, type Variables } from "../../util/executables.ts";
import { runTool } from "./run-tool.ts";

/** A Python on this machine. */
export interface Interpreter {
  /** The installation's own program, also when a venv's was asked. */
  readonly executable: string;
  readonly version: string;
  /** Python's name of the platform, `linux-x86_64`. */
  readonly platform: string;
  /** Name of its compiled code, `cpython-312`. */
  readonly tag: string;
}

export interface PythonWanted {
  /** `3.12` or `3.12.4`. */
  readonly version?: string;
  /** Lowest minor version. */
  readonly minimum?: number;
}

export interface Surroundings {
  readonly variables: Variables;
  /** Folder that programs are looked for from. */
  readonly directory: string;
  readonly signal?: AbortSignal;
}

const PROBE = `
import json, sys, sysconfig
print(json.dumps({"executable": getattr(sys, "_base_executable", None) or sys.executable,
  "version": ".".join(map(str, sys.version_info[:3])),
  "platform": sysconfig.get_platform(), "tag": sys.implementation.cache_tag or sys.implementation.name}))
`;

/** Variables that would make an interpreter answer for another place. */
export const CLEAN: Readonly<Record<string, undefined>> = {
  PYTHONPATH: undefined,
  PYTHONHOME: undefined,
  PYTHONSTARTUP: undefined,
  __PYVENV_LAUNCHER__: undefined,
};

/**
 * A Python of the wanted version: that very one if it is there, else one with the same minor version. With uv, one
 * that uv knows or can get. Throws PYTHON_NOT_FOUND.
 */
export async function findPython(wanted: PythonWanted, around: Surroundings): Promise<Interpreter> {
  const found: Interpreter[] = [];
  for (const program of candidates(wanted, around)) {
    const one = await probe(program, around);
    if (!one) continue;
    if (wanted.version === undefined ? fits(one, wanted) : one.version === wanted.version) return one;
    found.push(one);
  }
  const near = found.find((one) => fits(one, wanted)) ?? (await fromUv(wanted, around));
  if (near) return near;
  const versions = [...new Set(found.map(({ version }) => version))].join(", ");
  throw errors.PYTHON_NOT_FOUND({
    wanted: wanted.version ?? `3.${wanted.minimum} or newer`,
    found: versions || "none",
  });
}

function candidates({ version, minimum }: PythonWanted, { variables, directory }: Surroundings): string[] {
  const minor = version?.split(".")[1] ?? minimum;
  const names = [
    ...(version === undefined ? [] : [`python3.${minor}`]),
    "python3",
    "python",
    ...(version === undefined && minimum !== undefined ? laterNames(minimum) : []),
  ];
  const programs = names.map((name) => findExecutable(name, variables, directory));
  const found = [...programs, ...pyenvPrograms(variables, version, minimum)];
  return [...new Set(found.filter((program): program is string => program !== undefined))];
}

function laterNames(minimum: number): string[] {
  return Array.from({ length: 8 }, (_, index) => `python3.${minimum + index}`);
}

/** pyenv keeps versions that its shims do not show. */
function pyenvPrograms(variables: Variables, version: string | undefined, minimum = 0): string[] {
  const root = join(variables["PYENV_ROOT"] ?? join(variables["HOME"] ?? homedir(), ".pyenv"), "versions");
  let names: string[];
  try {
    names = readdirSync(root);
  } catch {
    return [];
  }
  const short = version?.split(".").slice(0, 2).join(".");
  return names
    .filter((name) =>
      short === undefined
        ? Number(/^3\.(\d+)\./.exec(name)?.[1] ?? -1) >= minimum
        : name.startsWith(`${short}.`),
    )
    .sort()
    .reverse()
    .map((name) => executableAt(join(root, name, "bin", "python")))
    .filter((program): program is string => program !== undefined);
}

function fits({ version }: Interpreter, { version: wanted, minimum = 0 }: PythonWanted): boolean {
  const short = (text: string): string => text.split(".").slice(0, 2).join(".");
  if (wanted !== undefined) return short(version) === short(wanted);
  return version.startsWith("3.") && Number(version.split(".")[1]) >= minimum;
}

/** What a Python says of itself; undefined when it is none. */
export async function probe(program: string, around: Surroundings): Promise<Interpreter | undefined> {
  const { exitCode, stdout } = await runTool({
    program,
    arguments: ["-I", "-c", PROBE],
    environment: { ...around.variables, ...CLEAN },
    directory: around.directory,
    ...(around.signal ? { signal: around.signal } : {}),
  });
  if (exitCode !== 0) return undefined;
  try {
    return JSON.parse(stdout) as Interpreter;
  } catch {
    return undefined;
  }
}

/** uv knows the Pythons that it has brought, and brings others. */
async function fromUv(wanted: PythonWanted, around: Surroundings): Promise<Interpreter | undefined> {
  const uv = findExecutable("uv", around.variables, around.directory);
  if (uv === undefined) return undefined;
  const asked = wanted.version ?? `>=3.${wanted.minimum ?? 0}`;
  const ask = (...words: string[]) =>
    runTool({
      program: uv,
      arguments: [...words, asked],
      environment: { ...around.variables, ...CLEAN, VIRTUAL_ENV: undefined },
      directory: around.directory,
      ...(around.signal ? { signal: around.signal } : {}),
    });
  let answer = await ask("python", "find", "--no-project");
  if (answer.exitCode !== 0) {
    if ((await ask("python", "install")).exitCode !== 0) return undefined;
    answer = await ask("python", "find", "--no-project");
  }
  const program = answer.stdout.trim();
  const one = answer.exitCode === 0 && program !== "" ? await probe(program, around) : undefined;
  return one && fits(one, wanted) ? one : undefined;
}
