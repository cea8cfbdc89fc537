import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { get } from "node:http";
import { join, resolve } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { jupyterConfig } from "../../src/services/workspaces/jupyter-files.ts";
import { type Bench, type Figure, interleaved, median } from "./bench.ts";
import { BASE_IMAGE, datmo, docker, type RunPlace, withContainerPlace, withRunPlace } from "./run-place.ts";
import { spread } from "./snapshot-place.ts";

const CLI = resolve("dist/datmo.js");
const TIMES = resolve("test/bench/terminal-times.py");
const FEW_FILES = 300;
const FILES = 3000;
const LAB_ROUNDS = 5;
const PROMPT_ROUNDS = 9;
/** Of Jupyter alone; datmo takes the usual one. */
const PORT = 18_888;
/** JupyterLab answers before it has done all of its start, and ends no sooner. */
const SETTLE_MS = 5_000;
const TOKEN = "bench";

/** What a workspace costs above the program in it. */
export const benches: Bench[] = [
  {
    name: "datmo jupyterlab on the host, command to address ready",
    goal: "≤ JupyterLab itself + 300 ms",
    run: () => withRunPlace(FEW_FILES, {}, ready),
  },
  {
    name: "stop JupyterLab to after-snapshot done (3,000 files)",
    goal: "≤ its own shutdown + 1 s",
    run: () => withRunPlace(FILES, {}, stop),
  },
  {
    name: "datmo terminal in a container, command to prompt",
    goal: "≤ docker run -it + 250 ms",
    run: () => withContainerPlace(FEW_FILES, prompt),
  },
  {
    name: "keystroke and its echo through datmo terminal in a container",
    goal: "≤ docker exec -it + 2 ms",
    run: () => withContainerPlace(FEW_FILES, keys),
  },
];

async function ready(place: RunPlace): Promise<Figure> {
  const times = await interleaved(LAB_ROUNDS, {
    jupyter: async () => {
      const began = performance.now();
      const child = await bareLab(place);
      const passed = performance.now() - began;
      await ended(child);
      return passed;
    },
    datmo: async () => {
      const began = performance.now();
      const child = spawn(process.execPath, [CLI, "jupyterlab", "--no-browser", "--ready", "3m"], {
        cwd: place.directory,
        env: place.variables,
        stdio: ["ignore", "pipe", "ignore"],
      });
      await once(child.stdout, "data");
      const passed = performance.now() - began;
      await ended(child);
      return passed;
    },
  });
  return above(times, "jupyter", "datmo", 300);
}

async function stop(place: RunPlace): Promise<Figure> {
  const times = await interleaved(LAB_ROUNDS, {
    jupyter: async () => {
      const child = await bareLab(place);
      await pause(SETTLE_MS);
      const began = performance.now();
      await ended(child);
      return performance.now() - began;
    },
    datmo: async () => {
      datmo(place, ["jupyterlab", "-d", "--no-browser", "--ready", "3m"]);
      await pause(SETTLE_MS);
      const began = performance.now();
      datmo(place, ["workspace", "stop", "--all"]);
      return performance.now() - began;
    },
  });
  checkSnapshots(place);
  return above(times, "jupyter", "datmo", 1000);
}

async function prompt(place: RunPlace): Promise<Figure> {
  const times = await interleaved(PROMPT_ROUNDS, {
    docker: () => promptAfter(place, ["docker", "run", "-it", "--rm", BASE_IMAGE, "sh"]),
    datmo: () => promptAfter(place, [process.execPath, CLI, "terminal"]),
  });
  return above(times, "docker", "datmo", 250);
}

async function keys(place: RunPlace): Promise<Figure> {
  const name = `datmo-bench-keys-${process.pid}`;
  docker(place, ["run", "-d", "--rm", "--name", name, BASE_IMAGE, "sleep", "600"]);
  try {
    const [exec = [], own = []] = terminalTimes(place, "keys", [
      ["docker", "exec", "-it", name, "sh"],
      [process.execPath, CLI, "terminal"],
    ]);
    return above({ docker: exec, datmo: own }, "docker", "datmo", 2);
  } finally {
    docker(place, ["kill", name]);
  }
}

function above(times: Record<string, number[]>, bare: string, own: string, goalMs: number): Figure {
  const value = median(times[own] ?? []) - median(times[bare] ?? []);
  return { value, unit: "ms above", met: value <= goalMs, detail: spread(times) };
}

/** JupyterLab with the settings that datmo gives it, when it answers. */
async function bareLab({ directory, variables }: RunPlace): Promise<ChildProcess> {
  const folder = join(directory, ".datmo", "bench-jupyter");
  mkdirSync(folder, { recursive: true });
  const options = { kind: "jupyterlab", address: "127.0.0.1", port: PORT, retries: 0 } as const;
  writeFileSync(join(folder, "jupyter_config.py"), jupyterConfig(options));
  writeFileSync(join(folder, "token"), TOKEN);
  const child = spawn("jupyter-lab", [`--config=${join(folder, "jupyter_config.py")}`], {
    cwd: directory,
    env: variables,
    stdio: "ignore",
  });
  let failed: Error | undefined;
  child.once("error", () => {
    failed = new Error("needs jupyter-lab: pip install jupyterlab");
  });
  while (!(await answers())) {
    if (failed) throw failed;
    if (child.exitCode !== null) throw new Error(`jupyter-lab ended with ${child.exitCode}`);
    await pause(50);
  }
  return child;
}

function answers(): Promise<boolean> {
  return new Promise((done) => {
    const headers = { authorization: `token ${TOKEN}` };
    const request = get(
      { host: "127.0.0.1", port: PORT, path: "/api/status", headers, agent: false },
      (response) => {
        response.resume();
        done(response.statusCode === 200);
      },
    );
    request.once("error", () => done(false));
  });
}

async function ended(child: ChildProcess): Promise<void> {
  const end = once(child, "exit");
  child.kill("SIGTERM");
  await end;
}

/** Every workspace has ended with a snapshot, or the time of its stop means nothing. */
function checkSnapshots({ directory, variables }: RunPlace): void {
  const words = [CLI, "run", "ls", "--all", "--json"];
  const { stdout } = spawnSync(process.execPath, words, { cwd: directory, env: variables, encoding: "utf8" });
  const runs = (
    JSON.parse(stdout) as { items: { type?: string; status: string; afterSnapshotId?: string }[] }
  ).items.filter(({ type }) => type === "jupyterlab");
  const whole = runs.filter(({ status, afterSnapshotId }) => status === "stopped" && afterSnapshotId);
  if (whole.length !== LAB_ROUNDS + 1 || runs.length !== whole.length) throw new Error(JSON.stringify(runs));
}

function promptAfter(place: RunPlace, words: readonly string[]): number {
  return terminalTimes(place, "prompt", [words])[0]?.[0] ?? Number.NaN;
}

function terminalTimes(
  { directory, variables }: RunPlace,
  what: "prompt" | "keys",
  commands: readonly (readonly string[])[],
): number[][] {
  const { stdout, stderr, status } = spawnSync("python3", [TIMES, what, JSON.stringify(commands)], {
    cwd: directory,
    env: { ...variables, TERM: "xterm" },
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(stderr || `${TIMES} ended with ${status}`);
  return JSON.parse(stdout) as number[][];
}
