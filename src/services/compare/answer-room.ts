import type { Hunk } from "../../protocol/types.ts";

/** Bytes of JSON that the text of one path may take. */
const ONE_PATH = 24 * 1024 * 1024;
/** And of all paths together; a message may hold half as much again. */
const ALL_PATHS = 40 * 1024 * 1024;
/** Of one line, without its text. */
const LINE = 48;
/** Of one hunk, without its lines. */
const HUNK = 96;

/** Keeps an answer within what a message can carry. */
export class AnswerRoom {
  #left: number;
  readonly #onePath: number;

  constructor(onePath = ONE_PATH, allPaths = ALL_PATHS) {
    this.#onePath = onePath;
    this.#left = allPaths;
  }

  /** Nothing more fits in. */
  get full(): boolean {
    return this.#left <= 0;
  }

  /** Takes room for the hunks of one path; says why they have none. */
  take(hunks: readonly Hunk[]): "tooLong" | "omitted" | undefined {
    let bytes = 0;
    for (const hunk of hunks) {
      bytes += HUNK;
      for (const { text } of hunk.lines) {
        bytes += LINE + Buffer.byteLength(JSON.stringify(text));
        if (bytes > this.#onePath) return "tooLong";
      }
    }
    if (bytes > this.#left) {
      // What comes after is not looked at any more: the answer ends here, rather than having holes.
      this.#left = 0;
      return "omitted";
    }
    this.#left -= bytes;
    return undefined;
  }
}
