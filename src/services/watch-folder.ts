import { type FSWatcher, watch } from "node:fs";

/** Longest time until news in a run's folder are seen. Memory-mapped writes raise no event at all. */
const POLL_MS = 100;
/** Events come in bursts; one pull takes in many. */
const SETTLE_MS = 15;

/** Calls `pull` soon after something changed in a folder, and at least every 100 ms. Never two at once. */
export function watchFolder(directory: string, pull: () => Promise<void>): { close(): void } {
  let closed = false;
  let running = false;
  let again = false;
  let settle: NodeJS.Timeout | undefined;

  async function run(): Promise<void> {
    settle = undefined;
    if (closed) return;
    if (running) {
      again = true;
      return;
    }
    running = true;
    try {
      await pull();
    } catch {
      // What could not be read now is read at the end of the run, where it is told.
    } finally {
      running = false;
      if (again && !closed) soon();
      again = false;
    }
  }

  function soon(): void {
    settle ??= setTimeout(() => void run(), SETTLE_MS);
  }

  const watcher = startWatching(directory, soon);
  const timer = setInterval(soon, POLL_MS);
  timer.unref();
  return {
    close() {
      closed = true;
      watcher?.close();
      clearInterval(timer);
      clearTimeout(settle);
    },
  };
}

function startWatching(directory: string, listener: () => void): FSWatcher | undefined {
  try {
    const watcher = watch(directory, { persistent: false }, listener);
    watcher.on("error", () => watcher.close());
    return watcher;
  } catch {
    // No watching here (limit reached, network drive): the timer alone does.
    return undefined;
  }
}
