import { statSync } from "node:fs";

/** What tells whether a file or folder changed: bytes, and modification and change time in milliseconds. */
export type Stamp = readonly [bytes: number, mtimeMs: number, ctimeMs: number];

/** The stamp of what is not there. */
export const ABSENT: Stamp = [-1, 0, 0];

/** Equals no stamp of a file, so that whatever carries it is read again. */
export const NEVER: Stamp = [-2, 0, 0];

/** A change within one tick of the file system's clock leaves no trace; milliseconds. */
const FINE_TICK = 100;
const COARSE_TICK = 2_000;

/** Follows links. Never throws: what cannot be looked at is absent. */
export function stampOf(path: string): Stamp {
  try {
    const stat = statSync(path, { throwIfNoEntry: false });
    return stat === undefined ? ABSENT : [stat.size, stat.mtimeMs, stat.ctimeMs];
  } catch {
    return ABSENT;
  }
}

export function sameStamp(a: Stamp | undefined, b: Stamp): boolean {
  return a !== undefined && a[0] === b[0] && a[1] === b[1] && a[2] === b[2];
}

/**
 * The stamp to remember for something looked at when the clock said `now`: one so young that another change
 * could hide behind the same times is not to be trusted.
 */
export function settled(stamp: Stamp, now: number): Stamp {
  if (stamp[0] === ABSENT[0]) return stamp;
  const tick = stamp[1] % 1_000 === 0 && stamp[2] % 1_000 === 0 ? COARSE_TICK : FINE_TICK;
  return Math.max(stamp[1], stamp[2]) < now - tick ? stamp : NEVER;
}
