import { type FileHandle, open } from "node:fs/promises";
import { StringDecoder } from "node:string_decoder";

/** Size of a terminal in characters. */
export interface TerminalSize {
  readonly columns: number;
  readonly rows: number;
}

export interface CastHeader extends TerminalSize {
  /** Start of the recording in seconds since 1970. */
  readonly timestamp: number;
  readonly variables?: Readonly<Record<string, string>>;
}

/** Writes what a terminal shows as asciicast v2 (https://docs.asciinema.org/manual/asciicast/v2/). */
export interface CastWriter {
  /** `seconds` since the start. A character may be cut between two calls. */
  output(seconds: number, bytes: Uint8Array): void;
  resize(seconds: number, size: TerminalSize): void;
  /** Resolves when everything is in the file. Throws what the system said about it. */
  close(): Promise<void>;
}

/** Opens a new file, for the user alone. Throws what the system says. */
export async function openCast(path: string, header: CastHeader): Promise<CastWriter> {
  const file = await open(path, "w", 0o600);
  const decoder = new StringDecoder("utf8");
  const lines = lineQueue(file);
  const { columns, rows, timestamp, variables } = header;
  const first = { version: 2, width: columns, height: rows, timestamp: Math.floor(timestamp) };
  lines.add({ ...first, ...(variables ? { env: variables } : {}) });
  const event = (seconds: number, kind: string, data: string): void => {
    if (data !== "") lines.add([Number(seconds.toFixed(6)), kind, data]);
  };
  return {
    output: (seconds, bytes) => event(seconds, "o", decoder.write(Buffer.from(bytes))),
    resize: (seconds, size) => event(seconds, "r", `${size.columns}x${size.rows}`),
    async close() {
      try {
        await lines.settled();
      } finally {
        await file.close();
      }
    },
  };
}

/** Lines are written one batch after the other, so that a slow disk delays nobody who types. */
function lineQueue(file: FileHandle): { add(line: unknown): void; settled(): Promise<void> } {
  let waiting = "";
  let busy: Promise<void> | undefined;
  let failure: Error | undefined;

  async function drain(): Promise<void> {
    while (waiting !== "" && !failure) {
      const text = waiting;
      waiting = "";
      await file.appendFile(text).catch((error: Error) => {
        failure = error;
      });
    }
    busy = undefined;
  }

  return {
    add(line) {
      waiting += `${JSON.stringify(line)}\n`;
      busy ??= drain();
    },
    async settled() {
      while (busy) await busy;
      if (failure) throw failure;
    },
  };
}
