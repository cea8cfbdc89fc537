import { closeSync, openSync, readSync } from "node:fs";

const CHUNK = 1024 * 1024;
const NEWLINE = 10;

/**
 * The lines of a file, some megabytes of them at a time. `tail` is what stands behind the last line end, with the last
 * batch: a line that was being written, or one that nobody ended.
 */
export function* lineBatches(path: string): Generator<{ readonly lines: string[]; readonly tail?: string }> {
  const file = openSync(path, "r");
  try {
    let rest: Buffer = Buffer.alloc(0);
    for (;;) {
      const buffer = Buffer.allocUnsafe(CHUNK);
      const read = readSync(file, buffer, 0, CHUNK, null);
      const bytes = Buffer.concat([rest, buffer.subarray(0, read)]);
      const end = bytes.lastIndexOf(NEWLINE) + 1;
      rest = bytes.subarray(end);
      const lines = end === 0 ? [] : bytes.toString("utf8", 0, end - 1).split("\n");
      if (read === 0) {
        if (lines.length > 0 || rest.length > 0) yield { lines, tail: rest.toString("utf8") };
        return;
      }
      if (lines.length > 0) yield { lines };
    }
  } finally {
    closeSync(file);
  }
}
