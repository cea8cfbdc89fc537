import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join, resolve as resolvePath } from "node:path";
import { PassThrough } from "node:stream";
import { setTimeout as pause } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import { DatmoClient } from "../../../src/client/client.ts";
import { spawnEngine } from "../../../src/client/spawn.ts";
import { isDatmoError } from "../../../src/protocol/errors.ts";
import { protocolVersion } from "../../../src/protocol/methods.ts";
import { stdioTransport } from "../../../src/rpc/stdio-transport.ts";
import type { JsonObject } from "../../../src/util/json.ts";
import { differences, pick, resolve } from "./matching.ts";
import { type Connected, Recording } from "./recording.ts";

export type Step = JsonObject & { readonly do: string };

interface Sent {
  readonly answer: Promise<unknown>;
  readonly abort: AbortController;
}

const WAIT_MS = 120_000;

/** A step did not come out as it should. */
export class StepFailed extends Error {
  readonly step: number;

  constructor(step: number, problem: string) {
    super(problem);
    this.step = step;
  }
}

/** One scenario in the current folder. */
export class Scenario {
  readonly #folder = process.cwd();
  readonly #saved = new Map<string, unknown>();
  readonly #sent = new Map<string, Sent>();
  #engine: Connected | undefined;
  #run: Recording | undefined;

  async carryOut(steps: readonly Step[]): Promise<void> {
    for (const [index, step] of steps.entries()) {
      const verb = this.#verbs[step.do];
      try {
        if (verb === undefined) throw new Error("no such step");
        await verb(step as never);
      } catch (error) {
        throw new StepFailed(index + 1, `${step.do}: ${error instanceof Error ? error.message : error}`);
      }
    }
  }

  async request(method: string, params: unknown): Promise<unknown> {
    const { client } = await this.#connected();
    return client.request(method as never, params as never);
  }

  async close(): Promise<void> {
    await this.#run?.finish(0);
    await this.#engine?.client.close();
  }

  readonly #verbs: Readonly<Record<string, (step: never) => Promise<unknown> | unknown>> = {
    call: (step: Step) => this.#hold(step, this.request(step["method"] as string, this.#params(step))),
    send: (step: Step) => this.#send(step),
    cancel: (step: { of: string }) => this.#sent.get(step.of)!.abort.abort(),
    answer: (step: Step) => this.#hold(step, this.#sent.get(step["of"] as string)!.answer),
    kill: async () => {
      const { pid } = await this.#connected();
      process.kill(pid, "SIGKILL");
      await untilGone(pid);
    },
    disconnect: async () => this.#engine?.client.close(),
    connect: async () => {
      this.#engine = await this.#connect();
    },
    echo: (step: { value: object }) => echo(step.value),
    init: async ({ do: _, config, ...facts }: Step) => {
      const given = config === undefined ? facts : { ...facts, config: resolve(config, this.#saved) };
      this.#run = await Recording.begin(() => this.#connect(), given as JsonObject);
      this.#saved.set("run", this.#run.id);
    },
    log: (step: { values: JsonObject; step?: number }) =>
      this.#run!.log(resolve(step.values, this.#saved) as JsonObject, step.step),
    logMany: (step: { name: string; count: number; divide: number }) =>
      this.#run!.logMany(step.name, step.count, step.divide),
    config: (step: Step) => this.#tell("config", { config: step["values"] }),
    summary: (step: Step) => this.#tell("summary", { summary: step["values"] }),
    tag: (step: Step) => this.#tell("tag", { add: step["tags"] }),
    note: (step: Step) => this.#tell("update", { note: step["text"] }),
    logFile: (step: { path: string }) => this.#run!.keepFile(resolvePath(this.#folder, step.path)),
    finish: async (step: { exitCode?: number }) => {
      await this.#run!.finish(step.exitCode ?? 0);
      this.#run = undefined;
    },
    killRecorder: () => untilGone(this.#run!.kill()),
    process: (step: { steps: Step[]; ends?: number | "killed" }) => this.#process(step.steps, step.ends ?? 0),
    die: () => process.kill(process.pid, "SIGKILL"),
    write: (step: { path: string; text: unknown }) =>
      writeFileSync(join(this.#folder, step.path), resolve(step.text, this.#saved) as string),
    checkMany: (step: { name: string; count: number; divide: number }) => this.#checkMany(step),
  };

  #params(step: Step): unknown {
    return resolve(step["params"] ?? {}, this.#saved);
  }

  async #send(step: Step): Promise<void> {
    const abort = new AbortController();
    const { client } = await this.#connected();
    const answer = client.request(step["method"] as never, this.#params(step) as never, {
      signal: abort.signal,
    });
    answer.catch(() => {});
    this.#sent.set(step["as"] as string, { answer, abort });
  }

  /** Holds an answer against what the step expects, and saves what it saves. */
  async #hold(step: Step, answer: Promise<unknown>): Promise<void> {
    let result: unknown;
    try {
      result = await answer;
    } catch (error) {
      if (!isDatmoError(error)) throw error;
      const { kind, code, message, hint, details } = error;
      if (step["error"] !== undefined) this.#match(step["error"], { kind, code, message, hint, details });
      else if (kind === (step["notError"] ?? kind)) throw new Error(`${kind}: ${message}`);
      return;
    }
    if (step["error"] !== undefined)
      throw new Error(`expected an error, got ${JSON.stringify(result).slice(0, 300)}`);
    if (step["expect"] !== undefined) this.#match(step["expect"], result);
    for (const [name, path] of Object.entries((step["save"] ?? {}) as Record<string, string>))
      this.#saved.set(name, pick(result, path));
  }

  #match(expected: unknown, got: unknown): void {
    const found = differences(resolve(expected, this.#saved), got);
    if (found.length > 0) throw new Error(found.slice(0, 5).join("; "));
  }

  #tell(type: string, fields: Readonly<Record<string, unknown>>): Promise<void> {
    return this.#run!.tell({ type, ...(resolve(fields, this.#saved) as JsonObject) });
  }

  async #process(steps: readonly Step[], ends: number | "killed"): Promise<void> {
    const folder = mkdtempSync(join(tmpdir(), "datmo-steps-"));
    writeFileSync(join(folder, "steps.json"), JSON.stringify({ steps }));
    const tsx = createRequire(import.meta.url).resolve("tsx");
    const words = ["--import", tsx, process.argv[1]!, "--steps", join(folder, "steps.json")];
    const child = spawn(process.execPath, words, { stdio: ["ignore", "inherit", "inherit"] });
    const [code, signal] = await once(child, "exit");
    rmSync(folder, { recursive: true });
    if (ends === "killed" ? signal !== "SIGKILL" : code !== ends)
      throw new Error(`ended with ${code ?? signal}`);
  }

  async #checkMany({ name, count, divide }: { name: string; count: number; divide: number }): Promise<void> {
    const { points } = (await this.request("metric.history", { runId: this.#saved.get("run"), name })) as {
      points: { step: number[]; value: number[] };
    };
    const same = points.step.every((step, index) => step === index && points.value[index] === index / divide);
    if (points.step.length !== count || !same)
      throw new Error(`${points.step.length} points that are not the ${count} that were logged`);
  }

  async #connected(): Promise<Connected> {
    this.#engine ??= await this.#connect();
    return this.#engine;
  }

  async #connect(): Promise<Connected> {
    const before = new Set(children());
    const link = spawnEngine({ engine: resolvePath(process.env["DATMO_ENGINE"]!), directory: this.#folder });
    const pid = children().find((child) => !before.has(child))!;
    const client = { name: "conformance", version: "1", language: "typescript" };
    return {
      client: await DatmoClient.connect(link, { protocolVersion, client, projectDir: this.#folder }),
      pid,
    };
  }
}

/** The processes that this one has started. */
function children(): number[] {
  const text = readFileSync(`/proc/${process.pid}/task/${process.pid}/children`, "utf8");
  return text.split(" ").filter(Boolean).map(Number);
}

async function untilGone(pid: number): Promise<void> {
  const deadline = Date.now() + WAIT_MS;
  while (children().includes(pid)) {
    if (Date.now() > deadline) throw new Error("the engine lives on");
    await pause(5);
  }
}

async function echo(value: object): Promise<void> {
  const pipe = new PassThrough();
  const { reader, writer } = stdioTransport({ input: pipe, output: pipe });
  const message = { jsonrpc: "2.0", method: "echo", params: value };
  const back = new Promise((done) => reader.listen(done));
  await writer.write(message as never);
  const got = await back;
  if (!isDeepStrictEqual(got, message)) throw new Error(`came back as ${JSON.stringify(got).slice(0, 300)}`);
}
