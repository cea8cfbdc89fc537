import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Bench, type Figure, median } from "./bench.ts";
import { interpreter } from "./python-interpreter.ts";
import { peersPython } from "./python-peers.ts";

const ROUNDS = 9;
const STEPS = "3000";
/** Some take ten milliseconds a step. */
const PEER_STEPS = "500";
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
  const python = peersPython();
  const peers = python ? PEERS.map((name) => peer(name, python, variables)) : ["peers cannot be installed"];
  return {
    value: mean * 100,
    unit: "%",
    met: mean <= 0.02,
    detail: `± ${(around * 100).toFixed(1)} %, ${peers.join(", ")}`,
  };
}

/** Also on the clock: what a peer does on other threads or waits for is no processor time of the training's. */
function peer(name: string, python: string, variables: Record<string, string>): string {
  try {
    const rounds = Array.from({ length: 3 }, () => {
      const bare = training("bare", variables, PEER_STEPS, python);
      const own = training(name, variables, PEER_STEPS, python);
      return { cpu: own.cpu_us / bare.cpu_us - 1, wall: own.wall_us / bare.wall_us - 1 };
    });
    const share = (kind: "cpu" | "wall"): string =>
      `${(median(rounds.map((round) => round[kind])) * 100).toFixed(0)} %`;
    return `${name} ${share("cpu")} (on the clock ${share("wall")})`;
  } catch (error) {
    const why = String((error as { stderr?: string }).stderr || error).trim();
    process.stderr.write(`${name}: ${why}\n`);
    return `${name} failed`;
  }
}

function training(
  name: string,
  variables: Record<string, string>,
  steps = STEPS,
  python = interpreter().program,
): { cpu_us: number; wall_us: number; work: number } {
  const told = execFileSync(python, ["clients/python/bench/training.py", name, steps], {
    env: { ...interpreter().environment, ...variables },
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
    timeout: 300_000,
  });
  // Some have more to say at their end.
  return JSON.parse(told.split("\n").findLast((line) => line.startsWith("{")) ?? "null");
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
