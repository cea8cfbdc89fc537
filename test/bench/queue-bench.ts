import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { resolve } from "node:path";
import { type Bench, type Figure, median } from "./bench.ts";
import { withProject } from "./bench-project.ts";

const CLI = resolve("dist/datmo.js");
const RUNS = 20;
const SLEEP_S = 0.1;
const ROUNDS = 3;
const GOAL = 1.5;

/** The queue: what two workers gain over one, each run with its copy, its snapshots and its records. */
export const benches: Bench[] = [
  {
    name: `${RUNS} queued runs of ${SLEEP_S} s on 2 workers (two processes)`,
    goal: `≤ ${GOAL}× half the time of one worker`,
    run: () =>
      measure([
        ["-j", "1"],
        ["-j", "1"],
      ]),
  },
  {
    name: `${RUNS} queued runs of ${SLEEP_S} s, two at once (one process)`,
    goal: `≤ ${GOAL}× half the time of one worker`,
    run: () => measure([["-j", "2"]]),
  },
];

function measure(workers: readonly (readonly string[])[]): Promise<Figure> {
  return withProject(0, async (directory) => {
    const [alone, together]: [number[], number[]] = [[], []];
    for (let round = 0; round < ROUNDS; round++) {
      alone.push(await drain(directory, [["-j", "1"]]));
      together.push(await drain(directory, workers));
    }
    const [one, two] = [median(alone), median(together)];
    const ratio = two / (one / 2);
    const cost = one / RUNS - SLEEP_S * 1000;
    return {
      value: two,
      unit: "ms",
      ratio,
      met: ratio <= GOAL,
      detail: `one worker ${one.toFixed(0)} ms: ${cost.toFixed(0)} ms a run besides its ${SLEEP_S} s, start of the process included`,
    };
  });
}

/** Whole processes, from their start until the last one has left. */
async function drain(directory: string, workers: readonly (readonly string[])[]): Promise<number> {
  const words = [
    "sweep",
    "--queue",
    "--grid",
    `n=${[...Array(RUNS).keys()].join(",")}`,
    "--",
    `sleep ${SLEEP_S}`,
  ];
  const queued = spawnSync(process.execPath, [CLI, ...words], { cwd: directory });
  if (queued.status !== 0) throw new Error(queued.stderr.toString());
  const began = performance.now();
  const ends = workers.map((options) => {
    const child = spawn(process.execPath, [CLI, "worker", "--drain", ...options], {
      cwd: directory,
      stdio: "ignore",
    });
    return once(child, "exit") as Promise<[number]>;
  });
  for (const [code] of await Promise.all(ends))
    if (code !== 0) throw new Error(`a worker ended with ${code}`);
  return performance.now() - began;
}
