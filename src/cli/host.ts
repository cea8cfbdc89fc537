import type { Engine } from "./engine-port.ts";

/** A stream of the process; `isTTY` and `columns` as Node sets them. */
export type OutputStream = NodeJS.WritableStream & { readonly isTTY?: boolean; readonly columns?: number };
export type InputStream = NodeJS.ReadableStream & { readonly isTTY?: boolean };

export type Signal = "SIGINT" | "SIGTERM" | "SIGHUP";

export interface McpOptions {
  /** Folder to look for the project from, absolute. */
  readonly directory: string;
  /** Methods that run commands are served too. */
  readonly allowExec: boolean;
  readonly signal: AbortSignal;
}

/** Everything the command line takes from outside. Nothing below reads the process itself. */
export interface Host {
  /** Working directory, absolute. */
  readonly directory: string;
  readonly variables: Readonly<Record<string, string | undefined>>;
  readonly stdin: InputStream;
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  /** Loads an engine for the project found from `projectDirectory` upwards. */
  connect(projectDirectory: string, wants?: readonly string[]): Promise<Engine>;
  /** Becomes the engine on stdin and stdout; resolves with the exit code when the client has left. */
  serveStdio(): Promise<number>;
  /** Serves agents on stdin and stdout; resolves when the client has left or `signal` is aborted. */
  serveMcp(options: McpOptions): Promise<void>;
  /** While somebody listens, these signals do not end the process. Returns what ends the listening. */
  onSignal(listener: (signal: Signal) => void): () => void;
}
