import { type FoundKey, findKey, type KeyTable } from "./filter-keys.ts";
import { FilterProblem, type Operator, type Scanner, scanFilter } from "./filter-lexer.ts";
import { type Literal, readLiteral } from "./filter-values.ts";

/** A condition on one thing. An `and` of nothing is always true. */
export type Condition =
  | { readonly kind: "and" | "or"; readonly of: readonly Condition[] }
  | { readonly kind: "not"; readonly of: Condition }
  | { readonly kind: "compare"; readonly key: FoundKey; readonly operator: Operator; readonly value: Literal }
  | {
      readonly kind: "in";
      readonly key: FoundKey;
      readonly values: readonly Literal[];
      readonly negated: boolean;
    };

const MAX_DEPTH = 100;

/** Parses a filter; the grammar is in docs/filter.md. Throws `FilterProblem`. */
export function parseCondition(text: string, keys: KeyTable): Condition {
  const scanner = scanFilter(text);
  if (scanner.atEnd()) return { kind: "and", of: [] };
  const condition = either(scanner, keys, 0);
  if (!scanner.atEnd()) {
    throw new FilterProblem(
      scanner.position(),
      `expected "and", "or" or the end, found ${scanner.describe()}`,
    );
  }
  return condition;
}

function either(scanner: Scanner, keys: KeyTable, depth: number): Condition {
  const of = [both(scanner, keys, depth)];
  while (scanner.takeWord("or")) of.push(both(scanner, keys, depth));
  return of.length === 1 ? (of[0] as Condition) : { kind: "or", of };
}

function both(scanner: Scanner, keys: KeyTable, depth: number): Condition {
  const of = [negation(scanner, keys, depth)];
  while (scanner.takeWord("and")) of.push(negation(scanner, keys, depth));
  return of.length === 1 ? (of[0] as Condition) : { kind: "and", of };
}

function negation(scanner: Scanner, keys: KeyTable, depth: number): Condition {
  const at = scanner.position();
  if (depth > MAX_DEPTH) throw new FilterProblem(at, "it is nested too deeply");
  if (scanner.takeWord("not")) return { kind: "not", of: negation(scanner, keys, depth + 1) };
  if (!scanner.takeCharacter("(")) return comparison(scanner, keys);
  const condition = either(scanner, keys, depth + 1);
  if (!scanner.takeCharacter(")")) {
    const reason = scanner.atEnd() ? `the "(" is never closed` : `expected ")", found ${scanner.describe()}`;
    throw new FilterProblem(scanner.atEnd() ? at : scanner.position(), reason);
  }
  return condition;
}

function comparison(scanner: Scanner, keys: KeyTable): Condition {
  const at = scanner.position();
  const key = findKey(scanner.key(), keys);
  if ("reason" in key) throw new FilterProblem(at, key.reason);
  if (scanner.takeWord("in")) return { kind: "in", key, values: list(scanner, key), negated: false };
  if (scanner.takeWord("not")) {
    if (!scanner.takeWord("in")) {
      throw new FilterProblem(scanner.position(), `expected "in" after "not", found ${scanner.describe()}`);
    }
    return { kind: "in", key, values: list(scanner, key), negated: true };
  }
  const operator = scanner.operator();
  return { kind: "compare", key, operator, value: readLiteral(scanner.value(), key.type, operator) };
}

function list(scanner: Scanner, key: FoundKey): Literal[] {
  if (!scanner.takeCharacter("(")) {
    throw new FilterProblem(scanner.position(), `expected "(" after "in", found ${scanner.describe()}`);
  }
  const values: Literal[] = [];
  do values.push(readLiteral(scanner.value(), key.type, "="));
  while (scanner.takeCharacter(","));
  if (!scanner.takeCharacter(")")) {
    throw new FilterProblem(scanner.position(), `expected "," or ")", found ${scanner.describe()}`);
  }
  return values;
}
