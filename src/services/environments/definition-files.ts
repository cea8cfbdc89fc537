import { readdir, readFile, stat } from "node:fs/promises";
import { join, posix, relative, resolve, sep } from "node:path";
import { copySources } from "../../domain/dockerfile.ts";
import { EXPORT_NOTE, isLockFile, isNeighbour, normalised } from "../../domain/environment-definition.ts";
import { maskAddresses } from "../../domain/secrets.ts";
import { errors } from "../../protocol/errors.ts";
import { resolvePathSpecs } from "../snapshots/path-specs.ts";

/** Files of a definition as they are kept, and what one should know of them. */
export interface DefinitionFiles {
  readonly files: Map<string, Buffer>;
  readonly notes: string[];
}

/** A build context is read whole; more than this is data, not a definition. */
const MOST_BYTES = 256 << 20;
const MOST_FILES = 10_000;
/** Secrets, and what tools leave behind. */
const LEFT_OUT = /^(\.env(\..*)?|\.git|\.datmo|\.DS_Store|__pycache__)$/;

/** What lies in a folder, folders in it too. Empty when there is none. */
export async function readDefinitionFolder(directory: string): Promise<DefinitionFiles> {
  const found = { files: new Map<string, Buffer>(), notes: [] as string[] };
  await collect(directory, "", found);
  return found;
}

/** Paths as a user gives them, `SRC` or `SRC>NAME`. A single folder stands for what is in it. */
export async function readDefinitionPaths(
  directory: string,
  specs: readonly string[],
): Promise<DefinitionFiles> {
  const entries = await resolvePathSpecs(directory, specs);
  const found = { files: new Map<string, Buffer>(), notes: [] as string[] };
  for (const { name, source } of entries) {
    const isFolder = (await stat(source)).isDirectory();
    const bare = isFolder && entries.length === 1 && !specs[0]?.includes(">");
    if (isFolder) await collect(source, bare ? "" : `${name}/`, found);
    else await take(source, name, found);
  }
  return found;
}

/** The Dockerfile at the root with its neighbours and what it copies; undefined when there is none. */
export async function readRootDockerfile(directory: string): Promise<DefinitionFiles | undefined> {
  if (!(await isFile(join(directory, "Dockerfile")))) return undefined;
  const found = { files: new Map<string, Buffer>(), notes: [] as string[] };
  await take(join(directory, "Dockerfile"), "Dockerfile", found);
  for (const name of await namesIn(directory)) {
    if (isNeighbour(name)) await take(join(directory, name), name, found);
  }
  const text = found.files.get("Dockerfile")?.toString("utf8") ?? "";
  for (const source of copySources(text)) await takeCopied(directory, source, found);
  return found;
}

/** Lock files at the root; empty when there are none. */
export async function readRootLocks(directory: string): Promise<DefinitionFiles> {
  const found = { files: new Map<string, Buffer>(), notes: [] as string[] };
  for (const name of await namesIn(directory)) {
    if (isLockFile(name) || name === "pyproject.toml") await take(join(directory, name), name, found);
  }
  if (![...found.files.keys()].some(isLockFile)) found.files.clear();
  return found;
}

/** Code belongs to the snapshot: a Dockerfile that copies all of it gets its own files only. */
async function takeCopied(directory: string, source: string, found: DefinitionFiles): Promise<void> {
  const path = posix.normalize(source.replace(/^\/+/, "")).replace(/\/$/, "");
  const full = resolve(directory, path);
  const outside = relative(directory, full).split(sep)[0] === "..";
  if (path === "." || path === "" || outside || /[*?[$]/.test(path)) {
    found.notes.push(`The Dockerfile copies "${source}": only files named one by one are part of it.`);
    return;
  }
  const facts = await stat(full).catch(() => undefined);
  if (facts?.isDirectory()) await collect(full, `${path}/`, found);
  else if (facts?.isFile() && !found.files.has(path)) await take(full, path, found);
}

async function collect(directory: string, prefix: string, found: DefinitionFiles): Promise<void> {
  for (const name of await namesIn(directory)) {
    if (LEFT_OUT.test(name) || (prefix === "" && name === EXPORT_NOTE)) continue;
    const path = join(directory, name);
    const facts = await stat(path).catch(() => undefined);
    if (facts?.isDirectory()) await collect(path, `${prefix}${name}/`, found);
    else if (facts?.isFile()) await take(path, prefix + name, found);
    else found.notes.push(`${prefix}${name} is no file; it was left out.`);
  }
}

async function take(path: string, name: string, found: DefinitionFiles): Promise<void> {
  let total = 0;
  for (const content of found.files.values()) total += content.length;
  const { size } = await stat(path);
  if (total + size > MOST_BYTES || found.files.size >= MOST_FILES) {
    const reason = `it has more than ${MOST_BYTES >> 20} MB or ${MOST_FILES} files: give data to the run with --data`;
    throw errors.ENVIRONMENT_INVALID({ source: name, reason });
  }
  const content = withoutPasswords(normalised(await readFile(path)), name, found.notes);
  found.files.set(name, content);
}

/** Definitions are kept and shared; who installs from a private index has the password elsewhere, too. */
function withoutPasswords(content: Buffer, name: string, notes: string[]): Buffer {
  if (content.length > 4 << 20 || content.includes(0) || !content.includes("://")) return content;
  let seen = false;
  const text = content.toString("utf8");
  const masked = maskAddresses(text, () => {
    seen = true;
  });
  if (!seen) return content;
  notes.push(
    `The password in an address in ${name} was not kept: give it by ~/.netrc, or by pip's own configuration.`,
  );
  return Buffer.from(masked.replace(/(:\/\/)(?:[^\s:@/?#"']*:)?\*\*\*@/g, "$1"), "utf8");
}

async function namesIn(directory: string): Promise<string[]> {
  try {
    return (await readdir(directory)).sort();
  } catch (error) {
    if (["ENOENT", "ENOTDIR"].includes((error as NodeJS.ErrnoException).code ?? "")) return [];
    throw error;
  }
}

function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (facts) => facts.isFile(),
    () => false,
  );
}
