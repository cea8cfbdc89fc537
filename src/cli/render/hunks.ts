import type { Hunk } from "../../protocol/types.ts";
import type { DiffView } from "./diff-view.ts";
import { visibleLine } from "./visible.ts";

/** Hunks as in a unified diff. Without a terminal every line is exactly what the file holds. */
export function hunkLines(hunks: readonly Hunk[], view: DiffView): string[] {
  const show = lineShower(hunks, view);
  return hunks.flatMap((hunk) => [
    view.style.cyan(`@@ -${range(hunk.oldStart, hunk.oldLines)} +${range(hunk.newStart, hunk.newLines)} @@`),
    ...hunk.lines.flatMap(({ kind, text, noNewline }) => {
      const line = paintOf(kind, view)(`${MARKS[kind]}${show(text)}`);
      return noNewline ? [line, "\\ No newline at end of file"] : [line];
    }),
  ]);
}

/** The same inside other text: in front of every line something that no patch begins with. */
export function quotedHunks(hunks: readonly Hunk[], view: DiffView): string[] {
  return hunkLines(hunks, view).map((line) => `  ${view.style.dim("|")} ${line}`);
}

const MARKS = { context: " ", removed: "-", added: "+" } as const;

function paintOf(kind: keyof typeof MARKS, { style }: DiffView): (text: string) => string {
  if (kind === "context") return (text) => text;
  return kind === "added" ? style.green : style.red;
}

function range(start: number, lines: number): string {
  return lines === 1 ? String(start) : `${start},${lines}`;
}

/** On a terminal carriage returns at the ends of lines are hidden where all lines have them, and seen where not. */
function lineShower(hunks: readonly Hunk[], { columns }: DiffView): (text: string) => string {
  if (columns === undefined) return (text) => text;
  const all = hunks.every(({ lines }) => lines.every(({ text }) => text.endsWith("\r")));
  return all ? (text) => visibleLine(text.slice(0, -1)) : visibleLine;
}
