import { columnsOf } from "./image-check.ts";
import type { SealedFile } from "./sealed-file.ts";

/** Points of some sealed files, each as often as it is in there; equal to the last bit is equal. */
export class PointBag {
  readonly #counts = new Map<string, number>();
  readonly #bytes = Buffer.alloc(24);

  /** Adds the points of one series of a file, if it has it. Throws `ImageRefused`. */
  async add(file: SealedFile, name: string, weak: boolean): Promise<void> {
    const number = file.index.series.findIndex((series) => series.name === name && series.weak === weak);
    if (number < 0) return;
    for await (const { step, value, at } of columnsOf(file, number, file.index.series[number]!.blocks)) {
      for (let i = 0; i < step.length; i++) {
        const key = this.#key(step[i]!, value[i]!, at[i]!);
        this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1);
      }
    }
  }

  /** Takes a point out. False when there is none such. */
  take(step: number, value: number, at: number): boolean {
    const key = this.#key(step, value, at);
    const count = this.#counts.get(key);
    if (count === undefined) return false;
    if (count === 1) this.#counts.delete(key);
    else this.#counts.set(key, count - 1);
    return true;
  }

  get isEmpty(): boolean {
    return this.#counts.size === 0;
  }

  #key(step: number, value: number, at: number): string {
    this.#bytes.writeDoubleLE(step, 0);
    this.#bytes.writeDoubleLE(value, 8);
    this.#bytes.writeDoubleLE(at, 16);
    return this.#bytes.toString("latin1", 0, 24);
  }
}
