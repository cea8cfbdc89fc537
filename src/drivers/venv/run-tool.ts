import { type ChildProcessByStdio, spawn } from "node:child_process";
import type { Readable } from "node:stream";
import { StringDecoder } from "node:string_decoder";
import { errors } from "../../protocol/errors.ts";

export interface ToolRun {
  readonly program: string;
  readonly arguments: readonly string[];
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly directory: string;
  readonly signal?: AbortSignal;
  /** Gets what it prints, on both streams, as it comes. */
  readonly output?: (text: string) => void;
}

export interface ToolOutcome {
  /** -1 when it could not be started. */
  readonly exitCode: number;
  /** What it printed on both streams; of more than 4 MiB the end. */
  readonly text: string;
  readonly stdout: string;
}

const MOST_TEXT = 4 << 20;
/** Time for a tool to end by itself when it is cancelled, milliseconds. */
const GRACE_MS = 300;

/** Runs a program without input to its end. Throws CANCELLED when that was wished for, and nothing is left of it. */
export async function runTool(run: ToolRun): Promise<ToolOutcome> {
  if (run.signal?.aborted) throw errors.CANCELLED({});
  const child = start(run);
  const cancel = (): void => void endGroup(child);
  run.signal?.addEventListener("abort", cancel);
  try {
    const outcome = await collect(child, run.output);
    if (run.signal?.aborted) throw errors.CANCELLED({});
    return outcome;
  } finally {
    run.signal?.removeEventListener("abort", cancel);
  }
}

type Child = ChildProcessByStdio<null, Readable, Readable>;

function start({ program, arguments: words, environment, directory }: ToolRun): Child {
  return spawn(program, [...words], {
    cwd: directory,
    env: { ...environment },
    stdio: ["ignore", "pipe", "pipe"],
    // Its own group, so that its helpers (compilers, downloads) are ended with it.
    detached: process.platform !== "win32",
    windowsHide: true,
  });
}

function collect(child: Child, output: ToolRun["output"]): Promise<ToolOutcome> {
  return new Promise((resolve) => {
    let text = "";
    let stdout = "";
    const listen = (stream: Readable, take: (piece: string) => void): void => {
      const decoder = new StringDecoder("utf8");
      stream.on("data", (chunk: Buffer) => take(decoder.write(chunk)));
    };
    const both = (piece: string): void => {
      text = (text + piece).slice(-MOST_TEXT);
      if (piece !== "") output?.(piece);
    };
    listen(child.stdout, (piece) => {
      stdout = (stdout + piece).slice(-MOST_TEXT);
      both(piece);
    });
    listen(child.stderr, both);
    child.on("error", (error) => resolve({ exitCode: -1, text: error.message, stdout: "" }));
    child.on("close", (code) => resolve({ exitCode: code ?? -1, text, stdout }));
  });
}

async function endGroup(child: Child): Promise<void> {
  signalGroup(child, "SIGTERM");
  const killed = setTimeout(() => {
    signalGroup(child, "SIGKILL");
    // Whatever escaped the group must not keep the pipes, and us, waiting.
    child.stdout.destroy();
    child.stderr.destroy();
  }, GRACE_MS);
  child.once("close", () => clearTimeout(killed));
}

function signalGroup(child: Child, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(process.platform === "win32" ? child.pid : -child.pid, signal);
  } catch {
    // It has ended by itself.
  }
}
