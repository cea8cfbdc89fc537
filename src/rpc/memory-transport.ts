import type { DataCallback, Disposable, Event, Message, PartialMessageInfo } from "vscode-jsonrpc";
import { Emitter } from "./emitter.ts";
import type { FlowReader, FlowWriter, Transport } from "./transport.ts";

const DONE = Promise.resolve();

/**
 * Two ends in one process. Messages cross as JSON text and in a later turn of the loop, so that nothing works here
 * that would not work over a pipe; only the byte frames are left out.
 */
export function createMemoryPair(): [Transport, Transport] {
  const toFirst = new MemoryReader();
  const toSecond = new MemoryReader();
  return [
    { reader: toFirst, writer: new MemoryWriter(toSecond) },
    { reader: toSecond, writer: new MemoryWriter(toFirst) },
  ];
}

class MemoryReader implements FlowReader {
  readonly #closed = new Emitter<void>();
  readonly onClose: Event<void> = this.#closed.event;
  /** Never fired: text made by `JSON.stringify` is always a message. */
  readonly onError: Event<Error> = new Emitter<Error>().event;
  /** Never fired. */
  readonly onPartialMessage: Event<PartialMessageInfo> = new Emitter<PartialMessageInfo>().event;
  readonly taken = new Emitter<void>();
  lastBytes = 0;
  waitingBytes = 0;
  #waiting: string[] = [];
  #callback: DataCallback | undefined;
  #paused = false;
  #ended = false;
  #scheduled = false;

  listen(callback: DataCallback): Disposable {
    this.#callback = callback;
    this.#schedule();
    return { dispose: () => this.dispose() };
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    this.#schedule();
  }

  /** From the other end. */
  accept(text: string): void {
    this.#waiting.push(text);
    this.waitingBytes += text.length;
    this.#schedule();
  }

  /** From the other end: nothing more will come. */
  end(): void {
    this.#ended = true;
    this.#schedule();
  }

  dispose(): void {
    this.#callback = undefined;
    this.#waiting = [];
    this.waitingBytes = 0;
    this.taken.fire();
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.#deliver();
    });
  }

  #deliver(): void {
    while (!this.#paused && this.#callback !== undefined) {
      const text = this.#waiting.shift();
      if (text === undefined) break;
      this.waitingBytes -= text.length;
      this.lastBytes = text.length;
      this.#callback(JSON.parse(text) as Message);
    }
    if (this.#waiting.length > 0) return;
    this.taken.fire();
    if (this.#ended) this.#closed.fire();
    if (this.#ended) this.#closed.dispose();
  }
}

class MemoryWriter implements FlowWriter {
  readonly #reader: MemoryReader;
  readonly #closed = new Emitter<void>();
  readonly onClose: Event<void> = this.#closed.event;
  readonly onDrain: Event<void>;
  /** Never fired. */
  readonly onError: Event<[Error, Message | undefined, number | undefined]> = new Emitter<
    [Error, Message | undefined, number | undefined]
  >().event;
  #ended = false;

  constructor(reader: MemoryReader) {
    this.#reader = reader;
    this.onDrain = reader.taken.event;
  }

  get pendingBytes(): number {
    return this.#reader.waitingBytes;
  }

  write(message: Message): Promise<void> {
    if (!this.#ended) this.#reader.accept(JSON.stringify(message));
    return DONE;
  }

  flushed(): Promise<void> {
    if (this.pendingBytes === 0) return DONE;
    return new Promise((resolve) => {
      const subscription = this.onDrain(() => {
        subscription.dispose();
        resolve();
      });
    });
  }

  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#reader.end();
    this.#closed.fire();
  }

  dispose(): void {
    this.#closed.dispose();
  }
}
