import { errors } from "../../protocol/errors.ts";
import type { Column, ColumnSet } from "./column.ts";

/** The columns a list shows. Throws INVALID_PARAMS for a name there is no column for. */
export function chooseColumns<T>(
  set: ColumnSet<T>,
  asked: readonly string[] | undefined,
  csvItems?: readonly T[],
): Column<T>[] {
  const names = asked ?? (csvItems ? csvNames(set, csvItems) : set.shown);
  return names.map((name) => {
    const column = set.known.find(({ key }) => key === name) ?? set.dynamic?.(name);
    if (column === undefined) throw unknownColumn(set, name);
    return column;
  });
}

/** In CSV every value has a column of its own. */
function csvNames<T>(set: ColumnSet<T>, items: readonly T[]): string[] {
  const nested = new Set(["config", "metrics"]);
  const known = set.known.map(({ key }) => key).filter((key) => !set.dynamic || !nested.has(key));
  return [...known, ...(set.dynamicKeys?.(items) ?? [])];
}

function unknownColumn<T>(set: ColumnSet<T>, name: string): Error {
  const names = set.known.map(({ key }) => key);
  const more = set.dynamic ? ", config.KEY, metrics.NAME" : "";
  const summary = `There is no column "${name}".`;
  return errors.INVALID_PARAMS({ summary, problems: [] }, { hint: `Columns: ${names.join(", ")}${more}.` });
}
