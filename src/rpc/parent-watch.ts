/** Time between two looks, milliseconds. */
const INTERVAL_MS = 2000;

export interface ParentWatch {
  /** Also watches this process (the client's, told in `initialize`) when it can be seen from here. */
  add(processId: number): void;
  stop(): void;
}

/**
 * Calls `onGone` once when the parent process has ended: a client that is killed while another process holds its
 * end of the pipe gives no end of input. The timer keeps nothing alive.
 */
export function watchParent(onGone: () => void, intervalMs: number = INTERVAL_MS): ParentWatch {
  const parent = process.ppid;
  const watched: number[] = [];
  const timer = setInterval(() => {
    // An orphan gets another parent, so that a new process with the old id deceives nobody.
    if (process.ppid === parent && watched.every(isAlive)) return;
    clearInterval(timer);
    onGone();
  }, intervalMs);
  timer.unref();
  return {
    add: (processId) => {
      // Over ssh and in containers the client's id means nothing here.
      if (isAlive(processId)) watched.push(processId);
    },
    stop: () => clearInterval(timer),
  };
}

function isAlive(processId: number): boolean {
  try {
    process.kill(processId, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
