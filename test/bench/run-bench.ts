import { spawnSync } from "node:child_process";
import { type Bench, type Figure, interleaved, median } from "./bench.ts";
import {
  BASE_IMAGE,
  datmo,
  docker,
  type RunPlace,
  residentEngine,
  wholeRun,
  withContainerPlace,
  withRunPlace,
} from "./run-place.ts";
import { spread } from "./snapshot-place.ts";

const FILES = 3000;
const ROUNDS = 15;

/** What a recorded run costs above the command alone, both of its snapshots included. */
export const benches: Bench[] = [
  {
    name: "run true (container, 3,000 files), resident engine",
    goal: "≤ docker run --rm + 250 ms",
    run: () => container(250, "engine"),
  },
  {
    name: "run true (container, 3,000 files), whole process",
    goal: "≤ docker run --rm + 250 ms",
    run: () => container(250, "process"),
  },
  {
    name: "run true (host, 3,000 files), resident engine",
    goal: "≤ the bare command + 150 ms",
    run: () => host(150, "engine"),
  },
  {
    name: "run true (host, 3,000 files), whole process",
    goal: "≤ the bare command + 300 ms",
    run: () => host(300, "process"),
  },
];

type Way = "engine" | "process";

function container(goalMs: number, way: Way): Promise<Figure> {
  return withContainerPlace(FILES, (place) =>
    above(place, goalMs, way, () => docker(place, ["run", "--rm", BASE_IMAGE, "true"])),
  );
}

function host(goalMs: number, way: Way): Promise<Figure> {
  return withRunPlace(FILES, {}, (place) =>
    above(place, goalMs, way, () => void spawnSync("true", [], { cwd: place.directory })),
  );
}

async function above(place: RunPlace, goalMs: number, way: Way, bare: () => void): Promise<Figure> {
  const engine = way === "engine" ? await residentEngine(place) : undefined;
  try {
    const times = await interleaved(ROUNDS, {
      bare,
      datmo: () => (engine ? wholeRun(engine, ["true"]) : datmo(place, ["run", "true"])),
    });
    const value = median(times["datmo"] ?? []) - median(times["bare"] ?? []);
    return { value, unit: "ms above", met: value <= goalMs, detail: spread(times) };
  } finally {
    await engine?.leave();
  }
}
