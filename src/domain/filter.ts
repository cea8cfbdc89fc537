import { errors } from "../protocol/errors.ts";
import { holds } from "./filter-eval.ts";
import { type FilterSubject, type KeyTable, RUN_KEYS } from "./filter-keys.ts";
import { FilterProblem } from "./filter-lexer.ts";
import { type Condition, parseCondition } from "./filter-parser.ts";

/** A filter that was understood. */
export interface Filter {
  readonly text: string;
  readonly condition: Condition;
}

const MAX_LENGTH = 10_000;

/**
 * Reads a filter such as `metrics.acc > 0.9 and config.lr < 0.1 or tag = best` (docs/filter.md). An empty one
 * lets everything through. `keys`: what it may name, default the keys of runs.
 * Throws FILTER_INVALID; its `position` counts characters from 1.
 */
export function parseFilter(text: string, keys: KeyTable = RUN_KEYS): Filter {
  try {
    if (text.length > MAX_LENGTH)
      throw new FilterProblem(MAX_LENGTH, `it is longer than ${MAX_LENGTH} characters`);
    return { text, condition: parseCondition(text, keys) };
  } catch (error) {
    if (!(error instanceof FilterProblem)) throw error;
    const position = [...text.slice(0, error.at)].length + 1;
    throw errors.FILTER_INVALID({ position, reason: error.message, filter: text });
  }
}

/** Whether a filter lets something through. `now`: milliseconds since the epoch, for dates such as `7d`. */
export function matches(filter: Filter, subject: FilterSubject, now: number = Date.now()): boolean {
  return holds(filter.condition, subject, now);
}
