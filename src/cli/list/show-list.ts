import { writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { errors } from "../../protocol/errors.ts";
import type { Call } from "../call.ts";
import type { ListOptions } from "../options/list-options.ts";
import { tableText } from "../render/table.ts";
import { chooseColumns } from "./choose-columns.ts";
import { type Column, type ColumnSet, cellText } from "./column.ts";
import { noteMore, type Page } from "./fetch-pages.ts";

export interface ShownList<T> {
  readonly page: Page<T>;
  readonly columns: ColumnSet<T>;
  /** Said when there is nothing to show. */
  readonly empty: string;
  /** Name for `--download`: `run` makes `run_ls_1700000000000`. */
  readonly noun: string;
  /** Colours a cell of a row. */
  paint?(cell: string, item: T, key: string): string;
}

/** Prints a list in the format that was asked for, or writes it to a file. */
export async function showList<T>(call: Call, options: ListOptions, list: ShownList<T>): Promise<void> {
  const format = call.json ? "json" : (options.format ?? "table");
  const file = options.output ?? downloadName(options, list.noun);
  if (file !== undefined) {
    await writeList(resolve(call.host.directory, file), await textOf(call, options, list, format, false));
    await call.note(`Wrote ${list.page.items.length} to ${file}.`);
    if (options.output !== undefined) return;
  }
  if (format === "table" && list.page.items.length === 0) await call.note(list.empty);
  else await call.print(await textOf(call, options, list, format, true));
  if (format === "table") await noteMore(call, list.page);
}

async function textOf<T>(
  call: Call,
  options: ListOptions,
  list: ShownList<T>,
  format: NonNullable<ListOptions["format"]>,
  shown: boolean,
): Promise<string> {
  const { page, columns } = list;
  if (format === "json") return `${JSON.stringify(page)}\n`;
  if (format === "csv") {
    const { csvText } = await import("./csv.ts");
    return csvText(chooseColumns(columns, options.columns, page.items), page.items);
  }
  return `${listTable(call, options, list, shown)}\n`;
}

function listTable<T>(call: Call, options: ListOptions, list: ShownList<T>, shown: boolean): string {
  const { items } = list.page;
  const { paint } = list;
  const now = new Date();
  const width = shown ? call.stdout.columns : undefined;
  const chosen = chooseColumns(list.columns, options.columns);
  const columns =
    options.columns !== undefined
      ? chosen
      : chosen.filter(
          (column) =>
            (width === undefined && !column.rare) || items.some((item) => saysSomething(column, item, now)),
        );
  const rows = items.map((item) => columns.map((column) => cellText(column, item, now)));
  return tableText(columns, rows, {
    width,
    style: shown ? call.style : { ...call.style, bold: (text) => text },
    ...(paint && shown
      ? { paint: (cell, row, column) => paint(cell, items[row] as T, columns[column]?.key ?? "") }
      : {}),
  });
}

/** On a terminal there is no room for columns that tell nothing; elsewhere a script counts on every one. */
function saysSomething<T>(column: Column<T>, item: T, now: Date): boolean {
  const text = cellText(column, item, now);
  return text !== "" && text !== column.usual;
}

function downloadName({ download, downloadPath }: ListOptions, noun: string): string | undefined {
  return downloadPath ?? (download ? `${noun}_ls_${Date.now()}` : undefined);
}

async function writeList(path: string, text: string): Promise<void> {
  try {
    await writeFile(path, text);
  } catch (error) {
    throw errors.PATH_INVALID({ path, reason: (error as Error).message }, { cause: error });
  }
}
