import type { Hunk } from "../../../protocol/types.ts";
import { groupHunks } from "./group-hunks.ts";
import { type Block, matchLines } from "./match-lines.ts";
import { numberLines, splitLines, type TextLines } from "./text-lines.ts";

/** What differs between two texts, by lines. */
export interface TextDiff {
  readonly added: number;
  readonly removed: number;
  /** Too different to look for the smallest change; still a true account of how to get from one to the other. */
  readonly coarse: boolean;
  /** Made when asked for. */
  hunks(context: number): Hunk[];
}

export async function diffText(a: string, b: string, mostEdits?: number): Promise<TextDiff> {
  const [left, right] = [splitLines(a), splitLines(b)];
  const numbers = numberLines(left, right);
  const { blocks, coarse } = await matchLines(numbers.a, numbers.b, numbers.count, mostEdits);
  return diffOf(left, right, blocks, coarse);
}

/** All lines of one text go and all of the other come, whatever they have in common. */
export function replaceText(a: string, b: string): TextDiff {
  const [left, right] = [splitLines(a), splitLines(b)];
  const { length } = left.lines;
  const going: Block[] = length > 0 ? [{ aStart: 0, aEnd: length, bStart: 0, bEnd: 0 }] : [];
  const diff = diffOf(left, right, going, false);
  return {
    ...diff,
    added: right.lines.length,
    hunks: () => [
      ...groupHunks(left, splitLines(""), going, 0),
      ...groupHunks(
        splitLines(""),
        right,
        right.lines.length > 0 ? [{ aStart: 0, aEnd: 0, bStart: 0, bEnd: right.lines.length }] : [],
        0,
      ),
    ],
  };
}

function diffOf(a: TextLines, b: TextLines, blocks: readonly Block[], coarse: boolean): TextDiff {
  return {
    added: blocks.reduce((sum, { bStart, bEnd }) => sum + bEnd - bStart, 0),
    removed: blocks.reduce((sum, { aStart, aEnd }) => sum + aEnd - aStart, 0),
    coarse,
    hunks: (context) => groupHunks(a, b, blocks, context),
  };
}
