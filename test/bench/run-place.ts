import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { missingForEngine, startEngine } from "../helpers/docker-engine.ts";
import { writeSourceTree } from "../helpers/source-tree.ts";
import { INITIALIZE, RawEngine } from "./raw-engine.ts";

/* What the benches of runs share: a project, and for containers an engine of Docker's and an environment in it. */

const CLI = resolve("dist/datmo.js");

/** The image that environments start from: what Docker runs bare beside them. */
export const BASE_IMAGE = "datmo-busybox:test";

export interface RunPlace {
  readonly directory: string;
  readonly variables: NodeJS.ProcessEnv;
}

/** A project with this many files, whose snapshots no file is too young for. */
export async function withRunPlace<T>(
  files: number,
  variables: NodeJS.ProcessEnv,
  work: (place: RunPlace) => Promise<T>,
): Promise<T> {
  const directory = mkdtempSync(join(tmpdir(), "datmo-bench-"));
  const place = { directory, variables: { ...process.env, ...variables } };
  try {
    writeSourceTree(directory, files);
    datmo(place, ["init", "--force"]);
    if (variables["DOCKER_HOST"]) {
      mkdirSync(join(directory, "datmo_environment"));
      writeFileSync(join(directory, "datmo_environment", "Dockerfile"), `FROM ${BASE_IMAGE}\n`);
      datmo(place, ["environment", "build"]);
    }
    for (let i = 0; i < 2; i++) {
      datmo(place, ["run", "true"]);
      await pause(3500);
    }
    return await work(place);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** The same in containers of a Docker engine of the bench's own. */
export async function withContainerPlace<T>(
  files: number,
  work: (place: RunPlace) => Promise<T>,
): Promise<T> {
  // An engine that runs already, for looking closer at one figure.
  const running = process.env["DATMO_TEST_DOCKER"];
  if (running) return withRunPlace(files, { DOCKER_HOST: running }, work);
  const missing = missingForEngine();
  if (missing) throw new Error(`needs ${missing}`);
  const engine = await startEngine();
  try {
    return await withRunPlace(files, { DOCKER_HOST: engine.host }, work);
  } finally {
    await engine.stop();
  }
}

/** The whole process. */
export function datmo({ directory, variables }: RunPlace, words: readonly string[]): void {
  const { status, stderr } = spawnSync(process.execPath, [CLI, ...words], {
    cwd: directory,
    env: variables,
    stdio: ["ignore", "pipe", "pipe"],
  });
  if (status !== 0) throw new Error(`datmo ${words.join(" ")}: ${stderr.toString()}`);
}

export function docker({ directory, variables }: RunPlace, words: readonly string[]): void {
  execFileSync("docker", words, { cwd: directory, env: variables, stdio: ["ignore", "pipe", "pipe"] });
}

export async function residentEngine({ directory, variables }: RunPlace): Promise<RawEngine> {
  const engine = new RawEngine(directory, variables);
  await engine.ask("initialize", INITIALIZE);
  return engine;
}

/** A run to its end, both snapshots included. */
export async function wholeRun(engine: RawEngine, command: string | readonly string[]): Promise<void> {
  const { run } = (await engine.ask("run.start", { command })) as { run: { id: string } };
  const ended = (await engine.ask("run.wait", { id: run.id })) as { run: { afterSnapshotId?: string } };
  if (ended.run.afterSnapshotId === undefined) throw new Error(JSON.stringify(ended.run));
}
