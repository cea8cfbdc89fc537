import type { Json } from "../util/json.ts";

export interface Fitted<T> {
  readonly value: T;
  /** What was shortened and by how much, one sentence each. Empty: nothing. */
  readonly cuts: readonly string[];
}

/** Lengths that lists are cut to, one after the other, until all fits. */
const LENGTHS = [1000, 300, 100, 30, 10, 3, 1] as const;
/** Characters of a text for each item of a list: a long text is worth many items. */
const TEXT_SHARE = 100;
/** Objects with more fields hold names that users made up, such as metrics; those of the protocol have fewer. */
const MOST_OWN_FIELDS = 80;
const MOST_CUTS_TOLD = 10;

/**
 * A value whose JSON has at most about `most` characters. Lists and texts lose their ends, all at the same length,
 * so that columns stay columns and what is left still has the shape that was promised.
 */
export function fit<T>(value: T, most: number): Fitted<T> {
  if (JSON.stringify(value).length <= most) return { value, cuts: [] };
  let fitted: Fitted<T> = { value, cuts: [] };
  for (const length of LENGTHS) {
    const cuts: string[] = [];
    fitted = { value: shorten(value as Json, "", length, cuts) as T, cuts };
    if (JSON.stringify(fitted.value).length <= most) break;
  }
  const untold = fitted.cuts.length - MOST_CUTS_TOLD;
  if (untold <= 0) return fitted;
  return { ...fitted, cuts: [...fitted.cuts.slice(0, MOST_CUTS_TOLD), `${untold} more places were cut`] };
}

function shorten(value: Json, path: string, length: number, cuts: string[]): Json {
  if (typeof value === "string") return shortenText(value, path, length * TEXT_SHARE, cuts);
  if (Array.isArray(value)) {
    if (value.length > length) cuts.push(`${path}: the first ${length} of ${value.length}`);
    return value.slice(0, length).map((item, index) => shorten(item, `${path}/${index}`, length, cuts));
  }
  if (typeof value !== "object" || value === null) return value;
  let fields = Object.entries(value);
  const most = Math.max(length, MOST_OWN_FIELDS);
  if (fields.length > most) {
    cuts.push(`${path}: the first ${most} of ${fields.length} names`);
    fields = fields.slice(0, most);
  }
  return Object.fromEntries(
    fields.map(([key, field]) => [key, shorten(field, `${path}/${key}`, length, cuts)]),
  );
}

function shortenText(text: string, path: string, most: number, cuts: string[]): string {
  if (text.length <= most) return text;
  cuts.push(`${path}: the first ${most} of ${text.length} characters`);
  return text.slice(0, most);
}
