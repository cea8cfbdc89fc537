import { promisify } from "node:util";
import { deflateRaw, inflateRaw, type ZlibOptions } from "node:zlib";
import { type ColumnForm, chooseForm, decodeColumn, encodeColumn } from "./column-codec.ts";
import { borrow, giveBack } from "./scratch.ts";

/* The payload of a CHUNK frame of a sealed file: up to 16,384 points of one series. See `docs/formats.md`. */

export const BLOCK_POINTS = 16_384;
const HEADER_BYTES = 24;

export interface BlockColumns {
  readonly step: Float64Array;
  readonly at: Float64Array;
  readonly value: Float64Array;
}

/** The deflated payload of a block. */
export async function packBlock(series: number, columns: BlockColumns): Promise<Buffer> {
  const n = columns.step.length;
  const bytes = borrow(HEADER_BYTES + n * 24);
  bytes.fill(0, 0, HEADER_BYTES);
  bytes.writeUInt32LE(series, 0);
  bytes.writeUInt32LE(n, 4);
  [columns.step, columns.at, columns.value].forEach((column, i) => {
    const form = chooseForm(column);
    bytes.set([form.kind, form.order, form.scale], 8 + i * 3);
    encodeColumn(column, form, bytes.subarray(HEADER_BYTES + i * n * 8, HEADER_BYTES + (i + 1) * n * 8));
  });
  // Mostly a third is left; more comes in several pieces.
  const payload = await deflate(bytes, { level: 4, chunkSize: Math.max(64, bytes.length >> 1) });
  giveBack(bytes);
  return payload;
}

/** Inflates the payload of a block of `points` points, as far as known. Undefined when it is none. */
export async function inflateBlock(payload: Buffer, points = BLOCK_POINTS): Promise<Buffer | undefined> {
  // One piece of output: putting many together costs more than inflating.
  const options = {
    maxOutputLength: HEADER_BYTES + BLOCK_POINTS * 24,
    chunkSize: HEADER_BYTES + points * 24 + 64,
  };
  const bytes = await inflate(payload, options).catch(() => undefined);
  const whole =
    bytes && bytes.length >= HEADER_BYTES && bytes.length === HEADER_BYTES + blockPoints(bytes) * 24;
  return whole ? bytes : undefined;
}

/** Number of points of an inflated block. */
export function blockPoints(bytes: Buffer): number {
  return bytes.readUInt32LE(4);
}

/** Number of the series of an inflated block. */
export function blockSeries(bytes: Buffer): number {
  return bytes.readUInt32LE(0);
}

/** The points of an inflated block, put into `columns` from `start` on. */
export function decodeBlock(bytes: Buffer, columns: BlockColumns, start = 0): void {
  const n = blockPoints(bytes);
  [columns.step, columns.at, columns.value].forEach((column, i) => {
    const from = HEADER_BYTES + i * n * 8;
    decodeColumn(
      bytes.subarray(from, from + n * 8),
      formAt(bytes, 8 + i * 3),
      column.subarray(start, start + n),
    );
  });
}

/** The points of an inflated block. */
export function blockColumns(bytes: Buffer): BlockColumns {
  const n = blockPoints(bytes);
  const columns = { step: new Float64Array(n), at: new Float64Array(n), value: new Float64Array(n) };
  decodeBlock(bytes, columns);
  return columns;
}

const deflate: (bytes: Buffer, options: ZlibOptions) => Promise<Buffer> = promisify(deflateRaw);
const inflate: (bytes: Buffer, options: ZlibOptions) => Promise<Buffer> = promisify(inflateRaw);

function formAt(bytes: Buffer, offset: number): ColumnForm {
  return { kind: bytes[offset] === 1 ? 1 : 0, order: bytes[offset + 1]!, scale: bytes[offset + 2]! };
}
