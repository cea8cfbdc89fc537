import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Bench, type Figure, median } from "./bench.ts";
import { interpreter } from "./python-interpreter.ts";

const ROUNDS = 9;
const STEPS = "3000";
const PEERS = ["wandb", "mlflow", "tensorboardX"];

/** What the Python client costs a whole training, and how fast its points are on disk. */
export const benches: Bench[] = [
  {
    name: "training with 0.4 ms steps that log 5 scalars, processor time of its thread",
    goal: "≤ 2 % more",
    run: async () => slowDown(),
  },
  {
    name: "a million points of one Python process until they are on disk",
    goal: "≥ 0.7 M points/s",
    run: async () => durable(),
  },
  { name: "memory of that process above bare", goal: "≤ 30 MB", run: async () => memory() },
  { name: "size of the wheel", goal: "≤ 3 MB", run: async () => wheel() },
];

interface Durable {
  readonly loop: number;
  readonly durable: number;
  readonly memory_mb: number;
}

let measured: Durable | undefined;

/** In pairs, so that a drift of the machine hits both; the interval holds the mean in 95 of 100 series. */
function slowDown(): Figure {
  const { work } = training("bare", {});
  const variables = { DATMO_BENCH_WORK: String(work) };
  const cost = (name: string): number => training(name, variables).cpu_us;
  const shares = Array.from({ length: ROUNDS }, () => cost("datmo") / cost("bare") - 1);
  const mean = shares.reduce((sum, share) => sum + share, 0) / ROUNDS;
  const deviation = Math.sqrt(shares.reduce((sum, share) => sum + (share - mean) ** 2, 0) / (ROUNDS - 1));
  const around = (2.306 * deviation) / Math.sqrt(ROUNDS);
  const peers = PEERS.map((name) => peer(name, () => cost(name) / cost("bare") - 1));
  return {
    value: mean * 100,
    unit: "%",
    met: mean <= 0.02,
    detail: `± ${(around * 100).toFixed(1)} %, ${peers.join(", ")}`,
  };
}

function peer(name: string, share: () => number): string {
  const { program, environment } = interpreter();
  try {
    execFileSync(program, ["-c", `import ${name}`], { env: environment, stdio: "ignore" });
  } catch {
    return `${name} is not installed`;
  }
  return `${name} ${(median([share(), share(), share()]) * 100).toFixed(0)} %`;
}

function training(name: string, variables: Record<string, string>): { cpu_us: number; work: number } {
  const { program, environment } = interpreter();
  const told = execFileSync(program, ["clients/python/bench/training.py", name, STEPS], {
    env: { ...environment, ...variables },
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  });
  return JSON.parse(told.trimEnd().split("\n").at(-1)!);
}

function figures(): Durable {
  const { program, environment } = interpreter();
  measured ??= JSON.parse(
    execFileSync(program, ["clients/python/bench/durable.py"], { env: environment, encoding: "utf8" }),
  ) as Durable;
  return measured;
}

function durable(): Figure {
  const value = figures().durable / 1e6;
  const detail = `the loop alone ${(figures().loop / 1e6).toFixed(2)} M points/s`;
  return { value, unit: "M points/s", met: value >= 0.7, detail };
}

function memory(): Figure {
  const value = figures().memory_mb;
  return { value, unit: "MB", met: value <= 30, detail: "without the pages of mapped files" };
}

function wheel(): Figure {
  const folder = mkdtempSync(join(tmpdir(), "datmo-wheel-"));
  try {
    execFileSync(process.execPath, ["scripts/package.mjs", "--outdir", folder, "python"], {
      stdio: "ignore",
    });
    const [name] = readdirSync(folder);
    const value = statSync(join(folder, name!)).size / 1e6;
    return { value, unit: "MB", met: value <= 3 };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
