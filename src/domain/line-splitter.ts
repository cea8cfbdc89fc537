/** Cuts a command's output into the lines that a terminal would show. */
export interface LineSplitter {
  /** Takes in the next bytes, cut anywhere; answers the lines that they complete. */
  feed(chunk: Uint8Array): string[];
  /** The output has ended: a last line without newline is whole too. */
  end(): string[];
}

/**
 * Of a line with carriage returns (progress bars) the part after the last one is given. Longer lines than `mostBytes`
 * are left out; what is not UTF-8 becomes U+FFFD.
 */
export function createLineSplitter(mostBytes: number): LineSplitter {
  /** Pieces of a line that is not complete. */
  let rest: Buffer[] = [];
  let restBytes = 0;

  function keep(piece: Buffer): void {
    restBytes += piece.length;
    // What is too long is only counted; a carriage return in it would begin it anew, and is not looked for.
    if (restBytes <= mostBytes) rest.push(Buffer.from(piece));
    else rest = [];
  }

  function take(piece: Buffer, lines: string[]): void {
    const isLong = restBytes + piece.length > mostBytes;
    const line = rest.length === 0 ? piece : Buffer.concat([...rest, piece]);
    rest = [];
    restBytes = 0;
    if (!isLong) lines.push(shownOf(line.toString("utf8")));
  }

  return {
    feed(bytes) {
      const chunk = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      const lines: string[] = [];
      let from = 0;
      for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, from)) {
        take(chunk.subarray(from, end), lines);
        from = end + 1;
      }
      if (from < chunk.length) keep(chunk.subarray(from));
      return lines;
    },
    end() {
      const lines: string[] = [];
      if (restBytes > 0) take(Buffer.alloc(0), lines);
      return lines;
    },
  };
}

const NEWLINE = 10;

function shownOf(line: string): string {
  const text = line.replace(/\r+$/, "");
  return text.slice(text.lastIndexOf("\r") + 1);
}
