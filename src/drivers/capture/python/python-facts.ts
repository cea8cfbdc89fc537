import { createHash } from "node:crypto";
import type { CaptureHints, EnvironmentFacts, PackageFact } from "../../../services/ports/capture.ts";
import type { CaptureContext } from "../context.ts";
import type { UsedModules } from "../used-modules.ts";
import type { Distribution } from "./distributions.ts";
import { findInterpreter, interpreterKey } from "./interpreter.ts";
import { buildModuleMap, type ModuleMap } from "./module-map.ts";
import {
  isUnchanged,
  type PackageFolders,
  readPackageFolders,
  visibleDistributions,
  type Watched,
  watchedSites,
} from "./packages.ts";
import { askPython, type PythonAnswer } from "./probe.ts";
import { requirementsText } from "./requirements.ts";

type PythonFacts = NonNullable<EnvironmentFacts["python"]>;

/** What is known of one interpreter; absent `answer`: it did not answer at `askedAt`. */
type PythonCache = {
  readonly key: string;
  readonly askedAt: number;
  readonly answer: PythonAnswer | null;
  readonly sites: readonly Watched[];
  readonly folders: PackageFolders;
  readonly modules: ModuleMap;
};

const CACHE_VERSION = 1;

/** An interpreter that did not answer is not waited for again so soon; milliseconds. */
const ASK_AGAIN_AFTER = 10 * 60_000;

/** The interpreter of the project, its packages and what the sources need; undefined when none answers. */
export async function pythonFacts(
  context: CaptureContext,
  hints: CaptureHints,
  used: () => Promise<UsedModules>,
): Promise<PythonFacts | undefined> {
  const interpreter = findInterpreter(context.projectDirectory, context.variables, hints);
  if (interpreter === undefined) return undefined;
  const name = createHash("sha256").update(interpreter).digest("hex").slice(0, 16);
  const cache = context.cache<PythonCache>(`python-${name}.json`, CACHE_VERSION);
  const before = cache.load();
  const asked = await ask(context, interpreter, before);
  const { state, distributions } = await refresh(asked, before, context.now());
  if (state !== before) cache.save(state);
  if (state.answer === null) return undefined;
  return {
    version: state.answer.version,
    executable: state.answer.executable,
    packages: distributions.map(packageFact),
    requirements: requirementsText(await used(), {
      distributions,
      modules: state.modules,
      stdlibModules: new Set(state.answer.stdlibModules),
      path: state.answer.path,
    }),
  };
}

/** The state with a valid answer of the interpreter: the one known, or a new one. */
async function ask(
  context: CaptureContext,
  interpreter: string,
  before: PythonCache | undefined,
): Promise<PythonCache> {
  const { projectDirectory, variables, timeoutMs } = context;
  const key = interpreterKey(interpreter, projectDirectory, variables);
  const now = context.now();
  const known = before?.key === key ? before : undefined;
  if (known !== undefined && isValid(known, now)) return known;
  const answer = await askPython(interpreter, variables, projectDirectory, timeoutMs);
  // When a machine is too busy for an answer, the one for the same interpreter still says most.
  const usable = answer ?? known?.answer ?? null;
  return {
    key,
    askedAt: now,
    answer: usable,
    sites: answer === undefined || usable === null ? [] : watchedSites(usable, now),
    folders: known?.folders ?? {},
    modules: known?.modules ?? {},
  };
}

function isValid(known: PythonCache, now: number): boolean {
  if (known.sites.length === 0 && Math.abs(now - known.askedAt) < ASK_AGAIN_AFTER) return true;
  return known.answer !== null && known.sites.length > 0 && isUnchanged(known.sites);
}

/** Reads packages that changed; the same object when nothing did. */
async function refresh(
  asked: PythonCache,
  before: PythonCache | undefined,
  now: number,
): Promise<{ state: PythonCache; distributions: Distribution[] }> {
  if (asked.answer === null) return { state: asked, distributions: [] };
  const folders = readPackageFolders(asked.answer, asked.folders, now);
  const distributions = visibleDistributions(asked.answer, folders);
  if (asked === before && sameFolders(folders, asked.folders)) return { state: asked, distributions };
  const isSame =
    asked.answer.sites.every((folder) => folders[folder] === asked.folders[folder]) &&
    JSON.stringify(visibleDistributions(asked.answer, asked.folders)) === JSON.stringify(distributions);
  const modules = isSame ? asked.modules : await buildModuleMap(distributions);
  return { state: { ...asked, folders, modules }, distributions };
}

function sameFolders(a: PackageFolders, b: PackageFolders): boolean {
  return Object.keys(a).every((folder) => a[folder] === b[folder]);
}

function packageFact({ name, version, source, editable }: Distribution): PackageFact {
  return { name, version, ...(source && { source }), ...(editable && { editable }) };
}
