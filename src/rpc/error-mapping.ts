import { DatmoError, errors } from "../protocol/errors.ts";
import type { JsonObject } from "../util/json.ts";
import type { Log } from "./logger.ts";

/** The `error` member of a response. */
export interface WireError {
  readonly code: number;
  readonly message: string;
  readonly data: {
    readonly kind: string;
    readonly details: JsonObject;
    readonly hint?: string;
    readonly log?: readonly string[];
  };
}

/** The error object for an expected error. */
export function wireError(error: DatmoError, log?: readonly string[]): WireError {
  const { code, message, kind, details, hint } = error;
  return { code, message, data: { kind, details, hint, ...(log && log.length > 0 ? { log } : {}) } };
}

/**
 * Any thrown value as an expected error. What nobody foresaw becomes INTERNAL_ERROR with a random reference; its
 * stack goes to the log under that reference and never to the peer.
 */
export function expectedError(
  thrown: unknown,
  context: { cancelled: boolean; method: string; log: Log },
): DatmoError {
  if (thrown instanceof DatmoError) return thrown;
  if (context.cancelled && isAbort(thrown)) return errors.CANCELLED();
  const reference = Math.random().toString(36).slice(2, 10);
  const stack = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
  context.log("error", "Unexpected error", { reference, method: context.method, stack });
  const reason = thrown instanceof Error ? thrown.message : String(thrown);
  return errors.INTERNAL_ERROR({ reference, reason });
}

function isAbort(thrown: unknown): boolean {
  return thrown instanceof Error && (thrown.name === "AbortError" || thrown.name === "TimeoutError");
}
