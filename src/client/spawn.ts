import { type ChildProcess, spawn } from "node:child_process";
import type { Socket } from "node:net";
import { type DatmoError, errors } from "../protocol/errors.ts";
import { stdioTransport } from "../rpc/stdio-transport.ts";
import { timeLimit } from "../util/time-limit.ts";
import type { EngineLink } from "./engine-link.ts";
import { LastLines } from "./last-lines.ts";

export interface SpawnOptions {
  /** Path of the engine's file, or the words of a command that becomes one, perhaps on another machine. */
  readonly engine: string | readonly string[];
  /** Path of Node. Default: the one that runs this. */
  readonly node?: string;
  /** Arguments of Node itself. */
  readonly nodeArguments?: readonly string[];
  readonly directory?: string;
  readonly environment?: NodeJS.ProcessEnv;
  /** `inherit`: the engine's log goes to this process's stderr. `keep`: its last lines go into errors. */
  readonly stderr?: "inherit" | "keep";
  /** How long it may take to leave after `exit`, and again after SIGTERM, milliseconds. Default 5000. */
  readonly graceMs?: number;
}

const GRACE_MS = 5000;

/**
 * Starts an engine as a process of its own. It is in a session of its own too: Ctrl-C in the terminal is for the
 * client, which then ends the engine in good order.
 */
export function spawnEngine(options: SpawnOptions): EngineLink {
  const {
    engine,
    node = process.execPath,
    nodeArguments = [],
    stderr = "inherit",
    graceMs = GRACE_MS,
  } = options;
  const isFile = typeof engine === "string";
  const [program = "", ...words] = isFile ? [node, ...nodeArguments, engine] : engine;
  const child = spawn(program, [...words, "--stdio"], {
    cwd: options.directory,
    env: options.environment,
    detached: true,
    stdio: ["pipe", "pipe", stderr === "inherit" ? "inherit" : "pipe"],
  });
  const lines = new LastLines(child.stderr);
  const end = endOf(child, program, lines);
  return {
    transport: stdioTransport({ input: child.stdout!, output: child.stdin! }),
    // Where a command leads, this process's id may be that of another.
    ...(isFile ? { processId: process.pid } : {}),
    setBusy: (busy) => setBusy(child, busy),
    gone: () => end,
    ended: () => makeEnd(child, end, graceMs),
  };
}

/** Resolves when the process has ended or could not be started. */
function endOf(child: ChildProcess, program: string, lines: LastLines): Promise<DatmoError> {
  return new Promise((resolve) => {
    child.once("error", (error) =>
      resolve(errors.ENGINE_NOT_FOUND({ reason: `${program}: ${error.message}` })),
    );
    child.once("close", (code, signal) => {
      const how = signal === null ? `exit code ${code}` : signal;
      const words = lines.text();
      resolve(errors.ENGINE_GONE({ reason: words === "" ? how : `${how}; its last words: ${words}` }));
    });
  });
}

/** An idle engine must not keep a script alive; its end of input ends the engine. */
function setBusy(child: ChildProcess, busy: boolean): void {
  const handles = [child, child.stdin, child.stdout, child.stderr] as (Socket | ChildProcess | null)[];
  for (const handle of handles) {
    if (busy) handle?.ref();
    else handle?.unref();
  }
}

async function makeEnd(child: ChildProcess, end: Promise<unknown>, graceMs: number): Promise<void> {
  setBusy(child, true);
  for (const signal of ["SIGTERM", "SIGKILL"] as const) {
    const ended = await timeLimit(graceMs, end, new Error("too late")).then(
      () => true,
      () => false,
    );
    if (ended) return;
    child.kill(signal);
  }
  await end;
}
