import { resolve } from "node:path";
import type { MethodMap, ServiceMethod } from "../protocol/methods.ts";
import type { CommandNode } from "./commands.ts";
import type { Engine, RequestOptions } from "./engine-port.ts";
import type { Host } from "./host.ts";
import { Output } from "./output.ts";
import type { ProgressLine } from "./render/progress.ts";
import { plain } from "./render/text.ts";
import { type Style, styleFor } from "./style.ts";

export interface CallInput {
  readonly root: CommandNode;
  readonly host: Host;
  readonly args: readonly string[];
  readonly options: Readonly<Record<string, unknown>>;
  readonly json: boolean;
  /** `--project`, as typed. */
  readonly project?: string;
  /** Notifications to ask the engine for. */
  readonly wants?: readonly string[];
}

/** One command being carried out: what was asked, where to write, and the engine once it is needed. */
export class Call {
  /** Every command there is. */
  readonly root: CommandNode;
  readonly host: Host;
  /** Words that are no options. */
  readonly args: readonly string[];
  readonly json: boolean;
  readonly stdout: Output;
  readonly stderr: Output;
  /** For text on stdout. */
  readonly style: Style;
  /** For text on stderr. */
  readonly noteStyle: Style;
  /** Folder to look for the project from, absolute. */
  readonly projectDirectory: string;
  readonly #options: Readonly<Record<string, unknown>>;
  readonly #wants: readonly string[];
  #engine: Promise<Engine> | undefined;

  constructor(input: CallInput) {
    const { host } = input;
    this.root = input.root;
    this.host = host;
    this.args = input.args;
    this.json = input.json;
    this.#options = input.options;
    this.#wants = input.wants ?? [];
    this.stdout = new Output(host.stdout);
    this.stderr = new Output(host.stderr);
    this.style = styleFor(this.stdout.isTerminal, host.variables);
    this.noteStyle = styleFor(this.stderr.isTerminal, host.variables);
    this.projectDirectory = resolve(host.directory, input.project ?? ".");
  }

  /** The options as the command declared them. */
  options<T extends object>(): T {
    return this.#options as T;
  }

  /** Connects on first use. */
  engine(): Promise<Engine> {
    this.#engine ??= this.#connect();
    return this.#engine;
  }

  /** Asks the engine; shows on stderr how far long work has come. */
  async request<M extends ServiceMethod>(
    method: M,
    params: MethodMap[M]["params"],
    options: Pick<RequestOptions, "signal"> & { readonly progress?: boolean } = {},
  ): Promise<MethodMap[M]["result"]> {
    const engine = await this.engine();
    if (options.progress !== true) return engine.request(method, params, options);
    const line = await this.#progressLine();
    try {
      return await engine.request(method, params, {
        ...(options.signal ? { signal: options.signal } : {}),
        onProgress: (progress) => line.show(progress),
      });
    } finally {
      line.end();
    }
  }

  /** The answer of the command: as JSON when that was asked for, else as text. */
  async answer(result: object, text: () => string): Promise<void> {
    if (this.json) await this.stdout.write(`${JSON.stringify(result)}\n`);
    else await this.print(text());
  }

  /** Text on stdout. Nothing is written for an empty text. */
  async print(text: string): Promise<void> {
    if (text !== "") await this.stdout.write(text.endsWith("\n") ? text : `${text}\n`);
  }

  /** A message for a person, on stderr. */
  async note(text: string): Promise<void> {
    await this.stderr.write(`${text}\n`);
  }

  async close(): Promise<void> {
    const engine = await this.#engine?.catch(() => undefined);
    await engine?.close();
  }

  async #connect(): Promise<Engine> {
    const engine = await this.host.connect(this.projectDirectory, this.#wants);
    engine.on("$/logMessage", ({ level, message, fields }) => {
      // What has a reference is the failure of a request, which is told anyway.
      if (level !== "warn" && (level !== "error" || fields?.["reference"] !== undefined)) return;
      void this.note(`${this.noteStyle.yellow("warning:")} ${plain(message)}`);
    });
    return engine;
  }

  async #progressLine(): Promise<ProgressLine> {
    const { createProgressLine } = await import("./render/progress.ts");
    return createProgressLine(this.stderr, this.noteStyle);
  }
}
