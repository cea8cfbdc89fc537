import { existsSync } from "node:fs";
import { join } from "node:path";
import type { UsedModules } from "../used-modules.ts";
import { type Distribution, normalizedName } from "./distributions.ts";
import { likelyDistribution } from "./import-names.ts";
import { type ModuleMap, ownersOf } from "./module-map.ts";

/** What an interpreter can import. */
export interface Installed {
  readonly distributions: readonly Distribution[];
  readonly modules: ModuleMap;
  readonly stdlibModules: ReadonlySet<string>;
  /** Folders of `sys.path`, to tell what is missing from what has no metadata. */
  readonly path: readonly string[];
}

/**
 * The text of a requirements.txt with exactly what the project's scripts and notebooks import, pinned to
 * what is installed. Sorted by name; the same project and packages give the same bytes.
 */
export function requirementsText(used: UsedModules, installed: Installed): string {
  const pins = new Map<string, string>();
  const notes = new Set<string>();
  for (const module of foreignModules(used, installed)) {
    const owners = ownersOf(installed.modules, module).map((index) => installed.distributions[index]);
    for (const owner of owners) if (owner !== undefined) addPin(owner, pins, notes);
    if (owners.length === 0) notes.add(missingNote(module, installed));
  }
  for (const install of used.installs) notes.add(`# installed by a notebook: ${install}`);
  if (!used.complete) notes.add("# incomplete: not every file was read in time");
  const sorted = [...pins].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, line]) => line);
  return [...sorted, ...[...notes].sort()].map((line) => `${line}\n`).join("");
}

function addPin(distribution: Distribution, pins: Map<string, string>, notes: Set<string>): void {
  const { name, version, requirement, editable } = distribution;
  if (editable === true) notes.add(`# installed in place: ${name}==${version}`);
  else pins.set(normalizedName(name), requirement ? `${name} @ ${requirement}` : `${name}==${version}`);
}

/** Imported modules that are neither of the standard library nor of the project. */
function foreignModules(used: UsedModules, installed: Installed): string[] {
  const ownOtherwise = new Set(used.ownOtherwise);
  return used.python.filter((module) => {
    const top = module.split(".", 1)[0] as string;
    if (installed.stdlibModules.has(top)) return false;
    return !ownOtherwise.has(module) || Object.hasOwn(installed.modules, top);
  });
}

/** Code may be importable without belonging to any package: copied there, or on the PYTHONPATH. */
function missingNote(module: string, installed: Installed): string {
  const top = module.split(".", 1)[0] as string;
  const isThere = installed.path.some(
    (folder) => existsSync(join(folder, `${top}.py`)) || existsSync(join(folder, top, "__init__.py")),
  );
  return isThere ? `# no package: ${top}` : `# not installed: ${likelyDistribution(module)}`;
}
