import type { Hunk, HunkLine } from "../../../protocol/types.ts";
import type { Block } from "./match-lines.ts";
import type { TextLines } from "./text-lines.ts";

/** Blocks with `context` common lines around them; those whose surroundings meet share a hunk. */
export function groupHunks(a: TextLines, b: TextLines, blocks: readonly Block[], context: number): Hunk[] {
  const hunks: Hunk[] = [];
  let from = 0;
  for (let at = 1; at <= blocks.length; at++) {
    const [before, next] = [blocks[at - 1], blocks[at]];
    if (before && next && next.aStart - before.aEnd <= 2 * context) continue;
    hunks.push(hunkOf(a, b, blocks.slice(from, at), context));
    from = at;
  }
  return hunks;
}

function hunkOf(a: TextLines, b: TextLines, blocks: readonly Block[], context: number): Hunk {
  const [first, last] = [blocks[0] as Block, blocks[blocks.length - 1] as Block];
  const lead = Math.min(context, first.aStart);
  const trail = Math.min(context, a.lines.length - last.aEnd);
  const lines: HunkLine[] = [];
  let at = first.aStart - lead;
  for (const { aStart, aEnd, bStart, bEnd } of blocks) {
    push(lines, "context", a, at, aStart);
    push(lines, "removed", a, aStart, aEnd);
    push(lines, "added", b, bStart, bEnd);
    at = aEnd;
  }
  push(lines, "context", a, at, at + trail);
  const [oldFrom, newFrom] = [first.aStart - lead, first.bStart - lead];
  const oldLines = last.aEnd + trail - oldFrom;
  const newLines = last.bEnd + trail - newFrom;
  return {
    oldStart: oldLines === 0 ? oldFrom : oldFrom + 1,
    oldLines,
    newStart: newLines === 0 ? newFrom : newFrom + 1,
    newLines,
    lines,
  };
}

function push(lines: HunkLine[], kind: HunkLine["kind"], from: TextLines, start: number, end: number): void {
  for (let i = start; i < end; i++) {
    const noNewline = !from.ended && i === from.lines.length - 1;
    lines.push({ kind, text: from.lines[i] ?? "", ...(noNewline ? { noNewline } : {}) });
  }
}
