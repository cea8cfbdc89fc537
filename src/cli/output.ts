import type { OutputStream } from "./host.ts";

/** Columns of a terminal that does not tell. */
const DEFAULT_COLUMNS = 80;

/** Where text goes. A reader that has gone away (`| head`) is no failure: what is written then is dropped. */
export class Output {
  readonly isTerminal: boolean;
  readonly #stream: OutputStream;
  #gone = false;

  constructor(stream: OutputStream) {
    this.#stream = stream;
    this.isTerminal = stream.isTTY === true;
    stream.on("error", () => {
      this.#gone = true;
    });
  }

  /** Nobody reads any more. */
  get gone(): boolean {
    return this.#gone;
  }

  /** Width to fit text into; undefined when it is no terminal. */
  get columns(): number | undefined {
    return this.isTerminal ? (this.#stream.columns ?? DEFAULT_COLUMNS) : undefined;
  }

  /** Resolves when more may be written, so that a slow reader costs no memory. */
  async write(chunk: string | Uint8Array): Promise<void> {
    if (this.#gone) return;
    const stream = this.#stream;
    if (stream.write(chunk)) return;
    await new Promise<void>((resolve) => {
      const done = (): void => {
        for (const event of ["drain", "error", "close"]) stream.removeListener(event, done);
        resolve();
      };
      for (const event of ["drain", "error", "close"]) stream.on(event, done);
    });
  }
}
