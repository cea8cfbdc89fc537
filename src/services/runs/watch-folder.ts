import { type FSWatcher, watch } from "node:fs";
import { join } from "node:path";

/**
 * Time until news in a run's folder are seen. Memory-mapped writes raise no event at all, so somebody has to look;
 * the longer nothing happens, the more rarely.
 */
const POLL_MS = 100;
const MOST_POLL_MS = 1_000;
const SLOWER = 1.2;
/** Events come in bursts; one pull takes in many. */
const SETTLE_MS = 15;

/**
 * Calls `pull` soon after something changed in a run's folder or in its journal, where somebody may wait for an
 * answer, and at least every second. Never two at once.
 */
export function watchFolder(
  directory: string,
  /** Answers whether there was anything new. */
  pull: () => Promise<boolean>,
): { close(): void } {
  let pause = POLL_MS;
  let poll: NodeJS.Timeout;
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
      pause = (await pull()) ? POLL_MS : Math.min(MOST_POLL_MS, pause * SLOWER);
    } catch {
      // What could not be read now is read at the end of the run, where it is told.
    } finally {
      running = false;
      if (again && !closed) soon();
      again = false;
      lookAfterPause();
    }
  }

  function lookAfterPause(): void {
    clearTimeout(poll);
    if (!closed) poll = setTimeout(soon, pause).unref();
  }

  function soon(): void {
    settle ??= setTimeout(() => void run(), SETTLE_MS);
  }

  const watchers = [directory, join(directory, "journal")].map((folder) => startWatching(folder, soon));
  lookAfterPause();
  return {
    close() {
      closed = true;
      for (const watcher of watchers) watcher?.close();
      clearTimeout(poll);
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
