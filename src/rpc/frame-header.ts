/* Header block of a frame: `Content-Length: N`, CR LF, perhaps more fields, an empty line. */

const LENGTH_FIELD = Buffer.from("Content-Length: ", "latin1");
const CR = 13;
const LF = 10;
const ZERO = 48;
/** Longest header block, bytes; a peer that sends more sends no frames. */
const MAX_HEADER_BYTES = 4096;

export type HeaderResult =
  | { readonly state: "ok"; readonly bodyStart: number; readonly bodyBytes: number }
  | { readonly state: "short" }
  | { readonly state: "bad"; readonly reason: string };

const SHORT: HeaderResult = { state: "short" };

/** Reads the header block that begins at `start`. */
export function readHeader(bytes: Buffer, start: number): HeaderResult {
  return readPlainHeader(bytes, start) ?? readAnyHeader(bytes, start);
}

/** The header as nearly every client writes it, without making a string. */
function readPlainHeader(bytes: Buffer, start: number): HeaderResult | undefined {
  for (let i = 0; i < LENGTH_FIELD.length; i++) if (bytes[start + i] !== LENGTH_FIELD[i]) return undefined;
  let at = start + LENGTH_FIELD.length;
  const digits = at;
  let bodyBytes = 0;
  for (let digit = bytes[at]! - ZERO; digit >= 0 && digit <= 9; digit = bytes[++at]! - ZERO) {
    bodyBytes = bodyBytes * 10 + digit;
  }
  if (at === digits || at - digits > 15) return undefined;
  if (bytes[at] !== CR || bytes[at + 1] !== LF || bytes[at + 2] !== CR || bytes[at + 3] !== LF)
    return undefined;
  return { state: "ok", bodyStart: at + 4, bodyBytes };
}

function readAnyHeader(bytes: Buffer, start: number): HeaderResult {
  const text = bytes.toString("latin1", start, Math.min(bytes.length, start + MAX_HEADER_BYTES));
  const end = text.indexOf("\r\n\r\n");
  if (end >= 0) return readFields(text.slice(0, end), start + end + 4);
  if (text.length === MAX_HEADER_BYTES) return { state: "bad", reason: "the header is too long" };
  return couldBecomeHeader(text) ? SHORT : notAHeader(text);
}

function readFields(block: string, bodyStart: number): HeaderResult {
  let bodyBytes: number | undefined;
  for (const line of block.split("\r\n")) {
    const [, name = "", value = ""] = /^([\w-]+):[ \t]*(.*?)[ \t]*$/.exec(line) ?? [];
    if (name === "") return notAHeader(line);
    if (/^content-type$/i.test(name) && /charset=(?!"?utf-?8\b)/i.test(value)) {
      return { state: "bad", reason: `the charset of ${JSON.stringify(value)} is not UTF-8` };
    }
    if (/^content-length$/i.test(name)) bodyBytes = /^\d{1,15}$/.test(value) ? Number(value) : undefined;
  }
  if (bodyBytes === undefined) return { state: "bad", reason: "there is no valid Content-Length" };
  return { state: "ok", bodyStart, bodyBytes };
}

/** Tells text that will never be a header at once, so that its sender does not wait for ever. */
function couldBecomeHeader(text: string): boolean {
  const lines = text.split("\r\n");
  const last = lines.pop()!;
  return lines.every((line) => /^[\w-]+:[^\n]*$/.test(line)) && /^[\w-]{0,64}(:[^\n]*)?\r?$/.test(last);
}

function notAHeader(text: string): HeaderResult {
  return {
    state: "bad",
    reason: `expected a Content-Length header, found ${JSON.stringify(text.slice(0, 60))}`,
  };
}
