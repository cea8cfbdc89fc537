import type { Style } from "../style.ts";
import { fitted, widthOf } from "./width.ts";

export interface TableColumn {
  readonly title: string;
  readonly align?: "right";
  /** Never cut: an id that is cut is of no use. */
  readonly rigid?: boolean;
}

export interface TableOptions {
  /** Width to fit into; absent: nothing is cut. */
  readonly width?: number | undefined;
  readonly style: Style;
  /** Colours a cell that is padded already. */
  paint?(cell: string, row: number, column: number): string;
}

const GAP = "  ";
/** A column is never made narrower than this. */
const NARROWEST = 6;

/** Rows under titles, columns apart by two spaces: as easy to read as to cut with awk. */
export function tableText(
  columns: readonly TableColumn[],
  rows: readonly (readonly string[])[],
  options: TableOptions,
): string {
  const widths = fittedWidths(columns, rows, options.width);
  if (options.width !== undefined && columns.length > 1 && lineWidth(widths) > options.width) {
    // Too narrow for all of them: the last ones go.
    const fewer = rows.map((row) => row.slice(0, -1));
    return tableText(columns.slice(0, -1), fewer, options);
  }
  const line = (cells: readonly string[], paint: (cell: string, column: number) => string): string =>
    cells
      .map((cell, at) =>
        paint(padded(cell, widths[at] ?? 0, columns[at]?.align, at === cells.length - 1), at),
      )
      .join(GAP)
      .trimEnd();
  const titles = columns.map(({ title }) => title);
  const head = line(titles, (cell) => options.style.bold(cell));
  const body = rows.map((cells, row) =>
    line(cells, (cell, column) => options.paint?.(cell, row, column) ?? cell),
  );
  return [head, ...body].join("\n");
}

function padded(cell: string, width: number, align: "right" | undefined, last: boolean): string {
  const text = fitted(cell, width);
  const space = " ".repeat(Math.max(0, width - widthOf(text)));
  if (align === "right") return `${space}${text}`;
  return last ? text : `${text}${space}`;
}

/** Natural widths, the widest columns cut first until the line fits. */
function fittedWidths(
  columns: readonly TableColumn[],
  rows: readonly (readonly string[])[],
  limit: number | undefined,
): number[] {
  const widths = columns.map(({ title }, at) =>
    rows.reduce((width, row) => Math.max(width, widthOf(row[at] ?? "")), widthOf(title)),
  );
  if (limit === undefined) return widths;
  let over = lineWidth(widths) - limit;
  while (over > 0) {
    const at = widestOf(columns, widths);
    if (at === undefined) break;
    widths[at] = (widths[at] ?? 0) - 1;
    over--;
  }
  return widths;
}

function lineWidth(widths: readonly number[]): number {
  return widths.reduce((sum, width) => sum + width, GAP.length * (widths.length - 1));
}

function widestOf(columns: readonly TableColumn[], widths: readonly number[]): number | undefined {
  let widest: number | undefined;
  widths.forEach((width, at) => {
    if (columns[at]?.rigid || width <= NARROWEST) return;
    if (widest === undefined || width > (widths[widest] ?? 0)) widest = at;
  });
  return widest;
}
