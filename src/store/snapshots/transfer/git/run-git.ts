import { type ChildProcess, spawn } from "node:child_process";
import type { Readable } from "node:stream";
import { errors } from "../../../../protocol/errors.ts";
import type { WorkOptions } from "../../../../services/ports/snapshots.ts";

export interface GitRun {
  readonly program: string;
  readonly args: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly directory?: string;
  readonly input?: string;
  readonly options?: WorkOptions;
}

export interface GitOutcome {
  readonly code: number;
  readonly stdout: string;
  /** The last lines, without progress. */
  readonly stderr: readonly string[];
}

const MOST_OUTPUT = 64 * 1024 * 1024;
const MOST_LINES = 200;
const LONGEST_LINE = 4096;
/** After this a git that was asked to stop is killed. Milliseconds. */
const PATIENCE_MS = 200;
/** What a program printed before it ended has been read after so long. Milliseconds. */
const QUIET_MS = 1000;
const PROGRESS = /^(?:remote: )?([A-Z][a-z]+(?: [a-z]+)*): +\d+% \((\d+)\/(\d+)\)/;

/**
 * Runs a program of git's to its end. Its progress is passed on; when `signal` fires it is killed with everything
 * it started, and CANCELLED thrown. It has no terminal, so that nothing in it can ask a question.
 */
export function runGit(run: GitRun): Promise<GitOutcome> {
  const { signal } = run.options ?? {};
  if (signal?.aborted) return Promise.reject(errors.CANCELLED({}));
  return new Promise((resolve, reject) => {
    const child = spawn(run.program, [...run.args], {
      ...(run.directory === undefined ? {} : { cwd: run.directory }),
      env: { ...run.environment },
      stdio: [run.input === undefined ? "ignore" : "pipe", "pipe", "pipe"],
      // A session of its own: no terminal, and one signal reaches everything in it.
      detached: process.platform !== "win32",
      windowsHide: true,
    });
    const stop = (): void => stopAll(child, () => reject(errors.CANCELLED({})));
    signal?.addEventListener("abort", stop, { once: true });
    const done = (): void => signal?.removeEventListener("abort", stop);
    closeAfterExit(child, [child.stdout, child.stderr]);
    const stdout = collectOutput(child, () => stopAll(child, () => reject(new Error("git prints too much"))));
    const stderr = collectLines(child, run.options);
    child.on("error", (error) => {
      done();
      reject(error);
    });
    child.on("close", (code) => {
      done();
      if (signal?.aborted) reject(errors.CANCELLED({}));
      else resolve({ code: code ?? -1, stdout: Buffer.concat(stdout).toString("utf8"), stderr: stderr() });
    });
    child.stdin?.on("error", () => {});
    child.stdin?.end(run.input);
  });
}

/**
 * A program that has ended may leave others behind that hold its pipes: ssh those that keep connections open, a
 * credential helper its cache. They are not waited for once nothing more comes.
 */
export function closeAfterExit(child: ChildProcess, streams: readonly (Readable | null)[]): void {
  child.once("exit", () => {
    const timer = setTimeout(() => {
      for (const stream of streams) stream?.destroy();
    }, QUIET_MS);
    for (const stream of streams) stream?.on("data", () => timer.refresh());
    child.once("close", () => clearTimeout(timer));
  });
}

function collectOutput(child: ChildProcess, tooMuch: () => void): Buffer[] {
  const chunks: Buffer[] = [];
  let bytes = 0;
  child.stdout?.on("data", (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > MOST_OUTPUT) tooMuch();
    else chunks.push(chunk);
  });
  return chunks;
}

function collectLines(child: ChildProcess, options: WorkOptions | undefined): () => string[] {
  const lines: string[] = [];
  let rest = "";
  const take = (line: string): void => {
    const progress = PROGRESS.exec(line);
    if (progress?.[1]) {
      const [, message, done, total] = progress;
      options?.progress?.({ message, done: Number(done), total: Number(total) });
    } else if (line.trim() !== "") {
      lines.push(line.slice(0, LONGEST_LINE));
      if (lines.length > MOST_LINES) lines.shift();
    }
  };
  child.stderr?.on("data", (chunk: Buffer) => {
    const parts = `${rest}${chunk.toString("utf8")}`.split(/[\r\n]/);
    rest = (parts.pop() ?? "").slice(-LONGEST_LINE);
    for (const part of parts) take(part);
  });
  return () => {
    take(rest);
    rest = "";
    return lines;
  };
}

/** Asks first, so that git removes its temporary files. */
function stopAll(child: ChildProcess, then: () => void): void {
  kill(child, "SIGTERM");
  const timer = setTimeout(() => {
    // The leader may have gone and left others that hold our pipes.
    kill(child, "SIGKILL");
    child.stdout?.destroy();
    child.stderr?.destroy();
    then();
  }, PATIENCE_MS);
  child.on("close", () => clearTimeout(timer));
}

function kill(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    if (process.platform === "win32") child.kill(signal);
    else process.kill(-child.pid, signal);
  } catch {
    // Everything in it has ended.
  }
}
