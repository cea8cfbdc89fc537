import { PassThrough } from "node:stream";
import type { Engine } from "../../src/cli/engine-port.ts";
import type { Host, Signal } from "../../src/cli/host.ts";
import { runCli } from "../../src/cli/main.ts";
import type { EngineNotification, MethodMap, ServiceMethod } from "../../src/protocol/methods.ts";
import type { ProgressParams } from "../../src/protocol/types.ts";

/** What an engine would answer: a result, or what makes one of the params. */
export type Answers = {
  readonly [M in ServiceMethod]?:
    | MethodMap[M]["result"]
    | ((
        params: MethodMap[M]["params"],
        call: FakeCall,
      ) => MethodMap[M]["result"] | Promise<MethodMap[M]["result"]>);
};

export interface FakeCall {
  notify(method: EngineNotification, params: object): void;
  progress(value: ProgressParams["value"]): void;
  /** As if the user had sent it to the command line. */
  signal(signal: Signal): void;
  readonly abort: AbortSignal | undefined;
}

export interface CliOptions {
  readonly answers?: Answers;
  readonly directory?: string;
  readonly variables?: Readonly<Record<string, string | undefined>>;
  /** What is typed; null: nothing, end of input at once. Default null. */
  readonly input?: string | null;
  /** Everything is a terminal of this many columns. */
  readonly columns?: number;
}

export interface CliResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** What the engine was asked, in order. */
  readonly asked: readonly { readonly method: ServiceMethod; readonly params: object }[];
  /** How often an engine was connected to, and whether it was closed. */
  readonly connected: readonly string[];
  readonly closed: number;
}

/** Carries out a command line against a made-up engine. */
export async function cli(argv: readonly string[], options: CliOptions = {}): Promise<CliResult> {
  const stdout = collector(options.columns);
  const stderr = collector(options.columns);
  const stdin = Object.assign(new PassThrough(), { isTTY: options.columns !== undefined });
  stdin.end(options.input ?? "");
  const listeners = new Set<(signal: Signal) => void>();
  const engine = fakeEngine(options.answers ?? {}, (signal) => {
    for (const listener of [...listeners]) listener(signal);
  });
  const connected: string[] = [];
  const host: Host = {
    directory: options.directory ?? "/home/ada/digits",
    variables: options.variables ?? {},
    stdin,
    stdout: stdout.stream,
    stderr: stderr.stream,
    async connect(projectDirectory) {
      connected.push(projectDirectory);
      return engine;
    },
    serveStdio: async () => 0,
    serveMcp: async () => undefined,
    onSignal(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
  const code = await runCli(argv, host);
  const { asked, closed } = engine;
  return { code, stdout: stdout.text(), stderr: stderr.text(), asked, connected, closed: closed() };
}

function fakeEngine(
  answers: Answers,
  signal: (signal: Signal) => void,
): Engine & { readonly asked: { method: ServiceMethod; params: object }[]; closed(): number } {
  const asked: { method: ServiceMethod; params: object }[] = [];
  const listeners = new Map<string, Set<(params: never) => void>>();
  let closed = 0;
  return {
    asked,
    closed: () => closed,
    async request(method, params, options = {}) {
      asked.push({ method, params });
      const answer = answers[method] as unknown;
      if (answer === undefined) throw new Error(`no answer for ${method}`);
      if (typeof answer !== "function") return answer as never;
      const call: FakeCall = {
        notify: (name, value) => {
          for (const listener of listeners.get(name) ?? []) listener(value as never);
        },
        progress: (value) => options.onProgress?.(value),
        signal,
        abort: options.signal,
      };
      return (await answer(params, call)) as never;
    },
    on(name, listener) {
      const those = listeners.get(name) ?? new Set();
      listeners.set(name, those.add(listener as (params: never) => void));
      return () => void those.delete(listener as (params: never) => void);
    },
    async close() {
      closed++;
    },
  };
}

function collector(columns: number | undefined): { stream: PassThrough; text(): string } {
  const chunks: Buffer[] = [];
  const stream = Object.assign(new PassThrough(), columns === undefined ? {} : { isTTY: true, columns });
  stream.on("data", (chunk: Buffer) => chunks.push(chunk));
  return { stream, text: () => Buffer.concat(chunks).toString() };
}
