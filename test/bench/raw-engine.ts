import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { FrameParser } from "../../src/rpc/frame-parser.ts";

/** The built engine. */
export const ENGINE: string = resolve("dist/engine.js");
export const INITIALIZE = { protocolVersion: 1, client: { name: "bench", version: "1" } };
/** Requests without an answer, at most: what a client with a queue keeps open. */
export const WINDOW = 512;

/** A client that costs next to nothing: it writes ready text and counts the answers. */
export class RawEngine {
  readonly #child: ChildProcess;
  #lastId = 0;
  #answers = 0;
  #lastBody = "";
  #peak = 0;
  #onAnswers = (): void => {};

  constructor(directory: string, variables: NodeJS.ProcessEnv = process.env) {
    this.#child = spawn(process.execPath, [ENGINE, "--stdio"], {
      cwd: directory,
      env: variables,
      stdio: ["pipe", "pipe", "inherit"],
    });
    const parser = new FrameParser({
      body: (bytes, start, end) => this.#message(bytes, start, end),
      tooLarge: () => {},
      garbage: (reason) => {
        throw new Error(reason);
      },
    });
    this.#child.stdout!.on("data", (bytes: Buffer) => {
      parser.push(bytes);
      this.#onAnswers();
    });
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  async ask(method: string, params: object): Promise<object> {
    await this.pump([JSON.stringify(params)], 1, method);
    return (JSON.parse(this.#lastBody) as { result: object }).result;
  }

  /** Sends `count` requests with these params in turn; resolves when all are answered. */
  pump(params: readonly string[], count: number, method = "metric.log"): Promise<void> {
    const first = this.#lastId;
    const target = this.#answers + count;
    return new Promise((resolve) => {
      const send = (): void => {
        if (this.#answers >= target) {
          resolve();
          return;
        }
        let text = "";
        while (this.#lastId - first < count && this.#lastId - this.#answers < WINDOW) {
          this.#lastId++;
          text += framed(this.#lastId, method, params[this.#lastId % params.length]!);
        }
        if (text !== "") this.#child.stdin!.write(text, "latin1");
      };
      this.#onAnswers = send;
      send();
    });
  }

  /** CPU time of the engine so far, all its threads, seconds. Unlike the clock it does not mind a busy machine. */
  cpuSeconds(): number {
    const folder = `/proc/${this.#child.pid}/task`;
    const nanoseconds = readdirSync(folder).map((thread) =>
      Number(readFileSync(`${folder}/${thread}/schedstat`, "latin1").split(" ")[0]),
    );
    return nanoseconds.reduce((sum, value) => sum + value, 0) / 1e9;
  }

  /** The most memory the engine has had so far, MB. */
  peakMegabytes(): number {
    try {
      const status = readFileSync(`/proc/${this.#child.pid}/status`, "latin1");
      this.#peak = (Number(/VmHWM:\s*(\d+)/.exec(status)?.[1] ?? 0) * 1024) / 1e6 || this.#peak;
    } catch {
      // It has left; its last moments cannot be read any more.
    }
    return this.#peak;
  }

  /** Lets the engine end; resolves when it has. */
  async leave(): Promise<void> {
    this.#child.stdin!.end();
    const watch = setInterval(() => this.peakMegabytes(), 5);
    if (this.#child.exitCode === null) await once(this.#child, "exit");
    clearInterval(watch);
  }

  #message(bytes: Buffer, start: number, end: number): void {
    const text = bytes.toString("utf8", start, end);
    if (!text.startsWith('{"jsonrpc":"2.0","id":')) return;
    if (text.includes('"error":{"code"')) throw new Error(text);
    this.#answers++;
    this.#lastBody = text;
  }
}

/** The text is ASCII, so its length is its size. */
function framed(id: number, method: string, params: string): string {
  const body = `{"jsonrpc":"2.0","id":${id},"method":"${method}","params":${params}}`;
  return `Content-Length: ${body.length}\r\n\r\n${body}`;
}
