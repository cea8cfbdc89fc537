import { createHash, randomBytes } from "node:crypto";
import { join } from "node:path";
import { renamePatiently, writeTemporaries } from "../files/atomic-write.ts";
import { type FileSystem, removeIfThere, syncFolder } from "../files/file-system.ts";
import { hashObject, toHex } from "./object-id.ts";
import { encodeEntry } from "./pack-entry.ts";
import { encodeIndex, type IndexRow, PackIndex } from "./pack-index.ts";

/** Packs and indexes are written once and never changed; they are the user's alone. */
const MODE = 0o400;
const BLOCK = 1024 * 1024;

/** One object to write: its id (hexadecimal) and its bytes as they lie in a pack. */
export interface PackedObject {
  readonly id: string;
  readonly crc: number;
  readonly data: Uint8Array;
}

export interface WrittenPack {
  /** `pack-<sha1>`, without an ending. */
  readonly name: string;
  readonly bytes: number;
  readonly index: PackIndex;
}

/**
 * Writes one pack and its index. Both are durable when it resolves, the index under its name last. A pack's name is
 * the hash of what it holds; where that name is `taken` by a pack that is going to be removed, an object without
 * meaning is added.
 */
export async function writePack(
  fs: FileSystem,
  directory: string,
  objects: readonly PackedObject[],
  mode = MODE,
  taken: (name: string) => boolean = () => false,
): Promise<WrittenPack> {
  const token = randomBytes(8).toString("hex");
  const temporaryPack = join(directory, `tmp_pack_${token}`);
  const temporaryIndex = join(directory, `tmp_idx_${token}`);
  const stream = new PackStream(objects);
  let index = Buffer.alloc(0);
  function* indexBlocks(): Generator<Uint8Array> {
    const body = encodeIndex(stream.rows, stream.checksum);
    index = Buffer.concat([body, createHash("sha1").update(body).digest()]);
    yield index;
  }
  const pack = { path: temporaryPack, chunks: stream.blocks() };
  await writeTemporaries(fs, [pack, { path: temporaryIndex, chunks: indexBlocks() }], { mode });
  try {
    const name = `pack-${stream.checksum.toString("hex")}`;
    if (taken(name)) {
      removeIfThere(fs, temporaryPack);
      removeIfThere(fs, temporaryIndex);
      return await writePack(fs, directory, [...objects, meaningless()], mode, taken);
    }
    renamePatiently(fs, temporaryPack, join(directory, `${name}.pack`));
    renamePatiently(fs, temporaryIndex, join(directory, `${name}.idx`));
    await syncFolder(fs, directory);
    return { name, bytes: stream.length, index: PackIndex.of(index) };
  } catch (error) {
    removeIfThere(fs, temporaryPack);
    removeIfThere(fs, temporaryIndex);
    throw error;
  }
}

function meaningless(): PackedObject {
  const body = Buffer.from(`${randomBytes(16).toString("hex")}\n`);
  return { id: toHex(hashObject("blob", body)), ...encodeEntry("blob", body) };
}

/** Turns objects into the bytes of a pack, in blocks, hashing on the way. */
class PackStream {
  readonly rows: IndexRow[] = [];
  checksum: Buffer = Buffer.alloc(20);
  length = 0;
  readonly #objects: readonly PackedObject[];
  readonly #hash = createHash("sha1");

  constructor(objects: readonly PackedObject[]) {
    this.#objects = objects;
  }

  *blocks(): Generator<Uint8Array> {
    const header = Buffer.alloc(12);
    header.write("PACK", 0, "latin1");
    header.writeUInt32BE(2, 4);
    header.writeUInt32BE(this.#objects.length, 8);
    let block: Uint8Array[] = [this.#take(header)];
    let size = header.length;
    for (const { id, crc, data } of this.#objects) {
      this.rows.push({ id, crc, offset: this.length });
      block.push(this.#take(data));
      size += data.length;
      if (size < BLOCK) continue;
      yield Buffer.concat(block);
      block = [];
      size = 0;
    }
    this.checksum = this.#hash.digest();
    this.length += this.checksum.length;
    block.push(this.checksum);
    yield Buffer.concat(block);
  }

  #take(bytes: Uint8Array): Uint8Array {
    this.#hash.update(bytes);
    this.length += bytes.length;
    return bytes;
  }
}
