import { closeSync, openSync, readSync } from "node:fs";

/** Reads a file from its beginning, some megabytes at a time. */
export class ByteStream {
  readonly #file: number;
  readonly #size: number;
  #buffer: Buffer = Buffer.alloc(0);
  #at = 0;
  #isAtEnd = false;

  constructor(path: string, size = 4 * 1024 * 1024) {
    this.#file = openSync(path, "r");
    this.#size = size;
  }

  /** The next bytes, valid until the next call; undefined when so many are not there any more. */
  take(count: number): Buffer | undefined {
    if (!this.#fill(count)) return undefined;
    const start = this.#at;
    this.#at += count;
    return this.#buffer.subarray(start, this.#at);
  }

  /** The same without going on. */
  peek(count: number): Buffer | undefined {
    return this.#fill(count) ? this.#buffer.subarray(this.#at, this.#at + count) : undefined;
  }

  /** How many bytes are left, once `take` has found too few. */
  get rest(): number {
    return this.#buffer.length - this.#at;
  }

  close(): void {
    closeSync(this.#file);
  }

  #fill(count: number): boolean {
    while (this.#buffer.length - this.#at < count && !this.#isAtEnd) {
      const left = this.#buffer.subarray(this.#at);
      const size = Math.min(Math.max(this.#size, count - left.length), MOST_AT_ONCE);
      const fresh = Buffer.allocUnsafe(left.length + size);
      left.copy(fresh);
      const read = readSync(this.#file, fresh, left.length, size, null);
      if (read === 0) this.#isAtEnd = true;
      this.#buffer = fresh.subarray(0, left.length + read);
      this.#at = 0;
    }
    return this.#buffer.length - this.#at >= count;
  }
}

/** A length that a damaged file tells must not become memory before there are as many bytes. */
const MOST_AT_ONCE = 64 * 1024 * 1024;
