import type { Json } from "../../util/json.ts";
import type { TableColumn } from "../render/table.ts";
import { valueText } from "../render/text.ts";

/** One property of the items of a list. */
export interface Column<T> extends TableColumn {
  /** Its name for `--columns`, and its heading in CSV. */
  readonly key: string;
  /** What it nearly always says: a terminal leaves the column out when it says nothing else. */
  readonly usual?: string;
  /** Left out of every table in which no item has it, unless it was asked for. */
  readonly rare?: boolean;
  /** The exact value, for CSV. Undefined: there is none. */
  value(item: T): Json | undefined;
  /** What a table shows; default: the value as text, empty when there is none. */
  text?(item: T, now: Date): string;
}

/** What can be shown of the items of a list. */
export interface ColumnSet<T> {
  readonly known: readonly Column<T>[];
  /** Names of what a table shows when nothing was asked for. */
  readonly shown: readonly string[];
  /** A column whose name depends on the data: `config.lr`, `metrics.loss`. Undefined: there is none. */
  dynamic?(key: string): Column<T> | undefined;
  /** Names of the dynamic columns of these items, in order. */
  dynamicKeys?(items: readonly T[]): string[];
}

export function cellText<T>(column: Column<T>, item: T, now: Date): string {
  if (column.text) return column.text(item, now);
  const value = column.value(item);
  return value === undefined ? "" : valueText(value);
}
