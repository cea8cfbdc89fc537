/** Longest line of a file that is shown on a terminal, in characters. */
const LONGEST = 2_000;

/**
 * A line of a file as a terminal may show it: what would steer the terminal, or show text in another order than it
 * stands in, is written out. Tabs stay.
 */
export function visibleLine(text: string): string {
  const shown = text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
  return shown.replace(UNSAFE, (char) => {
    const code = char.codePointAt(0) ?? 0;
    if (code < 0x20) return `^${String.fromCharCode(code + 0x40)}`;
    return code === 0x7f ? "^?" : `<U+${code.toString(16).toUpperCase().padStart(4, "0")}>`;
  });
}

/** A path in a patch: as it is when nothing about it is special, else quoted as git and patch quote names. */
export function quotedPath(path: string): string {
  if (/^[!#-[\]-~\u00a1-\u1fff\u3001-\ud7ff]+$/.test(path)) return path;
  let quoted = "";
  for (const char of path) quoted += quotedChar(char);
  return `"${quoted}"`;
}

const UNSAFE = /[\u0000-\u0008\u000a-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

const ESCAPES: Readonly<Record<string, string>> = {
  "\t": "\\t",
  "\n": "\\n",
  "\r": "\\r",
  '"': '\\"',
  "\\": "\\\\",
};

function quotedChar(char: string): string {
  const code = char.codePointAt(0) ?? 0;
  // A byte of a name that is not UTF-8 stands as a lone surrogate.
  if (code >= 0xdc80 && code <= 0xdcff) return octal(code & 0xff);
  const known = ESCAPES[char];
  if (known !== undefined) return known;
  return char.replace(UNSAFE, (unsafe) => [...Buffer.from(unsafe)].map(octal).join(""));
}

function octal(byte: number): string {
  return `\\${byte.toString(8).padStart(3, "0")}`;
}
