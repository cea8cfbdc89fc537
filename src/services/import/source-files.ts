import { createHash } from "node:crypto";
import { lstat, mkdtemp, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { isAbsolute, join } from "node:path";
import { isDatmoError } from "../../protocol/errors.ts";
import { isWithin } from "../../util/real-path.ts";
import type { ImportedFile } from "../ports/importers.ts";
import type { FileEntry, FileSource } from "../ports/snapshots.ts";
import type { OpenProject } from "../project/open-project.ts";
import { filesOver } from "../snapshots/files-state.ts";

/** Files of a run that may be kept, and a text that is another one whenever one of them was changed. */
export interface SourceFiles {
  readonly files: readonly ImportedFile[];
  readonly print: string;
  /** Bytes by name. */
  readonly sizes: ReadonlyMap<string, number>;
}

/**
 * Looks at the files that an importer names. It may name only regular files below what is imported, with no link on
 * the way that leads out of it: a folder that came from elsewhere must not make datmo keep the user's other files.
 */
export async function lookAtFiles(
  named: readonly ImportedFile[],
  source: string,
  problem: (message: string) => void,
): Promise<SourceFiles> {
  const files: ImportedFile[] = [];
  const sizes = new Map<string, number>();
  const hash = createHash("sha256");
  for (const file of named) {
    const facts = file.path === undefined ? textFacts(file.text ?? "") : await fileFacts(file.path, source);
    if (facts === undefined) {
      problem(`${file.name}: is no file below ${source}, so it was not kept`);
      continue;
    }
    files.push(file);
    sizes.set(file.name, facts.bytes);
    hash.update(`${JSON.stringify(file.name)} ${facts.bytes} ${facts.print}\n`);
  }
  return { files, print: hash.digest("hex").slice(0, 32), sizes };
}

/** Keeps files; a name that cannot be kept is told and costs nothing but itself. */
export async function keepSourceFiles(
  project: OpenProject,
  { files }: SourceFiles,
  problem: (message: string) => void,
): Promise<{ readonly treeId: string; readonly files: readonly FileEntry[] } | undefined> {
  const temporary = files.some(({ path }) => path === undefined)
    ? await mkdtemp(join(tmpdir(), "datmo-import-"))
    : undefined;
  try {
    const sources: FileSource[] = [];
    for (const [at, { name, path, text = "" }] of files.entries()) {
      const source = path ?? join(temporary ?? "", String(at));
      if (path === undefined) await writeFile(source, text);
      sources.push({ name, source });
    }
    return await keepAll(project, sources, problem);
  } finally {
    if (temporary) await rm(temporary, { recursive: true, force: true });
  }
}

async function keepAll(
  project: OpenProject,
  sources: readonly FileSource[],
  problem: (message: string) => void,
): ReturnType<typeof keepSourceFiles> {
  try {
    return await filesOver(project.snapshots, undefined, sources);
  } catch (error) {
    if (!isOfPath(error)) throw error;
  }
  let all: Awaited<ReturnType<typeof filesOver>> | undefined;
  for (const source of sources) {
    try {
      all = await filesOver(project.snapshots, all, [source]);
    } catch (error) {
      if (!isOfPath(error)) throw error;
      problem((error as Error).message);
    }
  }
  return all;
}

interface FileFacts {
  readonly bytes: number;
  readonly print: string;
}

function textFacts(text: string): FileFacts {
  return { bytes: Buffer.byteLength(text), print: createHash("sha256").update(text).digest("hex") };
}

/** Undefined for what may not be kept. */
async function fileFacts(path: string, source: string): Promise<FileFacts | undefined> {
  if (!isAbsolute(path)) return undefined;
  try {
    const facts = await lstat(path);
    if (!facts.isFile() || !isWithin(source, await realpath(path))) return undefined;
    return { bytes: facts.size, print: String(facts.mtimeMs) };
  } catch {
    return undefined;
  }
}

/** The name or the kind of a file is not one that can be kept. */
function isOfPath(error: unknown): boolean {
  return isDatmoError(error) && ["PATH_INVALID", "PATH_NOT_FOUND", "PATH_DUPLICATE"].includes(error.kind);
}
