import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { type Bench, type Figure, interleaved, median } from "./bench.ts";
import { withProject } from "./bench-project.ts";

const ROUNDS = 11;
/** The engine goes on after its script: it must not be there when the next one is timed. */
const SETTLE_MS = 600;

/** The R client, installed as a package is: compiled once. */
export const benches: Bench[] = [
  {
    name: "datmo_log(list(loss = x)), median",
    goal: "≤ 20 µs",
    run: () => withProject(0, async (directory) => logCost(directory)),
  },
  { name: "library(datmo), above bare Rscript", goal: "≤ 80 ms", run: () => withProject(0, loadCost) },
  {
    name: "a whole R script: begin a run, 3 config values, 1 metric, finish",
    goal: "≤ bare Rscript + bare Node + 250 ms",
    run: () => withProject(0, wholeScript),
  },
];

let installed: NodeJS.ProcessEnv | undefined;

function environment(): NodeJS.ProcessEnv {
  if (installed) return installed;
  const library = mkdtempSync(join(tmpdir(), "datmo-bench-r-"));
  process.once("exit", () => rmSync(library, { recursive: true, force: true }));
  execFileSync("R", ["CMD", "INSTALL", "--no-docs", `--library=${library}`, resolve("clients/r")], {
    stdio: "pipe",
  });
  installed = { ...process.env, R_LIBS: library, DATMO_ENGINE: resolve("dist/engine.js") };
  return installed;
}

function rscript(directory: string, ...words: string[]): string {
  const { status, stdout, stderr } = spawnSync("Rscript", ["--vanilla", ...words], {
    cwd: directory,
    env: environment(),
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(`Rscript ${words.join(" ")}: ${stderr}`);
  return stdout;
}

/** Ten calls at a time: the clock itself costs a microsecond. */
function logCost(directory: string): Figure {
  writeFileSync(join(directory, "log.R"), LOG_COST);
  const [one, five, nothing] = rscript(directory, "log.R").trim().split(" ").map(Number);
  return {
    value: one!,
    unit: "µs",
    met: one! <= 20,
    detail: `five values ${five!.toFixed(0)} µs, an empty function ${nothing!.toFixed(2)} µs`,
  };
}

async function loadCost(directory: string): Promise<Figure> {
  const times = await interleaved(ROUNDS, {
    bare: () => void rscript(directory, "-e", "1"),
    loaded: () => void rscript(directory, "-e", "library(datmo)"),
  });
  const [bare, loaded] = ["bare", "loaded"].map((name) => median(times[name] ?? []));
  const value = loaded! - bare!;
  return { value, unit: "ms", met: value <= 80, detail: `bare Rscript ${bare!.toFixed(0)} ms` };
}

/** With snapshots, as it is by default. */
async function wholeScript(directory: string): Promise<Figure> {
  for (let i = 0; i < 5; i++) writeFileSync(join(directory, `step${i}.R`), `print(${i})\n`);
  writeFileSync(join(directory, "train.R"), SCRIPT);
  const times = await interleaved(ROUNDS, {
    r: () => void rscript(directory, "-e", "1"),
    node: () => void spawnSync(process.execPath, ["-e", "0"]),
    script: () => void rscript(directory, "train.R"),
    // Not a candidate: time for the engine to leave.
    rest: () => pause(SETTLE_MS),
  });
  const [bare, node, script] = ["r", "node", "script"].map((name) => median(times[name] ?? []));
  const value = script! - bare! - node!;
  return {
    value,
    unit: "ms above both",
    met: value <= 250,
    detail: `Rscript ${bare!.toFixed(0)} ms, Node ${node!.toFixed(0)} ms, script ${script!.toFixed(0)} ms`,
  };
}

const SCRIPT = `library(datmo)
datmo_init(config = list(lr = 0.1, epochs = 3, model = "tiny"))
datmo_log(list(loss = 0.5))
datmo_finish()
`;

const LOG_COST = `library(datmo)
datmo_init(capture = FALSE, snapshots = FALSE)
cost <- function(work, rounds) {
  for (i in 1:2000) work()
  times <- numeric(rounds)
  for (i in seq_len(rounds)) {
    began <- Sys.time()
    for (j in 1:10) work()
    times[i] <- unclass(Sys.time()) - unclass(began)
  }
  median(times) / 10 * 1e6
}
one <- cost(function() datmo_log(list(loss = 0.5)), 3000)
five <- cost(function() datmo_log(list(loss = 0.5, acc = 0.4, a = 1, b = 2, c = 3)), 300)
nothing <- cost(function() NULL, 3000)
cat(one, five, nothing)
`;
