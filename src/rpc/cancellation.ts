/** A request's wish to stop. The `AbortSignal` is made when it is first asked for: most requests never do. */
export class Cancellation {
  #controller: AbortController | undefined;
  #reason: unknown;
  #requested = false;

  get requested(): boolean {
    return this.#requested;
  }

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#requested) this.#controller.abort(this.#reason);
    }
    return this.#controller.signal;
  }

  /** `reason` is what the signal's `throwIfAborted` throws. */
  cancel(reason: unknown): void {
    if (this.#requested) return;
    this.#requested = true;
    this.#reason = reason;
    this.#controller?.abort(reason);
  }
}
