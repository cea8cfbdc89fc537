import type { Message } from "vscode-jsonrpc";
import { errors } from "../protocol/errors.ts";
import type { InitializeParams } from "../protocol/types.ts";
import { timeLimit } from "../util/time-limit.ts";
import type { DispatchHost, EngineParts } from "./dispatch.ts";
import { EngineGate } from "./engine-gate.ts";
import { expectedError, wireError } from "./error-mapping.ts";
import { FramingError } from "./framing-error.ts";
import { readShutdown } from "./handshake.ts";
import { FLOW_LIMITS, type FlowLimits, InFlight } from "./in-flight.ts";
import { classify } from "./incoming.ts";
import { type EngineInfo, Lifecycle } from "./lifecycle.ts";
import type { Log, Logger } from "./logger.ts";
import { Outbox } from "./outbox.ts";
import { RequestContext } from "./request-context.ts";
import type { MessageId, Transport } from "./transport.ts";

/** Why a connection ended. */
export type CloseReason = "exit" | "endOfInput" | "peerGone" | "protocolError" | "signal" | "crash";

/** What the engine's parts are told about the connection they serve. */
export interface Session {
  readonly initialize: InitializeParams;
  /** Sends a notification; never throws. */
  notify(method: string, params: object): void;
  /** True when the client asked for this notification in its capabilities. */
  wants(method: string): boolean;
  readonly log: Log;
}

export interface ServeOptions {
  readonly engine: EngineInfo;
  readonly protocolVersion: number;
  /** Loads what serves the methods; called right after `initialize` was answered. Requests wait for it in order. */
  open(session: Session): Promise<EngineParts>;
  readonly logger: Logger;
  readonly limits?: FlowLimits;
  onInitialize?(initialize: InitializeParams): void;
}

export interface Server {
  /** Resolves when everything is over: requests answered, parts closed, output taken. */
  readonly closed: Promise<CloseReason>;
  /** Ends the connection: cancels what can be cancelled, waits for the rest. Idempotent. */
  close(reason: CloseReason): Promise<void>;
}

/** Longest wait for requests that cannot be cancelled and for the parts to close, milliseconds. */
const CLOSE_MS = 30_000;
/** Longest wait for a peer that does not take its last answers, milliseconds. */
const FLUSH_MS = 5_000;

/** Serves the protocol to the peer of `transport`. */
export function serve(transport: Transport, options: ServeOptions): Server {
  const connection = new Connection(transport, options);
  return { closed: connection.closed, close: (reason) => connection.close(reason) };
}

class Connection implements DispatchHost {
  readonly closed: Promise<CloseReason>;
  readonly notify: (method: string, params: object) => void;
  readonly log: Log;
  readonly #transport: Transport;
  readonly #options: ServeOptions;
  readonly #lifecycle: Lifecycle;
  readonly #inFlight: InFlight;
  readonly #outbox: Outbox;
  readonly #gate: EngineGate = new EngineGate(this);
  #closing: Promise<void> | undefined;
  #tellClosed: (reason: CloseReason) => void = () => {};

  constructor(transport: Transport, options: ServeOptions) {
    this.#transport = transport;
    this.#options = options;
    this.log = options.logger.log;
    this.#lifecycle = new Lifecycle(options.engine, options.protocolVersion);
    this.#inFlight = new InFlight(transport, options.limits ?? FLOW_LIMITS);
    this.#outbox = new Outbox(transport.writer, this.log);
    this.notify = this.#outbox.notify;
    this.closed = new Promise((resolve) => {
      this.#tellClosed = resolve;
    });
    transport.reader.onError((error) => this.#refuse(error));
    transport.reader.onClose(() => void this.close("endOfInput"));
    transport.writer.onClose(() => void this.close("peerGone"));
    transport.reader.listen((message) => this.#receive(message));
  }

  close(reason: CloseReason): Promise<void> {
    this.#closing ??= this.#close(reason);
    return this.#closing;
  }

  answer(request: RequestContext, result: object): void {
    if (request.settled) return;
    try {
      void this.#transport.writer.write({ jsonrpc: "2.0", id: request.id, result: result ?? {} } as Message);
    } catch (error) {
      this.fail(request, error);
      return;
    }
    request.settled = true;
    this.#inFlight.remove(request);
  }

  fail(request: RequestContext, thrown: unknown): void {
    if (request.settled) return;
    request.settled = true;
    const { method, cancellation, lines } = request;
    const error = expectedError(thrown, { cancelled: cancellation.requested, method, log: this.log });
    this.#send(request.id, { error: wireError(error, lines) });
    this.#inFlight.remove(request);
  }

  admitLong(request: RequestContext): boolean {
    return this.#inFlight.markLong(request);
  }

  openRequests(): number {
    return this.#inFlight.size;
  }

  #receive(message: unknown): void {
    const incoming = classify(message);
    if (incoming.kind === "request") this.#request(incoming.id, incoming.method, incoming.params);
    else if (incoming.kind === "notification") this.#notification(incoming.method, incoming.params);
    else if (incoming.kind === "invalid") this.#send(incoming.id, { error: wireError(incoming.error) });
    else this.log("debug", "A response that nobody waits for", { id: incoming.id });
    this.#inFlight.holdBack();
  }

  #request(id: MessageId, method: string, params: unknown): void {
    try {
      this.#lifecycle.admit(method);
      if (this.#inFlight.get(id)) throw errors.INVALID_REQUEST({ reason: "an id that is in use" });
    } catch (error) {
      this.#send(id, { error: wireError(expectedError(error, { cancelled: false, method, log: this.log })) });
      return;
    }
    const request = new RequestContext(this, id, method, this.#transport.reader.lastBytes);
    this.#inFlight.add(request);
    if (method === "initialize") this.#initialize(request, params);
    else if (method === "shutdown") void this.#shutdown(request, params);
    else this.#gate.dispatch(request, params);
  }

  #notification(method: string, params: unknown): void {
    if (method === "$/cancelRequest") this.#cancel((params as { id?: unknown })?.id);
    else if (method === "exit") void this.close("exit");
    else if (method !== "initialized" && !method.startsWith("$/")) {
      this.log("warn", "A notification that the engine does not know was ignored", { method });
    }
  }

  /** A request that is not cancellable goes on; one whose kind is not known yet remembers the wish. */
  #cancel(id: unknown): void {
    const request = this.#inFlight.get(id as MessageId);
    if (request === undefined) return;
    request.cancelWanted = true;
    if (request.long) request.cancellation.cancel(errors.CANCELLED());
  }

  #initialize(request: RequestContext, params: unknown): void {
    let result: object;
    try {
      result = this.#lifecycle.begin(params);
    } catch (error) {
      this.fail(request, error);
      return;
    }
    this.answer(request, result);
    const initialize = this.#lifecycle.initialize!;
    this.#options.onInitialize?.(initialize);
    if (initialize.capabilities?.logMessages) this.#forwardLog();
    this.#gate.open(() => this.#load(initialize));
  }

  #forwardLog(): void {
    this.#options.logger.addSink((record) => this.notify("$/logMessage", record));
  }

  async #load(initialize: InitializeParams): Promise<EngineParts> {
    await this.#transport.writer.flushed();
    const wanted = new Set(initialize.capabilities?.notifications);
    const { notify, log } = this;
    return await this.#options.open({ initialize, notify, log, wants: (method) => wanted.has(method) });
  }

  async #shutdown(request: RequestContext, params: unknown): Promise<void> {
    try {
      readShutdown(params);
      this.#lifecycle.phase = "stopping";
      await this.#finish(request);
      this.answer(request, {});
    } catch (error) {
      this.fail(request, error);
    }
  }

  /** Waits until every request but `asking` has its answer, then closes the parts. */
  async #finish(asking?: RequestContext): Promise<void> {
    await this.#gate.opened();
    this.#inFlight.cancelLong();
    await this.#inFlight.atMost(asking === undefined ? 0 : 1);
    await this.#gate.close();
  }

  #refuse(error: Error): void {
    if (!(error instanceof FramingError)) {
      this.log("error", "Reading failed", { reason: error.message });
      return;
    }
    this.log("warn", error.message);
    this.#send(error.requestId, { error: wireError(error.error) });
    if (error.fatal) void this.close("protocolError");
  }

  #send(id: MessageId | null, body: object): void {
    void this.#transport.writer.write({ jsonrpc: "2.0", id, ...body } as Message);
  }

  async #close(reason: CloseReason): Promise<void> {
    const { reader, writer } = this.#transport;
    this.#lifecycle.phase = "stopping";
    reader.dispose();
    const unfinished = new Error("work that was not done when the client left was given up");
    await timeLimit(CLOSE_MS, this.#finish(), unfinished).catch((error: Error) => this.#logFailure(error));
    this.#outbox.releaseAll();
    this.#outbox.close();
    const unread = new Error("the client did not read the last answers");
    await timeLimit(FLUSH_MS, writer.flushed(), unread).catch((error: Error) => this.#logFailure(error));
    writer.end();
    this.#tellClosed(reason);
  }

  #logFailure(error: Error): void {
    this.log("error", "The engine did not end in good order", { reason: error.stack ?? error.message });
  }
}
