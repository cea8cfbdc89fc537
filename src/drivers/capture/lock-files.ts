import { readdirSync } from "node:fs";
import { join } from "node:path";
import { maskAddresses } from "../../domain/secrets.ts";
import { readRegularFile } from "./regular-file.ts";

const NAMES = new Set([
  "requirements.txt",
  "environment.yml",
  "environment.yaml",
  "conda-lock.yml",
  "uv.lock",
  "poetry.lock",
  "pdm.lock",
  "pixi.lock",
  "pylock.toml",
  "Pipfile.lock",
  "renv.lock",
  "pyproject.toml",
  "Dockerfile",
]);

const LARGEST = 2 << 20;

/** The definition and lock files at the root, by name, without credentials in addresses; larger ones not. */
export function readLockFiles(projectDirectory: string): Record<string, string> {
  const found: Record<string, string> = {};
  for (const name of rootNames(projectDirectory).sort()) {
    if (!NAMES.has(name) && !/^requirements-[\w.-]{1,100}\.txt$/.test(name)) continue;
    const bytes = readRegularFile(join(projectDirectory, name), LARGEST);
    if (bytes !== undefined) found[name] = maskAddresses(bytes.toString("utf8"));
  }
  return found;
}

function rootNames(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}
