import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { isDatmoError } from "../../src/protocol/errors.ts";
import type { ServiceMethod } from "../../src/protocol/methods.ts";
import { connect } from "./connect.ts";
import { deletedRuns, noteDeleted, readLedger } from "./ledger.ts";

/*
 * What happens to a project on a busy day, as fast as it goes: writers that are killed, or whose engines are, readers
 * that check every answer, and somebody who folds, collects, deletes, pushes and pulls, and is killed at it too.
 */

export interface DayOptions {
  readonly writers: number;
  readonly readers: number;
  /** Ends when it returns true, asked after each action. */
  isOver(counts: Counts): boolean;
  readonly random: () => number;
}

export type Counts = Record<string, number>;

/** The places of a day. */
export interface Day {
  readonly project: string;
  /** Another copy, which only pulls. */
  readonly copy: string;
  readonly remote: string;
  readonly ledger: string;
  readonly counts: Counts;
  remove(): void;
}

const PAUSE_MS = 150;
const AHEAD = ["--import", resolve("test/fixtures/soak/clock-ahead.mjs")];

export async function newDay(): Promise<Day> {
  const root = mkdtempSync(join(tmpdir(), "datmo-soak-"));
  const [project, copy, remote, ledger] = ["project", "copy", "remote.git", "ledger"].map((name) =>
    join(root, name),
  );
  for (const folder of [project, copy, ledger]) mkdirSync(folder as string);
  spawnSync("git", ["init", "-q", "--bare", remote as string]);
  for (let i = 0; i < 30; i++)
    writeFileSync(join(project as string, `module${i}.py`), `print(${i})\n`.repeat(20));
  for (const folder of [project, copy]) await ask(folder as string, "project.create", {});
  const remove = (): void => rmSync(root, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  return { project, copy, remote, ledger, counts: {}, remove } as Day;
}

/** Lives it. Throws what a reader or a writer found wrong. */
export async function live(day: Day, options: DayOptions): Promise<void> {
  const writers = Array.from({ length: options.writers }, (_, i) => new Worker(day, "writer", `w${i}`));
  const readers = Array.from({ length: options.readers }, (_, i) => new Worker(day, "reader", `r${i}`));
  const all = [...writers, ...readers];
  try {
    do {
      await act(day, writers, options.random);
      await pause(PAUSE_MS);
      for (const worker of all) worker.assertWell();
    } while (!options.isOver(day.counts));
    await Promise.all(all.map((worker) => worker.stop()));
    for (const worker of all) worker.assertWell();
  } finally {
    for (const worker of all) worker.kill();
  }
  count(
    day,
    "rounds of readers",
    readers.reduce((sum, reader) => sum + reader.lines, 0),
  );
}

async function act(day: Day, writers: readonly Worker[], random: () => number): Promise<void> {
  const writer = writers[Math.floor(random() * writers.length)] as Worker;
  const choice = random();
  if (choice < 0.12) return killed(day, writer);
  if (choice < 0.24) return killedEngine(day, writer);
  if (choice < 0.3) return stopped(day, writer);
  if (choice < 0.4) return deleteRun(day, random);
  const [name, folder, method, params] = upkeep(day, random());
  if (random() < 0.25) return interrupted(day, folder, method, params, random() * 300);
  await ask(folder, method, params, name === "checkpoint, clock ahead" ? AHEAD : []);
  count(day, name);
}

type Upkeep = readonly [name: string, folder: string, method: ServiceMethod, params: object];

function upkeep({ project, copy, remote }: Day, choice: number): Upkeep {
  if (choice < 0.3) return ["checkpoint", project, "store.sync", {}];
  if (choice < 0.4) return ["checkpoint, clock ahead", project, "store.sync", {}];
  if (choice < 0.6) return ["gc", project, "store.gc", {}];
  if (choice < 0.8) return ["push", project, "store.push", { remote }];
  return ["pull", copy, "store.pull", { remote }];
}

async function killed(day: Day, writer: Worker): Promise<void> {
  writer.kill();
  await writer.again();
  count(day, "writers killed");
}

async function killedEngine(day: Day, writer: Worker): Promise<void> {
  const engine = writer.engine();
  if (engine === undefined) return;
  killQuietly(engine, "SIGKILL");
  count(day, "engines of writers killed");
}

/** As when a machine swaps, or somebody pressed Ctrl-Z: long enough for others to wonder. */
async function stopped(day: Day, writer: Worker): Promise<void> {
  const engine = writer.engine();
  if (engine === undefined || !killQuietly(engine, "SIGSTOP")) return;
  await pause(700);
  killQuietly(engine, "SIGCONT");
  count(day, "engines of writers stopped");
}

async function deleteRun(day: Day, random: () => number): Promise<void> {
  const gone = deletedRuns(day.ledger);
  const ended = [...readLedger(day.ledger).runs].filter(
    ([id, { status }]) => status !== undefined && !gone.has(id),
  );
  const chosen = ended[Math.floor(random() * ended.length)];
  if (chosen === undefined) return;
  noteDeleted(day.ledger, chosen[0]);
  await ask(day.project, "run.delete", { ids: [chosen[0]] });
  count(day, "runs deleted");
}

/** An engine that is killed in the middle of its work. */
async function interrupted(
  day: Day,
  folder: string,
  method: ServiceMethod,
  params: object,
  ms: number,
): Promise<void> {
  const before = new Set(enginesOf(process.pid));
  const client = await connect(folder);
  const engine = enginesOf(process.pid).find((pid) => !before.has(pid));
  const work = client.request(method, params as never).catch((error: unknown) => {
    if (!(isDatmoError(error) && error.kind === "ENGINE_GONE")) throw error;
  });
  await pause(ms);
  const isKilled = engine !== undefined && killQuietly(engine, "SIGKILL");
  await work;
  await client.close();
  count(day, isKilled ? `killed at ${method}` : `too fast to be killed at ${method}`);
}

/** One question to an engine of its own. */
export async function ask<T>(
  folder: string,
  method: ServiceMethod,
  params: object,
  nodeArguments: readonly string[] = [],
): Promise<T> {
  const client = await connect(folder, nodeArguments);
  try {
    return (await client.request(method, params as never)) as T;
  } finally {
    await client.close();
  }
}

/** A writer or reader. What it prints on stderr is what was wrong. */
class Worker {
  lines = 0;
  readonly #day: Day;
  readonly #kind: string;
  readonly #name: string;
  #lives = 0;
  #child: ChildProcess;
  #errors = "";
  #wanted = true;

  constructor(day: Day, kind: "writer" | "reader", name: string) {
    this.#day = day;
    this.#kind = kind;
    this.#name = name;
    this.#child = this.#start();
  }

  assertWell(): void {
    const { exitCode } = this.#child;
    if (exitCode !== null && exitCode !== 0) throw new Error(`${this.#kind} ${this.#name}: ${this.#errors}`);
    if (exitCode === 0 && this.#wanted) throw new Error(`${this.#kind} ${this.#name} left by itself`);
  }

  /** The process id of its engine, when it has one now. */
  engine(): number | undefined {
    return enginesOf(this.#child.pid ?? 0).at(-1);
  }

  kill(): void {
    this.#child.kill("SIGKILL");
  }

  async again(): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) await once(this.#child, "exit");
    this.#child = this.#start();
  }

  /** Lets it finish what it is at. */
  async stop(): Promise<void> {
    this.#wanted = false;
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const end = once(this.#child, "exit");
    this.#child.kill("SIGTERM");
    await end;
  }

  #start(): ChildProcess {
    const { project, ledger } = this.#day;
    const program = `test/fixtures/soak/${this.#kind}.ts`;
    // A writer that comes back is another one: what was promised to the first stays in its own file.
    const words = ["--import", "tsx", program, project, ledger, `${this.#name}-${this.#lives++}`];
    const child = spawn(process.execPath, words, { stdio: ["ignore", "pipe", "pipe"] });
    child.stdout.on("data", (chunk: Buffer) => {
      this.lines += chunk.toString().split("\n").length - 1;
    });
    child.stderr.on("data", (chunk: Buffer) => {
      this.#errors = (this.#errors + chunk.toString()).slice(-4000);
    });
    return child;
  }
}

export function count(day: Day, what: string, by = 1): void {
  day.counts[what] = (day.counts[what] ?? 0) + by;
}

/** Engines that a process has started. */
function enginesOf(parent: number): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => parentOf(pid) === parent && commandOf(pid).includes("engine.js"));
}

function parentOf(pid: number): number | undefined {
  // The name of the program, in brackets, may hold spaces.
  const [, parent] = /\) \S (\d+)/.exec(readQuietly(`/proc/${pid}/stat`)) ?? [];
  return parent === undefined ? undefined : Number(parent);
}

function commandOf(pid: number): string {
  return readQuietly(`/proc/${pid}/cmdline`);
}

/** Empty when the process has ended meanwhile. */
function readQuietly(path: string): string {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return "";
  }
}

function killQuietly(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, signal);
  } catch {
    return false;
  }
}
