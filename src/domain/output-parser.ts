/** A metric found in a command's output. */
export interface OutputPoint {
  readonly name: string;
  readonly step: number;
  readonly value: number;
}

/** Takes metrics out of a command's output while it comes in. */
export interface OutputParser {
  /** Takes in the next bytes, cut anywhere; answers the points of the lines they complete. */
  feed(chunk: Uint8Array): OutputPoint[];
  /** The output has ended: a last line without newline is whole too. */
  end(): OutputPoint[];
}

/**
 * A line that is nothing but `name: number` or `name = number` is a point; no other line ever is. A line
 * `step: N` or `epoch: N` (any case, N an integer) is none: it sets the step of what follows. Before the
 * first such line each name counts its own steps from 0.
 *
 * What a terminal would show counts: of a line with carriage returns (progress bars) the part after the last.
 * Lines over 4 KiB are no points. A program that prints ever new names is listened to for 10,000 of them.
 */
export function createOutputParser(): OutputParser {
  const counters = new Map<string, number>();
  let step: number | undefined;
  /** What is shown of a line that is not complete. */
  let rest: Buffer = EMPTY;
  /** It is too long already, and `rest` was let go. */
  let tooLong = false;

  /** Positions instead of parts of a buffer: making those would cost more than all the rest. */
  function takeLine(bytes: Buffer, from: number, end: number, points: OutputPoint[]): void {
    const parsed = parseLine(bytes, from, end);
    if (!parsed) return;
    const { name, value } = parsed;
    if (Number.isSafeInteger(value) && STEP_NAME.test(name)) {
      step = value;
      return;
    }
    const count = counters.get(name) ?? 0;
    if (count === 0 && counters.size >= MAX_NAMES) return;
    counters.set(name, count + 1);
    points.push({ name, step: step ?? count, value });
  }

  /** A line that began in an earlier chunk. */
  function finishRest(end: Buffer, points: OutputPoint[]): void {
    const line = Buffer.concat([rest, end]);
    const from = shownFrom(line, 0, line.length);
    // A carriage return begins the line anew, also one that was too long.
    if (!tooLong || from > 0) takeLine(line, from, line.length, points);
    rest = EMPTY;
    tooLong = false;
  }

  function keepRest(begin: Buffer): void {
    // Nothing is put together where there is nothing to put in front: a long line comes in long pieces.
    const line = rest.length === 0 ? begin : Buffer.concat([rest, begin]);
    const from = shownFrom(line, 0, line.length);
    if (from > 0) tooLong = false;
    // A carriage return at the end tells that what comes is shown in this one's place.
    const returned = line[line.length - 1] === RETURN;
    tooLong ||= line.length - from > MAX_LINE;
    rest = tooLong ? (returned ? ONE_RETURN : EMPTY) : Buffer.from(line.subarray(from));
  }

  return {
    feed(bytes) {
      const points: OutputPoint[] = [];
      const chunk = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      let from = 0;
      let end = chunk.indexOf(NEWLINE);
      if (end >= 0 && (rest.length > 0 || tooLong)) {
        finishRest(chunk.subarray(0, end), points);
        from = end + 1;
        end = chunk.indexOf(NEWLINE, from);
      }
      let nextReturn = chunk.indexOf(RETURN, from);
      for (; end >= 0; end = chunk.indexOf(NEWLINE, from)) {
        if (nextReturn >= 0 && nextReturn < from) nextReturn = chunk.indexOf(RETURN, from);
        const hasReturn = nextReturn >= 0 && nextReturn < end;
        takeLine(chunk, hasReturn ? shownFrom(chunk, from, end) : from, end, points);
        from = end + 1;
      }
      if (from < chunk.length) keepRest(chunk.subarray(from));
      return points;
    },
    end() {
      const points: OutputPoint[] = [];
      finishRest(EMPTY, points);
      return points;
    },
  };
}

const NEWLINE = 10;
const RETURN = 13;
const EMPTY: Buffer = Buffer.alloc(0);
const ONE_RETURN: Buffer = Buffer.from([RETURN]);
const SPACE = 32;
const ENDS: Uint8Array = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte >= 128 || /[0-9.nf]/.test(String.fromCharCode(byte)) ? 1 : 0,
);
const OTHER = 0;
const LETTER = 1;
/** May be in a name, not begin it: digits, punctuation, and any ASCII space (told apart later). */
const INNER = 2;
const DIVIDER = 3;
/** Part of a character beyond ASCII, which may be a space. */
const FOREIGN = 4;
const KINDS: Uint8Array = Uint8Array.from({ length: 256 }, (_, byte) => {
  if (byte >= 128) return FOREIGN;
  const character = String.fromCharCode(byte);
  if (/[A-Za-z]/.test(character)) return LETTER;
  if (/[:=]/.test(character)) return DIVIDER;
  return /[\w./\s-]/.test(character) ? INNER : OTHER;
});
const MAX_LINE = 4096;
const MAX_NAMES = 10_000;
const STEP_NAME = /^(?:step|epoch)$/i;
const NAME = /^[A-Za-z][\w./ -]{0,99}$/;
const VALUE = /^(?:[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?|nan|[-+]?inf)$/;

/** A first look without making a string: rules out nearly every line that is no point, after a few bytes. */
function mayBePoint(bytes: Uint8Array, from: number, to: number): boolean {
  let end = to;
  while (end > from && (bytes[end - 1] as number) <= SPACE) end--;
  // A number ends in a digit, a dot, `nan` or `inf`.
  if (end === from || ENDS[bytes[end - 1] as number] === 0) return false;
  let at = from;
  while ((bytes[at] as number) <= SPACE) at++;
  const first = KINDS[bytes[at] as number];
  if (first !== LETTER) return first === FOREIGN;
  for (at++; at < end; at++) {
    const kind = KINDS[bytes[at] as number];
    if (kind === DIVIDER || kind === FOREIGN) return true;
    if (kind === OTHER) return false;
  }
  return false;
}

/** Where begins what a terminal shows of a line: after the last carriage return that something follows. */
function shownFrom(bytes: Buffer, from: number, to: number): number {
  let end = to;
  while (end > from && bytes[end - 1] === RETURN) end--;
  return end === from ? from : Math.max(from, bytes.lastIndexOf(RETURN, end - 1) + 1);
}

/**
 * The same as `^\s*([A-Za-z][\w./ -]{0,99}?)\s*[:=]\s*(number|nan|[-+]?inf)\s*$`, but linear in time: neither
 * names nor numbers hold a `:` or `=`, so the first of these divides them.
 */
function parseLine(bytes: Buffer, from: number, end: number): { name: string; value: number } | undefined {
  if (end - from > MAX_LINE || !mayBePoint(bytes, from, end)) return undefined;
  const latin = bytes.toString("latin1", from, end);
  const text = /[\x80-\xff]/.test(latin) ? bytes.toString("utf8", from, end) : latin;
  const divider = text.search(/[:=]/);
  if (divider < 1) return undefined;
  const value = text.slice(divider + 1).trim();
  if (!VALUE.test(value)) return undefined;
  const name = text.slice(0, divider).trim();
  return NAME.test(name) ? { name, value: numberOf(value) } : undefined;
}

function numberOf(text: string): number {
  if (text.endsWith("inf")) return text.startsWith("-") ? -Infinity : Infinity;
  return Number(text);
}
