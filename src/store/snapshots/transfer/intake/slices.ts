import { setImmediate } from "node:timers/promises";
import { errors } from "../../../../protocol/errors.ts";
import type { WorkOptions } from "../../../../services/ports/snapshots.ts";

const SLICE_MS = 25;

/** Lets others have a turn now and then during long work, and ends it when it was cancelled. */
export class Slices {
  readonly #options: WorkOptions;
  #deadline = performance.now() + SLICE_MS;

  constructor(options: WorkOptions) {
    this.#options = options;
  }

  /** Undefined as long as there is no need to wait. Throws CANCELLED. */
  next(): Promise<void> | undefined {
    if (this.#options.signal?.aborted) throw errors.CANCELLED({});
    return performance.now() < this.#deadline ? undefined : this.#wait();
  }

  async #wait(): Promise<void> {
    await setImmediate();
    if (this.#options.signal?.aborted) throw errors.CANCELLED({});
    this.#deadline = performance.now() + SLICE_MS;
  }
}
