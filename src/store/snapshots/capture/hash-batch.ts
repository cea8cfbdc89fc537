import { fsPath } from "../files/names.ts";
import { GONE, isContent } from "./entry-kind.ts";
import { type HashContext, type HashedFile, hashFile } from "./hash-file.ts";

/** Files to read, as columns, so that they cross to a worker cheaply. */
export interface HashBatch {
  readonly paths: readonly string[];
  /** `LINK_JOB`, `REHASH_JOB` or 0 of each. */
  readonly hints: Uint8Array;
}

export const LINK_JOB = 1;
export const REHASH_JOB = 2;

/** What was found, by position in the batch. */
export interface HashedBatch {
  readonly flags: Uint8Array;
  /** mtimeMs, ctimeMs, size, ino of each. */
  readonly facts: Float64Array;
  /** 20 bytes of each. */
  readonly ids: Uint8Array;
  /** Where the pack entry of each ends in `data`; it begins where the one before ended. Empty: known. */
  readonly ends: Uint32Array;
  readonly crcs: Uint32Array;
  readonly data: Uint8Array;
  /** Of big files, and of all when asked for. */
  readonly sha256: readonly (string | undefined)[];
  readonly problems: readonly (string | undefined)[];
}

export function hashBatch(context: HashContext, batch: HashBatch): HashedBatch {
  const files = batch.paths.map((path, i) => {
    const hints = batch.hints[i] ?? 0;
    const job = { path, link: (hints & LINK_JOB) !== 0, rehash: (hints & REHASH_JOB) !== 0 };
    return again(context, path, hashFile(context, job));
  });
  return toColumns(files);
}

/** What was a link when it was listed and is a file now, or the other way round, is read as what it is. */
function again(context: HashContext, path: string, found: HashedFile): HashedFile {
  if (found.flags !== GONE) return found;
  const facts = context.fs.lstatSync(fsPath(path), { throwIfNoEntry: false });
  return facts?.isFile() ? hashFile(context, { path, link: false, rehash: false }) : found;
}

function toColumns(files: readonly HashedFile[]): HashedBatch {
  const count = files.length;
  const flags = new Uint8Array(count);
  const facts = new Float64Array(count * 4);
  const ids = new Uint8Array(count * 20);
  const ends = new Uint32Array(count);
  const crcs = new Uint32Array(count);
  const total = files.reduce((sum, file) => sum + (file.entry?.data.length ?? 0), 0);
  const data = new Uint8Array(total);
  let end = 0;
  files.forEach((file, i) => {
    flags[i] = file.flags;
    if (file.facts)
      facts.set([file.facts.mtimeMs, file.facts.ctimeMs, file.facts.size, file.facts.ino], i * 4);
    if (file.id && isContent(file.flags)) ids.set(file.id, i * 20);
    if (file.entry) {
      data.set(file.entry.data, end);
      end += file.entry.data.length;
      crcs[i] = file.entry.crc;
    }
    ends[i] = end;
  });
  const sha256 = files.map((file) => file.sha256);
  const problems = files.map((file) => file.problem);
  return { flags, facts, ids, ends, crcs, data, sha256, problems };
}
