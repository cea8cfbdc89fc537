import type { RunOutputParams } from "../../protocol/types.ts";
import type { Engine } from "../engine-port.ts";
import type { Output } from "../output.ts";

/** Bytes of output asked for at once. */
const READ_BYTES = 1024 * 1024;

/** Copies what a run prints, byte for byte. */
export interface OutputCopier {
  /** Everything that was printed has been written; call it when the run has ended. */
  finish(runId: string): Promise<void>;
  /** The last byte that was copied was no newline. */
  midLine(): boolean;
  /** Copies no more. */
  close(): void;
}

/**
 * Copies the output of the run started with `originId` as it comes. A notification's text is written as it is
 * when it stands for exactly the bytes it tells; otherwise (bytes that are no UTF-8, a character cut in two, too
 * much at once) the bytes are read from the run's log.
 */
export function copyOutput(engine: Engine, originId: string, sink: Output): OutputCopier {
  const reader = createLogReader(engine, sink);
  const stop = engine.on("run.output", (event) => {
    if (event.originId === originId) reader.offer(event);
  });
  return {
    async finish(runId) {
      stop();
      await reader.readToEnd(runId);
    },
    midLine: () => reader.midLine(),
    close: stop,
  };
}

interface LogReader {
  offer(event: RunOutputParams): void;
  midLine(): boolean;
  readToEnd(runId: string): Promise<void>;
}

function createLogReader(engine: Engine, sink: Output): LogReader {
  let written = 0;
  let known = 0;
  let busy: Promise<void> | undefined;
  let newline = true;

  async function write(chunk: string | Buffer): Promise<void> {
    if (chunk.length > 0) newline = typeof chunk === "string" ? chunk.endsWith("\n") : chunk.at(-1) === 10;
    await sink.write(chunk);
  }

  /** One at a time: a slow reader of ours delays reading, and nothing piles up. */
  function pump(runId: string, first?: RunOutputParams): void {
    busy ??= copy(runId, first)
      .catch(() => {
        // The log can be read again later; what is missing then is an error of `finish`.
      })
      .finally(() => {
        busy = undefined;
      });
  }

  async function copy(runId: string, first: RunOutputParams | undefined): Promise<void> {
    if (first !== undefined) {
      written = first.nextOffset;
      await write(first.text);
    }
    while (written < known && !sink.gone) await readSome(runId);
  }

  async function readSome(runId: string): Promise<boolean> {
    const { text, nextOffset, size } = await engine.request("run.logs", {
      id: runId,
      offset: written,
      limit: READ_BYTES,
      encoding: "base64",
    });
    const more = nextOffset > written;
    written = nextOffset;
    known = Math.max(known, size);
    if (more) await write(Buffer.from(text, "base64"));
    return more;
  }

  return {
    midLine: () => !newline,
    offer(event) {
      known = Math.max(known, event.nextOffset);
      if (busy !== undefined) return;
      pump(event.runId, event.offset === written && isExact(event) ? event : undefined);
    },
    async readToEnd(runId) {
      while (busy !== undefined) await busy;
      while (!sink.gone && (await readSome(runId))) {
        // Reads on until there is nothing more.
      }
    },
  };
}

/** The text encodes to just the bytes it stands for. Replaced bytes would show as U+FFFD. */
function isExact({ text, offset, nextOffset }: RunOutputParams): boolean {
  return Buffer.byteLength(text) === nextOffset - offset && !text.includes("\uFFFD");
}
