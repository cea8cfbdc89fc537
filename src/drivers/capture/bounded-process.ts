import { type ChildProcessByStdio, spawn } from "node:child_process";
import type { Readable } from "node:stream";

const MOST_OUTPUT = 4 << 20;

export interface BoundedRun {
  readonly program: string;
  readonly arguments: readonly string[];
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly directory?: string;
  readonly timeoutMs: number;
}

export interface Outcome {
  readonly exitCode: number;
  readonly stdout: Buffer;
  readonly stderr: Buffer;
}

/**
 * Runs a program without input. Resolves with undefined, never rejects, when it cannot be started, prints
 * more than 4 MiB or has not ended in time; then it is killed together with everything it started.
 */
export function runBounded(run: BoundedRun): Promise<Outcome | undefined> {
  return new Promise((resolve) => {
    const child = start(run);
    if (child === undefined) return resolve(undefined);
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    let bytes = 0;
    const finish = (outcome: Outcome | undefined): void => {
      clearTimeout(timer);
      if (outcome === undefined) killGroup(child.pid);
      // A grandchild may hold the pipes open: let go of them rather than wait for it.
      child.stdout.destroy();
      child.stderr.destroy();
      child.unref();
      resolve(outcome);
    };
    const timer = setTimeout(finish, run.timeoutMs, undefined);
    const collect = (into: Buffer[]) => (chunk: Buffer) => {
      into.push(chunk);
      bytes += chunk.length;
      if (bytes > MOST_OUTPUT) finish(undefined);
    };
    child.stdout.on("data", collect(stdout));
    child.stderr.on("data", collect(stderr));
    child.on("error", () => finish(undefined));
    child.on("close", (code) =>
      finish({ exitCode: code ?? -1, stdout: Buffer.concat(stdout), stderr: Buffer.concat(stderr) }),
    );
  });
}

function start(run: BoundedRun): ChildProcessByStdio<null, Readable, Readable> | undefined {
  try {
    return spawn(run.program, [...run.arguments], {
      cwd: run.directory,
      env: { ...run.environment },
      stdio: ["ignore", "pipe", "pipe"],
      // Its own process group, so that one kill reaches the children of wrapper scripts as well.
      detached: process.platform !== "win32",
      windowsHide: true,
    });
  } catch {
    return undefined;
  }
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(process.platform === "win32" ? pid : -pid, "SIGKILL");
  } catch {
    // It has ended by itself.
  }
}
