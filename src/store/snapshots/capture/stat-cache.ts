import { crc32 } from "node:zlib";
import { writeAtomic } from "../files/atomic-write.ts";
import { type FileSystem, readIfThere } from "../files/file-system.ts";
import { decodeName, encodeName, isRaw } from "../files/names.ts";
import { toHex } from "../objects/object-id.ts";
import { FOLDER } from "./entry-kind.ts";
import { EntryTable, type Folder, type ProjectFiles } from "./folder.ts";

/*
 * `datmo/stat`: what the last capture saw, so that the next one reads only what has changed. A hint: when it is
 * missing or damaged, everything is read again. Native byte order; folders in pre-order. Layout:
 *   header (16 × u32) · root facts (4 × f64) · facts (4 columns × entries × f64) · entry counts (folders × u32) ·
 *   folder flags (folders × u8) · entry flags (entries × u8) · ids (entries × 20) · root tree (20) · names · packs
 */

const MAGIC = 0x44535431;
const VERSION = 1;
const HEADER = 64;

const DIRTY_FOLDER = 1;
const STALE_FOLDER = 2;
const ENVIRONMENT_FOLDER = 4;
const WITHOUT_TREE = 8;

export interface StatCache {
  readonly files: ProjectFiles;
  /** Packs that held every object named here when it was written. */
  readonly packs: readonly string[];
}

/** Undefined when there is none that can be used. */
export function loadStatCache(fs: FileSystem, path: string): StatCache | undefined {
  const bytes = readHint(fs, path);
  if (!bytes || bytes.length < HEADER) return undefined;
  // A view of its own: the columns need the alignment that a pooled buffer does not give.
  const memory = new Uint8Array(bytes.length);
  memory.set(bytes);
  const header = new Uint32Array(memory.buffer, 0, HEADER / 4);
  if (header[0] !== MAGIC || header[1] !== VERSION) return undefined;
  if (header[2] !== crc32(memory.subarray(12)) || header[7] !== bytes.length) return undefined;
  return new Loader(memory.buffer, header).load();
}

/** Writes the cache under its name in one step. Not synced: its checksum tells a torn one. */
export async function saveStatCache(fs: FileSystem, path: string, cache: StatCache): Promise<void> {
  await writeAtomic(fs, path, [encode(cache)], { durable: false });
}

/** A hint that the disk does not give is none: it costs time, not the snapshot. */
function readHint(fs: FileSystem, path: string): Buffer | undefined {
  try {
    return readIfThere(fs, path);
  } catch {
    return undefined;
  }
}

class Loader {
  readonly #table: EntryTable;
  readonly #counts: Uint32Array;
  readonly #folderFlags: Uint8Array;
  readonly #rootFacts: Float64Array;
  readonly #rootTree: string;
  readonly #names: string[];
  readonly #packs: string[];
  readonly #raw: boolean;
  readonly #rootRacy: boolean;
  #folder = 0;
  #entry = 0;

  constructor(memory: ArrayBuffer, header: Uint32Array) {
    const [, , , folders = 0, entries = 0, nameBytes = 0, packBytes = 0, , raw = 0, racy = 0] = header;
    const parts = sections(folders, entries, nameBytes);
    this.#rootFacts = new Float64Array(memory, parts.root, 4);
    const table = Object.create(EntryTable.prototype) as EntryTable;
    this.#table = Object.assign(table, {
      count: entries,
      facts: new Float64Array(memory, parts.facts, entries * 4),
      flags: new Uint8Array(memory, parts.flags, entries),
      ids: new Uint8Array(memory, parts.ids, entries * 20),
    });
    this.#counts = new Uint32Array(memory, parts.counts, folders);
    this.#folderFlags = new Uint8Array(memory, parts.folderFlags, folders);
    this.#rootTree = toHex(new Uint8Array(memory, parts.rootTree, 20));
    const names = Buffer.from(memory, parts.names, nameBytes);
    this.#raw = raw !== 0;
    this.#rootRacy = racy !== 0;
    this.#names = raw ? splitRaw(names) : names.toString("utf8").split("\0");
    this.#packs = Buffer.from(memory, parts.names + nameBytes, packBytes)
      .toString("latin1")
      .split("\n")
      .filter(Boolean);
  }

  load(): StatCache {
    const root = this.#next(this.#rootTree);
    return {
      files: { root, rootFacts: [...this.#rootFacts], rootRacy: this.#rootRacy },
      packs: this.#packs,
    };
  }

  #next(tree: string): Folder {
    const flags = this.#folderFlags[this.#folder] ?? 0;
    const count = this.#counts[this.#folder++] ?? 0;
    const start = this.#entry;
    this.#entry += count;
    const names = this.#names.slice(start, start + count);
    const folders: Folder[] = [];
    for (let i = start; i < start + count; i++) {
      if (this.#table.kind(i) === FOLDER) folders.push(this.#next(this.#table.id(i)));
    }
    return {
      names,
      table: this.#table,
      start,
      folders,
      tree: flags & WITHOUT_TREE ? "" : tree,
      dirty: (flags & DIRTY_FOLDER) !== 0,
      stale: (flags & STALE_FOLDER) !== 0,
      environment: (flags & ENVIRONMENT_FOLDER) !== 0,
      raw: this.#raw && names.some(isRaw),
    };
  }
}

function sections(folders: number, entries: number, nameBytes: number) {
  const root = HEADER;
  const facts = root + 32;
  const counts = facts + entries * 32;
  const folderFlags = counts + folders * 4;
  const flags = folderFlags + folders;
  const ids = flags + entries;
  const rootTree = ids + entries * 20;
  const names = rootTree + 20;
  return { root, facts, counts, folderFlags, flags, ids, rootTree, names, end: names + nameBytes };
}

function splitRaw(bytes: Buffer): string[] {
  const names: string[] = [];
  let at = 0;
  for (;;) {
    const end = bytes.indexOf(0, at);
    names.push(decodeName(bytes.subarray(at, end < 0 ? bytes.length : end)));
    if (end < 0) return names;
    at = end + 1;
  }
}

function encode({ files, packs }: StatCache): Uint8Array {
  const order: Folder[] = [];
  collect(files.root, order);
  const names = order.flatMap((folder) => folder.names);
  const raw = order.some((folder) => folder.raw);
  const nameBytes = raw ? joinRaw(names) : Buffer.from(names.join("\0"));
  const packBytes = Buffer.from(packs.join("\n"), "latin1");
  const parts = sections(order.length, names.length, nameBytes.length);
  const memory = new Uint8Array(parts.end + packBytes.length);
  const buffer = memory.buffer;
  new Float64Array(buffer, parts.root, 4).set(files.rootFacts);
  const columns = new Float64Array(buffer, parts.facts, names.length * 4);
  const counts = new Uint32Array(buffer, parts.counts, order.length);
  let entry = 0;
  order.forEach((folder, at) => {
    const count = folder.names.length;
    const end = folder.start + count;
    counts[at] = count;
    memory[parts.folderFlags + at] = folderFlags(folder);
    memory.set(folder.table.flags.subarray(folder.start, end), parts.flags + entry);
    memory.set(folder.table.ids.subarray(folder.start * 20, end * 20), parts.ids + entry * 20);
    for (let column = 0; column < 4; column++) {
      const from = column * folder.table.count;
      columns.set(
        folder.table.facts.subarray(from + folder.start, from + end),
        column * names.length + entry,
      );
    }
    entry += count;
  });
  if (files.root.tree) memory.set(Buffer.from(files.root.tree, "hex"), parts.rootTree);
  memory.set(nameBytes, parts.names);
  memory.set(packBytes, parts.end);
  const sizes = [order.length, names.length, nameBytes.length, packBytes.length, memory.length];
  const header = new Uint32Array(buffer, 0, HEADER / 4);
  header.set([MAGIC, VERSION, 0, ...sizes, raw ? 1 : 0, files.rootRacy ? 1 : 0]);
  header[2] = crc32(memory.subarray(12));
  return memory;
}

function collect(folder: Folder, into: Folder[]): void {
  into.push(folder);
  for (const child of folder.folders) collect(child, into);
}

function folderFlags(folder: Folder): number {
  return (
    (folder.dirty ? DIRTY_FOLDER : 0) |
    (folder.stale ? STALE_FOLDER : 0) |
    (folder.environment ? ENVIRONMENT_FOLDER : 0) |
    (folder.tree ? 0 : WITHOUT_TREE)
  );
}

function joinRaw(names: readonly string[]): Buffer {
  return Buffer.concat(
    names.flatMap((name, i) => (i === 0 ? [encodeName(name)] : [Buffer.of(0), encodeName(name)])),
  );
}
