import type { Message } from "./transport.ts";

/*
 * The one message that comes 100,000 times a second: a `metric.log` with points, as clients write it. What is the same
 * in every such message (nearly all but the numbers) is compared instead of parsed. Whatever does not look like one
 * is left to `JSON.parse`, so that there is one judge of what a message is.
 */

const BEFORE_ID = Buffer.from('{"jsonrpc":"2.0","id":');
const BEFORE_RUN = Buffer.from(',"method":"metric.log","params":{"runId":"');
const BEFORE_NAMES = Buffer.from('","points":{"name":[');
const BEFORE_STEPS = Buffer.from('],"step":[');
/** Ends of the params and of the message. */
const AFTER = Buffer.from("}}");

const QUOTE = 34;
const ZERO = 48;
const BACKSLASH = 92;
/** Longest text that is remembered, bytes. */
const MOST_REMEMBERED = 64 * 1024;

/** Text that comes in message after message, with what it was read as. */
interface Remembered<T> {
  readonly bytes: Buffer;
  readonly value: T;
}

interface Numbers {
  readonly step: readonly unknown[];
  readonly value: readonly unknown[];
  readonly at: readonly unknown[];
}

export class MetricMessageReader {
  #at = 0;
  #run: Remembered<string> = { bytes: Buffer.alloc(0), value: "" };
  #names: Remembered<readonly unknown[]> = { bytes: Buffer.alloc(0), value: [] };

  /** What `JSON.parse` gives for these bytes, which must be ASCII; undefined when they are something else. */
  read(bytes: Buffer, start: number, end: number): Message | undefined {
    this.#at = start;
    if (!this.#skip(bytes, BEFORE_ID)) return undefined;
    const id = this.#id(bytes);
    if (id === undefined || !this.#skip(bytes, BEFORE_RUN)) return undefined;
    const runId = this.#runId(bytes, end);
    if (runId === undefined || !this.#skip(bytes, BEFORE_NAMES)) return undefined;
    const name = this.#nameList(bytes, end);
    if (name === undefined) return undefined;
    const numbers = this.#numbers(bytes, end);
    if (numbers === undefined) return undefined;
    const { step, value, at } = numbers;
    const params = { runId, points: { name, step, value, at } };
    return { jsonrpc: "2.0", id, method: "metric.log", params } as Message;
  }

  #skip(bytes: Buffer, text: Buffer): boolean {
    const from = this.#at;
    for (let i = 0; i < text.length; i++) if (bytes[from + i] !== text[i]) return false;
    this.#at = from + text.length;
    return true;
  }

  #id(bytes: Buffer): number | undefined {
    const from = this.#at;
    let at = from;
    let id = 0;
    for (let digit = bytes[at]! - ZERO; digit >= 0 && digit <= 9; digit = bytes[++at]! - ZERO) {
      id = id * 10 + digit;
    }
    this.#at = at;
    const digits = at - from;
    return digits > 0 && digits <= 15 && (bytes[from] !== ZERO || digits === 1) ? id : undefined;
  }

  #runId(bytes: Buffer, end: number): string | undefined {
    const from = this.#at;
    if (this.#skip(bytes, this.#run.bytes) && bytes[this.#at] === QUOTE) return this.#run.value;
    let at = from;
    while (at < end && bytes[at] !== QUOTE) {
      if (bytes[at]! < 32 || bytes[at] === BACKSLASH) return undefined;
      at++;
    }
    this.#at = at;
    const value = bytes.toString("latin1", from, at);
    if (at - from <= MOST_REMEMBERED) this.#run = { bytes: Buffer.from(bytes.subarray(from, at)), value };
    return value;
  }

  /** The names; afterwards the place is behind them, at the first of the numbers' columns. */
  #nameList(bytes: Buffer, end: number): readonly unknown[] | undefined {
    const from = this.#at;
    const known = this.#names;
    const to = from + known.bytes.length;
    if (to <= end && bytes.compare(known.bytes, 0, known.bytes.length, from, to) === 0) {
      this.#at = to;
      if (this.#skip(bytes, BEFORE_STEPS)) return known.value;
    }
    return this.#newNames(bytes, from, end);
  }

  #newNames(bytes: Buffer, from: number, end: number): readonly unknown[] | undefined {
    // If this were found inside of a name, what comes before it would not be a list.
    const to = bytes.indexOf(BEFORE_STEPS, from);
    if (to < 0 || to >= end) return undefined;
    const value = parsed(`[${bytes.toString("latin1", from, to)}]`) as unknown[] | undefined;
    if (value === undefined) return undefined;
    if (to - from <= MOST_REMEMBERED) this.#names = { bytes: Buffer.from(bytes.subarray(from, to)), value };
    this.#at = to + BEFORE_STEPS.length;
    return value;
  }

  /** The columns of numbers; nothing else may be in the points, and nothing behind them. */
  #numbers(bytes: Buffer, end: number): Numbers | undefined {
    const to = end - AFTER.length;
    const from = this.#at;
    this.#at = to;
    if (to < from || !this.#skip(bytes, AFTER)) return undefined;
    const numbers = parsed(`{"step":[${bytes.toString("latin1", from, to)}`) as Numbers | undefined;
    let columns = 0;
    for (const _ in numbers) columns++;
    return columns === 3 && numbers?.value !== undefined && numbers.at !== undefined ? numbers : undefined;
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
