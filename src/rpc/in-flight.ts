import { errors } from "../protocol/errors.ts";
import type { RequestContext } from "./request-context.ts";
import type { MessageId, Transport } from "./transport.ts";

export interface FlowLimits {
  /** Requests without an answer; above it reading waits. */
  readonly requests: number;
  /** Bytes of such requests; above it reading waits. */
  readonly requestBytes: number;
  /** Cancellable requests without an answer, and their bytes; above it new ones are refused. */
  readonly longRequests: number;
  readonly longRequestBytes: number;
  /** Bytes of answers the peer has not read; above it reading waits. */
  readonly unreadBytes: number;
}

const MEGABYTE = 1024 * 1024;

export const FLOW_LIMITS: FlowLimits = {
  requests: 1024,
  requestBytes: 64 * MEGABYTE,
  longRequests: 1024,
  longRequestBytes: 64 * MEGABYTE,
  unreadBytes: 4 * MEGABYTE,
};

/**
 * The requests that have no answer yet, and the back-pressure that follows from them. Cancellable requests may wait
 * for days (`run.wait`), so they must not stop reading: a `$/cancelRequest` could not come through any more.
 */
export class InFlight {
  readonly #transport: Transport;
  readonly #limits: FlowLimits;
  readonly #requests = new Map<MessageId, RequestContext>();
  #shortCount = 0;
  #shortBytes = 0;
  #longCount = 0;
  #longBytes = 0;
  #paused = false;
  #waiting: { count: number; resolve: () => void }[] = [];

  constructor(transport: Transport, limits: FlowLimits) {
    this.#transport = transport;
    this.#limits = limits;
    transport.writer.onDrain(() => this.#resumeIfPossible());
  }

  get size(): number {
    return this.#requests.size;
  }

  get(id: MessageId): RequestContext | undefined {
    return this.#requests.get(id);
  }

  add(request: RequestContext): void {
    this.#requests.set(request.id, request);
    this.#shortCount++;
    this.#shortBytes += request.bytes;
  }

  /** Lets reading wait when there is too much; what was read already is still taken. */
  holdBack(): void {
    if (this.#paused || !this.#tooMuch(1)) return;
    this.#paused = true;
    this.#transport.reader.pause();
  }

  cancelLong(): void {
    for (const request of this.#requests.values()) {
      if (request.long) request.cancellation.cancel(errors.CANCELLED());
    }
  }

  /** The request turned out to be one that may take long; false when there are too many of those. */
  markLong(request: RequestContext): boolean {
    const { longRequests, longRequestBytes } = this.#limits;
    if (this.#longCount >= longRequests || this.#longBytes + request.bytes > longRequestBytes) return false;
    request.long = true;
    this.#shortCount--;
    this.#shortBytes -= request.bytes;
    this.#longCount++;
    this.#longBytes += request.bytes;
    this.#resumeIfPossible();
    return true;
  }

  remove(request: RequestContext): void {
    this.#requests.delete(request.id);
    if (request.long) {
      this.#longCount--;
      this.#longBytes -= request.bytes;
    } else {
      this.#shortCount--;
      this.#shortBytes -= request.bytes;
    }
    this.#resumeIfPossible();
    if (this.#waiting.length > 0) this.#tellWaiting();
  }

  /** Resolves when no more than `count` requests are without an answer. */
  atMost(count: number): Promise<void> {
    if (this.#requests.size <= count) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push({ count, resolve }));
  }

  #tellWaiting(): void {
    const done = this.#waiting.filter(({ count }) => this.#requests.size <= count);
    this.#waiting = this.#waiting.filter((waiting) => !done.includes(waiting));
    for (const { resolve } of done) resolve();
  }

  #resumeIfPossible(): void {
    if (!this.#paused || this.#tooMuch(0.5)) return;
    this.#paused = false;
    this.#transport.reader.resume();
  }

  #tooMuch(share: number): boolean {
    const { requests, requestBytes, unreadBytes } = this.#limits;
    return (
      this.#shortCount > requests * share ||
      this.#shortBytes > requestBytes * share ||
      this.#transport.writer.pendingBytes > unreadBytes * share
    );
  }
}
