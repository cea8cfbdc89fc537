import type { PointColumns } from "../../services/ports/series.ts";

/** Points of one stream that were read and not handed on yet. */
export class PointList {
  /** Place in the stream of the first of them. */
  from = 0;
  #name: string[] = [];
  #step: number[] = [];
  #value: number[] = [];
  #at: number[] = [];

  add(name: string, step: number, value: number, at: number): void {
    this.#name.push(name);
    this.#step.push(step);
    this.#value.push(value);
    this.#at.push(at);
  }

  get length(): number {
    return this.#name.length;
  }

  /** Hands them on. */
  take(): { readonly from: number; readonly points: PointColumns } {
    const { from } = this;
    const points = { name: this.#name, step: this.#step, value: this.#value, at: this.#at };
    this.from += points.name.length;
    [this.#name, this.#step, this.#value, this.#at] = [[], [], [], []];
    return { from, points };
  }
}
