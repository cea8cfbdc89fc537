import type { Run } from "../../protocol/types.ts";

/** A run that this engine owns and will end. */
export interface ActiveRun {
  readonly id: string;
  readonly originId?: string;
  /** The run as this engine knows it. */
  run(): Run;
  /** Resolves with the final run when it has ended and its after-snapshot is taken; never rejects. */
  readonly done: Promise<Run>;
  /** Recorded runs and executed ones whose client logs through this engine. */
  readonly spool?: (file: string, from: number, to: number) => Promise<{ points: number; durableTo: number }>;
}

/** The runs that this engine owns. */
export interface ActiveRuns<T extends ActiveRun = ActiveRun> {
  add(run: T): void;
  get(id: string): T | undefined;
  all(): T[];
  /** Resolves when every run that is owned now has ended. */
  settled(): Promise<void>;
}

export function createActiveRuns<T extends ActiveRun>(): ActiveRuns<T> {
  const runs = new Map<string, T>();
  return {
    add(run) {
      runs.set(run.id, run);
      void run.done.finally(() => runs.delete(run.id));
    },
    get: (id) => runs.get(id),
    all: () => [...runs.values()],
    async settled() {
      await Promise.all([...runs.values()].map((run) => run.done));
    },
  };
}
