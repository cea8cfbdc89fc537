import { randomBytes } from "node:crypto";
import { dirname, join } from "node:path";
import type { RefUpdate, RemoteRef } from "../../../../services/ports/sharing.ts";
import { writeAtomic } from "../../files/atomic-write.ts";
import {
  errorCode,
  type FileSystem,
  namesIn,
  readIfThere,
  removeIfThere,
  syncFolderNow,
  writeFully,
} from "../../files/file-system.ts";
import { isObjectId } from "../../objects/object-id.ts";

const MOST_FOLDERS = 10;
const LOCK_TRIES = 20;
const LOCK_PAUSE_MS = 50;

/** True for a name below `refs/datmo/` that every git takes. */
export function isSharedRef(name: string): boolean {
  return (
    /^refs\/datmo(?:\/[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_-])?)+$/.test(name) &&
    !/\.\.|\.lock(\/|$)/.test(name)
  );
}

/** References of a git directory whose names begin with `prefix` (a folder), loose and packed. */
export function readRefs(fs: FileSystem, gitDirectory: string, prefix: string): RemoteRef[] {
  const refs = new Map<string, string>();
  for (const [name, commit] of packedRefs(fs, gitDirectory)) {
    if (name.startsWith(`${prefix}/`)) refs.set(name, commit);
  }
  const visit = (name: string, depth: number): void => {
    for (const entry of namesIn(fs, join(gitDirectory, name))) {
      const inside = `${name}/${entry}`;
      const commit = looseRef(fs, gitDirectory, inside);
      if (commit !== undefined) refs.set(inside, commit);
      else if (depth < MOST_FOLDERS) visit(inside, depth + 1);
    }
  };
  visit(prefix, 0);
  return [...refs].map(([name, commit]) => ({ name, commit })).sort((a, b) => (a.name < b.name ? -1 : 1));
}

/**
 * Changes one reference under git's own lock, when it still is what was expected. Resolves with why not, or with
 * undefined when it is done and durable.
 */
export async function changeRef(
  fs: FileSystem,
  gitDirectory: string,
  update: RefUpdate,
): Promise<{ reason: string; changed: boolean } | undefined> {
  const path = join(gitDirectory, update.name);
  const lock = `${path}.lock`;
  fs.mkdirSync(dirname(path), { recursive: true });
  const fd = await takeLock(fs, lock);
  if (fd === undefined) return { reason: `${update.name} is locked`, changed: false };
  let locked = true;
  try {
    const packed = packedRefs(fs, gitDirectory).get(update.name);
    const current = looseRef(fs, gitDirectory, update.name) ?? packed;
    if (current === update.commit) return undefined;
    if (current !== update.expected) return { reason: "it has changed meanwhile", changed: true };
    if (update.commit === undefined) {
      // Packed first: a packed one would show again when the loose one is gone.
      if (packed !== undefined) await unpackRef(fs, gitDirectory, update.name);
      removeIfThere(fs, path);
    } else {
      writeFully(fs, fd, Buffer.from(`${update.commit}\n`));
      fs.fsyncSync(fd);
      fs.renameSync(lock, path);
      locked = false;
    }
    syncFolderNow(fs, dirname(path));
    return undefined;
  } finally {
    fs.closeSync(fd);
    if (locked) removeIfThere(fs, lock);
  }
}

function looseRef(fs: FileSystem, gitDirectory: string, name: string): string | undefined {
  try {
    const text = readIfThere(fs, join(gitDirectory, name))?.toString("latin1").trim();
    return text !== undefined && isObjectId(text) ? text : undefined;
  } catch (error) {
    if (errorCode(error) === "EISDIR") return undefined;
    throw error;
  }
}

function packedRefs(fs: FileSystem, gitDirectory: string): Map<string, string> {
  const text = readIfThere(fs, join(gitDirectory, "packed-refs"))?.toString("latin1") ?? "";
  const refs = new Map<string, string>();
  for (const line of text.split("\n")) {
    const match = /^([0-9a-f]{40}) (\S+)$/.exec(line);
    if (match?.[1] && match[2]) refs.set(match[2], match[1]);
  }
  return refs;
}

/** Takes a reference out of `packed-refs`, under git's own lock. */
async function unpackRef(fs: FileSystem, gitDirectory: string, name: string): Promise<void> {
  const path = join(gitDirectory, "packed-refs");
  const lines = readIfThere(fs, path)?.toString("latin1").split("\n") ?? [];
  const at = lines.findIndex((line) => line.endsWith(` ${name}`));
  if (at < 0) return;
  lines.splice(at, lines[at + 1]?.startsWith("^") ? 2 : 1);
  const content = [Buffer.from(lines.join("\n"), "latin1")];
  await writeAtomic(fs, path, content, { temporary: `${path}.lock`, mode: 0o644 });
}

/** Undefined when another process holds it all the time. */
async function takeLock(fs: FileSystem, path: string): Promise<number | undefined> {
  for (let attempt = 0; attempt < LOCK_TRIES; attempt++) {
    try {
      return fs.openSync(path, "wx", 0o666);
    } catch (error) {
      if (errorCode(error) !== "EEXIST") throw error;
      await new Promise((resume) =>
        setTimeout(resume, LOCK_PAUSE_MS * (0.5 + (randomBytes(1)[0] ?? 0) / 255)),
      );
    }
  }
  return undefined;
}
