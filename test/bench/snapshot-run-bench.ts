import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writeSourceTree } from "../helpers/source-tree.ts";
import { type Bench, type Figure, interleaved, median } from "./bench.ts";
import { INITIALIZE, RawEngine } from "./raw-engine.ts";
import { spread } from "./snapshot-place.ts";

/* All five components through a resident engine: what the two snapshots of a run cost when nothing changed. */

const FILES = 3000;
const ROUNDS = 15;

export const benches: Bench[] = [
  {
    name: "3,000 files, a snapshot at each end of a run, nothing changed",
    goal: "≤ 60 ms together",
    run: bothEnds,
  },
];

async function bothEnds(): Promise<Figure> {
  const root = mkdtempSync(join(tmpdir(), "datmo-bench-"));
  const full = await startEngine(join(root, "full"), FILES);
  const empty = await startEngine(join(root, "empty"), 0);
  try {
    const times = await interleaved(ROUNDS, {
      datmo: async () => {
        await full.ask("snapshot.create", { message: "before" });
        await full.ask("snapshot.create", { message: "after" });
      },
      run: () => runOnce(full),
      "run in an empty project": () => runOnce(empty),
    });
    const value = median(times["datmo"] ?? []);
    return { value, unit: "ms", met: value <= 60, detail: spread(times) };
  } finally {
    await full.leave();
    await empty.leave();
    rmSync(root, { recursive: true, force: true });
  }
}

async function startEngine(directory: string, files: number): Promise<RawEngine> {
  mkdirSync(directory, { recursive: true });
  if (files > 0) {
    const [first = ""] = writeSourceTree(directory, files);
    appendFileSync(first, "import numpy, pandas\nimport sklearn.svm\n");
    writeFileSync(join(directory, "fit.R"), "library(stats)\n");
    writeFileSync(join(directory, "requirements.txt"), "numpy\n");
  }
  const engine = new RawEngine(directory);
  await engine.ask("initialize", INITIALIZE);
  await engine.ask("project.create", {});
  // What was just written counts as unread for some seconds.
  for (let i = 0; i < 4; i++) {
    await engine.ask("snapshot.create", { message: "warm" });
    await new Promise((resolve) => setTimeout(resolve, 3500));
  }
  return engine;
}

async function runOnce(engine: RawEngine): Promise<void> {
  const { run } = (await engine.ask("run.start", { command: ["true"] })) as { run: { id: string } };
  await engine.ask("run.wait", { id: run.id });
}
