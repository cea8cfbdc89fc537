import { stringify } from "csv-stringify/sync";
import type { Json } from "../../util/json.ts";
import type { Column } from "./column.ts";

/** Quoted as RFC 4180 says, with a header line. Objects and lists are JSON in their cell. */
export function csvText<T>(columns: readonly Column<T>[], items: readonly T[]): string {
  const rows = items.map((item) => columns.map((column) => cell(column.value(item))));
  return stringify([columns.map(({ key }) => key), ...rows]);
}

function cell(value: Json | undefined): string {
  if (value === undefined || value === null) return "";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
