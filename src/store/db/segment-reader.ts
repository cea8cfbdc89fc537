import {
  FILE_HEADER_BYTES,
  FORMAT_VERSION,
  FRAME_TYPE,
  FrameReader,
  type FrameResult,
  parseFileHeader,
  salvageFrames,
} from "../../util/frame.ts";
import { errorCode, type Files, READ } from "./files.ts";
import type { SegmentName } from "./layout.ts";
import { decodeTransaction, type Transaction } from "./payload.ts";

export interface ReadFrom {
  /** Byte of the next frame; 0 when nothing was read yet. */
  readonly offset: number;
  readonly sequence: number;
}

/** How far a segment could be read. `offset` and `sequence` are of the next frame. */
export interface SegmentRead {
  readonly offset: number;
  readonly sequence: number;
  /** Size of the file when it was opened, bytes. */
  readonly size: number;
  /**
   * `end`: read to the last byte. `sealed`: to the mark of a clean end. `torn`: the rest is no whole frame (in
   * flight, or cut by a crash). `damaged`: there are valid frames after a bad one. `newer`: of a later version.
   */
  readonly state: "end" | "sealed" | "torn" | "damaged" | "newer";
  /** Frames after the damage. */
  readonly salvageable: number;
  /** The later format version. */
  readonly version?: number;
  /** Whole frames whose content was no transaction. */
  readonly undecodable: number;
}

/**
 * Reads on in a segment. Yields every transaction, so that the caller can stop for a while between two.
 * Returns undefined when there is no such file.
 */
export function* readSegment(
  files: Files,
  folder: string,
  name: SegmentName,
  from: ReadFrom,
): Generator<Transaction, SegmentRead | undefined> {
  const fd = openSegment(files, folder, name.file);
  if (fd === undefined) return undefined;
  try {
    return yield* readOpen(files, fd, name, from);
  } finally {
    files.closeSync(fd);
  }
}

/** Number of valid frames in a file from `offset` on, numbered `sequence` or higher. */
export function countFrames(bytes: Buffer, offset: number, salt: number, sequence: number): number {
  let count = 0;
  for (const _ of salvageFrames(bytes, offset, salt, sequence)) count += 1;
  return count;
}

/** A segment under its name or, when it was retired meanwhile, under that one. */
function openSegment(files: Files, folder: string, file: string): number | undefined {
  const other = file.endsWith(".ret") ? file.slice(0, -4) : `${file}.ret`;
  for (const name of [file, other]) {
    try {
      return files.openSync(`${folder}/${name}`, READ);
    } catch (error) {
      if (errorCode(error) !== "ENOENT") throw error;
    }
  }
  return undefined;
}

function* readOpen(
  files: Files,
  fd: number,
  name: SegmentName,
  from: ReadFrom,
): Generator<Transaction, SegmentRead> {
  const size = files.fstatSync(fd).size;
  const at = { size, offset: from.offset, sequence: from.sequence, salvageable: 0, undecodable: 0 };
  const header = parseFileHeader(readBytes(files, fd, 0, FILE_HEADER_BYTES), "DATMOSEG");
  if (header.state === "newer") return { ...at, state: "newer", version: header.version };
  if (header.state === "short") return { ...at, state: "torn" };
  const named =
    header.state === "ok" &&
    name.writer.startsWith(header.header.writer) &&
    header.header.segment === name.number;
  if (!named) return judge(at, readBytes(files, fd, 0, size), 20);
  return yield* readFrames(files, fd, size, header.header.salt, from);
}

/** A header that does not hold: damage when the salt in it still leads to valid frames. */
function judge(at: Omit<SegmentRead, "state">, bytes: Buffer, saltAt: number): SegmentRead {
  if (bytes.length < FILE_HEADER_BYTES) return { ...at, state: "torn" };
  const salvageable = countFrames(bytes, 0, bytes.readUInt32LE(saltAt), at.sequence);
  return { ...at, salvageable, state: salvageable > 0 ? "damaged" : "torn" };
}

function* readFrames(
  files: Files,
  fd: number,
  size: number,
  salt: number,
  from: ReadFrom,
): Generator<Transaction, SegmentRead> {
  const reader = new FrameReader(salt, from.offset || FILE_HEADER_BYTES, from.sequence);
  let undecodable = 0;
  const read = (state: SegmentRead["state"], more: Partial<SegmentRead> = {}): SegmentRead => {
    const { offset, sequence } = reader;
    return { offset, sequence, size, state, salvageable: 0, undecodable, ...more };
  };
  for (;;) {
    const result = nextFrame(files, fd, size, reader);
    if (result.state !== "frame") {
      if (reader.offset >= size) return read("end");
      const rest = readBytes(files, fd, reader.offset, size - reader.offset);
      const salvageable = countFrames(rest, 1, salt, reader.sequence);
      return salvageable > 0 ? read("damaged", { salvageable }) : read("torn");
    }
    const { type, flags, payload } = result.frame;
    if (type === FRAME_TYPE.SEAL) return read("sealed");
    if (type !== FRAME_TYPE.TXN || flags !== 0) return read("newer", { version: FORMAT_VERSION + 1 });
    const transaction = decodeTransaction(payload);
    if (transaction) yield transaction;
    else undecodable += 1;
  }
}

/** The next frame, more of the file read as needed. */
function nextFrame(files: Files, fd: number, size: number, reader: FrameReader): FrameResult {
  for (;;) {
    const result = reader.next();
    if (result.state !== "short") return result;
    const position = reader.offset + reader.pending;
    if (position >= size) return result;
    const wanted = Math.max(READ_PIECE, result.needed - reader.pending);
    const bytes = readBytes(files, fd, position, Math.min(wanted, size - position));
    if (bytes.length === 0) return result;
    reader.push(bytes);
  }
}

const READ_PIECE = 256 * 1024;

/** Bytes of a file; fewer when it ends before. */
function readBytes(files: Files, fd: number, position: number, length: number): Buffer {
  const bytes = Buffer.allocUnsafe(length);
  let done = 0;
  while (done < length) {
    const n = files.readSync(fd, bytes, done, length - done, position + done);
    if (n === 0) break;
    done += n;
  }
  return bytes.subarray(0, done);
}
