/** Runs that have ended and whose end could not be recorded, and why. They stay open, and are tried again. */
export interface UnfinishedRuns {
  add(runId: string, error: Error): void;
  has(runId: string): boolean;
  /** What went wrong, for somebody who is told now. */
  tell(runId: string): Error | undefined;
  finished(runId: string): void;
  /** What nobody was told. */
  untold(): Error[];
}

export function createUnfinishedRuns(): UnfinishedRuns {
  const runs = new Map<string, { readonly error: Error; told: boolean }>();
  return {
    add: (runId, error) => void runs.set(runId, { error, told: false }),
    has: (runId) => runs.has(runId),
    tell(runId) {
      const run = runs.get(runId);
      if (run) run.told = true;
      return run?.error;
    },
    finished: (runId) => void runs.delete(runId),
    untold: () => [...runs.values()].filter(({ told }) => !told).map(({ error }) => error),
  };
}
