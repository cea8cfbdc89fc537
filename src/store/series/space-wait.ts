/** Patience with a full disk: how long points are held before they are refused. */
export class SpaceWait {
  readonly #patienceMs: number;
  readonly #now: () => number;
  #since: number | undefined;
  #hurried = 0;
  #wake: () => void = () => undefined;

  constructor(patienceMs: number, now: () => number) {
    this.#patienceMs = patienceMs;
    this.#now = now;
  }

  /** True from the first write that found no space to the next that did. */
  get full(): boolean {
    return this.#since !== undefined;
  }

  found(): void {
    this.#since = undefined;
  }

  /** Waits a little before another try; false when it has been enough. */
  async wait(): Promise<boolean> {
    const now = this.#now();
    this.#since ??= now;
    const waited = now - this.#since;
    if (this.#hurried > 0 || waited >= this.#patienceMs) return false;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, Math.min(1_000, 50 + waited / 4));
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    return true;
  }

  /** While `work` runs there is one more try and no further waiting. */
  async hurry<T>(work: Promise<T>): Promise<T> {
    this.#hurried += 1;
    this.#wake();
    try {
      return await work;
    } finally {
      this.#hurried -= 1;
    }
  }
}
