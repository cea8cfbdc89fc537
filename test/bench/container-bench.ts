import { spawnSync } from "node:child_process";
import {
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { DatmoClient } from "../../src/client/client.ts";
import { spawnEngine } from "../../src/client/spawn.ts";
import { type Bench, type Figure, interleaved, median } from "./bench.ts";
import { ENGINE, INITIALIZE } from "./raw-engine.ts";
import { BASE_IMAGE, type RunPlace, residentEngine, wholeRun, withContainerPlace } from "./run-place.ts";
import { spread } from "./snapshot-place.ts";

const OUTPUT_BYTES = 100_000_000;
/** As much as fills every buffer on the way: what more of it takes is memory that grows with the output. */
const LITTLE_BYTES = 10_000_000;
/** What garbage may lie about at the worst moment, MB. */
const FLAT_MB = 40;
const OUTPUT_ROUNDS = 7;
const END_ROUNDS = 9;
/** Time of a command, or of a step of a build, before somebody wants it to end. */
const UNDER_WAY_MS = 500;

/** What goes through to the log of a container, and how soon it ends when somebody asks. */
export const benches: Bench[] = [
  {
    name: "100 MB of a container's output to its log, resident engine",
    goal: "≥ 0.9× the speed of docker run into a file, memory flat",
    run: () => withContainerPlace(0, output),
  },
  { name: "stop a container that obeys SIGTERM", goal: "≤ 500 ms", run: () => withContainerPlace(0, stop) },
  {
    name: "cancel a build, until its step is gone",
    goal: "≤ 600 ms",
    run: () => withContainerPlace(0, cancel),
  },
];

async function output(place: RunPlace): Promise<Figure> {
  const line = "epoch 12 of 100, step 3456: everything goes on as it should, nothing to be seen here";
  const command = (bytes: number): string => `yes "${line}" | head -c ${bytes}`;
  const engine = await residentEngine(place);
  const file = join(place.directory, "..", `${Date.now()}-output`);
  try {
    for (let i = 0; i < 3; i++) await wholeRun(engine, command(LITTLE_BYTES));
    const before = engine.peakMegabytes();
    const times = await interleaved(OUTPUT_ROUNDS, {
      docker: () => dockerInto(place, file, command(OUTPUT_BYTES)),
      datmo: () => wholeRun(engine, command(OUTPUT_BYTES)),
    });
    const grown = engine.peakMegabytes() - before;
    checkLogs(place);
    const [docker, datmo] = [median(times["docker"] ?? []), median(times["datmo"] ?? [])];
    return {
      value: OUTPUT_BYTES / 1000 / datmo,
      unit: "MB/s",
      ratio: docker / datmo,
      met: docker / datmo >= 0.9 && grown <= FLAT_MB,
      detail: `${spread(times)}; peak memory of the engine ${before.toFixed(0)} MB with 10 MB of output, ${grown.toFixed(0)} MB more with 100 MB`,
    };
  } finally {
    await engine.leave();
    rmSync(file, { force: true });
  }
}

function dockerInto({ directory, variables }: RunPlace, file: string, command: string): void {
  const out = openSync(file, "w");
  try {
    const words = ["run", "--rm", BASE_IMAGE, "sh", "-c", command];
    const stdio = ["ignore", out, "inherit"] as ["ignore", number, "inherit"];
    const { status } = spawnSync("docker", words, { cwd: directory, env: variables, stdio });
    if (status !== 0 || statSync(file).size !== OUTPUT_BYTES)
      throw new Error(`docker run ended with ${status}`);
  } finally {
    closeSync(out);
  }
}

function checkLogs({ directory }: RunPlace): void {
  const tasks = join(directory, ".datmo", "tasks");
  const sizes = readdirSync(tasks).map((id) => statSync(join(tasks, id, "output.log")).size);
  const whole = sizes.filter((size) => size === OUTPUT_BYTES).length;
  if (whole !== OUTPUT_ROUNDS + 1) throw new Error(`the logs have ${sizes.join(", ")} bytes`);
}

async function stop(place: RunPlace): Promise<Figure> {
  const engine = await residentEngine(place);
  const times: number[] = [];
  try {
    for (let round = 0; round < END_ROUNDS; round++) {
      const { run } = (await engine.ask("run.start", { command: ["sleep", "600"] })) as {
        run: { id: string };
      };
      await pause(UNDER_WAY_MS);
      const began = performance.now();
      const answer = await engine.ask("run.stop", { id: run.id });
      times.push(performance.now() - began);
      const [stopped] = (answer as { runs: { status: string; afterSnapshotId?: string }[] }).runs;
      if (stopped?.status !== "stopped" || !stopped.afterSnapshotId) throw new Error(JSON.stringify(answer));
    }
  } finally {
    await engine.leave();
  }
  const value = median(times);
  const detail = `its end and after-snapshot recorded; ${spread({ stop: times })}`;
  return { value, unit: "ms", met: value <= 500, detail };
}

async function cancel(place: RunPlace): Promise<Figure> {
  const link = spawnEngine({ engine: ENGINE, directory: place.directory, environment: place.variables });
  const client = await DatmoClient.connect(link, INITIALIZE);
  const times: number[] = [];
  try {
    for (let round = 0; round < END_ROUNDS; round++) {
      const words = ["sleep", `600.${process.pid}${round}`];
      mkdirSync(join(place.directory, "datmo_environment"), { recursive: true });
      const text = `FROM ${BASE_IMAGE}\nRUN ${words.join(" ")}\n`;
      writeFileSync(join(place.directory, "datmo_environment", "Dockerfile"), text);
      const abort = new AbortController();
      const built = client.request("environment.build", {}, { signal: abort.signal }).then(
        () => "built",
        (error: { kind?: string }) => error.kind,
      );
      while (!runs(words)) await pause(20);
      await pause(UNDER_WAY_MS);
      const began = performance.now();
      abort.abort();
      const end = await built;
      while (runs(words)) await pause(2);
      times.push(performance.now() - began);
      if (end !== "CANCELLED") throw new Error(`the build ended with ${end}`);
    }
  } finally {
    await client.close();
  }
  const value = median(times);
  return { value, unit: "ms", met: value <= 600, detail: spread({ cancel: times }) };
}

/** Whether a process has exactly these words. */
function runs(words: readonly string[]): boolean {
  const wanted = `${words.join("\0")}\0`;
  return readdirSync("/proc").some((pid) => {
    try {
      return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/cmdline`, "latin1") === wanted;
    } catch {
      return false;
    }
  });
}
