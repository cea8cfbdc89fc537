import { isUtf8 } from "node:buffer";

/*
 * File names are bytes. In memory they are strings; bytes that are not valid UTF-8 become the lone surrogates
 * U+DC80–U+DCFF, as Python's `surrogateescape` does, so that every name keeps its own string and comes back.
 */

const ESCAPED = /(?<![\uD800-\uDBFF])[\uDC80-\uDCFF]/;
const ABOVE_SURROGATES = /[\uD800-\uFFFF]/;

export function decodeName(bytes: Uint8Array): string {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return isUtf8(buffer) ? buffer.toString("utf8") : decodeEscaping(buffer);
}

export function encodeName(name: string): Buffer {
  if (!ESCAPED.test(name)) return Buffer.from(name);
  const parts: Buffer[] = [];
  for (const char of name) {
    const code = char.codePointAt(0) ?? 0;
    parts.push(code >= 0xdc80 && code <= 0xdcff ? Buffer.of(code & 0xff) : Buffer.from(char));
  }
  return Buffer.concat(parts);
}

/** True when the name holds bytes that are not UTF-8. */
export function isRaw(name: string): boolean {
  return ESCAPED.test(name);
}

/** What `node:fs` takes for a path in our form. */
export function fsPath(path: string): string | Buffer {
  return ESCAPED.test(path) ? encodeName(path) : path;
}

/** Order of two names by their bytes. */
export function compareNames(a: string, b: string): number {
  // UTF-16 order is byte order, except where surrogates or characters above them are involved.
  if (ABOVE_SURROGATES.test(a) || ABOVE_SURROGATES.test(b)) return encodeName(a).compare(encodeName(b));
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Begins the names of files that a restore is about to rename; captures leave them out. */
export const TEMPORARY_PREFIX = ".datmo~";

const IGNORED_BY_HFS = /[\u200c-\u200f\u202a-\u202e\u206a-\u206f\ufeff]/g;
const RESERVED = /^(\.git|\.?git~\d+|\.datmo|\.?datmo~\d+)$/;
const SUBMODULE_FILE = /^(\.gitmodules|gitmod~\d+|gi7eba~\d+|gi7eb~\d+|gi7e~\d+|gi7~\d+|gi~\d+)$/;

/**
 * Why a name cannot be in a tree, or undefined when it can: what git or isomorphic-git refuse, and what could
 * lead to `.git` or `.datmo` on some file system (case, ignorable characters, trailing dots, streams, short names).
 */
export function refuseName(name: string, isLink: boolean): string | undefined {
  if (name === "" || name === "." || name === "..") return "it is not a name";
  if (name.includes("/") || name.includes("\0")) return "it holds a character no name can hold";
  for (const part of name.includes("\\") ? [name, ...name.split("\\")] : [name]) {
    const folded = foldName(part);
    if (RESERVED.test(folded)) return "it could be taken for .git or .datmo";
    if (isLink && SUBMODULE_FILE.test(folded)) return "git refuses a link of this name";
  }
  return process.platform === "win32" && /[\\:]/.test(name) ? "this system cannot hold it" : undefined;
}

/** Throws away what some file system throws away. */
function foldName(part: string): string {
  const visible = part.replace(IGNORED_BY_HFS, "");
  const colon = visible.indexOf(":");
  return (colon < 0 ? visible : visible.slice(0, colon)).toLowerCase().replace(/[. ]+$/, "");
}

function decodeEscaping(buffer: Buffer): string {
  let out = "";
  let at = 0;
  while (at < buffer.length) {
    const length = sequenceLength(buffer, at);
    out +=
      length > 0 ? buffer.toString("utf8", at, at + length) : String.fromCharCode(0xdc00 + (buffer[at] ?? 0));
    at += length > 0 ? length : 1;
  }
  return out;
}

/** Length of the valid UTF-8 sequence at `at`; 0 when there is none. */
function sequenceLength(buffer: Buffer, at: number): number {
  const first = buffer[at] ?? 0;
  if (first < 0x80) return 1;
  const length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  const slice = buffer.subarray(at, at + length);
  return slice.length === length && isUtf8(slice) ? length : 0;
}
