import { setImmediate } from "node:timers/promises";
import { errors } from "../../../protocol/errors.ts";

const SLICE_MS = 25;

/** Lets other work have its turn during long work, and ends it when it was cancelled. */
export type TakeTurn = () => Promise<void> | undefined;

/** The answer is undefined when it is not time yet, which spares a promise for each of a million objects. */
export function turnTaker(signal: AbortSignal | undefined): TakeTurn {
  let deadline = performance.now() + SLICE_MS;
  return () => {
    if (performance.now() < deadline) return undefined;
    return setImmediate().then(() => {
      if (signal?.aborted) throw errors.CANCELLED({});
      deadline = performance.now() + SLICE_MS;
    });
  };
}
