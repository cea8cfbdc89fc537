import type { CellChange, ContentChange } from "../../protocol/types.ts";
import type { DiffView } from "./diff-view.ts";
import { quotedHunks } from "./hunks.ts";
import { plain } from "./text.ts";

/** Cells of a notebook that differ; nothing when it is no notebook, or only numbers were asked for. */
export function notebookLines(content: ContentChange | undefined, view: DiffView): string[] {
  return (content?.cells ?? []).flatMap((cell) => [
    `  ${cellTitle(cell, view)}`,
    ...quotedHunks(cell.hunks ?? [], view),
  ]);
}

function cellTitle(cell: CellChange, { style }: DiffView): string {
  const { status, type, oldType, oldIndex, newIndex } = cell;
  const paint = { added: style.green, removed: style.red, modified: style.yellow, moved: style.yellow };
  const kind = oldType === undefined ? plain(type) : `${plain(oldType)} → ${plain(type)}`;
  const place =
    status === "moved" ? `cell ${oldIndex} → ${newIndex}` : `cell ${newIndex ?? oldIndex ?? ""}`.trim();
  const edited = status === "moved" && cell.added + cell.removed > 0 ? " and edited" : "";
  return paint[status](`${place} (${kind}) ${status}${edited}`);
}
