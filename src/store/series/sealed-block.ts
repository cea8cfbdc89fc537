import { promisify } from "node:util";
import { deflateRaw, inflateRaw, type ZlibOptions } from "node:zlib";
import { type ColumnForm, chooseForm, decodeColumn, encodeColumn } from "./column-codec.ts";

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
  const bytes = Buffer.alloc(HEADER_BYTES + n * 24);
  bytes.writeUInt32LE(series, 0);
  bytes.writeUInt32LE(n, 4);
  [columns.step, columns.at, columns.value].forEach((column, i) => {
    const form = chooseForm(column);
    bytes.set([form.kind, form.order, form.scale], 8 + i * 3);
    encodeColumn(column, form, bytes.subarray(HEADER_BYTES + i * n * 8, HEADER_BYTES + (i + 1) * n * 8));
  });
  return deflate(bytes, { level: 4, chunkSize: bytes.length + 64 });
}

/** Reads the deflated payload of a block of `points` points, as far as known. Undefined when it is none. */
export async function unpackBlock(
  payload: Buffer,
  points = BLOCK_POINTS,
): Promise<({ series: number } & BlockColumns) | undefined> {
  // One piece of output: putting many together costs more than inflating.
  const options = {
    maxOutputLength: HEADER_BYTES + BLOCK_POINTS * 24,
    chunkSize: HEADER_BYTES + points * 24 + 64,
  };
  const bytes = await inflate(payload, options).catch(() => undefined);
  if (bytes === undefined || bytes.length < HEADER_BYTES) return undefined;
  const n = bytes.readUInt32LE(4);
  if (bytes.length !== HEADER_BYTES + n * 24) return undefined;
  const [step, at, value] = [0, 1, 2].map((i) => {
    const start = HEADER_BYTES + i * n * 8;
    return decodeColumn(bytes.subarray(start, start + n * 8), formAt(bytes, 8 + i * 3), n);
  });
  return { series: bytes.readUInt32LE(0), step: step!, at: at!, value: value! };
}

const deflate: (bytes: Buffer, options: ZlibOptions) => Promise<Buffer> = promisify(deflateRaw);
const inflate: (bytes: Buffer, options: ZlibOptions) => Promise<Buffer> = promisify(inflateRaw);

function formAt(bytes: Buffer, offset: number): ColumnForm {
  return { kind: bytes[offset] === 1 ? 1 : 0, order: bytes[offset + 1]!, scale: bytes[offset + 2]! };
}
