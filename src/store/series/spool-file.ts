import { crc32 } from "node:zlib";
import { errors } from "../../protocol/errors.ts";
import type { PointBuffer } from "./point-buffer.ts";
import { errorCode, OPEN_READ_UNTRUSTED, readInto, type SeriesFs } from "./series-fs.ts";

/* Reading of spool files, which a run's own processes write: see `docs/formats.md`, "Spool". */

export const SPOOL_HEADER_BYTES = 64;
export const SLOT_BYTES = 32;
const SPOOL_VERSION = 1;
const MAX_SPOOL_BYTES = 64 * 1024 * 1024;
const DEFINITION = 0xffffffff;
const HIGHEST_NUMBER = 0xffffffef;
const MAX_NAME_BYTES = 1_000;

/** An open spool file whose header is good. */
export interface SpoolFile {
  readonly file: number;
  /** 16 hexadecimal digits. */
  readonly id: string;
  readonly bytes: number;
}

/** Opens a spool of the run. Nothing about the file is trusted; throws `SPOOL_INVALID`. */
export async function openSpool(fs: SeriesFs, path: string, runId: string): Promise<SpoolFile> {
  const refuse = (reason: string): Error => errors.SPOOL_INVALID({ file: path, reason });
  let file: number;
  try {
    file = await fs.open(path, OPEN_READ_UNTRUSTED);
  } catch (error) {
    const code = errorCode(error);
    if (code === "ELOOP" || code === "EMLINK") throw refuse("it is a symbolic link");
    throw refuse(code === "ENOENT" ? "there is no such file" : (error as Error).message);
  }
  try {
    const facts = await fs.stat(file);
    if (!facts.isFile) throw refuse("it is not a regular file");
    const user = process.geteuid?.();
    if (user !== undefined && user !== 0 && facts.owner !== user) throw refuse("it belongs to another user");
    if (facts.bytes > MAX_SPOOL_BYTES) throw refuse("it is larger than 64 MiB");
    const header = Buffer.alloc(SPOOL_HEADER_BYTES);
    const got = await readInto(fs, file, header, SPOOL_HEADER_BYTES, 0);
    const wrong = wrongHeader(header.subarray(0, got), runId);
    if (wrong) throw refuse(wrong);
    return { file, id: header.toString("hex", 16, 24), bytes: facts.bytes };
  } catch (error) {
    await fs.close(file);
    throw error;
  }
}

/** What `parseSlots` came upon. */
export interface SlotsParsed {
  /** Slots that are valid and were taken. */
  readonly slots: number;
  /** `end`: an invalid slot. `more`: the bytes end inside the record of a name. `undefined`: all were taken. */
  readonly stop: "end" | "more" | "undefined name" | undefined;
}

/** The spool's numbers of names → numbers of the series of the run. */
export class SpoolNames {
  readonly #low: number[] = [];
  readonly #high = new Map<number, number>();

  get(number: number): number | undefined {
    return number < 0x10000 ? this.#low[number] : this.#high.get(number);
  }

  set(number: number, series: number): void {
    if (number >= 0x10000) this.#high.set(number, series);
    else {
      // Without holes, which would slow every look-up down.
      while (this.#low.length < number) this.#low.push(-1);
      this.#low[number] = series;
    }
  }
}

export interface SlotTarget {
  readonly names: SpoolNames;
  numberOf(name: string): number;
  /** Where points go; absent: only names are wanted. */
  readonly points?: PointBuffer;
  /** Pairs: before this point, so many slots hold none. */
  readonly gaps: number[];
}

/** Takes the slots in `bytes`, whose memory begins at a multiple of 8; the first of them has the index `firstSlot`. */
export function parseSlots(bytes: Buffer, firstSlot: number, target: SlotTarget): SlotsParsed {
  const count = Math.floor(bytes.length / SLOT_BYTES);
  const words = new Uint32Array(bytes.buffer, bytes.byteOffset, count * 8);
  let i = 0;
  while (i < count) {
    const number = words[i * 8 + 6]!;
    const check = words[i * 8 + 7]!;
    if (number === DEFINITION) {
      const used = takeName(bytes, words, i, firstSlot + i, target);
      if (used <= 0) return { slots: i, stop: used === 0 ? "end" : "more" };
      target.gaps.push(target.points?.length ?? 0, used);
      i += used;
      continue;
    }
    if (check !== slotCheck(firstSlot + i, number)) return { slots: i, stop: "end" };
    const past = takePoints(bytes, words, i, count, firstSlot, target);
    if (past === i) return { slots: i, stop: "undefined name" };
    i = past;
  }
  return { slots: count, stop: undefined };
}

function wrongHeader(header: Buffer, runId: string): string | undefined {
  if (header.length < SPOOL_HEADER_BYTES) return "it has no header";
  if (header.toString("latin1", 0, 8) !== "DATMOSPL") return "it is not a spool";
  if (crc32(header.subarray(0, 60)) !== header.readUInt32LE(60)) return "its header is damaged";
  const version = header.readUInt32LE(8);
  if (version !== SPOOL_VERSION) return `it has format ${version}; this datmo knows ${SPOOL_VERSION}`;
  if (header.readUInt32LE(12) !== SPOOL_HEADER_BYTES) return "its header has another size";
  if (header.toString("latin1", 24, 50) !== runId) return "it belongs to another run";
  return undefined;
}

function slotCheck(slot: number, number: number): number {
  return (Math.imul(slot, 2654435761) + number + 1) >>> 0;
}

/** Takes points from slot `start` on, up to anything else. Returns the slot it stopped at. */
function takePoints(
  bytes: Buffer,
  words: Uint32Array,
  start: number,
  count: number,
  firstSlot: number,
  target: SlotTarget,
): number {
  const { names, points } = target;
  const numbers = new Float64Array(bytes.buffer, bytes.byteOffset, count * 4);
  points?.reserve(count - start);
  let n = points?.length ?? 0;
  let i = start;
  for (; i < count; i++) {
    const word = i * 8;
    const number = words[word + 6]!;
    if (number > HIGHEST_NUMBER || words[word + 7] !== slotCheck(firstSlot + i, number)) break;
    const series = names.get(number);
    if (series === undefined || series < 0) break;
    if (points === undefined) continue;
    const at = numbers[i * 4 + 2]! * 1000;
    points.series[n] = series;
    points.step[n] = (words[word + 1]! | 0) * 0x100000000 + words[word]!;
    points.value[n] = numbers[i * 4 + 1]!;
    // A time that is no number could not be ordered.
    points.at[n] = Number.isFinite(at) ? at : 0;
    n += 1;
  }
  if (points) points.length = n;
  return i;
}

/** Slots that a name takes; 0 when it is not valid, -1 when it goes beyond `bytes`. */
function takeName(bytes: Buffer, words: Uint32Array, i: number, slot: number, target: SlotTarget): number {
  const number = words[i * 8]!;
  const length = bytes.readDoubleLE(i * SLOT_BYTES + 8);
  const sane = Number.isInteger(length) && length >= 0 && length <= MAX_NAME_BYTES;
  if (!sane || words[i * 8 + 1] !== 0 || number > HIGHEST_NUMBER) return 0;
  const used = 1 + Math.ceil(length / SLOT_BYTES);
  const start = (i + 1) * SLOT_BYTES;
  if (start + (used - 1) * SLOT_BYTES > bytes.length) return -1;
  const name = bytes.subarray(start, start + length);
  const check = (crc32(name) ^ slotCheck(slot, DEFINITION)) >>> 0;
  if (check !== words[i * 8 + 7]) return 0;
  target.names.set(number, target.numberOf(name.toString("utf8")));
  return used;
}
