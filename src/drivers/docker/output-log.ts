import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { join } from "node:path";
import type { Piece } from "./demux.ts";

/*
 * `output.log` of a container, and how far each of its two streams has come in it.
 *
 * The engine keeps the container's output too, stream by stream, but the order between the two streams may be
 * another one there. So that a later engine can go on to the byte where this one was killed, `output.pos` says
 * before each write what comes: 8 bytes of stream number and length, as in the engine's own frames. The length of
 * output.log then tells how much of what was announced is there. Nothing is synced: what must be survived is the
 * death of a process; after a power cut the whole log is taken from the engine again.
 */

export interface OutputLog {
  append(pieces: readonly Piece[]): Promise<void>;
  /** Bytes that the file holds of standard output and standard error. */
  taken(): { readonly 1: number; readonly 2: number };
  close(): Promise<void>;
}

const RECORD_BYTES = 8;
const MOST_BYTES = 0xffff_ffff;

/** Opens both files where they are left; `afresh`: empties them first. */
export async function openOutputLog(taskDirectory: string, afresh = false): Promise<OutputLog> {
  const { O_RDWR, O_CREAT, O_APPEND, O_NOFOLLOW = 0 } = constants;
  const flags = O_RDWR | O_CREAT | O_APPEND | O_NOFOLLOW;
  const log = await open(join(taskDirectory, "output.log"), flags, 0o600);
  const positions = await open(join(taskDirectory, "output.pos"), flags, 0o600).catch(
    async (error: unknown) => {
      await log.close();
      throw error;
    },
  );
  try {
    const taken = await settle(log, positions, afresh);
    return createLog(log, positions, taken);
  } catch (error) {
    await Promise.all([log.close(), positions.close()]);
    throw error;
  }
}

function createLog(log: FileHandle, positions: FileHandle, taken: { 1: number; 2: number }): OutputLog {
  return {
    async append(pieces) {
      if (pieces.length === 0) return;
      await positions.appendFile(records(pieces));
      const [first] = pieces;
      const data = pieces.length === 1 ? first?.data : Buffer.concat(pieces.map((piece) => piece.data));
      await log.appendFile(data ?? "");
      for (const piece of pieces) taken[piece.stream] += piece.data.length;
    },
    taken: () => ({ ...taken }),
    async close() {
      await Promise.all([log.close(), positions.close()]);
    },
  };
}

/** Finds how far each stream has come, and makes the announcements say exactly that. */
async function settle(
  log: FileHandle,
  positions: FileHandle,
  afresh: boolean,
): Promise<{ 1: number; 2: number }> {
  const { size } = await log.stat();
  const announced = afresh ? undefined : readRecords(await positions.readFile(), size);
  // Not written by us, or torn by a power cut: all of it is taken from the engine again.
  if (!announced) await log.truncate(0);
  const taken = announced ?? { 1: 0, 2: 0 };
  await positions.truncate(0);
  const pieces: [1 | 2, number][] = [
    [1, taken[1]],
    [2, taken[2]],
  ];
  await positions.appendFile(Buffer.concat(pieces.flatMap(([stream, bytes]) => record(stream, bytes))));
  return taken;
}

/** Undefined when what is announced does not reach the size of the log. */
function readRecords(content: Buffer, size: number): { 1: number; 2: number } | undefined {
  const taken = { 1: 0, 2: 0 };
  let left = size;
  for (let at = 0; at + RECORD_BYTES <= content.length && left > 0; at += RECORD_BYTES) {
    const stream = content[at] === 2 ? 2 : 1;
    const bytes = Math.min(left, content.readUInt32BE(at + 4));
    taken[stream] += bytes;
    left -= bytes;
  }
  return left === 0 ? taken : undefined;
}

function records(pieces: readonly Piece[]): Buffer {
  const found: Buffer[] = [];
  let bytes = 0;
  for (const [index, piece] of pieces.entries()) {
    bytes += piece.data.length;
    if (pieces[index + 1]?.stream === piece.stream) continue;
    found.push(...record(piece.stream, bytes));
    bytes = 0;
  }
  return found.length === 1 ? (found[0] as Buffer) : Buffer.concat(found);
}

function record(stream: 1 | 2, bytes: number): Buffer[] {
  const found: Buffer[] = [];
  for (let left = bytes; left > 0; left -= MOST_BYTES) {
    const one = Buffer.alloc(RECORD_BYTES);
    one[0] = stream;
    one.writeUInt32BE(Math.min(left, MOST_BYTES), 4);
    found.push(one);
  }
  return found;
}
