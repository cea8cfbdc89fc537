/** Time until the first look at a run, milliseconds. Runs that are shorter cost nothing. */
export const FIRST_MS = 1_000;
/** After so many points the time between them doubles, again and again: a day of 10 s makes 2,500, a month 6,000. */
const DOUBLE_EVERY = 720;
/** Of the time, how much looking may take: 1 / 400 of a processor. */
const COST_FACTOR = 400;
/** The longest wait that a costly look leads to, of the usual one. */
const MOST_SLOWER = 30;

/** Time until the next look when there were `count`, the last of which took `costMs`. */
export function nextDelay(count: number, everyMs: number, costMs: number): number {
  const usual = everyMs * 2 ** Math.floor(count / DOUBLE_EVERY);
  const early = (count + 1) * 1_000;
  const wanted = Math.min(usual, early);
  return Math.min(Math.max(wanted, costMs * COST_FACTOR), wanted * MOST_SLOWER);
}
