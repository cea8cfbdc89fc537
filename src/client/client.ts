import { type DatmoError, errorFromWire, errors } from "../protocol/errors.ts";
import {
  type EngineNotification,
  type Method,
  type MethodMap,
  methodInfo,
  type NotificationMap,
  type ServiceMethod,
} from "../protocol/methods.ts";
import type { InitializeParams, InitializeResult, ProgressParams } from "../protocol/types.ts";
import { FramingError } from "../rpc/framing-error.ts";
import type { Message } from "../rpc/transport.ts";
import { timeLimit } from "../util/time-limit.ts";
import type { EngineLink } from "./engine-link.ts";

export type OnProgress = (update: ProgressParams["value"]) => void;

export interface RequestOptions {
  /** Cancels the request: it then fails with CANCELLED, unless the engine was faster or the method goes on anyway. */
  readonly signal?: AbortSignal;
  /** Called for methods that report progress; never after the request has settled. */
  readonly onProgress?: OnProgress;
}

export interface ConnectOptions extends Omit<InitializeParams, "processId"> {
  /** Longest wait for the answer to `initialize`, milliseconds. Default 30,000. */
  readonly handshakeMs?: number;
}

type Listener = (params: never) => void;

interface Pending {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: DatmoError) => void;
}

interface Answer {
  readonly id?: number | null;
  readonly method?: string;
  readonly params?: unknown;
  readonly result?: unknown;
  readonly error?: { readonly code: number; readonly message: string; readonly data?: unknown };
}

const HANDSHAKE_MS = 30_000;
/** Longest wait for the reason why a connection closed. */
const REASON_MS = 2000;
/** The engine gives open work 30 s when it is asked to stop. */
const SHUTDOWN_MS = 35_000;

/** A client of one engine. Every request settles: with its answer, or with the reason why there will be none. */
export class DatmoClient {
  readonly #link: EngineLink;
  readonly #pending = new Map<number, Pending>();
  readonly #listeners = new Map<string, Set<Listener>>();
  readonly #progress = new Map<string, OnProgress>();
  #lastId = 0;
  #gone: DatmoError | undefined;
  #engine: InitializeResult["engine"] | undefined;

  private constructor(link: EngineLink) {
    this.#link = link;
    const { reader, writer } = link.transport;
    reader.onError((error) => this.#refuse(error));
    reader.onClose(() => void this.#leaveWithReason());
    writer.onClose(() => void this.#leaveWithReason());
    reader.listen((message) => this.#receive(message as Answer));
  }

  /** Connects and shakes hands. Throws ENGINE_NOT_FOUND, ENGINE_GONE or PROTOCOL_VERSION_UNSUPPORTED. */
  static async connect(link: EngineLink, options: ConnectOptions): Promise<DatmoClient> {
    const { handshakeMs = HANDSHAKE_MS, ...params } = options;
    const client = new DatmoClient(link);
    try {
      const answer = client.#send("initialize", { ...params, processId: link.processId });
      const tooLate = errors.ENGINE_GONE({ reason: `no answer to initialize within ${handshakeMs} ms` });
      const result = (await timeLimit(handshakeMs, answer, tooLate)) as InitializeResult;
      client.#engine = result.engine;
      client.#notify("initialized", {});
      return client;
    } catch (error) {
      await client.#end();
      throw error;
    }
  }

  /** Which engine answers. */
  get engine(): InitializeResult["engine"] {
    return this.#engine!;
  }

  /** Throws `DatmoError`s only. */
  async request<M extends ServiceMethod>(
    method: M,
    params: MethodMap[M]["params"],
    { signal, onProgress }: RequestOptions = {},
  ): Promise<MethodMap[M]["result"]> {
    if (signal?.aborted) throw errors.CANCELLED();
    const id = this.#lastId + 1;
    const token = onProgress !== undefined && methodInfo[method].progress ? `p${id}` : undefined;
    const answer = this.#send(method, token === undefined ? params : { ...params, progressToken: token });
    const cancel = (): void => this.#notify("$/cancelRequest", { id });
    signal?.addEventListener("abort", cancel);
    if (token !== undefined) this.#progress.set(token, onProgress!);
    try {
      return (await answer) as MethodMap[M]["result"];
    } finally {
      signal?.removeEventListener("abort", cancel);
      if (token !== undefined) this.#progress.delete(token);
    }
  }

  /** Calls `listener` for each such notification, until the function that is returned is called. */
  on<N extends EngineNotification>(
    notification: N,
    listener: (params: NotificationMap[N]["params"]) => void,
  ): () => void {
    const listeners = this.#listeners.get(notification) ?? new Set<Listener>();
    this.#listeners.set(notification, listeners);
    listeners.add(listener);
    return () => void listeners.delete(listener);
  }

  /** Lets the engine finish what it began and leave; open requests that can be cancelled are. */
  async close(): Promise<void> {
    if (this.#gone === undefined) {
      const tooLate = errors.ENGINE_GONE({ reason: "no answer to shutdown" });
      await timeLimit(SHUTDOWN_MS, this.#send("shutdown", {}), tooLate).catch(() => {});
    }
    await this.#end();
  }

  async #end(): Promise<void> {
    this.#notify("exit", {});
    this.#leave(errors.ENGINE_GONE({ reason: "it was closed" }));
    this.#link.transport.writer.end();
    await this.#link.ended();
  }

  #send(method: Method, params: object): Promise<unknown> {
    if (this.#gone !== undefined) return Promise.reject(this.#gone);
    this.#lastId++;
    const id = this.#lastId;
    return new Promise((resolve, reject) => {
      this.#pending.set(id, { resolve, reject });
      if (this.#pending.size === 1) this.#link.setBusy(true);
      void this.#link.transport.writer.write({ jsonrpc: "2.0", id, method, params } as Message);
    });
  }

  #notify(method: string, params: object): void {
    if (this.#gone !== undefined) return;
    void this.#link.transport.writer.write({ jsonrpc: "2.0", method, params } as Message);
  }

  #receive({ id, method, params, result, error }: Answer): void {
    if (method !== undefined) this.#dispatch(method, params);
    else if (typeof id === "number") this.#settle(id, result, error);
    else if (error !== undefined) this.#leave(errorFromWire(error.code, error.message, error.data));
  }

  #settle(id: number, result: unknown, error: Answer["error"]): void {
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    if (this.#pending.size === 0) this.#link.setBusy(false);
    if (error === undefined) pending?.resolve(result);
    else pending?.reject(errorFromWire(error.code, error.message, error.data));
  }

  #dispatch(method: string, params: unknown): void {
    if (method === "$/progress") {
      const { token, value } = params as ProgressParams;
      safely(() => this.#progress.get(token)?.(value));
    }
    for (const listener of this.#listeners.get(method) ?? []) safely(() => listener(params as never));
  }

  /** An answer that is too large fails its request only; anything else that is no message ends the connection. */
  #refuse(error: Error): void {
    const id = error instanceof FramingError && !error.fatal ? error.requestId : null;
    if (typeof id !== "number") {
      this.#leave(errors.ENGINE_GONE({ reason: `it sent what is no message: ${error.message}` }));
      return;
    }
    const { code, message, details } = (error as FramingError).error;
    this.#settle(id, undefined, { code, message, data: { details } });
  }

  async #leaveWithReason(): Promise<void> {
    if (this.#gone !== undefined) return;
    const unknown = errors.ENGINE_GONE({ reason: "it closed the connection" });
    this.#leave(await timeLimit(REASON_MS, this.#link.gone(), unknown).catch(() => unknown));
  }

  /** No answer will come any more: tells everybody who waits for one. */
  #leave(error: DatmoError): void {
    this.#gone ??= error;
    const pending = [...this.#pending.values()];
    this.#pending.clear();
    if (pending.length > 0) this.#link.setBusy(false);
    for (const { reject } of pending) reject(this.#gone);
  }
}

/** An error of a listener is its author's to see, but must not cut off the messages behind this one. */
function safely(listener: () => void): void {
  try {
    listener();
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}
