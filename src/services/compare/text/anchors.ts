import { longestRise } from "../../../util/longest-rise.ts";

/** Two equal lines, by their places. */
export interface LinePair {
  readonly a: number;
  readonly b: number;
}

/**
 * A quick match that need not be the longest: lines that each side has once hold the texts together, and what is
 * equal next to them, or at either end, belongs to them. Numbers are below `count`.
 */
export function anchoredPairs(a: readonly number[], b: readonly number[], count: number): LinePair[] {
  const pairs: LinePair[] = [];
  let [i, j] = [0, 0];
  for (const anchor of [...anchors(a, b, count), { a: a.length, b: b.length }]) {
    while (i < anchor.a && j < anchor.b && a[i] === b[j]) pairs.push({ a: i++, b: j++ });
    let [x, y] = [anchor.a, anchor.b];
    while (x > i && y > j && a[x - 1] === b[y - 1]) {
      x--;
      y--;
    }
    while (x < anchor.a) pairs.push({ a: x++, b: y++ });
    [i, j] = [x, y];
  }
  return pairs;
}

/** Lines that are there once on each side, as many as stand in the same order on both. */
function anchors(a: readonly number[], b: readonly number[], count: number): LinePair[] {
  const [onceA, onceB] = [placesOfOnes(a, count), placesOfOnes(b, count)];
  const found: LinePair[] = [];
  for (const [at, number] of a.entries()) {
    const other = onceB[number] ?? -1;
    if (onceA[number] === at && other >= 0) found.push({ a: at, b: other });
  }
  return longestRise(found.map((pair) => pair.b)).map((at) => found[at] as LinePair);
}

/** For each number its place; -1: it is not there, or more than once. */
function placesOfOnes(numbers: readonly number[], count: number): Int32Array {
  const places = new Int32Array(count).fill(-1);
  const more = new Uint8Array(count);
  for (const [at, number] of numbers.entries()) {
    if (places[number] !== -1) more[number] = 1;
    places[number] = at;
  }
  for (let number = 0; number < count; number++) if (more[number]) places[number] = -1;
  return places;
}
