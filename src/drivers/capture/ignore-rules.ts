import { join } from "node:path";
import type { Ignore } from "ignore";
import { readRegularFile } from "./regular-file.ts";

/** Files that say what snapshots leave out below their folder. */
export const RULE_FILES: readonly string[] = [".gitignore", ".datmoignore"];

/** Folders that never hold sources of the project itself. */
const SKIPPED_FOLDERS = new Set(["__pycache__", "node_modules", "site-packages", "dist-packages", "packrat"]);

/** Entries by which the folder of an installed environment is known, whatever its name. */
const ENVIRONMENT_MARKS = new Set(["pyvenv.cfg", "conda-meta"]);

const LARGEST_RULES = 1 << 20;

/** The ignore rules of one folder and of all above it. */
export interface IgnoreRules {
  /** @param path Relative to the project. The deepest folder that says anything about it decides. */
  ignores(path: string, isFolder: boolean): boolean;
}

export const NO_RULES: IgnoreRules = { ignores: () => false };

/**
 * Reads the rule files of a folder.
 * @param folder Relative to the project, "" for its root.
 */
export async function readRules(
  parent: IgnoreRules,
  projectDirectory: string,
  folder: string,
  files: readonly string[],
): Promise<IgnoreRules> {
  if (files.length === 0) return parent;
  const { default: ignore } = await import("ignore");
  const rules = ignore({ ignorecase: false, allowRelativePaths: true });
  for (const file of files) {
    const text = readRegularFile(join(projectDirectory, folder, file), LARGEST_RULES)?.toString("utf8");
    for (const line of (text ?? "").split(/\r?\n/)) if (isUsable(ignore, line)) rules.add(line);
  }
  return { ignores: (path, isFolder) => decide(rules, parent, folder, path, isFolder) };
}

/** True for folders that are left out whatever the rules say. */
export function isSkippedFolder(name: string): boolean {
  return name.startsWith(".") || SKIPPED_FOLDERS.has(name);
}

/** True when a folder with these entries is an installed environment. */
export function isEnvironment(names: readonly string[]): boolean {
  return names.some((name) => ENVIRONMENT_MARKS.has(name));
}

/** Some malformed patterns make the library throw, but only when a path is held against them. */
function isUsable(ignore: () => Ignore, line: string): boolean {
  try {
    ignore().add(line).test("a");
    return true;
  } catch {
    return false;
  }
}

function decide(
  rules: Ignore,
  parent: IgnoreRules,
  folder: string,
  path: string,
  isFolder: boolean,
): boolean {
  const below = folder === "" ? path : path.slice(folder.length + 1);
  const verdict = rules.test(isFolder ? `${below}/` : below);
  if (verdict.ignored || verdict.unignored) return verdict.ignored;
  return parent.ignores(path, isFolder);
}
