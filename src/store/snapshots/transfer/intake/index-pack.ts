import { createHash } from "node:crypto";
import { join } from "node:path";
import type { WorkOptions } from "../../../../services/ports/snapshots.ts";
import { writeAtomic } from "../../files/atomic-write.ts";
import type { FileSystem } from "../../files/file-system.ts";
import { applyDelta } from "../../objects/delta.ts";
import { hashObject, type ObjectType, toHex } from "../../objects/object-id.ts";
import type { GitObject } from "../../objects/object-reader.ts";
import { encodeIndex, type IndexRow } from "../../objects/pack-index.ts";
import { PackFile, type ScannedEntry } from "./pack-file.ts";
import { Slices } from "./slices.ts";

/** Contents along one chain of deltas that are in memory at a time. */
const MOST_BYTES = 1024 * 1024 * 1024;

interface Waiting {
  readonly offset: number;
  readonly crc: number;
}

interface Step {
  readonly object: GitObject;
  readonly children: Waiting[];
}

/**
 * Gives a pack that came over the network its index and its name. In memory are the ids, and the contents of one
 * chain of deltas. Throws on a pack that does not stand for itself.
 */
export async function indexPack(
  fs: FileSystem,
  path: string,
  directory: string,
  options: WorkOptions,
): Promise<void> {
  const pack = new PackFile(fs, path);
  try {
    const indexer = new PackIndexer(pack, options);
    const rows = await indexer.rows();
    const body = encodeIndex(rows, pack.checksum());
    const name = `pack-${pack.checksum().toString("hex")}`;
    fs.renameSync(path, join(directory, `${name}.pack`));
    const chunks = [body, createHash("sha1").update(body).digest()];
    await writeAtomic(fs, join(directory, `${name}.idx`), chunks, { durable: false });
  } finally {
    pack.close();
  }
}

class PackIndexer {
  readonly #pack: PackFile;
  readonly #slices: Slices;
  readonly #options: WorkOptions;
  readonly #rows: IndexRow[] = [];
  readonly #byOffset = new Map<number, Waiting[]>();
  readonly #byId = new Map<string, Waiting[]>();

  constructor(pack: PackFile, options: WorkOptions) {
    this.#pack = pack;
    this.#slices = new Slices(options);
    this.#options = options;
  }

  async rows(): Promise<IndexRow[]> {
    await this.#scan();
    // Those that are known now are no deltas: all chains begin with them.
    for (const row of [...this.#rows]) {
      const children = this.#childrenOf(row);
      if (children.length > 0) await this.#follow(row, children);
    }
    const missing = this.#pack.count - this.#rows.length;
    if (missing > 0) throw new Error(`the pack holds ${missing} deltas without a base`);
    return this.#rows;
  }

  async #scan(): Promise<void> {
    const { count } = this.#pack;
    for (const entry of this.#pack.entries()) {
      await this.#slices.next();
      const { offset, crc, header, body, base } = entry;
      if (header.type !== "delta") this.#found({ type: header.type, body }, entry);
      else if (base && "id" in base) wait(this.#byId, base.id, { offset, crc });
      else if (base) wait(this.#byOffset, offset - base.distance, { offset, crc });
      const done = this.#rows.length;
      if (done % 1000 === 0) this.#options.progress?.({ message: "Indexing objects", done, total: count });
    }
  }

  /** Everything that is made from one object, depth first. */
  async #follow(row: IndexRow, children: Waiting[]): Promise<void> {
    const { header, body } = this.#pack.entryAt(row.offset);
    const stack: Step[] = [{ object: { type: header.type as ObjectType, body }, children }];
    let bytes = body.length;
    for (let step = stack.at(-1); step; step = stack.at(-1)) {
      const next = step.children.pop();
      if (!next) {
        bytes -= step.object.body.length;
        stack.pop();
        continue;
      }
      await this.#slices.next();
      const made = applyDelta(step.object.body, this.#pack.entryAt(next.offset).body);
      const object = { type: step.object.type, body: made };
      bytes += made.length;
      if (bytes > MOST_BYTES) throw new Error("a chain of deltas is too large");
      stack.push({ object, children: this.#childrenOf(this.#found(object, next)) });
    }
  }

  #found(object: GitObject, { offset, crc }: Pick<ScannedEntry, "offset" | "crc">): IndexRow {
    const row = { id: toHex(hashObject(object.type, object.body)), crc, offset };
    this.#rows.push(row);
    return row;
  }

  /** Each is given out once. */
  #childrenOf({ id, offset }: IndexRow): Waiting[] {
    const children = [...(this.#byOffset.get(offset) ?? []), ...(this.#byId.get(id) ?? [])];
    this.#byOffset.delete(offset);
    this.#byId.delete(id);
    return children;
  }
}

function wait<K>(map: Map<K, Waiting[]>, key: K, entry: Waiting): void {
  const list = map.get(key);
  if (list) list.push(entry);
  else map.set(key, [entry]);
}
