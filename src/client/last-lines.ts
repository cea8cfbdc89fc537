import type { Readable } from "node:stream";

const MAX_CHARACTERS = 2000;

/** Reads a stream to its end, so that its writer never blocks, and keeps the last of it. */
export class LastLines {
  #text = "";

  constructor(stream: Readable | null) {
    stream?.setEncoding("utf8").on("data", (text: string) => {
      this.#text = (this.#text + text).slice(-MAX_CHARACTERS);
    });
  }

  text(): string {
    return this.#text.trim();
  }
}
