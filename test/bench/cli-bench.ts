import { spawnSync } from "node:child_process";
import { resolve } from "node:path";
import { type Bench, interleaved, median } from "./bench.ts";
import { withProject } from "./bench-project.ts";

const CLI = resolve("dist/datmo.js");
const ROUNDS = 9;

/** Whole processes, above bare Node in the same interleaved run. */
export const benches: Bench[] = [
  {
    name: "datmo version, whole process",
    goal: "≤ bare node + 40 ms",
    run: () => aboveNode(["version"], process.cwd(), 40),
  },
  {
    name: "datmo run ls with 10 runs, whole process",
    goal: "≤ bare node + 110 ms",
    run: () => withProject(10, (directory) => aboveNode(["run", "ls"], directory, 110)),
  },
  {
    name: "datmo run ls with 10,000 runs, whole process",
    goal: "≤ bare node + 130 ms",
    run: () => withProject(10_000, (directory) => aboveNode(["run", "ls"], directory, 130)),
  },
  {
    name: "datmo run true (host, small project), whole process",
    goal: "≤ bare node + 300 ms",
    run: () => withProject(0, (directory) => aboveNode(["run", "true"], directory, 300)),
  },
];

async function aboveNode(args: readonly string[], directory: string, goalMs: number) {
  const times = await interleaved(ROUNDS, {
    node: () => execute(["-e", "0"], directory),
    datmo: () => execute([CLI, ...args], directory),
  });
  const [node, datmo] = [median(times["node"] ?? []), median(times["datmo"] ?? [])];
  return {
    value: datmo - node,
    unit: "ms above node",
    met: datmo - node <= goalMs,
    detail: `node ${node.toFixed(0)} ms`,
  };
}

function execute(args: readonly string[], directory: string): void {
  const result = spawnSync(process.execPath, args, { cwd: directory, stdio: ["ignore", "pipe", "pipe"] });
  if (result.status !== 0) throw new Error(`datmo ${args.join(" ")}: ${result.stderr.toString()}`);
}
