import type { Readable, Writable } from "node:stream";
import { StdioServerTransport, serveStdio } from "@modelcontextprotocol/server/stdio";
import type { Engine, Grant } from "./engine-port.ts";
import { createMcpServer } from "./mcp-server.ts";

export interface ServeMcpOptions {
  readonly engine: Engine;
  readonly grant: Grant;
  readonly input: Readable;
  /** The real stdout; nothing else may be written there. */
  readonly output: Writable;
  /** Ends the serving when it is aborted. */
  readonly signal: AbortSignal;
  /** Told what came in that is no message, and such things. */
  readonly onProblem: (message: string) => void;
}

/** Largest message that is read, bytes. */
const MOST_BYTES = 16 * 1024 * 1024;

/** Serves one client until it has left. Both generations of the protocol are understood. */
export async function serveMcp(options: ServeMcpOptions): Promise<void> {
  const { engine, grant, input, output, signal, onProblem } = options;
  const transport = new StdioServerTransport(input, output, { maxBufferSize: MOST_BYTES });
  const left = leaving(input, output, signal);
  const handle = serveStdio(() => createMcpServer(engine, grant), {
    transport,
    onerror: ({ message }) => onProblem(message),
  });
  await left;
  await handle.close();
  // What is still being read would keep the process.
  input.destroy();
}

/** Resolves when either end of the connection is gone, or the process is to end. */
function leaving(input: Readable, output: Writable, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    for (const event of ["end", "close", "error"]) input.once(event, () => resolve());
    for (const event of ["close", "error"]) output.once(event, () => resolve());
    signal.addEventListener("abort", () => resolve());
    if (signal.aborted || input.destroyed || input.readableEnded) resolve();
  });
}
