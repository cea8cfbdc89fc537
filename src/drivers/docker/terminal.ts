import { createReadStream } from "node:fs";
import type { Duplex } from "node:stream";
import { isatty, ReadStream, WriteStream } from "node:tty";
import { type CastWriter, openCast } from "../../util/asciicast.ts";
import type { Connection } from "./connection.ts";

/** What an interactive command gets, by descriptor. */
export interface Terminal {
  readonly stdin: number;
  readonly stdout: number;
  readonly stderr: number;
}

export function isTerminal(terminal: Terminal): boolean {
  return isatty(terminal.stdin) && isatty(terminal.stdout);
}

/**
 * Joins this process's terminal with a container's: keys go in as they are typed, sizes follow, and the terminal is
 * given back when the container's side has ended. Resolves then. `cast`: gets what is shown, and is closed at the end.
 */
export function joinTerminal(
  connection: Connection,
  id: string,
  stream: Duplex,
  terminal: Terminal,
  cast?: CastWriter,
): { begin(): Promise<void>; readonly done: Promise<void> } {
  const input = new ReadStream(terminal.stdin);
  const output = new WriteStream(terminal.stdout);
  // Only the process's own standard output notices when its size changes.
  const sized = terminal.stdout === 1 ? process.stdout : output;
  const since = Date.now();
  const seconds = (): number => (Date.now() - since) / 1000;
  const resize = async (): Promise<void> => {
    cast?.resize(seconds(), sized);
    await connection.ask("POST", `/containers/${id}/resize?w=${sized.columns}&h=${sized.rows}`);
  };
  const onResize = (): void => void resize().catch(() => {});
  input.setRawMode(true);
  input.on("data", (keys: Buffer) => stream.write(keys));
  sized.on("resize", onResize);
  const done = new Promise<void>((resolve) => {
    const end = (): void => {
      sized.off("resize", onResize);
      input.setRawMode(false);
      // Its descriptor is the process's own: paused, not closed.
      input.pause();
      input.unref();
      // A transcript that is not whole changes nothing about the end.
      if (cast)
        void cast
          .close()
          .catch(() => undefined)
          .finally(resolve);
      else resolve();
    };
    stream.on("data", (shown: Buffer) => {
      cast?.output(seconds(), shown);
      if (!output.write(shown)) {
        stream.pause();
        output.once("drain", () => stream.resume());
      }
    });
    stream.once("close", end);
    stream.once("error", () => {});
    stream.once("end", () => stream.destroy());
  });
  // A size can only be set once there is a terminal inside: right after the start.
  return { begin: () => resize().catch(() => {}), done };
}

/** A recording of this process's terminal, as wide as it is now. */
export function openTranscript(path: string, terminal: Terminal): Promise<CastWriter> {
  const { columns, rows } = new WriteStream(terminal.stdout);
  const variables = { TERM: process.env["TERM"] ?? "", SHELL: process.env["SHELL"] ?? "" };
  return openCast(path, { columns, rows, timestamp: Date.now() / 1000, variables });
}

/** Passes this process's standard input on to a container without a terminal, its end included. */
export function passInput(stream: Duplex, descriptor: number): () => void {
  const input = createReadStream("", { fd: descriptor, autoClose: false });
  input.on("error", () => stream.end());
  input.pipe(stream);
  // A container that goes on without reading closes its side.
  stream.on("error", () => input.unpipe(stream));
  return () => {
    input.unpipe(stream);
    input.destroy();
  };
}
