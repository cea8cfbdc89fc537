import { setImmediate } from "node:timers/promises";

/** Milliseconds that long work may keep others waiting. */
const LONGEST = 20;

/** For long work in steps: lets others have their turn, and ends when nobody waits for the result any more. */
export class Breather {
  readonly #signal: AbortSignal | undefined;
  readonly #cancelled: () => Error;
  #since = performance.now();

  /** `cancelled` makes what is thrown when the signal is aborted. */
  constructor(signal: AbortSignal | undefined, cancelled: () => Error) {
    this.#signal = signal;
    this.#cancelled = cancelled;
  }

  /** Between two steps. */
  async take(): Promise<void> {
    if (performance.now() - this.#since >= LONGEST) {
      await setImmediate();
      this.#since = performance.now();
    }
    if (this.#signal?.aborted) throw this.#cancelled();
  }
}
