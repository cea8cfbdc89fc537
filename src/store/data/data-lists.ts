import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, stat, utimes } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { gunzip, gzip } from "node:zlib";
import type { DataFile, DataFileChange } from "../../services/ports/data.ts";
import { writeFileAtomic } from "../../util/atomic-file.ts";

/*
 * `.datmo/data/<SHA-256>.gz`: what a folder of data held, one line a file, sorted by path: SHA-256, size, and the path
 * as a JSON string. The name is the hash of the text, so equal folders have one list, whichever run measured them.
 */

const ENDING = ".gz";

export interface ListedFile extends DataFile {
  readonly path: string;
}

/** The text that stands for a folder, and its hash. */
export function listText(files: readonly ListedFile[]): { readonly text: string; readonly sha256: string } {
  const sorted = [...files].sort((a, b) => (a.path < b.path ? -1 : 1));
  const text = sorted
    .map(({ path, bytes, sha256 }) => `${sha256} ${bytes} ${JSON.stringify(path)}\n`)
    .join("");
  return { text, sha256: createHash("sha256").update(text).digest("hex") };
}

/** Keeps a list, unless it is there. */
export async function keepList(directory: string, sha256: string, text: string): Promise<void> {
  const path = join(directory, sha256 + ENDING);
  // A list that a collector may be about to remove is of now.
  const now = new Date();
  const known = await utimes(path, now, now).then(
    () => true,
    () => false,
  );
  if (known) return;
  await mkdir(directory, { recursive: true, mode: 0o700 });
  await writeFileAtomic(path, await promisify(gzip)(text, { level: 1 }), { sync: false });
}

/** Undefined when there is no such list, or it is damaged. */
export async function readList(
  directory: string,
  sha256: string,
): Promise<Map<string, DataFile> | undefined> {
  try {
    const text = (await promisify(gunzip)(await readFile(join(directory, sha256 + ENDING)))).toString("utf8");
    if (createHash("sha256").update(text).digest("hex") !== sha256) return undefined;
    const lines = text.split("\n").slice(0, -1);
    return new Map(lines.map(fileOf));
  } catch {
    return undefined;
  }
}

/** Every list that is kept. */
export async function listsIn(
  directory: string,
): Promise<{ readonly sha256: string; readonly bytes: number; readonly path: string }[]> {
  const names = await readdir(directory).catch(() => [] as string[]);
  const found: { sha256: string; bytes: number; path: string }[] = [];
  for (const name of names.sort()) {
    const sha256 = name.slice(0, -ENDING.length);
    if (!name.endsWith(ENDING) || !/^[0-9a-f]{64}$/.test(sha256)) continue;
    const path = join(directory, name);
    const facts = await stat(path).catch(() => undefined);
    if (facts) found.push({ sha256, bytes: facts.size, path });
  }
  return found;
}

/** Files that are in one list only, or in both with other content. */
export function listChanges(
  a: ReadonlyMap<string, DataFile>,
  b: ReadonlyMap<string, DataFile>,
): DataFileChange[] {
  const changes: DataFileChange[] = [];
  for (const path of [...new Set([...a.keys(), ...b.keys()])].sort()) {
    const [left, right] = [a.get(path), b.get(path)];
    if (left?.sha256 === right?.sha256) continue;
    changes.push({ path, ...(left ? { a: left } : {}), ...(right ? { b: right } : {}) });
  }
  return changes;
}

function fileOf(line: string): [string, DataFile] {
  const [sha256 = "", bytes = "0"] = line.split(" ", 2);
  const path = JSON.parse(line.slice(sha256.length + bytes.length + 2)) as string;
  return [path, { sha256, bytes: Number(bytes) }];
}
