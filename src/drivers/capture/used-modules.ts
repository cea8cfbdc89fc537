import type { CaptureContext } from "./context.ts";
import {
  type ProjectSources,
  rememberedFolders,
  type ScanOptions,
  type SourceFolders,
  scanSources,
} from "./project-sources.ts";
import { LocalModules } from "./python/local-modules.ts";

/** What all sources of a project use together, whatever is installed. */
export type UsedModules = {
  /** Python modules (dotted), sorted, that are not certainly the project's own. */
  readonly python: readonly string[];
  /** Those among them that are the project's own when nothing installed has their name. */
  readonly ownOtherwise: readonly string[];
  /** R packages, sorted; `base` is among them when there is any R code. */
  readonly r: readonly string[];
  /** Packages that notebooks install by themselves, sorted. */
  readonly installs: readonly string[];
  readonly complete: boolean;
};

/** The big cache: every folder and file with its stamp. */
type SourcesCache = { readonly folders: SourceFolders; readonly used: UsedModules };

/** The small one: the answer for one tree. */
type TreeCache = { readonly tree: string; readonly used: UsedModules };

const CACHE_VERSION = 2;

/**
 * A change as young as this may have been made between the capture of the tree and our look at the files;
 * then the answer is not remembered as that of the tree. Milliseconds.
 */
const TREE_MARGIN_MS = 10_000;

/**
 * Looks at the sources of the project, or, for a tree that was looked at before, not even that.
 * @param codeTree Id of the tree that was just captured of the project.
 */
export async function usedModules(
  context: CaptureContext,
  codeTree: string | undefined,
): Promise<UsedModules> {
  const trees = context.cache<TreeCache>("used-modules.json", CACHE_VERSION);
  const known = codeTree === undefined ? undefined : trees.load();
  if (known !== undefined && known.tree === codeTree) return known.used;
  const { sources, used } = await lookAtSources(context);
  const isSettled = sources.complete && sources.youngestMs < context.now() - TREE_MARGIN_MS;
  if (codeTree !== undefined && isSettled) trees.save({ tree: codeTree, used });
  return used;
}

async function lookAtSources(
  context: CaptureContext & ScanOptions,
): Promise<{ sources: ProjectSources; used: UsedModules }> {
  const cache = context.cache<SourcesCache>("sources.json", CACHE_VERSION);
  const before = cache.load();
  const sources = await scanSources(context.projectDirectory, before?.folders ?? {}, context);
  if (before !== undefined && !sources.changed) return { sources, used: before.used };
  const used = collect(sources);
  cache.save({ folders: rememberedFolders(sources, before?.folders ?? {}), used });
  return { sources, used };
}

function collect(sources: ProjectSources): UsedModules {
  const local = new LocalModules(sources.folders);
  const python = new Set<string>();
  const ownOtherwise = new Set<string>();
  const r = new Set<string>();
  const installs = new Set<string>();
  for (const [path, folder] of sources.folders) {
    for (const file of folder.files) {
      for (const used of words(file[3])) r.add(used);
      for (const install of words(file[4])) installs.add(install);
    }
    for (const module of new Set(folder.files.flatMap((file) => words(file[2])))) {
      const locality = local.locality(module.split(".", 1)[0] as string, path);
      if (locality !== "first") python.add(module);
      if (locality === "last") ownOtherwise.add(module);
    }
  }
  return {
    python: [...python].sort(),
    ownOtherwise: [...ownOtherwise].sort(),
    r: [...r].sort(),
    installs: [...installs].sort(),
    complete: sources.complete,
  };
}

function words(text: string): string[] {
  return text === "" ? [] : text.split(" ");
}
