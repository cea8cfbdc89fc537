/** Longest delay that the system's timers know, milliseconds; a longer one would fire at once. */
const LONGEST_MS = 2 ** 31 - 1;

/** `setTimeout` for any delay, weeks too. */
export function setLongTimeout(work: () => void, milliseconds: number): { clear(): void } {
  const until = Date.now() + milliseconds;
  let timer: NodeJS.Timeout;
  const wait = (): void => {
    const left = until - Date.now();
    timer = left > LONGEST_MS ? setTimeout(wait, LONGEST_MS) : setTimeout(work, Math.max(0, left));
  };
  wait();
  return { clear: () => clearTimeout(timer) };
}
