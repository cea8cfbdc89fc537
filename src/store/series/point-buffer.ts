/** Points as growing columns: number of the series, step, value, and time in milliseconds since the epoch. */
export class PointBuffer {
  length = 0;
  series: Uint32Array;
  step: Float64Array;
  value: Float64Array;
  at: Float64Array;

  constructor(capacity = 64) {
    this.series = new Uint32Array(capacity);
    this.step = new Float64Array(capacity);
    this.value = new Float64Array(capacity);
    this.at = new Float64Array(capacity);
  }

  /** Makes room for `more` points beyond `length`. */
  reserve(more: number): void {
    const needed = this.length + more;
    if (needed <= this.step.length) return;
    const capacity = Math.max(needed, this.step.length * 2);
    this.series = grown(this.series, new Uint32Array(capacity));
    this.step = grown(this.step, new Float64Array(capacity));
    this.value = grown(this.value, new Float64Array(capacity));
    this.at = grown(this.at, new Float64Array(capacity));
  }

  push(series: number, step: number, value: number, at: number): void {
    this.reserve(1);
    const i = this.length++;
    this.series[i] = series;
    this.step[i] = step;
    this.value[i] = value;
    this.at[i] = at;
  }
}

/** What one point costs in memory, bytes. */
export const POINT_BYTES = 28;

function grown<T extends Uint32Array | Float64Array>(old: T, fresh: T): T {
  fresh.set(old);
  return fresh;
}
