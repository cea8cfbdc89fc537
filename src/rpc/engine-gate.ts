import { Dispatcher, type DispatchHost, type EngineParts } from "./dispatch.ts";
import type { RequestContext } from "./request-context.ts";

type Deliver = (request: RequestContext, params: unknown) => void;

/** Holds requests, in order, until what serves them is loaded; then lets them through. */
export class EngineGate {
  readonly #host: DispatchHost;
  #waiting: { request: RequestContext; params: unknown }[] = [];
  #opened: Promise<EngineParts | undefined> | undefined;
  #closed: Promise<void> | undefined;

  constructor(host: DispatchHost) {
    this.#host = host;
  }

  dispatch: Deliver = (request, params) => {
    this.#waiting.push({ request, params });
  };

  /** When loading fails every request is answered with its error, those to come as well. */
  open(load: () => Promise<EngineParts>): void {
    this.#opened = this.#open(load);
  }

  /** Resolves when no request waits here any more. */
  async opened(): Promise<void> {
    await this.#opened;
  }

  /** Closes the parts, once. */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #open(load: () => Promise<EngineParts>): Promise<EngineParts | undefined> {
    try {
      const parts = await load();
      const dispatcher = new Dispatcher(parts, this.#host);
      this.#letThrough((request, params) => dispatcher.dispatch(request, params));
      return parts;
    } catch (error) {
      this.#letThrough((request) => this.#host.fail(request, error));
      return undefined;
    }
  }

  async #close(): Promise<void> {
    const parts = await this.#opened;
    await parts?.close();
  }

  #letThrough(deliver: Deliver): void {
    this.dispatch = deliver;
    for (const { request, params } of this.#waiting) deliver(request, params);
    this.#waiting = [];
  }
}
