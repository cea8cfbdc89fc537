import { PassThrough, Writable } from "node:stream";
import { Logger, type LogRecord } from "../../src/rpc/logger.ts";
import { type ServeOptions, type Server, serve } from "../../src/rpc/server.ts";
import { stdioTransport } from "../../src/rpc/stdio-transport.ts";
import { fixtureParts, type Recorded } from "../fixtures/rpc/fixture-parts.ts";
import { FrameCollector, INITIALIZE_PARAMS, notification, request, type WireMessage } from "./frames.ts";

export interface FixtureServer {
  readonly server: Server;
  /** What the engine reads. */
  readonly input: PassThrough;
  readonly output: FrameCollector;
  readonly recorded: Recorded;
  readonly log: LogRecord[];
  /** Sends a request and waits for its answer. */
  ask(method: string, params?: unknown): Promise<WireMessage>;
  /** Lets the engine's output flow, or stops it. */
  readonly valve: Valve;
}

/** A stream whose reader can stop reading. */
export class Valve extends Writable {
  readonly #sink: (bytes: Buffer) => void;
  #open = true;
  #held: (() => void) | undefined;

  constructor(sink: (bytes: Buffer) => void) {
    super();
    this.#sink = sink;
  }

  override _write(bytes: Buffer, _encoding: string, done: () => void): void {
    const pass = (): void => {
      this.#sink(bytes);
      done();
    };
    if (this.#open) pass();
    else this.#held = pass;
  }

  shut(): void {
    this.#open = false;
  }

  release(): void {
    this.#open = true;
    const held = this.#held;
    this.#held = undefined;
    held?.();
  }
}

/** A server with the fixture's methods behind byte streams in this process. */
export function startFixture(
  options: Partial<ServeOptions> & { readonly maxBodyBytes?: number } = {},
): FixtureServer {
  const input = new PassThrough();
  const output = new FrameCollector();
  const valve = new Valve(output.push);
  const recorded: Recorded = { called: [], closed: 0 };
  const log: LogRecord[] = [];
  const server = serve(stdioTransport({ input, output: valve, maxBodyBytes: options.maxBodyBytes }), {
    engine: { name: "datmo", version: "1.2.3" },
    protocolVersion: 1,
    open: async () => fixtureParts(recorded),
    logger: new Logger("debug", (record) => void log.push(record)),
    ...options,
  });
  let lastId = 0;
  const ask = (method: string, params: unknown = {}): Promise<WireMessage> => {
    const id = `ask-${++lastId}`;
    input.write(request(id, method, params));
    return output.answer(id);
  };
  return { server, input, output, recorded, log, ask, valve };
}

/** The same, shaken hands. */
export async function startReady(
  options: Partial<ServeOptions> & { readonly maxBodyBytes?: number; readonly capabilities?: object } = {},
): Promise<FixtureServer> {
  const fixture = startFixture(options);
  await fixture.ask("initialize", { ...INITIALIZE_PARAMS, capabilities: options.capabilities });
  fixture.input.write(notification("initialized"));
  return fixture;
}
