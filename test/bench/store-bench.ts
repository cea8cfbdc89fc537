import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bundlePrograms } from "../helpers/bundle-program.ts";
import { type Bench, type Figure, median } from "./bench.ts";

const ROUNDS = 5;
const COMMITS = 1000;
const ENGINES = 8;
const FLOOD_SECONDS = 3;

export const benches: Bench[] = [
  {
    name: "one commit (p50) at 0, 10,000 and 100,000 runs",
    goal: "the same within 1.5×; ≤ 3× one write + fdatasync of 200 B",
    run: measureCommit,
  },
  {
    name: "8 engines committing at once",
    goal: "≥ 2,000 /s in all; ≥ 0.5× of 8 processes doing write + fdatasync; slowest ≥ half of the mean; longest wait ≤ 250 ms",
    run: measureEngines,
  },
  { name: "open and list 20 of 10 runs, above bare Node", goal: "≤ 110 ms", run: () => measureList(10, 110) },
  {
    name: "open and list 20 of 10,000 runs, above bare Node",
    goal: "≤ 130 ms",
    run: () => measureList(10_000, 130),
  },
  { name: "memory of an engine that only writes", goal: "≤ 60 MB at most", run: measureWriteOnly },
  { name: "memory with 10,000 runs open", goal: "≤ 130 MB at most", run: measureOpen },
  { name: "event loop stall while 10,000 runs are folded", goal: "≤ 30 ms", run: measureStall },
];

interface Answer {
  readonly [name: string]: number;
}

/** The programs, and projects of so many runs, made when first asked for and removed with this process. */
class Workshop {
  readonly #root = mkdtempSync(join(tmpdir(), "datmo-store-bench-"));
  readonly #projects = new Map<string, string>();
  #program: string | undefined;

  constructor() {
    process.once("exit", () => rmSync(this.#root, { recursive: true, force: true }));
  }

  async program(): Promise<string> {
    if (!this.#program) {
      const folder = await bundlePrograms("test/fixtures/store/bench-child.ts");
      process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
      this.#program = join(folder, "bench-child.js");
    }
    return this.#program;
  }

  /** A folded project of so many runs, used for one purpose, so that no figure meets the leavings of another. */
  async project(runs: number, purpose: string): Promise<string> {
    const name = `${purpose}-${runs}`;
    const known = this.#projects.get(name);
    if (known) return known;
    const path = join(this.#root, name);
    await this.ask("fill", path, runs);
    this.#projects.set(name, path);
    return path;
  }

  async ask(mode: string, path: string, argument = 0): Promise<Answer> {
    return JSON.parse(await outputOf(await this.start(mode, path, argument)));
  }

  async start(mode: string, path: string, argument: number): Promise<ChildProcess> {
    const args = [await this.program(), mode, path, String(argument)];
    return spawn(process.execPath, args, { stdio: ["pipe", "pipe", "inherit"] });
  }
}

let workshop: Workshop | undefined;

function theWorkshop(): Workshop {
  workshop ??= new Workshop();
  return workshop;
}

async function measureCommit(): Promise<Figure> {
  const shop = theWorkshop();
  const sizes = [0, 10_000, 100_000];
  const commits = new Map<number, number[]>(sizes.map((size) => [size, []]));
  const bares: number[] = [];
  for (const size of sizes) await shop.project(size, "commit");
  for (let round = 0; round < ROUNDS; round++) {
    for (const size of sizes) {
      const answer = await shop.ask("commit", await shop.project(size, "commit"), COMMITS);
      commits.get(size)!.push(answer["commit"]!);
      bares.push(answer["bare"]!);
    }
  }
  const medians = sizes.map((size) => median(commits.get(size)!));
  const bare = median(bares);
  const spread = Math.max(...medians) / Math.min(...medians);
  const ratio = Math.max(...medians) / bare;
  return {
    value: medians[0]!,
    unit: "ms",
    ratio,
    met: spread <= 1.5 && ratio <= 3,
    detail: `${medians.map(milliseconds).join(" / ")}; bare ${milliseconds(bare)}; largest ${spread.toFixed(2)}× smallest`,
  };
}

async function measureEngines(): Promise<Figure> {
  const shop = theWorkshop();
  const project = await shop.project(10, "flood");
  const engines: Flood[] = [];
  const bare: Flood[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    engines.push(await flood(shop, "flood", project));
    bare.push(await flood(shop, "flood-bare", project));
  }
  const total = median(engines.map((one) => one.perSecond));
  const fair = median(engines.map((one) => one.slowest / one.mean));
  const longest = median(engines.map((one) => one.longest));
  const bareTotal = median(bare.map((one) => one.perSecond));
  const ratio = total / bareTotal;
  return {
    value: total,
    unit: "/s",
    ratio,
    met: total >= 2000 && ratio >= 0.5 && fair >= 0.5 && longest <= 250,
    detail:
      `bare ${Math.round(bareTotal)}/s; slowest ${fair.toFixed(2)} of the mean; longest wait ${milliseconds(longest)}` +
      ` (bare ${milliseconds(median(bare.map((one) => one.longest)))})`,
  };
}

interface Flood {
  readonly perSecond: number;
  readonly slowest: number;
  readonly mean: number;
  readonly longest: number;
}

async function flood(shop: Workshop, mode: string, path: string): Promise<Flood> {
  const children = await Promise.all(
    Array.from({ length: ENGINES }, () => shop.start(mode, path, FLOOD_SECONDS)),
  );
  // All have started before any begins.
  await new Promise((resolve) => setTimeout(resolve, 1500));
  for (const child of children) child.stdin!.end("go\n");
  const answers = await Promise.all(
    children.map(async (child) => JSON.parse(await outputOf(child)) as Answer),
  );
  const counts = answers.map((answer) => answer["count"]!);
  const total = counts.reduce((a, b) => a + b, 0);
  return {
    perSecond: total / FLOOD_SECONDS,
    slowest: Math.min(...counts),
    mean: total / ENGINES,
    longest: Math.max(...answers.map((answer) => answer["longest"]!)),
  };
}

async function measureList(runs: number, goal: number): Promise<Figure> {
  const shop = theWorkshop();
  const project = await shop.project(runs, "list");
  const program = await shop.program();
  const whole: number[] = [];
  const bare: number[] = [];
  const inside: number[] = [];
  for (let round = 0; round < 11; round++) {
    bare.push(timed(() => execFileSync(process.execPath, ["-e", "0"])));
    whole.push(
      timed(() => {
        const text = execFileSync(process.execPath, [program, "list", project], { encoding: "utf8" });
        inside.push(JSON.parse(text).listed);
      }),
    );
  }
  const value = median(whole) - median(bare);
  const detail = `bare ${milliseconds(median(bare))}; opening and listing alone ${milliseconds(median(inside))}`;
  return { value, unit: "ms", met: value <= goal, detail };
}

async function measureWriteOnly(): Promise<Figure> {
  return measureMemory("write-only", 0, 60, 5000);
}

async function measureOpen(): Promise<Figure> {
  return measureMemory("list", 10_000, 130, 0);
}

async function measureMemory(mode: string, runs: number, goal: number, argument: number): Promise<Figure> {
  const shop = theWorkshop();
  const project = await shop.project(runs, mode);
  const peaks: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    peaks.push((await shop.ask(mode, project, argument))["maxRss"]! / 1e6);
  }
  // The high-water mark of the process itself: what the system reports of a child begins with its parent's.
  const script = `require("fs").readFileSync("/proc/self/status","utf8").match(/VmHWM:\\s*(\\d+)/)[1] / 1e3`;
  const bare = execFileSync(process.execPath, ["-p", script], { encoding: "utf8" });
  const value = median(peaks);
  return { value, unit: "MB", met: value <= goal, detail: `peak; bare Node ${Number(bare).toFixed(0)} MB` };
}

async function measureStall(): Promise<Figure> {
  const shop = theWorkshop();
  const project = await shop.project(10_000, "stall");
  const stalls: number[] = [];
  for (let round = 0; round < ROUNDS; round++) stalls.push((await shop.ask("stall", project))["stall"]!);
  const value = median(stalls);
  return { value, unit: "ms", met: value <= 30 };
}

function timed(work: () => void): number {
  const began = performance.now();
  work();
  return performance.now() - began;
}

async function outputOf(child: ChildProcess): Promise<string> {
  let text = "";
  child.stdout!.setEncoding("utf8").on("data", (piece: string) => {
    text += piece;
  });
  const [code] = await once(child, "close");
  if (code !== 0) throw new Error(`the measured program ended with code ${code}`);
  return text;
}

function milliseconds(value: number): string {
  return `${value.toFixed(value < 10 ? 2 : 0)} ms`;
}
