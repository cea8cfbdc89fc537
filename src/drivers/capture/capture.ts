import { resolve } from "node:path";
import type { Capture, CaptureHints, EnvironmentFacts } from "../../services/ports/capture.ts";
import type { Json } from "../../util/json.ts";
import { type CacheFile, cacheFile } from "./cache-file.ts";
import type { CaptureContext } from "./context.ts";
import type { UsedModules } from "./used-modules.ts";

export interface CaptureOptions {
  readonly projectDirectory: string;
  /** `.datmo/cache`; may be absent, then everything is found out anew by each process. */
  readonly cacheDirectory?: string;
  /** The variables that a run would start with. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Most time for each started program and for reading the sources; milliseconds, default 5,000. */
  readonly timeoutMs?: number;
  /** Milliseconds since the epoch; default the system's clock. */
  readonly now?: () => number;
}

const DEFAULT_TIMEOUT_MS = 5_000;

/** Finds out what code runs with. Nothing fails: what cannot be found out in time is absent. */
export function createCapture(options: CaptureOptions): Capture {
  const context = createContext(options);
  return {
    environment: (hints = {}) => environmentFacts(context, hints),
    async machine() {
      const { machineFacts } = await import("./machine.ts");
      return machineFacts(context);
    },
    async userGit() {
      const { userGitFacts } = await import("./user-git.ts");
      return orAbsent(userGitFacts(context));
    },
  };
}

function createContext(options: CaptureOptions): CaptureContext {
  const files = new Map<string, CacheFile<Json>>();
  return {
    projectDirectory: resolve(options.projectDirectory),
    variables: options.environment,
    timeoutMs: options.timeoutMs ?? DEFAULT_TIMEOUT_MS,
    now: options.now ?? Date.now,
    cache: <T extends Json>(name: string, version: number): CacheFile<T> => {
      const file = files.get(name) ?? cacheFile<Json>(options.cacheDirectory, name, version);
      files.set(name, file);
      return file as CacheFile<T>;
    },
  };
}

async function environmentFacts(context: CaptureContext, hints: CaptureHints): Promise<EnvironmentFacts> {
  // At once, so that a capture of code that fails meanwhile is not taken for an error nobody handles.
  const codeTree = Promise.resolve(hints.codeTree).catch(() => undefined);
  const [{ pythonFacts }, { usedModules }, { readLockFiles }, { readDefinitionFolder }] = await Promise.all([
    import("./python/python-facts.ts"),
    import("./used-modules.ts"),
    import("./lock-files.ts"),
    import("./definition-folder.ts"),
  ]);
  let looked: Promise<UsedModules> | undefined;
  const used = (): Promise<UsedModules> => {
    looked ??= codeTree.then((tree) => usedModules(context, tree));
    return looked;
  };
  const lockFiles = readLockFiles(context.projectDirectory);
  // Python is started first, so that it works while the sources are read.
  const [python, r, conda] = await Promise.all([
    orAbsent(pythonFacts(context, hints, used)),
    orAbsent(rOfProject(context, lockFiles, used)),
    orAbsent(condaInUse(context, hints)),
  ]);
  const definition = readDefinitionFolder(context.projectDirectory);
  return {
    ...(python && { python }),
    ...(r && { r }),
    ...(conda && { conda }),
    ...(definition && { definition }),
    lockFiles,
  };
}

/** Loads nothing where there is no conda. */
async function condaInUse(context: CaptureContext, hints: CaptureHints): Promise<EnvironmentFacts["conda"]> {
  const { findInterpreter } = await import("./python/interpreter.ts");
  const interpreter = findInterpreter(context.projectDirectory, context.variables, hints);
  const { condaFacts } = await import("./conda-facts.ts");
  return condaFacts(context, interpreter);
}

/** R is looked for only where there is R code or a lock file of renv. */
async function rOfProject(
  context: CaptureContext,
  lockFiles: EnvironmentFacts["lockFiles"],
  used: () => Promise<UsedModules>,
): Promise<EnvironmentFacts["r"]> {
  const { r } = await used();
  if (r.length === 0 && !Object.hasOwn(lockFiles, "renv.lock")) return undefined;
  const { rFacts } = await import("./r/r-facts.ts");
  return rFacts(context, r);
}

/** A probe that fails in a way nobody thought of must not stop the run that asked for it. */
function orAbsent<T>(fact: Promise<T>): Promise<T | undefined> {
  return fact.catch(() => undefined);
}
