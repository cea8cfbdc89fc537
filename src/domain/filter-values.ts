import { parseDuration } from "../util/durations.ts";
import type { KeyType } from "./filter-keys.ts";
import { FilterProblem, type Operator, type ValueToken } from "./filter-lexer.ts";

/** A value of a filter, read as its key needs it. */
export interface Literal {
  readonly text: string;
  readonly quoted: boolean;
  /** What it is as a number; undefined when it is none. */
  readonly number?: number;
  /** A stretch of time [from, to), milliseconds since the epoch. */
  readonly period?: { readonly from: number; readonly to: number };
  /** So many milliseconds before now. */
  readonly agoMs?: number;
}

/** Reads a value; throws `FilterProblem` when it cannot be compared with keys of that type. */
export function readLiteral(token: ValueToken, type: KeyType, operator: Operator): Literal {
  const { text, quoted, at } = token;
  const number = numberOf(text);
  const plain: Literal = { text, quoted, ...(number === undefined ? {} : { number }) };
  // `~` looks at the text of anything.
  if (operator === "~") return plain;
  if (type === "date") return { ...plain, ...dateOf(token) };
  if (type === "duration") {
    const duration = parseDuration(text);
    if (duration === null) throw new FilterProblem(at, `"${text}" is no duration; write 90s, 2h or 1d`);
    return { ...plain, number: duration };
  }
  if (["number", "metric", "system"].includes(type) && number === undefined) {
    throw new FilterProblem(at, `"${text}" is no number`);
  }
  return plain;
}

const NUMBER = /^[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?$/;
const SPECIAL = /^([-+]?)inf(?:inity)?$/i;
const DATE =
  /^(\d{4})-(\d\d)(?:-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?\s*(Z|[-+]\d\d:?\d\d)?)?)?$/i;

function numberOf(text: string): number | undefined {
  if (NUMBER.test(text)) return Number(text);
  if (/^nan$/i.test(text)) return Number.NaN;
  const infinity = SPECIAL.exec(text);
  return infinity ? (infinity[1] === "-" ? -Infinity : Infinity) : undefined;
}

function dateOf({ text, at }: ValueToken): Pick<Literal, "period" | "agoMs"> {
  const agoMs = parseDuration(text);
  if (agoMs !== null) return { agoMs };
  const period = periodOf(text);
  if (period) return { period };
  throw new FilterProblem(at, `"${text}" is no date; write 2026-01-31, 2026-01-31T12:00 or 7d`);
}

/** A date stands for all of its month, day, minute, second or millisecond, in UTC unless it says otherwise. */
function periodOf(text: string): { from: number; to: number } | undefined {
  const match = DATE.exec(text);
  if (!match) return undefined;
  const [, year, month, day, hour, minute, second, fraction, zone] = match;
  const numbers = [year, month, day ?? "1", hour ?? "0", minute ?? "0", second ?? "0"].map(Number);
  const [y = 0, mo = 0, d = 0, h = 0, mi = 0, s = 0] = numbers;
  const from = Date.UTC(y, mo - 1, d, h, mi, s, Math.floor(Number(`0.${fraction ?? "0"}`) * 1000));
  const back = new Date(from);
  // 31 February would become 3 March, 25:00 the next day.
  if (
    back.getUTCMonth() !== mo - 1 ||
    back.getUTCDate() !== d ||
    back.getUTCHours() !== h ||
    mi > 59 ||
    s > 59
  ) {
    return undefined;
  }
  const length = fraction
    ? 1
    : second
      ? 1000
      : minute
        ? 60_000
        : day
          ? 86_400_000
          : Date.UTC(y, mo, 1) - from;
  const shift = zoneOffsetMs(zone ?? "Z");
  return { from: from - shift, to: from - shift + length };
}

function zoneOffsetMs(zone: string): number {
  const match = /^([-+])(\d\d):?(\d\d)$/.exec(zone);
  if (!match) return 0;
  return (match[1] === "-" ? -1 : 1) * (Number(match[2]) * 60 + Number(match[3])) * 60_000;
}
