import { errors } from "../protocol/errors.ts";
import type { Json } from "../util/json.ts";
import {
  type FilterSubject,
  type FoundKey,
  findKey,
  type KeyTable,
  RUN_KEYS,
  readKey,
} from "./filter-keys.ts";
import { FilterProblem, scanFilter } from "./filter-lexer.ts";

/** One key to sort by. */
export interface SortKey {
  readonly key: FoundKey;
  readonly descending: boolean;
}

/**
 * Reads an order such as `-metrics.acc,created`: keys as in filters, `-` before one turns it round.
 * Throws SORT_INVALID.
 */
export function parseSort(text: string, keys: KeyTable = RUN_KEYS): SortKey[] {
  const scanner = scanFilter(text);
  const order: SortKey[] = [];
  try {
    do {
      const descending = scanner.takeCharacter("-");
      if (!descending) scanner.takeCharacter("+");
      const key = findKey(scanner.key(), keys);
      if ("reason" in key) throw new FilterProblem(0, key.reason);
      order.push({ key, descending });
    } while (scanner.takeCharacter(","));
  } catch (error) {
    if (!(error instanceof FilterProblem)) throw error;
    throw errors.SORT_INVALID(
      { key: text },
      { hint: `${sentence(error.message)} Example: -metrics.acc,created` },
    );
  }
  if (!scanner.atEnd()) throw errors.SORT_INVALID({ key: text }, { hint: "Put commas between keys." });
  return order;
}

/** Compares two things by an order. What lacks a key comes last either way, NaN just before it. */
export function compareBy(order: readonly SortKey[]): (a: FilterSubject, b: FilterSubject) => number {
  return (a, b) => {
    for (const { key, descending } of order) {
      const left = readKey(a, key);
      const right = readKey(b, key);
      const difference =
        presence(left) - presence(right) || (descending ? compare(right, left) : compare(left, right));
      if (difference !== 0) return difference;
    }
    return 0;
  };
}

function presence(value: Json | undefined): number {
  if (value === undefined || value === null) return 2;
  return Number.isNaN(value) ? 1 : 0;
}

/** Numbers, then texts, then truth values, then everything else. */
function compare(a: Json | undefined, b: Json | undefined): number {
  const [left, right] = [rank(a), rank(b)];
  if (left !== right) return left - right;
  if (left === OTHER_RANK) return compareOrdered(JSON.stringify(a) ?? "", JSON.stringify(b) ?? "");
  return compareOrdered(a as number, b as number);
}

const OTHER_RANK = 3;

function rank(value: Json | undefined): number {
  const at = ["number", "string", "boolean"].indexOf(typeof value);
  return at < 0 ? OTHER_RANK : at;
}

function compareOrdered<T extends number | string>(a: T, b: T): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function sentence(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}${/[.?!]$/.test(text) ? "" : "."}`;
}
