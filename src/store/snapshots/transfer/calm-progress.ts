import type { WorkOptions } from "../../../services/ports/snapshots.ts";

const PAUSE_MS = 100;

/** The same options with fewer updates: git alone tells of every object. */
export function calmed(options: WorkOptions): WorkOptions {
  const { progress } = options;
  if (!progress) return options;
  let message = "";
  let told = 0;
  return {
    ...options,
    progress: (update) => {
      const isLast = update.done !== undefined && update.done === update.total;
      const now = performance.now();
      if (update.message === message && !isLast && now - told < PAUSE_MS) return;
      message = update.message;
      told = now;
      progress(update);
    },
  };
}
