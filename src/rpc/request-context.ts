import type { CallContext, LogLevel, Progress } from "../domain/call-context.ts";
import type { JsonObject } from "../util/json.ts";
import { Cancellation } from "./cancellation.ts";
import type { Log } from "./logger.ts";
import { NO_PROGRESS } from "./progress.ts";
import type { MessageId } from "./transport.ts";

/** What the requests of a connection share. */
export interface RequestHost {
  readonly notify: (method: string, params: object) => void;
  readonly log: Log;
}

/** Log lines of a request that go with its error. */
const MAX_LINES = 20;

/** A request that has not been answered. */
export class RequestContext implements CallContext {
  readonly id: MessageId;
  readonly method: string;
  /** Size of the message. */
  readonly bytes: number;
  readonly cancellation = new Cancellation();
  /** May take as long as it likes: it does not hold up reading. Set when the method is known. */
  long = false;
  /** The caller asked to cancel, whether the method can be cancelled or not. */
  cancelWanted = false;
  settled = false;
  reporter: (update: Progress) => void = NO_PROGRESS;
  lines: string[] | undefined;
  readonly #host: RequestHost;

  constructor(host: RequestHost, id: MessageId, method: string, bytes: number) {
    this.#host = host;
    this.id = id;
    this.method = method;
    this.bytes = bytes;
  }

  get signal(): AbortSignal {
    return this.cancellation.signal;
  }

  progress(update: Progress): void {
    if (!this.settled) this.reporter(update);
  }

  notify(method: string, params: object): void {
    this.#host.notify(method, params);
  }

  log(level: LogLevel, message: string, fields?: JsonObject): void {
    if (level !== "debug") this.#keepLine(message);
    this.#host.log(level, message, { method: this.method, request: this.id, ...fields });
  }

  #keepLine(line: string): void {
    this.lines ??= [];
    this.lines.push(line);
    if (this.lines.length > MAX_LINES) this.lines.shift();
  }
}
