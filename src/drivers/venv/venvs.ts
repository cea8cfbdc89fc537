import { createHash } from "node:crypto";
import { mkdir, readdir, stat, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { errors } from "../../protocol/errors.ts";
import type { Venv, VenvRequest, Venvs } from "../../services/ports/venvs.ts";
import { findExecutable, type Variables } from "../../util/executables.ts";
import { forget, makeOnce, readyVenv } from "./cache-entry.ts";
import { CLEAN, findPython, type Interpreter, probe } from "./interpreters.ts";
import { makePython } from "./make-python.ts";
import { findR, type RInstallation, restoreR } from "./r-library.ts";
import { type RequirementSet, requirementSet } from "./requirement-set.ts";

export interface VenvsOptions {
  /** The variables that tools are started with. */
  readonly variables: Variables;
  /** Folder of the venvs. Absent: `datmo/venvs` in the user's cache. */
  readonly cacheDirectory?: string;
}

type MakeOptions = NonNullable<Parameters<Venvs["make"]>[1]>;

/** What a request comes down to on this machine. */
interface Plan {
  readonly key: string;
  readonly set?: RequirementSet;
  readonly interpreter?: Interpreter;
  readonly r?: RInstallation;
}

/** Variables by which pip would install elsewhere than into the venv. */
const NOT_ELSEWHERE: Readonly<Record<string, undefined>> = {
  ...CLEAN,
  PIP_TARGET: undefined,
  PIP_PREFIX: undefined,
  PIP_USER: undefined,
  PIP_ROOT: undefined,
  PIP_REQUIRE_VIRTUALENV: undefined,
  PIP_DRY_RUN: undefined,
  VIRTUAL_ENV: undefined,
  CONDA_PREFIX: undefined,
};

export function createVenvs(options: VenvsOptions): Venvs {
  const variables = { ...options.variables, ...NOT_ELSEWHERE };
  const root = options.cacheDirectory ?? cacheFolder(options.variables);
  return {
    async make(request, how = {}) {
      const plan = await planOf(request, variables, how.signal);
      const folder = join(root, plan.key);
      if (how.again) await forget(folder);
      return makeOnce(folder, {
        waiting: teller(how),
        make: (attempt) => makeAt(attempt, plan, request, { ...how, variables }),
        ...(how.signal ? { signal: how.signal } : {}),
      });
    },
    async find(request) {
      return readyVenv(join(root, (await planOf(request, variables, undefined)).key));
    },
  };
}

/** Says once that somebody else is at it. */
function teller(how: MakeOptions): (pid: number) => void {
  let told = false;
  return (pid) => {
    const message = `Process ${pid} makes this venv; waiting for it`;
    how.progress?.({ message });
    if (!told) how.output?.(`${message}\n`);
    told = true;
  };
}

/** `$XDG_CACHE_HOME/datmo/venvs`, else in `~/.cache`. */
function cacheFolder(variables: Variables): string {
  const { XDG_CACHE_HOME: xdg, HOME: home } = variables;
  return join(xdg?.startsWith("/") ? xdg : join(home || homedir(), ".cache"), "datmo", "venvs");
}

async function planOf(
  request: VenvRequest,
  variables: Variables,
  signal: AbortSignal | undefined,
): Promise<Plan> {
  const around = { variables, directory: request.directory, ...(signal ? { signal } : {}) };
  const set = await requirementSet(request.files);
  const lock = request.files.get("renv.lock");
  if (!set && !lock) {
    const reason = "there is no requirements.txt, uv.lock, environment.yml or renv.lock";
    throw errors.ENVIRONMENT_INVALID({ source: "the venv", reason });
  }
  const version = request.python ?? set?.python;
  const given = request.interpreter === undefined ? undefined : await probe(request.interpreter, around);
  const interpreter =
    set &&
    (given ??
      (await findPython(
        {
          ...(version === undefined ? {} : { version }),
          ...(set.minimum === undefined ? {} : { minimum: set.minimum }),
        },
        around,
      )));
  const r = lock && (await findR(lock, around));
  const key = keyOf(request, interpreter, r);
  return { key, ...(set && interpreter ? { set, interpreter } : {}), ...(r ? { r } : {}) };
}

/** Hash of the files and of what they are installed into. */
function keyOf(
  { files }: VenvRequest,
  interpreter: Interpreter | undefined,
  r: RInstallation | undefined,
): string {
  const hash = createHash("sha256").update("venv 1\n");
  for (const [name, content] of [...files].sort(([a], [b]) => (a < b ? -1 : 1))) {
    hash.update(`${name} ${createHash("sha256").update(content).digest("hex")}\n`);
  }
  const { executable, version, platform, tag } = interpreter ?? {};
  hash.update(JSON.stringify([executable, version, platform, tag, r?.executable, r?.version, r?.platform]));
  return hash.digest("hex").slice(0, 40);
}

async function makeAt(
  attempt: string,
  plan: Plan,
  request: VenvRequest,
  how: MakeOptions & { readonly variables: Variables },
): Promise<Venv> {
  const { variables, signal, output } = how;
  const definition = join(attempt, "definition");
  await mkdir(definition);
  for (const [name, content] of request.files) {
    await mkdir(dirname(join(definition, name)), { recursive: true });
    await writeFile(join(definition, name), content);
  }
  const common = { variables, directory: definition, ...(signal ? { signal } : {}) };
  const python = await pythonAt(join(attempt, "python"), plan, common, how);
  const r = await rAt(join(attempt, "r"), plan, common, output);
  return {
    key: plan.key,
    ...python.facts,
    ...r.facts,
    platform: plan.interpreter?.platform ?? plan.r?.platform ?? "",
    tool: [python.tool, r.tool].filter(Boolean).join(", "),
    packages: { python: python.packages, r: r.packages },
    bytes: await sizeOf(attempt),
    createdAt: new Date().toISOString(),
    notes: [...(plan.set?.notes ?? []), ...(plan.r?.notes ?? [])],
  };
}

interface Common {
  readonly variables: Variables;
  readonly directory: string;
  readonly signal?: AbortSignal;
}

async function pythonAt(directory: string, { set, interpreter }: Plan, common: Common, how: MakeOptions) {
  if (!set || !interpreter) return { facts: {}, tool: "", packages: [] };
  const uv = findExecutable("uv", common.variables, common.directory);
  const made = await makePython({
    set,
    context: { interpreter, ...common },
    directory,
    ...(uv === undefined ? {} : { uv }),
    ...(how.output ? { output: how.output } : {}),
    progress: (message, done, total) =>
      how.progress?.({
        message,
        ...(done === undefined ? {} : { done }),
        ...(total === undefined ? {} : { total }),
      }),
  });
  const { executable, version } = interpreter;
  return { ...made, facts: { directory, python: { executable, version } } };
}

async function rAt(
  library: string,
  { r }: Plan,
  common: Common,
  output: ((text: string) => void) | undefined,
) {
  if (!r) return { facts: {}, tool: "", packages: [] };
  const lock = join(common.directory, "renv.lock");
  const packages = await restoreR(r, lock, library, { ...common, ...(output ? { output } : {}) });
  const { executable, version } = r;
  return { facts: { r: { executable, version, library } }, tool: `renv ${r.renv}`, packages };
}

async function sizeOf(directory: string): Promise<number> {
  let bytes = 0;
  for (const entry of await readdir(directory, { withFileTypes: true, recursive: true })) {
    if (!entry.isFile()) continue;
    const facts = await stat(join(entry.parentPath ?? entry.path, entry.name)).catch(() => undefined);
    bytes += facts?.size ?? 0;
  }
  return bytes;
}
