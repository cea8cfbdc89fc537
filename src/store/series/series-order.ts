/** Points of one series as columns. */
export interface SeriesColumns {
  readonly step: Float64Array;
  readonly value: Float64Array;
  readonly at: Float64Array;
}

/** The points in order of step, then of time, then as they were. */
export function inOrder(points: SeriesColumns): SeriesColumns {
  const order = sortedOrder(points.step, points.at);
  if (order === undefined) return points;
  const pick = (column: Float64Array): Float64Array => {
    const picked = new Float64Array(order.length);
    for (let i = 0; i < order.length; i++) picked[i] = column[order[i]!]!;
    return picked;
  };
  return { step: pick(points.step), value: pick(points.value), at: pick(points.at) };
}

/** At most about `3 × buckets + 2` points: of as many stretches of equal length the extremes, and what is no number. */
export function downSampled(points: SeriesColumns, buckets: number): SeriesColumns {
  const n = points.step.length;
  if (n <= buckets * 2 + 2) return points;
  const kept: number[] = [0];
  for (let bucket = 0; bucket < buckets; bucket++) {
    const first = Math.floor((bucket * n) / buckets);
    const past = Math.floor(((bucket + 1) * n) / buckets);
    for (const i of extremes(points.value, first, past)) if (i > kept.at(-1)!) kept.push(i);
  }
  if (kept.at(-1) !== n - 1) kept.push(n - 1);
  const pick = (column: Float64Array): Float64Array => Float64Array.from(kept, (i) => column[i]!);
  return { step: pick(points.step), value: pick(points.value), at: pick(points.at) };
}

/** Indexes of the least and the greatest number and of the first NaN, rising. */
function extremes(values: Float64Array, first: number, past: number): number[] {
  let [least, greatest, notNumber] = [-1, -1, -1];
  for (let i = first; i < past; i++) {
    const value = values[i]!;
    if (Number.isNaN(value)) {
      if (notNumber < 0) notNumber = i;
      continue;
    }
    if (least < 0 || value < values[least]!) least = i;
    if (greatest < 0 || value > values[greatest]!) greatest = i;
  }
  return [...new Set([least, greatest, notNumber])].filter((i) => i >= 0).sort((a, b) => a - b);
}

/**
 * Indexes in order; undefined when the points lie in order already, as those of one writer nearly always do.
 * A merge sort of the stretches that are in order: several writers' points cost one pass per doubling.
 */
function sortedOrder(step: Float64Array, at: Float64Array): Uint32Array | undefined {
  const n = step.length;
  const before = (a: number, b: number): boolean =>
    step[a]! < step[b]! || (step[a] === step[b] && at[a]! < at[b]!);
  let starts = [0];
  for (let i = 1; i < n; i++) if (before(i, i - 1)) starts.push(i);
  if (starts.length === 1) return undefined;
  let from = Uint32Array.from({ length: n }, (_, i) => i);
  let to = new Uint32Array(n);
  while (starts.length > 1) {
    const next: number[] = [];
    for (let s = 0; s < starts.length; s += 2) {
      const middle = starts[s + 1] ?? n;
      merge(from, to, starts[s]!, middle, starts[s + 2] ?? n, before);
      next.push(starts[s]!);
    }
    [from, to] = [to, from];
    starts = next;
  }
  return from;
}

/** Merges [first, middle) and [middle, past) of `from` into `to`; of equals those of the first part come first. */
function merge(
  from: Uint32Array,
  to: Uint32Array,
  first: number,
  middle: number,
  past: number,
  before: (a: number, b: number) => boolean,
): void {
  let [left, right] = [first, middle];
  for (let i = first; i < past; i++) {
    const takeRight = right < past && (left >= middle || before(from[right]!, from[left]!));
    to[i] = takeRight ? from[right++]! : from[left++]!;
  }
}
