import { readdirSync } from "node:fs";
import { join } from "node:path";
import { maskAddresses } from "../../domain/secrets.ts";
import { readRegularFile } from "./regular-file.ts";

const NAMES = new Set([
  ".python-version",
  "conda-lock.yml",
  "conda-lock.yaml",
  "uv.lock",
  "poetry.lock",
  "pdm.lock",
  "pixi.lock",
  "pixi.toml",
  "Pipfile",
  "Pipfile.lock",
  "pyproject.toml",
  "setup.cfg",
  "renv.lock",
  "DESCRIPTION",
  "Dockerfile",
]);

/** `requirements-dev.txt`, `dev-requirements.txt`, `requirements.in`; `environment-gpu.yml`; `pylock.dev.toml`. */
const PATTERNS = [
  /^(?:[\w.-]{1,100}[-_.])?requirements(?:[-_.]?[\w.-]{1,100})?\.(?:txt|in)$/,
  /^(?:environment|conda)(?:[-_.][\w.-]{1,100})?\.ya?ml$/,
  /^pylock(?:\.[\w-]{1,100})?\.toml$/,
];

const LARGEST = 2 << 20;

/** The definition and lock files at the root, by name, without credentials in addresses; larger ones not. */
export function readLockFiles(projectDirectory: string): Record<string, string> {
  const found: Record<string, string> = {};
  for (const name of rootNames(projectDirectory).sort()) {
    if (!NAMES.has(name) && !PATTERNS.some((pattern) => pattern.test(name))) continue;
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
