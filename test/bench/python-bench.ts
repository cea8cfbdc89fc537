import { execFileSync, spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { type Bench, type Figure, interleaved, median } from "./bench.ts";
import { withProject } from "./bench-project.ts";
import { interpreter } from "./python-interpreter.ts";

const ROUNDS = 11;
/** The engine goes on after its script: it must not be there when the next one is timed. */
const SETTLE_MS = 600;

/** The Python client, as an installed package is: compiled once. */
export const benches: Bench[] = [
  {
    name: 'run.log({"loss": x}) in the calling thread, median',
    goal: "≤ 4× deque.append of a tuple, ≤ 2 µs",
    run: async () => logCost((cost) => cost.log_one_value.median),
  },
  {
    name: 'run.log({"loss": x}) in the calling thread, 99th percentile',
    goal: "≤ 5 µs",
    run: async () => worstCost(),
  },
  {
    name: "the same with 0.4 ms of work between the calls, median and 99th percentile",
    goal: "≤ 5 µs",
    run: async () => pacedCost(),
  },
  { name: "a million points in a plain loop", goal: "", run: async () => million() },
  { name: "import datmo, above bare Python", goal: "≤ 30 ms", run: async () => importCost() },
  {
    name: "a whole script: begin a run, 3 config values, 1 metric, finish",
    goal: "≤ bare Python + bare Node + 80 ms",
    run: () => withProject(0, wholeScript),
  },
];

interface Cost {
  readonly median: number;
  readonly p99: number;
}

/** What `clients/python/bench/log_cost.py` prints; microseconds unless the name says other. */
interface LogCost {
  readonly python: string;
  readonly deque_append: Cost;
  readonly log_one_value: Cost;
  readonly log_five_values: Cost;
  readonly log_one_value_paced: Cost;
  readonly import_ms: { readonly bare: number; readonly above: number };
  readonly million_points_per_second: number;
  readonly log_to_append: number;
}

let measured: LogCost | undefined;

function costs(): LogCost {
  const { program, environment } = interpreter();
  measured ??= JSON.parse(
    execFileSync(program, ["clients/python/bench/log_cost.py"], { env: environment, encoding: "utf8" }),
  ) as LogCost;
  return measured;
}

function logCost(of: (cost: LogCost) => number): Figure {
  const cost = costs();
  const value = of(cost);
  return {
    value,
    unit: "µs",
    ratio: cost.log_to_append,
    met: value <= 2 && cost.log_to_append <= 4,
    detail: `deque.append ${cost.deque_append.median.toFixed(2)} µs, five values ${cost.log_five_values.median.toFixed(2)} µs, Python ${cost.python}`,
  };
}

function worstCost(): Figure {
  const { p99 } = costs().log_one_value;
  return { value: p99, unit: "µs", met: p99 <= 5 };
}

function pacedCost(): Figure {
  const { median: value, p99 } = costs().log_one_value_paced;
  return { value, unit: "µs", met: p99 <= 5, detail: `99th percentile ${p99.toFixed(2)} µs` };
}

function million(): Figure {
  return { value: costs().million_points_per_second / 1e6, unit: "M points/s" };
}

function importCost(): Figure {
  const { above, bare } = costs().import_ms;
  return { value: above, unit: "ms", met: above <= 30, detail: `bare Python ${bare.toFixed(0)} ms` };
}

/** With snapshots, as it is by default. */
async function wholeScript(directory: string): Promise<Figure> {
  for (let i = 0; i < 5; i++) writeFileSync(join(directory, `step${i}.py`), `print(${i})\n`);
  writeFileSync(join(directory, "train.py"), SCRIPT);
  const { program, environment } = interpreter();
  const run = (command: string, args: readonly string[]): void => {
    const { status, stderr } = spawnSync(command, args, { cwd: directory, env: environment });
    if (status !== 0) throw new Error(`${command} ${args.join(" ")}: ${stderr.toString()}`);
  };
  const times = await interleaved(ROUNDS, {
    python: () => run(program, ["-c", "pass"]),
    node: () => run(process.execPath, ["-e", "0"]),
    script: () => run(program, ["train.py"]),
    // Not a candidate: time for the engine to leave.
    rest: () => pause(SETTLE_MS),
  });
  const [bare, node, script] = ["python", "node", "script"].map((name) => median(times[name] ?? []));
  const value = script! - bare! - node!;
  return {
    value,
    unit: "ms above both",
    met: value <= 80,
    detail: `Python ${bare!.toFixed(0)} ms, Node ${node!.toFixed(0)} ms, script ${script!.toFixed(0)} ms`,
  };
}

const SCRIPT = `import datmo

run = datmo.init(config={"lr": 0.1, "epochs": 3, "model": "tiny"})
run.log({"loss": 0.5})
run.finish()
`;
