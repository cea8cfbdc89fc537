import type { Stats } from "node:fs";
import { writeAtomic } from "../files/atomic-write.ts";
import { type FileSystem, readIfThere } from "../files/file-system.ts";
import type { LfsPointer } from "./lfs-pointer.ts";

/** More than these are not remembered. */
const MOST = 10_000;

/** mtimeMs, ctimeMs, size, ino, and the SHA-256 of the content. */
type Row = [number, number, number, number, string];

/**
 * `datmo/lfs-stat`: contents of big files outside the code that were stored before, by path, so that an unchanged
 * one costs an `lstat`. A hint: losing it costs a hash.
 */
export class LfsHints {
  readonly #fs: FileSystem;
  readonly #path: string;
  #rows: Map<string, Row> | undefined;
  #changed = false;

  constructor(fs: FileSystem, path: string) {
    this.#fs = fs;
    this.#path = path;
  }

  /** The content of a file that still looks as it did. */
  find(path: string, facts: Stats): LfsPointer | undefined {
    const row = this.#all().get(path);
    if (!row) return undefined;
    const [mtimeMs, ctimeMs, size, ino, sha256] = row;
    const same =
      mtimeMs === facts.mtimeMs && ctimeMs === facts.ctimeMs && size === facts.size && ino === facts.ino;
    return same ? { sha256, bytes: size } : undefined;
  }

  set(path: string, facts: readonly number[], sha256: string): void {
    const [mtimeMs = 0, ctimeMs = 0, size = 0, ino = 0] = facts;
    // Last in, so that the oldest are dropped first.
    this.#all().delete(path);
    this.#all().set(path, [mtimeMs, ctimeMs, size, ino, sha256]);
    this.#changed = true;
  }

  async save(): Promise<void> {
    if (!this.#changed) return;
    const rows = [...this.#all()].slice(-MOST);
    try {
      await writeAtomic(this.#fs, this.#path, [Buffer.from(JSON.stringify({ v: 1, rows }))], {
        durable: false,
      });
      this.#changed = false;
    } catch {
      // Only a hint.
    }
  }

  #all(): Map<string, Row> {
    this.#rows ??= this.#load();
    return this.#rows;
  }

  #load(): Map<string, Row> {
    try {
      const document = JSON.parse(readIfThere(this.#fs, this.#path)?.toString("utf8") ?? "{}") as {
        v?: number;
        rows?: [string, Row][];
      };
      return new Map(document.v === 1 ? document.rows : []);
    } catch {
      return new Map();
    }
  }
}
