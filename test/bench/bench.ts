/** One figure: what is measured, and what it should be. */
export interface Bench {
  readonly name: string;
  /** The goal in words, as in the documentation. */
  readonly goal: string;
  run(): Promise<Figure>;
}

export interface Figure {
  /** The measured value, in `unit`. */
  readonly value: number;
  readonly unit: string;
  /** Against the peer measured in the same run. */
  readonly ratio?: number;
  /** Whether the goal is met; absent when there is none. */
  readonly met?: boolean;
  /** What else is worth knowing: the peer's value, spread, sizes. */
  readonly detail?: string;
}

/** The middle value; of an even count the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

/** The value below which a share of all values lies. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

/**
 * Runs the candidates in turn, A B C A B C …, so that a drift of the machine hits all alike. Milliseconds each: of the
 * whole, or what a candidate tells that measured only a part of its work.
 */
export async function interleaved(
  rounds: number,
  candidates: Readonly<Record<string, () => unknown>>,
): Promise<Record<string, number[]>> {
  const times: Record<string, number[]> = {};
  for (const name of Object.keys(candidates)) times[name] = [];
  for (let round = -1; round < rounds; round++) {
    for (const [name, work] of Object.entries(candidates)) {
      const began = performance.now();
      const own = await work();
      const passed = typeof own === "number" ? own : performance.now() - began;
      // The first round warms caches and is not counted.
      if (round >= 0) times[name]?.push(passed);
    }
  }
  return times;
}
