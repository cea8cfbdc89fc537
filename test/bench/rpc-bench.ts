import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { FrameParser } from "../../src/rpc/frame-parser.ts";
import { type Bench, type Figure, interleaved, median } from "./bench.ts";

const ENGINE = resolve("dist/engine.js");
const INITIALIZE = { protocolVersion: 1, client: { name: "bench", version: "1" } };
const ROUNDS = 9;
/** Requests without an answer, at most: what a client with a queue keeps open. */
const WINDOW = 512;

export const benches: Bench[] = [
  { name: "engine, spawn to initialize answered", goal: "≤ bare node + 40 ms", run: measureStart },
  {
    name: "metric points through stdio, 10 a request",
    goal: "≥ 800 k/s",
    run: () => measurePoints({ perRequest: 10, requests: 200_000, goal: 800_000 }),
  },
  {
    name: "metric points through stdio, 500 a request",
    goal: "≥ 2 M/s",
    run: () => measurePoints({ perRequest: 500, requests: 10_000, goal: 2_000_000 }),
  },
];

async function measureStart(): Promise<Figure> {
  const times = await interleaved(ROUNDS, {
    node: () => ended(spawn(process.execPath, ["-e", "0"], { stdio: "ignore" })),
    engine: async () => {
      const engine = new RawEngine(tmpdir());
      await engine.ask("initialize", INITIALIZE);
      starting.push(engine);
    },
  });
  await Promise.all(starting.splice(0).map((engine) => engine.leave()));
  const [node, engine] = [median(times["node"] ?? []), median(times["engine"] ?? [])];
  return {
    value: engine - node,
    unit: "ms above node",
    met: engine - node <= 40,
    detail: `node ${node.toFixed(0)} ms, engine ${engine.toFixed(0)} ms`,
  };
}

/** Engines that have answered; ended outside of what is timed. */
const starting: RawEngine[] = [];

interface Load {
  readonly perRequest: number;
  readonly requests: number;
  readonly goal: number;
}

async function measurePoints(load: Load): Promise<Figure> {
  const directory = mkdtempSync(join(tmpdir(), "datmo-bench-"));
  const engine = new RawEngine(directory);
  try {
    await engine.ask("initialize", INITIALIZE);
    await engine.ask("project.create", {});
    const { run } = (await engine.ask("run.create", {})) as { run: { id: string } };
    const rates: number[] = [];
    const rounds = 5;
    for (let round = 0; round < rounds; round++) {
      const bodies = pointRequests(run.id, load.perRequest, round);
      const began = performance.now();
      await engine.pump(bodies, load.requests / rounds);
      rates.push(((load.requests / rounds) * load.perRequest) / ((performance.now() - began) / 1000));
    }
    const rate = median(rates);
    return {
      value: rate / 1e6,
      unit: "M points/s",
      met: rate >= load.goal,
      detail: `${(rate / load.perRequest / 1000).toFixed(1)} k requests/s, client and engine on ${WINDOW} open`,
    };
  } finally {
    await engine.leave();
    rmSync(directory, { recursive: true, force: true });
  }
}

/** Params of `metric.log` as a training loop sends them, ready as text: making them is not what is measured. */
function pointRequests(runId: string, perRequest: number, round: number): string[] {
  return Array.from({ length: 32 }, (_, block) => {
    const points = Array.from({ length: perRequest }, (_, i) => ({
      name: `metric${i % 10}`,
      step: (round * 32 + block) * perRequest + i,
      value: Math.exp(-i / 1000) + Math.random() / 10,
      at: 1_700_000_000 + block + i / 1000,
    }));
    return JSON.stringify({
      runId,
      points: {
        name: points.map(({ name }) => name),
        step: points.map(({ step }) => step),
        value: points.map(({ value }) => value),
        at: points.map(({ at }) => at),
      },
    });
  });
}

/** A client that costs next to nothing: it writes ready text and counts the answers. */
class RawEngine {
  readonly #child: ChildProcess;
  #lastId = 0;
  #answers = 0;
  #lastBody = "";
  #onAnswers = (): void => {};

  constructor(directory: string) {
    this.#child = spawn(process.execPath, [ENGINE, "--stdio"], {
      cwd: directory,
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

  async leave(): Promise<void> {
    this.#child.stdin!.end();
    await ended(this.#child);
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

function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return Promise.resolve();
  return new Promise((resolve) => void child.once("exit", () => resolve()));
}
