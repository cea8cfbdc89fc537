import { createHash } from "node:crypto";
import { mkdir, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { writeFileAtomic } from "../../util/atomic-file.ts";
import type { HashedData } from "./hash-data.ts";
import { factsOf } from "./hash-data.ts";
import type { WalkedFile } from "./walk-data.ts";

/** A file changed less than this before it was read may change again and keep its times. */
const FRESH_MS = 2_000;

/** mtimeMs, ctimeMs, size, ino, SHA-256, path. */
type Row = [number, number, number, number, string, string];

/**
 * `.datmo/cache/data/<source>.json`: contents of a source's files as they were last read, so that an unchanged one
 * costs a `stat`. A hint: losing it costs a reading.
 */
export class DataCache {
  readonly #path: string | undefined;
  readonly #rows: ReadonlyMap<string, Row>;

  private constructor(path: string | undefined, rows: ReadonlyMap<string, Row>) {
    this.#path = path;
    this.#rows = rows;
  }

  /** Of data that is there once: nothing is known, and nothing remembered. */
  static none(): DataCache {
    return new DataCache(undefined, new Map());
  }

  static async load(directory: string, source: string): Promise<DataCache> {
    const name = createHash("sha256").update(source).digest("hex").slice(0, 40);
    const path = join(directory, `${name}.json`);
    try {
      const { v, rows } = JSON.parse(await readFile(path, "utf8")) as { v: number; rows: Row[] };
      return new DataCache(path, new Map(v === 1 ? rows.map((row) => [row[5], row]) : []));
    } catch {
      return new DataCache(path, new Map());
    }
  }

  /** Hash of a file that looks as it did. */
  find({ path, facts }: WalkedFile): string | undefined {
    const row = this.#rows.get(path);
    return row && factsOf(facts).every((fact, i) => fact === row[i]) ? row[4] : undefined;
  }

  /** Remembers what was found; what was changed just before `readAt` (milliseconds) is read again next time. */
  async save(files: readonly WalkedFile[], found: readonly HashedData[], readAt: number): Promise<void> {
    if (this.#path === undefined) return;
    const rows = files.flatMap(({ path }, i): Row[] => {
      const { sha256, facts } = found[i] ?? {};
      if (!sha256 || !facts || Math.max(facts[0], facts[1]) > readAt - FRESH_MS) return [];
      return [[...facts, sha256, path]];
    });
    try {
      await mkdir(dirname(this.#path), { recursive: true, mode: 0o700 });
      await writeFileAtomic(this.#path, JSON.stringify({ v: 1, rows }), { sync: false });
    } catch {
      // Only a hint.
    }
  }
}
