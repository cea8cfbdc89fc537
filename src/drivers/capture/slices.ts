import { setImmediate } from "node:timers/promises";

/** Milliseconds of work between two breaths, so that the engine goes on answering. */
const SLICE_MS = 10;

/** Returns a function to await between the steps of long synchronous work. */
export function breather(): () => Promise<void> {
  let sliceStart = performance.now();
  return async () => {
    if (performance.now() - sliceStart < SLICE_MS) return;
    await setImmediate();
    sliceStart = performance.now();
  };
}
