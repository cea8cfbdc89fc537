/** A cell of a notebook: only what a person wrote. */
export interface Cell {
  readonly type: string;
  /** Its text, ended by a line feed unless it is empty. */
  readonly source: string;
  /** Absent: notebooks before format 4.5 have none. */
  readonly id?: string;
}

/** Cells of a notebook of format 3 or 4. Undefined when the text is none. */
export function notebookCells(text: string): Cell[] | undefined {
  let document: unknown;
  try {
    document = JSON.parse(text.startsWith("\uFEFF") ? text.slice(1) : text);
  } catch {
    return undefined;
  }
  const listed = listedCells(document);
  if (!listed) return undefined;
  const cells: Cell[] = [];
  for (const item of listed) {
    const cell = cellOf(item);
    if (!cell) return undefined;
    cells.push(cell);
  }
  return cells;
}

/** Format 4 has `cells`, format 3 has them in `worksheets`. */
function listedCells(document: unknown): unknown[] | undefined {
  if (!isObject(document)) return undefined;
  const { cells, worksheets } = document;
  if (Array.isArray(cells)) return cells;
  if (!Array.isArray(worksheets)) return undefined;
  const all: unknown[] = [];
  for (const sheet of worksheets) {
    const inside = isObject(sheet) ? sheet["cells"] : undefined;
    if (!Array.isArray(inside)) return undefined;
    all.push(...inside);
  }
  return all;
}

function cellOf(item: unknown): Cell | undefined {
  if (!isObject(item) || typeof item["cell_type"] !== "string") return undefined;
  const { cell_type: type, id, level } = item;
  // Format 3 calls the source of a code cell its input.
  const source = textOf(item["source"] ?? item["input"]);
  if (source === undefined) return undefined;
  // And has cells for headings, which are text with a mark in front since.
  const isHeading = type === "heading";
  const mark = isHeading ? `${"#".repeat(typeof level === "number" ? clamp(level) : 1)} ` : "";
  const whole = mark + source;
  return {
    type: isHeading ? "markdown" : type,
    source: whole === "" || whole.endsWith("\n") ? whole : `${whole}\n`,
    ...(typeof id === "string" && id !== "" ? { id } : {}),
  };
}

/** One string, or one a line. */
function textOf(source: unknown): string | undefined {
  if (typeof source === "string") return source;
  const lines = Array.isArray(source) && source.every((line) => typeof line === "string");
  return lines ? source.join("") : undefined;
}

function clamp(level: number): number {
  return Math.min(6, Math.max(1, Math.trunc(level)));
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return value !== null && typeof value === "object" && !Array.isArray(value);
}
