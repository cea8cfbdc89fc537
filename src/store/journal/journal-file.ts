import type { Stats } from "node:fs";
import type { FileHandle } from "node:fs/promises";
import type { JsonObject } from "../../util/json.ts";
import { checkLine, type Validate } from "./journal-line.ts";

export interface JournalFileOptions {
  /** Bytes of a line, its newline not counted. */
  readonly lineBytes: number;
  /** A file with more invalid lines than this is given up. */
  readonly invalidLines: number;
  readonly validate: Validate;
  /** Told what is left out. */
  readonly report: (reason: string) => void;
}

/** One journal file, read from its begin to its end over many looks. */
export interface JournalFile {
  /** False when the file is known to hold nothing that was not read. */
  mayHaveMore(stats: Stats): boolean;
  /**
   * Reads whole lines that were not read before, about `budget` bytes. A last line without newline stays for
   * later: its writer may be in the middle of it, or dead.
   */
  read(handle: FileHandle, stats: Stats, budget: number): Promise<{ lines: JsonObject[]; bytes: number }>;
}

const CHUNK_BYTES = 256 * 1024;
const NEWLINE = 10;
/** A file (of holes, say) is given up when so much of it was nothing but lines that are too long. */
const MAX_SKIPPED_BYTES = 64 * 1024 * 1024;
const TOO_LONG = "it is too long";

/** Begins with a file that is seen for the first time. */
export function followJournal(first: Stats, options: JournalFileOptions): JournalFile {
  const { lineBytes, report } = options;
  let offset = 0;
  /** Inside a line that is too long: everything up to its newline is passed over. */
  let skipping = false;
  let skipped = 0;
  let invalid = 0;
  let givenUp = false;

  function giveUp(reason: string): void {
    givenUp = true;
    report(`${reason}; the rest of it is left out`);
  }

  function leaveOut(at: number, reason: string): void {
    invalid += 1;
    if (invalid > options.invalidLines) giveUp("it has too many bad lines");
    else report(`the line at byte ${at}: ${reason}`);
  }

  function takeLine(line: Buffer, at: number, lines: JsonObject[]): void {
    const checked =
      line.length > lineBytes ? { reason: TOO_LONG } : checkLine(line.toString("utf8"), options.validate);
    if ("line" in checked) lines.push(checked.line);
    else if ("reason" in checked) leaveOut(at, checked.reason);
  }

  /** Takes the whole lines of a chunk; answers how many of its bytes are done with. */
  function takeLines(chunk: Buffer, lines: JsonObject[]): number {
    let from = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0 && !givenUp; end = chunk.indexOf(NEWLINE, from)) {
      if (skipping) skipping = false;
      else takeLine(chunk.subarray(from, end), offset + from, lines);
      from = end + 1;
    }
    if (skipping) {
      skipped += chunk.length;
      if (skipped > MAX_SKIPPED_BYTES) giveUp("it holds no lines");
      return chunk.length;
    }
    if (chunk.length - from <= lineBytes) return from;
    leaveOut(offset + from, TOO_LONG);
    skipping = true;
    return chunk.length;
  }

  return {
    mayHaveMore: (stats) => !givenUp && (stats.size !== offset || stats.ino !== first.ino),
    async read(handle, stats, budget) {
      const lines: JsonObject[] = [];
      let bytes = 0;
      if (stats.dev !== first.dev || stats.ino !== first.ino || stats.size < offset) {
        giveUp("it was replaced or cut short");
      }
      // A chunk holds the longest line and its newline, so that one without any proves a line too long.
      const room = Math.max(0, Math.min(stats.size - offset, CHUNK_BYTES + lineBytes + 1));
      const chunk = Buffer.allocUnsafe(givenUp ? 0 : room);
      while (!givenUp && bytes < budget && offset < stats.size) {
        const { bytesRead } = await handle.read(chunk, 0, chunk.length, offset);
        const used = takeLines(chunk.subarray(0, bytesRead), lines);
        if (used === 0) break;
        offset += used;
        bytes += used;
      }
      return { lines, bytes };
    },
  };
}
