import type { Summary } from "../../services/ports/series.ts";

/** Running summaries of numbered series. The newest time wins `last`; of equal times the later point. */
export class SummaryTable {
  #last = new Float64Array(16);
  #lastStep = new Float64Array(16);
  #lastAt = new Float64Array(16);
  #min = new Float64Array(16);
  #max = new Float64Array(16);
  #count = new Float64Array(16);

  add(series: number, step: number, value: number, at: number): void {
    if (series >= this.#count.length) this.#grow(series);
    const count = this.#count[series]!;
    if (count === 0 || at >= this.#lastAt[series]!) {
      this.#last[series] = value;
      this.#lastStep[series] = step;
      this.#lastAt[series] = at;
    }
    if (count === 0) {
      this.#min[series] = value;
      this.#max[series] = value;
    } else if (!Number.isNaN(value)) {
      // Written so that a NaN gives way to the first number.
      if (!(value >= this.#min[series]!)) this.#min[series] = value;
      if (!(value <= this.#max[series]!)) this.#max[series] = value;
    }
    this.#count[series] = count + 1;
  }

  /** Adds a summary of points that come after those added so far. */
  merge(series: number, other: Summary): void {
    if (other.count === 0) return;
    if (series >= this.#count.length) this.#grow(series);
    const count = this.#count[series]!;
    if (count === 0 || other.lastAt >= this.#lastAt[series]!) {
      this.#last[series] = other.last;
      this.#lastStep[series] = other.lastStep;
      this.#lastAt[series] = other.lastAt;
    }
    const [min, max] = [this.#min[series]!, this.#max[series]!];
    this.#min[series] = count === 0 || Number.isNaN(min) || other.min < min ? other.min : min;
    this.#max[series] = count === 0 || Number.isNaN(max) || other.max > max ? other.max : max;
    this.#count[series] = count + other.count;
  }

  /** Undefined when the series has no point. */
  get(series: number): Summary | undefined {
    if (!(series < this.#count.length) || this.#count[series] === 0) return undefined;
    return {
      last: this.#last[series]!,
      lastStep: this.#lastStep[series]!,
      lastAt: this.#lastAt[series]!,
      min: this.#min[series]!,
      max: this.#max[series]!,
      count: this.#count[series]!,
    };
  }

  #grow(series: number): void {
    const capacity = Math.max(series + 1, this.#count.length * 2);
    this.#last = grown(this.#last, capacity);
    this.#lastStep = grown(this.#lastStep, capacity);
    this.#lastAt = grown(this.#lastAt, capacity);
    this.#min = grown(this.#min, capacity);
    this.#max = grown(this.#max, capacity);
    this.#count = grown(this.#count, capacity);
  }
}

function grown(old: Float64Array<ArrayBuffer>, capacity: number): Float64Array<ArrayBuffer> {
  const fresh = new Float64Array(capacity);
  fresh.set(old);
  return fresh;
}
