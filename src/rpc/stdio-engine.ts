import type { Writable } from "node:stream";
import type { LogLevel } from "../domain/call-context.ts";
import type { EngineInfo } from "./lifecycle.ts";
import { Logger, lineSink } from "./logger.ts";
import { watchParent } from "./parent-watch.ts";
import { type CloseReason, type ServeOptions, type Server, serve } from "./server.ts";
import { stdioTransport } from "./stdio-transport.ts";

export interface StdioEngineOptions {
  readonly engine: EngineInfo;
  readonly protocolVersion: number;
  readonly open: ServeOptions["open"];
  readonly logLevel: LogLevel;
  /** The real stdout, from `stdio-guard.ts`. */
  readonly output: Writable;
}

/** Time after the end in which the process may leave by itself before it is made to, milliseconds. */
const LINGER_MS = 3000;

const EXIT_CODE: Readonly<Record<CloseReason, number>> = {
  exit: 0,
  endOfInput: 0,
  peerGone: 0,
  signal: 0,
  protocolError: 70,
  crash: 70,
};

/** Serves the protocol on stdin and stdout until the client has left; then the process ends by itself. */
export async function runStdioEngine(options: StdioEngineOptions): Promise<void> {
  const { engine, protocolVersion, open, output } = options;
  const logger = new Logger(
    options.logLevel,
    lineSink(() => process.stderr),
  );
  const watch = watchParent(() => void server.close("peerGone"));
  const server: Server = serve(stdioTransport({ input: process.stdin, output }), {
    engine,
    protocolVersion,
    open,
    logger,
    onInitialize: ({ processId }) => {
      if (processId !== undefined) watch.add(processId);
    },
  });
  handleSignals(server);
  handleCrashes(server, logger);
  const reason = await server.closed;
  watch.stop();
  logger.log("debug", "The engine leaves", { reason });
  leave(EXIT_CODE[reason]);
}

/** Ctrl-C is for the client, which ends the engine in good order; the other signals ask for just that. */
function handleSignals(server: Server): void {
  process.on("SIGINT", () => {});
  process.on("SIGTERM", () => void server.close("signal"));
  process.on("SIGHUP", () => void server.close("signal"));
}

function handleCrashes(server: Server, logger: Logger): void {
  process.on("unhandledRejection", (reason) => {
    logger.log("error", "A rejection that nobody handled", { stack: stackOf(reason) });
  });
  process.on("uncaughtException", (error) => {
    logger.log("error", "An exception that nobody caught; the engine leaves", { stack: stackOf(error) });
    void server.close("crash");
  });
}

function stackOf(thrown: unknown): string {
  return thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
}

/** Never cuts off what is still being written: the process is made to end only when something else holds it. */
function leave(exitCode: number): void {
  process.exitCode = exitCode;
  process.stdin.destroy();
  setTimeout(() => process.exit(), LINGER_MS).unref();
}
