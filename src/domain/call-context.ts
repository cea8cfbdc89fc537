import type { JsonObject } from "../util/json.ts";

/** What a method is given besides its params. Nothing below `rpc/` knows JSON-RPC. */
export interface CallContext {
  /** Aborted when the caller cancels, or when the connection closes. */
  readonly signal: AbortSignal;
  /** Reports how far long work has come; does nothing when the caller did not ask for it. */
  progress(update: Progress): void;
  /** Sends a notification to the peer; never throws, also not after the peer has left. */
  notify(method: string, params: object): void;
  /** Writes one record to the engine's log. */
  log(level: LogLevel, message: string, fields?: JsonObject): void;
}

export interface Progress {
  /** One line: what is being done. */
  readonly message: string;
  /** Work done so far, in the unit of `total`. */
  readonly done?: number;
  readonly total?: number;
}

export type LogLevel = "error" | "warn" | "info" | "debug";
