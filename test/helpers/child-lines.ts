import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import type { Readable, Writable } from "node:stream";

/** A child process that tells what it did in lines. */
export class LineChild {
  readonly process: ChildProcessByStdio<Writable, Readable, null>;
  /** Every whole line so far. */
  readonly lines: string[] = [];
  readonly ended: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  #rest = "";

  constructor(program: string, args: readonly string[]) {
    this.process = spawn(process.execPath, [program, ...args], { stdio: ["pipe", "pipe", "inherit"] });
    this.process.stdin.on("error", () => {});
    this.process.stdout.setEncoding("utf8").on("data", (text: string) => this.#take(text));
    // `close`: the pipe is read to its end, so every acknowledgement has been seen.
    this.ended = once(this.process, "close").then(([code, signal]) => ({ code, signal }));
  }

  /** Resolves when there are `count` lines, or the process has ended. */
  async until(count: number): Promise<void> {
    while (this.lines.length < count) {
      const data = once(this.process.stdout, "data").then(() => true);
      if (!(await Promise.race([data, this.ended.then(() => false)]))) return;
    }
  }

  async kill(): Promise<void> {
    this.process.kill("SIGKILL");
    await this.ended;
  }

  #take(text: string): void {
    const lines = (this.#rest + text).split("\n");
    this.#rest = lines.pop() ?? "";
    this.lines.push(...lines);
  }
}
