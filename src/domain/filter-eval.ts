import type { Json } from "../util/json.ts";
import { type FilterSubject, type FoundKey, readKey } from "./filter-keys.ts";
import type { Operator } from "./filter-lexer.ts";
import type { Condition } from "./filter-parser.ts";
import type { Literal } from "./filter-values.ts";

/** Whether a condition holds. `now`: milliseconds since the epoch. */
export function holds(condition: Condition, subject: FilterSubject, now: number): boolean {
  switch (condition.kind) {
    case "and":
      return condition.of.every((part) => holds(part, subject, now));
    case "or":
      return condition.of.some((part) => holds(part, subject, now));
    case "not":
      return !holds(condition.of, subject, now);
    case "compare":
      return compareKey(condition.key, condition.operator, condition.value, subject, now);
    case "in": {
      const isOne = condition.values.some((value) => compareKey(condition.key, "=", value, subject, now));
      // A missing key is neither in a list nor out of it.
      return condition.negated ? !isOne && readKey(subject, condition.key) !== undefined : isOne;
    }
  }
}

function compareKey(
  key: FoundKey,
  operator: Operator,
  literal: Literal,
  subject: FilterSubject,
  now: number,
): boolean {
  const value = readKey(subject, key);
  if (value === undefined) return false;
  if (operator === "~") return contains(value, literal.text.toLowerCase());
  if (key.type === "date")
    return typeof value === "string" && compareDate(Date.parse(value), operator, literal, now);
  return compareValue(value, operator, literal);
}

function compareValue(value: Json, operator: Operator, literal: Literal): boolean {
  // Of a list: one of its items does; `!=`: none of them is.
  if (operator === "!=") return !compareValue(value, "=", literal);
  if (Array.isArray(value)) {
    const whole = operator === "=" && JSON.stringify(value) === literal.text;
    return whole || value.some((item) => compareValue(item, operator, literal));
  }
  if (typeof value === "number") {
    return literal.number !== undefined && compareNumbers(value, operator, literal.number);
  }
  if (typeof value === "string") return compareText(value, operator, literal);
  // Booleans, null and objects are equal to their JSON or not; there is no order among them.
  return (
    operator === "=" && JSON.stringify(value) === (literal.quoted ? literal.text : literal.text.toLowerCase())
  );
}

function compareNumbers(a: number, operator: Operator, b: number): boolean {
  // NaN is the same as NaN and before or after nothing.
  if (operator === "=") return a === b || (Number.isNaN(a) && Number.isNaN(b));
  return ordered(a, b, operator) || (operator.endsWith("=") && Number.isNaN(a) && Number.isNaN(b));
}

/** A number that was written without quotes is compared with texts that are numbers, and no others. */
function compareText(value: string, operator: Operator, literal: Literal): boolean {
  if (operator === "=" && value === literal.text) return true;
  if (literal.quoted || literal.number === undefined) {
    return operator !== "=" && ordered(value, literal.text, operator);
  }
  const asNumber = value.trim() === "" ? Number.NaN : Number(value);
  return !Number.isNaN(asNumber) && compareNumbers(asNumber, operator, literal.number);
}

function compareDate(time: number, operator: Operator, literal: Literal, now: number): boolean {
  const ago = now - (literal.agoMs ?? 0);
  const { from, to } = literal.period ?? { from: ago, to: ago + 1 };
  switch (operator) {
    case "<":
      return time < from;
    case "<=":
      return time < to;
    case ">":
      return time >= to;
    case ">=":
      return time >= from;
    case "!=":
      return time < from || time >= to;
    default:
      return time >= from && time < to;
  }
}

function ordered<T extends number | string>(a: T, b: T, operator: Operator): boolean {
  if (operator === "<") return a < b;
  if (operator === "<=") return a <= b;
  return operator === ">" ? a > b : a >= b;
}

/** Upper and lower case are the same. */
function contains(value: Json, lower: string): boolean {
  if (Array.isArray(value)) return value.some((item) => contains(item, lower));
  const text =
    typeof value === "string" ? value : typeof value === "number" ? String(value) : JSON.stringify(value);
  return text.toLowerCase().includes(lower);
}
