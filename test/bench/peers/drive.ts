import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { ReadyPeer } from "./peer.ts";

const DRIVER = join(import.meta.dirname, "driver.py");
const LONGEST_MS = 240_000;

export interface Driven {
  /** The whole process, seconds. */
  readonly seconds: number;
  readonly answer: unknown;
}

/** One operation of a peer's adapter, in a process of its own. Throws with the last line that it printed. */
export async function drive(
  peer: ReadyPeer,
  operation: string,
  words: readonly string[],
  longestMs = LONGEST_MS,
): Promise<Driven> {
  const folder = mkdtempSync(join(tmpdir(), "datmo-peer-"));
  try {
    const path = join(folder, "answer.json");
    const began = performance.now();
    await ended(start(peer, [DRIVER, adapterOf(peer), path, operation, ...words]), longestMs);
    const seconds = (performance.now() - began) / 1000;
    return { seconds, answer: existsSync(path) ? JSON.parse(readFileSync(path, "utf8")) : null };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Starts an operation that somebody else ends. */
export function startDriver(peer: ReadyPeer, operation: string, words: readonly string[]): ChildProcess {
  return start(peer, [DRIVER, adapterOf(peer), "/dev/null", operation, ...words]);
}

/** A Python program of a peer's environment, timed. */
export async function timePython(peer: ReadyPeer, words: readonly string[]): Promise<number> {
  const began = performance.now();
  await ended(start(peer, words), LONGEST_MS);
  return (performance.now() - began) / 1000;
}

/** Any program in the surroundings of all measurements, timed. */
export async function timeProgram(
  program: string,
  words: readonly string[],
  directory: string,
): Promise<number> {
  const began = performance.now();
  await ended(spawn(program, words, { cwd: directory, env: surroundings(), stdio: STREAMS }), LONGEST_MS);
  return (performance.now() - began) / 1000;
}

function start(peer: ReadyPeer, words: readonly string[]): ChildProcess {
  return spawn(peer.python, words, { cwd: home(), env: surroundings(), stdio: STREAMS });
}

/** Resolves when the process has ended well; throws otherwise, and when it takes too long. */
export async function ended(child: ChildProcess, longestMs: number): Promise<void> {
  let said = "";
  child.stderr?.on("data", (chunk) => {
    said = (said + chunk).slice(-4000);
  });
  child.stdout?.resume();
  const timer = setTimeout(() => child.kill("SIGKILL"), longestMs);
  const [code, signal] = (await once(child, "close")) as [number | null, string | null];
  clearTimeout(timer);
  if (code === 0) return;
  const lines = said.split("\n").filter((line) => line.trim() !== "");
  const late = signal === "SIGKILL" ? `no end within ${longestMs / 1000} s; ` : "";
  throw new Error(`${late}${(lines.at(-1) ?? `exit code ${code ?? signal}`).trim()}`);
}

function adapterOf(peer: ReadyPeer): string {
  return join(import.meta.dirname, "adapters", `${peer.name}.py`);
}

const STREAMS: ["ignore", "pipe", "pipe"] = ["ignore", "pipe", "pipe"];

let made: string | undefined;

/** A home folder for all of them: what they keep beside the store must not end in the user's. */
function home(): string {
  if (made === undefined) {
    const folder = mkdtempSync(join(tmpdir(), "datmo-peers-home-"));
    process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
    made = folder;
    mkdirSync(join(folder, "compiled"));
  }
  return made;
}

/** No network, no questions: what would slow the peers down without being their work. */
function surroundings(): NodeJS.ProcessEnv {
  const names = { name: "bench", email: "bench@localhost" };
  const variables: NodeJS.ProcessEnv = {
    PATH: process.env["PATH"],
    LANG: process.env["LANG"] ?? "C.UTF-8",
    TMPDIR: tmpdir(),
    HOME: home(),
    DATMO_ENGINE: resolve("dist/engine.js"),
    MLFLOW_DISABLE_TELEMETRY: "true",
    DO_NOT_TRACK: "true",
    WANDB_MODE: "offline",
    WANDB_SILENT: "true",
    WANDB_ERROR_REPORTING: "false",
    DVC_NO_ANALYTICS: "true",
    AIM_UI_TELEMETRY_ENABLED: "0",
    HF_HUB_OFFLINE: "1",
    HF_HUB_DISABLE_TELEMETRY: "1",
  };
  for (const who of ["AUTHOR", "COMMITTER"]) {
    variables[`GIT_${who}_NAME`] = names.name;
    variables[`GIT_${who}_EMAIL`] = names.email;
  }
  return variables;
}
