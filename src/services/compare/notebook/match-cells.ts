import { longestRise } from "../../../util/longest-rise.ts";
import { splitLines } from "../text/text-lines.ts";
import type { Cell } from "./notebook-cells.ts";

/** The same cell on both sides, by its place in each. */
export interface CellPair {
  readonly a: number;
  readonly b: number;
}

/** Cells that are alike by half of their lines are one that was edited. */
const ALIKE = 0.5;
/** So many comparisons of cells with each other; more unlike cells than that are taken for different ones. */
const MOST_COMPARISONS = 40_000;

/** Which cells are the same on both sides: by id, else by equal content, by content that is alike, or by their place. */
export function matchCells(a: readonly Cell[], b: readonly Cell[]): CellPair[] {
  const found = new Matching(a.length, b.length);
  byKey(found, unique(a.map(({ id }) => id)), unique(b.map(({ id }) => id)));
  byKey(found, a.map(contentKey), b.map(contentKey));
  byLikeness(found, a, b);
  byPlace(found, a, b);
  return found.pairs();
}

/** Places in `pairs`, which are in the order of the right side, that are out of the order of the left side. */
export function movedPairs(pairs: readonly CellPair[]): Set<number> {
  const stay = longestRise(pairs.map(({ a }) => a));
  const moved = new Set(pairs.keys());
  for (const at of stay) moved.delete(at);
  return moved;
}

class Matching {
  readonly ofA: (number | undefined)[];
  readonly ofB: (number | undefined)[];

  constructor(a: number, b: number) {
    this.ofA = new Array<number | undefined>(a).fill(undefined);
    this.ofB = new Array<number | undefined>(b).fill(undefined);
  }

  set(a: number, b: number): void {
    this.ofA[a] = b;
    this.ofB[b] = a;
  }

  /** In the order of the right side. */
  pairs(): CellPair[] {
    return this.ofB.flatMap((a, b) => (a === undefined ? [] : [{ a, b }]));
  }
}

/** Pairs cells of equal keys in their order. */
function byKey(
  found: Matching,
  a: readonly (string | undefined)[],
  b: readonly (string | undefined)[],
): void {
  const waiting = new Map<string, number[]>();
  a.forEach((key, at) => {
    if (key === undefined || found.ofA[at] !== undefined) return;
    const list = waiting.get(key);
    if (list) list.push(at);
    else waiting.set(key, [at]);
  });
  b.forEach((key, at) => {
    if (key === undefined || found.ofB[at] !== undefined) return;
    const from = waiting.get(key)?.shift();
    if (from !== undefined) found.set(from, at);
  });
}

/** An id that two cells have says nothing. */
function unique(ids: readonly (string | undefined)[]): (string | undefined)[] {
  const seen = new Map<string, number>();
  for (const id of ids) if (id !== undefined) seen.set(id, (seen.get(id) ?? 0) + 1);
  return ids.map((id) => (id !== undefined && seen.get(id) === 1 ? id : undefined));
}

function contentKey({ type, source }: Cell): string {
  return `${type}\n${source}`;
}

/** Most alike first; of equally alike ones those that are nearer to each other. */
function byLikeness(found: Matching, a: readonly Cell[], b: readonly Cell[]): void {
  const left = [...a.keys()].filter((at) => found.ofA[at] === undefined);
  const right = [...b.keys()].filter((at) => found.ofB[at] === undefined);
  if (left.length * right.length > MOST_COMPARISONS) return;
  const linesA = new Map(left.map((at) => [at, counted(a[at])]));
  const linesB = new Map(right.map((at) => [at, counted(b[at])]));
  const candidates: { a: number; b: number; likeness: number }[] = [];
  for (const x of left) {
    for (const y of right) {
      if (a[x]?.type !== b[y]?.type) continue;
      const likeness = likenessOf(linesA.get(x) as Counted, linesB.get(y) as Counted);
      if (likeness >= ALIKE) candidates.push({ a: x, b: y, likeness });
    }
  }
  const distance = (pair: CellPair): number => Math.abs(pair.a - pair.b);
  candidates.sort((x, y) => y.likeness - x.likeness || distance(x) - distance(y));
  for (const { a: x, b: y } of candidates) {
    if (found.ofA[x] === undefined && found.ofB[y] === undefined) found.set(x, y);
  }
}

/** As many cells of the same types between the same neighbours are those that were there. */
function byPlace(found: Matching, a: readonly Cell[], b: readonly Cell[]): void {
  const pairs = found.pairs();
  const moved = movedPairs(pairs);
  const stay = [...pairs.filter((_, at) => !moved.has(at)), { a: a.length, b: b.length }];
  let last: CellPair = { a: -1, b: -1 };
  for (const next of stay) {
    const left = free(found.ofA, last.a + 1, next.a);
    const right = free(found.ofB, last.b + 1, next.b);
    const alike =
      left.length === right.length && left.every((x, i) => a[x]?.type === b[right[i] ?? -1]?.type);
    if (alike) for (const [i, x] of left.entries()) found.set(x, right[i] as number);
    last = next;
  }
}

function free(of: readonly (number | undefined)[], start: number, end: number): number[] {
  const places: number[] = [];
  for (let at = start; at < end; at++) if (of[at] === undefined) places.push(at);
  return places;
}

interface Counted {
  readonly total: number;
  readonly lines: ReadonlyMap<string, number>;
}

function counted(cell: Cell | undefined): Counted {
  const lines = new Map<string, number>();
  let total = 0;
  for (const line of splitLines(cell?.source ?? "").lines) {
    const text = line.trim();
    // Blank lines are alike in all cells.
    if (text === "") continue;
    lines.set(text, (lines.get(text) ?? 0) + 1);
    total++;
  }
  return { total, lines };
}

function likenessOf(a: Counted, b: Counted): number {
  let common = 0;
  for (const [line, times] of a.lines) common += Math.min(times, b.lines.get(line) ?? 0);
  const most = Math.max(a.total, b.total);
  return most === 0 ? 0 : common / most;
}
