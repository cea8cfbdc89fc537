import type { ContentChange, Hunk, PathChange, PathSide } from "../../protocol/types.ts";
import type { DiffView } from "./diff-view.ts";
import { hunkLines } from "./hunks.ts";
import { notebookLines } from "./notebook-diff.ts";
import { pathNote } from "./path-note.ts";
import { quotedPath } from "./visible.ts";

/** Source files that differ, as git prints them: `patch -p1` and `git apply` take it. */
export function patchLines(changes: readonly PathChange[], view: DiffView): string[] {
  return changes.flatMap((change) => {
    const { content } = change;
    if (content && isPatchable(content)) return filePatch(change, content, view);
    return [pathNote(change, view.style), ...notebookLines(content, view)];
  });
}

function isPatchable({ kind, hunks }: ContentChange): boolean {
  return kind === "same" || ((kind === "text" || kind === "link") && hunks !== undefined);
}

function filePatch(change: PathChange, content: ContentChange, view: DiffView): string[] {
  const { path, from = path, a, b } = change;
  const hunks = content.hunks ?? [];
  if (change.status === "typeChanged" || (content.kind === "link" && a && b)) {
    // Patch knows no change of type, nor of where a link leads: the one goes and the other comes.
    return [
      ...piece({ from: path, path, a, hunks: hunks.filter(({ newLines }) => newLines === 0) }, view),
      ...piece({ from: path, path, b, hunks: hunks.filter(({ newLines }) => newLines > 0) }, view),
    ];
  }
  const { similarity } = change;
  const coarse = content.coarse
    ? [view.style.dim(`(${quotedPath(path)} differs too much to look for the smallest change)`)]
    : [];
  return [...coarse, ...piece({ from, path, a, b, hunks, similarity }, view)];
}

interface Piece {
  readonly from: string;
  readonly path: string;
  readonly a?: PathSide | undefined;
  readonly b?: PathSide | undefined;
  readonly hunks: readonly Hunk[];
  readonly similarity?: number | undefined;
}

function piece({ from, path, a, b, hunks, similarity }: Piece, view: DiffView): string[] {
  const [old, now] = [quotedPath(`a/${from}`), quotedPath(`b/${path}`)];
  const head = [`diff --git ${old} ${now}`];
  if (a && b && a.mode !== b.mode) head.push(`old mode ${MODES[a.mode]}`, `new mode ${MODES[b.mode]}`);
  if (!a && b) head.push(`new file mode ${MODES[b.mode]}`);
  if (a && !b) head.push(`deleted file mode ${MODES[a.mode]}`);
  if (from !== path) {
    head.push(`similarity index ${similarity ?? 100}%`);
    head.push(`rename from ${quotedPath(from)}`, `rename to ${quotedPath(path)}`);
  }
  if (hunks.length > 0) head.push(`--- ${a ? old : "/dev/null"}`, `+++ ${b ? now : "/dev/null"}`);
  return [...head.map(view.style.bold), ...hunkLines(hunks, view)];
}

const MODES: Readonly<Record<PathSide["mode"], string>> = {
  file: "100644",
  executable: "100755",
  link: "120000",
};
