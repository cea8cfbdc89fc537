import { errors } from "../../protocol/errors.ts";

/** Throws CANCELLED when the work was cancelled. */
export function throwIfCancelled(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw errors.CANCELLED({});
}
