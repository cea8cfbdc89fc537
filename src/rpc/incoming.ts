import { type DatmoError, errors } from "../protocol/errors.ts";
import type { MessageId } from "./transport.ts";

/** What a JSON value is in JSON-RPC 2.0. */
export type Incoming =
  | { readonly kind: "request"; readonly id: MessageId; readonly method: string; readonly params: unknown }
  | { readonly kind: "notification"; readonly method: string; readonly params: unknown }
  | {
      readonly kind: "response";
      readonly id: MessageId | null;
      readonly result: unknown;
      readonly error: unknown;
    }
  | { readonly kind: "invalid"; readonly id: MessageId | null; readonly error: DatmoError };

const NO_PARAMS = Object.freeze({});

export function classify(message: unknown): Incoming {
  if (Array.isArray(message)) return invalid(null, "a batch");
  if (typeof message !== "object" || message === null) return invalid(null, "not an object");
  const { jsonrpc, id, method, params, result, error } = message as Record<string, unknown>;
  const knownId = isId(id) ? id : null;
  if (jsonrpc !== "2.0") return invalid(knownId, 'no "jsonrpc": "2.0"');
  if (typeof method === "string") {
    if (id === undefined) return { kind: "notification", method, params: params ?? NO_PARAMS };
    if (knownId === null) return invalid(null, "an id that is neither a string nor a number");
    return { kind: "request", id: knownId, method, params: params === undefined ? NO_PARAMS : params };
  }
  if (method === undefined && (result !== undefined || error !== undefined)) {
    return { kind: "response", id: knownId, result, error };
  }
  return invalid(knownId, "no method");
}

function invalid(id: MessageId | null, reason: string): Incoming {
  return { kind: "invalid", id, error: errors.INVALID_REQUEST({ reason }) };
}

function isId(id: unknown): id is MessageId {
  return typeof id === "string" || typeof id === "number";
}
