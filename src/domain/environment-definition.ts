import { createHash } from "node:crypto";
import type { Json } from "../util/json.ts";
import { contentId } from "./ids.ts";
import { canonicalJson } from "./task-record.ts";

/** What an environment consists of; its id is the hash of exactly this, so it is the same on every machine. */
export interface EnvironmentDefinition {
  readonly kind: "host" | "venv" | "docker";
  /** SHA-256 of each file by name, line ends normalised. Absent: none. */
  readonly files?: { readonly [name: string]: string };
  /** An image by name, instead of files. */
  readonly image?: string;
  /** Version of Python that a venv is made for. */
  readonly python?: string;
}

/** The machine as it is. */
export const HOST_DEFINITION: EnvironmentDefinition = { kind: "host" };

/** Words that mean something of their own where an environment is named. */
export const RESERVED_NAMES: readonly string[] = ["host", "docker", "venv", "captured"];

/** Name of what `environment export` says about itself; never part of a definition. */
export const EXPORT_NOTE = "datmo-environment.json";

/** Definition files at the root of a project that may stand beside a Dockerfile, or make a venv. */
const LOCK_FILES = new Set([
  "requirements.txt",
  "uv.lock",
  "environment.yml",
  "environment.yaml",
  "renv.lock",
  "python-packages.txt",
]);
const NEIGHBOURS = new Set([
  ...LOCK_FILES,
  ".dockerignore",
  ".python-version",
  "Pipfile",
  "Pipfile.lock",
  "Project.toml",
  "Manifest.toml",
  "conda-lock.yml",
  "constraints.txt",
  "pdm.lock",
  "pixi.lock",
  "pixi.toml",
  "poetry.lock",
  "pylock.toml",
  "pyproject.toml",
]);

/** Id of an environment: the hash of its definition with sorted keys. */
export function environmentId(definition: EnvironmentDefinition): string {
  return contentId(`environment ${canonicalJson(definition as unknown as Json)}`);
}

/** Text with the line ends of Unix; what holds a NUL is no text and stays as it is. */
export function normalised(content: Buffer): Buffer {
  if (!content.includes("\r\n") || content.includes(0)) return content;
  return Buffer.from(content.toString("latin1").replaceAll("\r\n", "\n"), "latin1");
}

/** The definition that these files make; their content is normalised already. */
export function definitionOf(
  kind: "venv" | "docker",
  files: ReadonlyMap<string, Buffer>,
  python?: string,
): EnvironmentDefinition {
  return { kind, files: hashesOf(files), ...(python === undefined ? {} : { python }) };
}

/** `docker` when there is a Dockerfile, `venv` when there is a lock file; undefined for neither. */
export function kindOfFiles(names: Iterable<string>): "venv" | "docker" | undefined {
  const all = new Set(names);
  if (all.has("Dockerfile")) return "docker";
  return [...LOCK_FILES].some((name) => all.has(name)) ? "venv" : undefined;
}

/** Whether a file at the root belongs to the context of a Dockerfile there. */
export function isNeighbour(name: string): boolean {
  return NEIGHBOURS.has(name) || /^requirements[\w.-]*\.(txt|in)$/.test(name);
}

/** Whether a file says what a venv holds. */
export function isLockFile(name: string): boolean {
  return LOCK_FILES.has(name);
}

function hashesOf(files: ReadonlyMap<string, Buffer>): Record<string, string> {
  const hashes: Record<string, string> = {};
  for (const [name, content] of files) hashes[name] = createHash("sha256").update(content).digest("hex");
  return hashes;
}
