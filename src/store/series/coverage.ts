import type { ChunkSource } from "./chunk.ts";

/** Sorted, disjoint, non-touching stretches of whole positions as a flat list: from, to, from, to, … */
export type Stretches = number[];

/** Which positions of which sources have been taken in. */
export class Coverage {
  readonly #bySource = new Map<string, Stretches>();

  /** Adds [from, to). */
  add(sourceId: string, from: number, to: number): void {
    const stretches = this.#bySource.get(sourceId);
    if (stretches) addStretch(stretches, from, to);
    else if (to > from) this.#bySource.set(sourceId, [from, to]);
  }

  /** Adds everything that another one has. */
  addAll(other: Coverage): void {
    for (const [source, stretches] of other.entries()) {
      for (let i = 0; i < stretches.length; i += 2) this.add(source, stretches[i]!, stretches[i + 1]!);
    }
  }

  /** What this one has and the other has not. */
  without(other: Coverage): Coverage {
    const rest = new Coverage();
    for (const [source, stretches] of this.entries()) {
      for (let i = 0; i < stretches.length; i += 2) {
        const missing = missingStretches(other.stretches(source), stretches[i]!, stretches[i + 1]!);
        for (let m = 0; m < missing.length; m += 2) rest.add(source, missing[m]!, missing[m + 1]!);
      }
    }
    return rest;
  }

  get isEmpty(): boolean {
    return this.#bySource.size === 0;
  }

  /** The end of everything known of a source, 0 when nothing is. */
  end(sourceId: string): number {
    return this.#bySource.get(sourceId)?.at(-1) ?? 0;
  }

  stretches(sourceId: string): Stretches {
    return this.#bySource.get(sourceId) ?? [];
  }

  entries(): IterableIterator<[string, Stretches]> {
    return this.#bySource.entries();
  }

  /**
   * Takes a chunk of `count` points in. The answer tells which of them are new, as pairs [first, last + 1) of
   * their indexes; the others were stored before.
   */
  take(source: ChunkSource, count: number): Stretches {
    const { id, from, to, stride } = source;
    const known = this.#bySource.get(id);
    if (known === undefined) {
      this.add(id, from, to);
      return [0, count];
    }
    const missing = missingStretches(known, from, to);
    addStretch(known, from, to);
    if (missing.length === 2 && missing[0] === from && missing[1] === to) return [0, count];
    if (missing.length === 0) return [];
    return stride === 0 ? [0, count] : pointsIn(missing, source, count);
  }
}

/** Adds [from, to) in place. */
export function addStretch(stretches: Stretches, from: number, to: number): void {
  if (to <= from) return;
  const lastEnd = stretches.at(-1) ?? Number.NEGATIVE_INFINITY;
  if (from > lastEnd) {
    stretches.push(from, to);
    return;
  }
  if (from === lastEnd) {
    stretches[stretches.length - 1] = to;
    return;
  }
  const first = firstEndingAfter(stretches, from - 1);
  let past = first;
  let [start, end] = [from, to];
  while (past < stretches.length && stretches[past]! <= to) {
    start = Math.min(start, stretches[past]!);
    end = Math.max(end, stretches[past + 1]!);
    past += 2;
  }
  stretches.splice(first, past - first, start, end);
}

/** The parts of [from, to) that are not in `stretches`. */
export function missingStretches(stretches: Stretches, from: number, to: number): Stretches {
  const missing: Stretches = [];
  let at = from;
  for (let i = firstEndingAfter(stretches, from); i < stretches.length && stretches[i]! < to; i += 2) {
    if (stretches[i]! > at) missing.push(at, stretches[i]!);
    at = Math.max(at, stretches[i + 1]!);
  }
  if (at < to) missing.push(at, to);
  return missing;
}

/** The end of the stretch that holds `position`; `position` itself when none does. */
export function coveredEnd(stretches: Stretches, position: number): number {
  const i = firstEndingAfter(stretches, position);
  return i < stretches.length && stretches[i]! <= position ? stretches[i + 1]! : position;
}

/** Index of the first stretch whose end is greater than `position`. */
function firstEndingAfter(stretches: Stretches, position: number): number {
  let low = 0;
  let high = stretches.length / 2;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (stretches[middle * 2 + 1]! <= position) low = middle + 1;
    else high = middle;
  }
  return low * 2;
}

/** Indexes of the points whose positions lie in `wanted`. */
function pointsIn(wanted: Stretches, source: ChunkSource, count: number): Stretches {
  const found: Stretches = [];
  for (let i = 0; i < wanted.length; i += 2) {
    const first = firstPointAt(source, wanted[i]!, count);
    const past = firstPointAt(source, wanted[i + 1]!, count);
    if (past > first) found.push(first, past);
  }
  return found;
}

/** Index of the first point that lies at `position` or after it. */
function firstPointAt(source: ChunkSource, position: number, count: number): number {
  const { gaps } = source;
  const units = Math.ceil((position - source.from) / source.stride);
  let skipped = 0;
  for (let i = 0; i < gaps.length; i += 2) {
    const point = gaps[i]!;
    if (units <= point + skipped) break;
    skipped += gaps[i + 1]!;
    if (units <= point + skipped) return point;
  }
  return Math.max(0, Math.min(count, units - skipped));
}
