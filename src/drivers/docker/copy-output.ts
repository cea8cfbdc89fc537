import type { Readable } from "node:stream";
import { createDemux, type Piece } from "./demux.ts";
import type { OutputLog } from "./output-log.ts";

/** Bytes that wait for the disk before the source is asked to wait. */
const MOST_WAITING = 1024 * 1024;

/**
 * Appends what a container prints to its log until the source ends. While a write is on its way further chunks are
 * gathered, up to a limit; then the engine has to wait. Rejects with what the source or the disk says; after an
 * error of the disk the source is still read to its end, for nobody else does and the command must not block.
 */
export function copyOutput(
  source: Readable,
  log: OutputLog,
  skip: { readonly 1: number; readonly 2: number } = { 1: 0, 2: 0 },
): Promise<void> {
  const demux = createDemux();
  const behind = { ...skip };
  let waiting: Piece[] = [];
  let waitingBytes = 0;
  let writing: Promise<void> | undefined;
  let trouble: unknown;

  function take(chunk: Buffer): void {
    for (const piece of demux(chunk)) {
      const known = Math.min(behind[piece.stream], piece.data.length);
      behind[piece.stream] -= known;
      if (known === piece.data.length) continue;
      waiting.push(known === 0 ? piece : { ...piece, data: piece.data.subarray(known) });
      waitingBytes += piece.data.length - known;
    }
    if (trouble !== undefined) waiting = [];
    else if (waiting.length > 0) writing ??= write();
    if (trouble === undefined && waitingBytes > MOST_WAITING) source.pause();
  }

  async function write(): Promise<void> {
    while (waiting.length > 0) {
      const pieces = waiting;
      waiting = [];
      waitingBytes = 0;
      source.resume();
      await log.append(pieces).catch((error: unknown) => {
        trouble ??= error;
        waiting = [];
      });
    }
    writing = undefined;
    source.resume();
  }

  return new Promise((resolve, reject) => {
    const finish = (error?: unknown): void => {
      void (writing ?? Promise.resolve()).then(() => {
        const failure = error ?? trouble;
        if (failure === undefined) resolve();
        else reject(failure);
      });
    };
    source.on("data", take);
    source.once("error", finish);
    source.once("end", () => finish());
    // Destroyed without an end or an error: nobody knows whether this was all.
    source.once("close", () => {
      if (!source.readableEnded) finish(new Error("the connection to the container was closed"));
    });
  });
}
