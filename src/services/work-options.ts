import type { WorkOptions } from "./ports/snapshots.ts";

/** The same as an object that may be taken apart: a caller's own may be made of getters and methods. */
export function plainOptions(given: WorkOptions): WorkOptions {
  const { signal } = given;
  return {
    ...(signal ? { signal } : {}),
    progress: (update) => given.progress?.(update),
  };
}
