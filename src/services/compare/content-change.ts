import { isUtf8 } from "node:buffer";
import type { ContentChange, Hunk, PathSide } from "../../protocol/types.ts";
import type { AnswerRoom } from "./answer-room.ts";
import { notebookCells } from "./notebook/notebook-cells.ts";
import { diffCells } from "./notebook/notebook-diff.ts";
import { diffText, replaceText, type TextDiff } from "./text/text-diff.ts";

/** A file or link on one side of a comparison. */
export interface ContentSide {
  readonly path: string;
  readonly facts: PathSide;
  /** What the content is known by: equal for equal contents. */
  readonly key: string;
  read(): Promise<Buffer>;
}

export interface TextOptions {
  /** Lines around those that differ; absent: only numbers are told. */
  readonly context?: number;
}

/** Bytes of a file that is compared by lines. Bigger ones are big files anyway, but for those of another datmo. */
const LARGEST_TEXT = 4 * 1024 * 1024;
/** Bytes of a notebook: their outputs make them big, their cells are small. */
const LARGEST_NOTEBOOK = 32 * 1024 * 1024;
/** Git takes a file for binary when there is a zero byte among so many. */
const LOOKED_AT = 8_000;

/** How the content of a path differs. At least one side is there. */
export async function compareContent(
  a: ContentSide | undefined,
  b: ContentSide | undefined,
  options: TextOptions,
  room: AnswerRoom,
): Promise<ContentChange> {
  if (a && b && a.key === b.key && isLink(a) === isLink(b)) return { kind: "same" };
  if (room.full) return { kind: "omitted" };
  const sides = [a, b].filter((side) => side !== undefined);
  if (sides.every(isNotebook)) {
    const change = await compareNotebooks(a, b, options, room);
    if (change) return change;
  }
  if (sides.some(({ facts }) => facts.sha256 !== undefined)) return { kind: "big" };
  if (sides.some(({ facts }) => facts.bytes > LARGEST_TEXT)) return { kind: "tooLarge" };
  const [before, after] = await Promise.all([a?.read(), b?.read()]);
  const contents = [before, after].filter((content) => content !== undefined);
  if (contents.some(isBinary)) return { kind: "binary" };
  if (contents.some((content) => !isUtf8(content))) return { kind: "notUtf8" };
  const [old, now] = [before?.toString("utf8") ?? "", after?.toString("utf8") ?? ""];
  // Where a link leads has no lines: it goes as a whole, as a file does that becomes a link.
  const whole = a && b && (isLink(a) || isLink(b));
  const diff = whole ? replaceText(old, now) : await diffText(old, now);
  return textChange(sides.every(isLink) ? "link" : "text", diff, options, room);
}

function textChange(kind: string, diff: TextDiff, options: TextOptions, room: AnswerRoom): ContentChange {
  const { added, removed, coarse } = diff;
  const numbers = { added, removed, ...(coarse ? { coarse } : {}) };
  if (options.context === undefined) return { kind, ...numbers };
  const hunks = diff.hunks(options.context);
  const full = room.take(hunks);
  return full ? { kind: full, ...numbers } : { kind, ...numbers, hunks };
}

/** Undefined: one of them is no notebook, or too large for one. */
async function compareNotebooks(
  a: ContentSide | undefined,
  b: ContentSide | undefined,
  options: TextOptions,
  room: AnswerRoom,
): Promise<ContentChange | undefined> {
  const [before, after] = await Promise.all([cellsOf(a), cellsOf(b)]);
  if (!before || !after) return undefined;
  const cells = await diffCells(before, after, options.context);
  const added = cells.reduce((sum, cell) => sum + cell.added, 0);
  const removed = cells.reduce((sum, cell) => sum + cell.removed, 0);
  const full = room.take(cells.flatMap((cell): readonly Hunk[] => cell.hunks ?? []));
  return full ? { kind: full, added, removed } : { kind: "notebook", added, removed, cells };
}

async function cellsOf(side: ContentSide | undefined) {
  if (!side) return [];
  if (side.facts.bytes > LARGEST_NOTEBOOK) return undefined;
  const content = await side.read();
  return isUtf8(content) ? notebookCells(content.toString("utf8")) : undefined;
}

function isNotebook(side: ContentSide): boolean {
  return !isLink(side) && side.path.toLowerCase().endsWith(".ipynb");
}

function isLink({ facts }: ContentSide): boolean {
  return facts.mode === "link";
}

function isBinary(content: Buffer): boolean {
  return content.subarray(0, LOOKED_AT).includes(0);
}
