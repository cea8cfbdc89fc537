import { type SeriesFs, systemFs } from "../../../src/store/series/series-fs.ts";

export type Operation = Exclude<keyof SeriesFs, "identityNow">;

export interface FaultFs extends SeriesFs {
  /** Calls so far, in order. */
  readonly calls: Operation[];
  /** Asked before each call; what it returns is thrown. */
  fail: (operation: Operation, call: number) => Error | undefined;
}

/** The system's file system, with calls that are counted and can be made to fail. */
export function faultFs(overrides: Partial<SeriesFs> = {}): FaultFs {
  const calls: Operation[] = [];
  const { identityNow, ...real } = { ...systemFs, ...overrides };
  const faulty = { calls, fail: () => undefined, identityNow } as unknown as FaultFs;
  for (const operation of Object.keys(real) as Operation[]) {
    const run = real[operation] as (...args: unknown[]) => Promise<unknown>;
    const wrapped = async (...args: unknown[]): Promise<unknown> => {
      calls.push(operation);
      const error = faulty.fail(operation, calls.length - 1);
      if (error) throw error;
      return run(...args);
    };
    Object.assign(faulty, { [operation]: wrapped });
  }
  return faulty;
}

/** An error as the system gives it. */
export function systemError(code: string): Error {
  return Object.assign(new Error(`${code}: injected`), { code });
}
