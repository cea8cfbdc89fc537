import type { Progress } from "./engine-port.ts";

export interface ProgressStep {
  readonly progress: number;
  readonly total?: number;
  readonly message: string;
}

/** The smallest step, for news without a number. */
const A_LITTLE = 0.001;

/** MCP wants one number that only grows; work of the engine's has stages that each count from 0. */
export function progressSteps(): (progress: Progress) => ProgressStep {
  let [before, done, last] = [0, 0, 0];
  return ({ message, done: now = 0, total }) => {
    if (now < done) before += done;
    done = now;
    last = Math.max(last + A_LITTLE, before + now);
    return { progress: last, ...(total === undefined ? {} : { total: before + total }), message };
  };
}
