import { anchoredPairs, type LinePair } from "./anchors.ts";

/** A stretch that differs: these lines of the left side stand where those of the right side do. Ends exclusive. */
export interface Block {
  readonly aStart: number;
  readonly aEnd: number;
  readonly bStart: number;
  readonly bEnd: number;
}

export interface Matched {
  readonly blocks: readonly Block[];
  /** The shortest edit was not looked for to the end: lines that stayed may count as replaced. */
  readonly coarse: boolean;
}

/**
 * More edits than this, among lines that both sides have, are not looked for: the work grows with their square.
 * A count, not a time, so that the same texts always give the same answer.
 */
export const MOST_EDITS = 2_000;

/** The shortest edit from one sequence of numbered lines to another, by Myers' algorithm. */
export async function matchLines(
  a: Int32Array,
  b: Int32Array,
  count: number,
  mostEdits = MOST_EDITS,
): Promise<Matched> {
  const ends = commonEnds(a, b);
  const { start, aEnd, bEnd } = ends;
  if (start === aEnd && start === bEnd) return { blocks: [], coarse: false };
  if (start === aEnd || start === bEnd) return { blocks: [replaced(ends)], coarse: false };
  const inA = occurrences(a, start, aEnd, count);
  const inB = occurrences(b, start, bEnd, count);
  // Lines that the other side has nowhere are no part of any match: without them little is left to search.
  const keptA = keep(a, start, aEnd, inB);
  const keptB = keep(b, start, bEnd, inA);
  const changedA = new Uint8Array(a.length).fill(1, start, aEnd);
  const changedB = new Uint8Array(b.length).fill(1, start, bEnd);
  const { diffArrays } = await import("diff/lib/diff/array.js");
  const numbersA = keptA.map((at) => a[at] ?? 0);
  const numbersB = keptB.map((at) => b[at] ?? 0);
  const edits = diffArrays(numbersA, numbersB, { maxEditLength: mostEdits });
  const pairs = edits ? equalPairs(edits) : anchoredPairs(numbersA, numbersB, count);
  for (const pair of pairs) {
    changedA[keptA[pair.a] ?? 0] = 0;
    changedB[keptB[pair.b] ?? 0] = 0;
  }
  return { blocks: slideDown(blocksOf(changedA, changedB), a, b), coarse: edits === undefined };
}

function equalPairs(
  edits: readonly { readonly count: number; readonly added: boolean; readonly removed: boolean }[],
): LinePair[] {
  const pairs: LinePair[] = [];
  let [i, j] = [0, 0];
  for (const { count, added, removed } of edits) {
    if (added) j += count;
    else if (removed) i += count;
    else for (let k = 0; k < count; k++) pairs.push({ a: i++, b: j++ });
  }
  return pairs;
}

interface Ends {
  readonly start: number;
  readonly aEnd: number;
  readonly bEnd: number;
}

function commonEnds(a: Int32Array, b: Int32Array): Ends {
  const most = Math.min(a.length, b.length);
  let start = 0;
  while (start < most && a[start] === b[start]) start++;
  let [aEnd, bEnd] = [a.length, b.length];
  while (aEnd > start && bEnd > start && a[aEnd - 1] === b[bEnd - 1]) {
    aEnd--;
    bEnd--;
  }
  return { start, aEnd, bEnd };
}

function replaced({ start, aEnd, bEnd }: Ends): Block {
  return { aStart: start, aEnd, bStart: start, bEnd };
}

function occurrences(numbers: Int32Array, start: number, end: number, count: number): Uint8Array {
  const found = new Uint8Array(count);
  for (let i = start; i < end; i++) found[numbers[i] ?? 0] = 1;
  return found;
}

function keep(numbers: Int32Array, start: number, end: number, there: Uint8Array): number[] {
  const kept: number[] = [];
  for (let i = start; i < end; i++) if (there[numbers[i] ?? 0]) kept.push(i);
  return kept;
}

/** What is not changed on one side is the same, in the same order, as what is not changed on the other. */
function blocksOf(changedA: Uint8Array, changedB: Uint8Array): Block[] {
  const blocks: Block[] = [];
  let [i, j] = [0, 0];
  while (i < changedA.length || j < changedB.length) {
    const [aStart, bStart] = [i, j];
    while (changedA[i]) i++;
    while (changedB[j]) j++;
    if (i > aStart || j > bStart) blocks.push({ aStart, aEnd: i, bStart, bEnd: j });
    i++;
    j++;
  }
  return blocks;
}

/**
 * Lines that were only added, or only removed, may often stand for their neighbours: as far down as they go they
 * begin where a person would say that they begin, at the head of a function rather than at the end of the one before.
 */
function slideDown(blocks: readonly Block[], a: Int32Array, b: Int32Array): Block[] {
  return blocks.map((block, at) => {
    const one = block.aStart === block.aEnd ? b : block.bStart === block.bEnd ? a : undefined;
    if (!one) return block;
    const start = one === a ? block.aStart : block.bStart;
    const end = one === a ? block.aEnd : block.bEnd;
    // One common line stays between two blocks, so that they stay two.
    const next = blocks[at + 1];
    const room = next ? next.aStart - block.aEnd - 1 : Number.POSITIVE_INFINITY;
    let by = 0;
    while (by < room && end + by < one.length && one[start + by] === one[end + by]) by++;
    const { aStart, aEnd, bStart, bEnd } = block;
    return { aStart: aStart + by, aEnd: aEnd + by, bStart: bStart + by, bEnd: bEnd + by };
  });
}
