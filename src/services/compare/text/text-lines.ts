/** The lines of a text. */
export interface TextLines {
  /** Without their line feeds; a carriage return in front of one is part of the line. */
  readonly lines: readonly string[];
  /** False: the last line has no line feed behind it. True for a text without lines. */
  readonly ended: boolean;
}

export function splitLines(text: string): TextLines {
  const lines = text.split("\n");
  const ended = lines[lines.length - 1] === "";
  if (ended) lines.pop();
  return { lines, ended };
}

/** Numbers for the lines of two texts: the same number for the same line, end of line included. */
export function numberLines(
  a: TextLines,
  b: TextLines,
): { readonly a: Int32Array; readonly b: Int32Array; readonly count: number } {
  const numbers = new Map<string, number>();
  const numbered = ({ lines, ended }: TextLines): Int32Array => {
    const found = new Int32Array(lines.length);
    for (let i = 0; i < lines.length; i++) {
      const line = lines[i] ?? "";
      // No line holds a line feed, so this is unlike every other line.
      const key = !ended && i === lines.length - 1 ? `${line}\n` : line;
      let number = numbers.get(key);
      if (number === undefined) {
        number = numbers.size;
        numbers.set(key, number);
      }
      found[i] = number;
    }
    return found;
  };
  return { a: numbered(a), b: numbered(b), count: numbers.size };
}
