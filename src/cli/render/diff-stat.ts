import type { PathChange } from "../../protocol/types.ts";
import type { Style } from "../style.ts";
import type { DiffView } from "./diff-view.ts";
import { contentNote } from "./path-note.ts";
import { count, plain } from "./text.ts";
import { fitted, widthOf } from "./width.ts";

/** Width without a terminal. */
const COLUMNS = 80;
const NARROWEST_BAR = 10;

/** One line a file with the number of lines that differ and a bar, and their sum; fits the terminal. */
export function statLines(changes: readonly PathChange[], { style, columns = COLUMNS }: DiffView): string[] {
  if (changes.length === 0) return [];
  const rows = changes.map(rowOf);
  const numberWidth = Math.max(...rows.map(({ lines }) => String(lines).length));
  // Two spaces in front, three around the stroke, one in front of the bar.
  const room = Math.max(NARROWEST_BAR * 2, columns - 2 - 3 - numberWidth - 1);
  const nameWidth = Math.min(Math.max(...rows.map(({ name }) => widthOf(name))), room - NARROWEST_BAR);
  const barWidth = room - nameWidth;
  const most = Math.max(1, ...rows.map(({ lines }) => lines));
  const scale = (number: number): number =>
    number === 0 ? 0 : most <= barWidth ? number : 1 + Math.floor((number * (barWidth - 2)) / most);
  const lines = rows.map((row) => {
    const name = fittedEnd(row.name, nameWidth);
    const space = " ".repeat(nameWidth - widthOf(name));
    const right =
      row.note === undefined
        ? `${String(row.lines).padStart(numberWidth)} ${bar(scale(row.added), scale(row.removed), style)}`
        : style.dim(fitted(row.note, barWidth + numberWidth + 1));
    return `${name}${space} | ${right}`.trimEnd();
  });
  return [...lines, fitted(sumOf(rows), columns - 2)];
}

interface Row {
  readonly name: string;
  readonly added: number;
  readonly removed: number;
  readonly lines: number;
  /** In place of numbers. */
  readonly note?: string;
}

function rowOf(change: PathChange): Row {
  const { path, from, content } = change;
  const name = from === undefined ? plain(path) : `${plain(from)} → ${plain(path)}`;
  const [added, removed] = [content?.added ?? 0, content?.removed ?? 0];
  const counted = content?.added !== undefined || content?.kind === "same" || !content;
  const note = counted && added + removed > 0 ? "" : contentNote(change);
  return { name, added, removed, lines: added + removed, ...(note === "" ? {} : { note }) };
}

function bar(added: number, removed: number, style: Style): string {
  return `${added > 0 ? style.green("+".repeat(added)) : ""}${removed > 0 ? style.red("-".repeat(removed)) : ""}`;
}

function sumOf(rows: readonly Row[]): string {
  const sum = (of: (row: Row) => number): number => rows.reduce((total, row) => total + of(row), 0);
  const added = sum((row) => row.added);
  const removed = sum((row) => row.removed);
  const parts = [`${count(rows.length, "file")} changed`];
  if (added > 0) parts.push(`${count(added, "line")} added`);
  if (removed > 0) parts.push(`${count(removed, "line")} removed`);
  return parts.join(", ");
}

/** The end of a path says more than its beginning. */
function fittedEnd(text: string, width: number): string {
  if (widthOf(text) <= width) return text;
  const parts = [...new Intl.Segmenter().segment(text)].map(({ segment }) => segment);
  let shown = "";
  for (const part of parts.reverse()) {
    if (widthOf(part) + widthOf(shown) > width - 1) break;
    shown = part + shown;
  }
  return `…${shown}`;
}
