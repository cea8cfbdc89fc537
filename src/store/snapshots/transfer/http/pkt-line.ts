/** Git's framing: four hexadecimal digits of length, then the payload; `0000` ends a section. */
export function pkt(text: string): Buffer {
  const body = Buffer.from(text);
  return Buffer.concat([Buffer.from((body.length + 4).toString(16).padStart(4, "0")), body]);
}

export const FLUSH = Buffer.from("0000");

/** Reads packets from a stream; a null is a flush. Throws when it ends within a packet. */
export class PktReader {
  readonly #chunks: AsyncIterator<Uint8Array>;
  #rest: Buffer = Buffer.alloc(0);

  constructor(stream: AsyncIterable<Uint8Array>) {
    this.#chunks = stream[Symbol.asyncIterator]();
  }

  /** Undefined at the end of the stream. */
  async next(): Promise<Buffer | null | undefined> {
    const head = await this.#take(4, true);
    if (!head) return undefined;
    const text = head.toString("latin1");
    const length = /^[0-9a-f]{4}$/i.test(text) ? Number.parseInt(text, 16) : -1;
    if (length === 0) return null;
    if (length < 4) throw new Error("the answer is not what a git server sends");
    return (await this.#take(length - 4, false)) ?? Buffer.alloc(0);
  }

  async close(): Promise<void> {
    await this.#chunks.return?.();
  }

  async #take(bytes: number, mayEnd: boolean): Promise<Buffer | undefined> {
    const parts: Buffer[] = [];
    let missing = bytes;
    while (missing > 0) {
      if (this.#rest.length === 0) {
        const { done, value } = await this.#chunks.next();
        if (done) {
          if (mayEnd && missing === bytes) return undefined;
          throw new Error("the connection was cut");
        }
        this.#rest = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
      }
      const part = this.#rest.subarray(0, missing);
      parts.push(part);
      this.#rest = this.#rest.subarray(part.length);
      missing -= part.length;
    }
    return parts.length === 1 ? parts[0] : Buffer.concat(parts);
  }
}
