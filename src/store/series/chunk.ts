import { endianness } from "node:os";
import type { PointBuffer } from "./point-buffer.ts";

/* The payload of a CHUNK frame of a series file: see `docs/formats.md`, "Series". */

const HEADER_BYTES = 64;
const FLAG_WEAK = 1;

/** Where the points of a chunk came from. Points of one place are one point, however often they are stored. */
export interface ChunkSource {
  /** 16 hexadecimal digits. */
  readonly id: string;
  /** Positions [from, to). */
  readonly from: number;
  to: number;
  /** Positions that one point takes; 0: the chunk is taken or dropped as a whole. */
  readonly stride: number;
  /** Pairs: before this point (by its index), so many units of `stride` hold none. In rising order. */
  readonly gaps: readonly number[];
  /** Guessed: gives way to points of the same name that are not. */
  readonly weak: boolean;
}

/** A chunk as it was read. Columns are views of the bytes. */
export interface Chunk {
  readonly count: number;
  readonly source: ChunkSource;
  /** Number of the series of all points, or of each. */
  readonly series: number | Uint8Array | Uint16Array | Uint32Array;
  readonly baseStep: number;
  /** Distance of each step from `baseStep`, or the step itself when these are float64; absent: all are `baseStep`. */
  readonly steps: Int32Array | Float64Array | undefined;
  readonly values: Float64Array;
  readonly baseAt: number;
  readonly times: Float64Array | undefined;
}

interface Forms {
  readonly series: 0 | 1 | 2 | 4;
  readonly step: 0 | 4 | 8;
  readonly at: 0 | 8;
  readonly weak: boolean;
}

/** Chooses the narrowest form of each column. `points` must hold at least one. */
export function chunkForms(points: PointBuffer, source: ChunkSource): Forms {
  return { series: seriesForm(points), step: stepForm(points), at: timeForm(points), weak: source.weak };
}

/** Bytes of the payload, always a multiple of 8. */
export function chunkBytes(count: number, forms: Forms, gaps: number): number {
  return layout(count, forms, gaps).end;
}

/** Writes the payload at `offset`, a multiple of 8, of `target`, whose memory must begin at a multiple of 8. */
export function writeChunk(
  target: Buffer,
  offset: number,
  points: PointBuffer,
  source: ChunkSource,
  forms: Forms,
): void {
  const n = points.length;
  const places = layout(n, forms, source.gaps.length / 2);
  const start = target.byteOffset + offset;
  const memory = target.buffer;
  target.fill(0, offset, offset + HEADER_BYTES);
  writeHeader(target.subarray(offset, offset + HEADER_BYTES), points, source, forms);
  new Float64Array(memory, start + places.values, n).set(points.value.subarray(0, n));
  if (forms.at === 8) new Float64Array(memory, start + places.times, n).set(points.at.subarray(0, n));
  if (forms.step === 8) new Float64Array(memory, start + places.steps, n).set(points.step.subarray(0, n));
  if (forms.step === 4) {
    const steps = new Int32Array(memory, start + places.steps, n);
    const base = points.step[0]!;
    for (let i = 0; i < n; i++) steps[i] = points.step[i]! - base;
    target.fill(0, offset + places.steps + n * 4, offset + places.series);
  }
  if (forms.series !== 0) {
    const column = seriesView(memory, start + places.series, n, forms.series);
    column.set(points.series.subarray(0, n));
    target.fill(0, offset + places.series + n * forms.series, offset + places.gaps);
  }
  new Uint32Array(memory, start + places.gaps, source.gaps.length).set(source.gaps);
}

/** Reads a payload; undefined when it is none. */
export function readChunk(payload: Buffer): Chunk | undefined {
  if (payload.length < HEADER_BYTES) return undefined;
  const bytes = aligned(payload);
  const count = bytes.readUInt32LE(0);
  const [series, step, at, flags] = [bytes[4]!, bytes[5]!, bytes[6]!, bytes[7]!];
  const gapCount = bytes.readUInt32LE(36);
  if (![0, 1, 2, 4].includes(series) || ![0, 4, 8].includes(step) || ![0, 8].includes(at) || count === 0) {
    return undefined;
  }
  const forms = { series, step, at, weak: (flags & FLAG_WEAK) !== 0 } as Forms;
  const places = layout(count, forms, gapCount);
  if (places.end !== bytes.length) return undefined;
  const start = bytes.byteOffset;
  const gaps = gapCount === 0 ? [] : [...new Uint32Array(bytes.buffer, start + places.gaps, gapCount * 2)];
  return {
    count,
    source: {
      id: bytes.toString("hex", 8, 16),
      from: readPosition(bytes, 16),
      to: readPosition(bytes, 24),
      stride: bytes.readUInt32LE(32),
      gaps,
      weak: forms.weak,
    },
    series:
      forms.series === 0
        ? bytes.readUInt32LE(40)
        : seriesView(bytes.buffer, start + places.series, count, forms.series),
    baseStep: bytes.readDoubleLE(48),
    steps: stepView(bytes.buffer, start + places.steps, count, forms.step),
    values: new Float64Array(bytes.buffer, start + places.values, count),
    baseAt: bytes.readDoubleLE(56),
    times: forms.at === 8 ? new Float64Array(bytes.buffer, start + places.times, count) : undefined,
  };
}

/** Number of the series of point `i`. */
export function seriesOf(chunk: Chunk, i: number): number {
  return typeof chunk.series === "number" ? chunk.series : chunk.series[i]!;
}

export function stepOf(chunk: Chunk, i: number): number {
  const { steps } = chunk;
  if (steps === undefined) return chunk.baseStep;
  return steps instanceof Int32Array ? chunk.baseStep + steps[i]! : steps[i]!;
}

export function timeOf(chunk: Chunk, i: number): number {
  return chunk.times === undefined ? chunk.baseAt : chunk.times[i]!;
}

if (endianness() !== "LE") throw new Error("series files can be used on little-endian machines only");

function seriesForm(points: PointBuffer): Forms["series"] {
  const { series, length } = points;
  const first = series[0]!;
  let highest = first;
  let same = true;
  for (let i = 1; i < length; i++) {
    const number = series[i]!;
    if (number !== first) same = false;
    if (number > highest) highest = number;
  }
  if (same) return 0;
  return highest < 0x100 ? 1 : highest < 0x10000 ? 2 : 4;
}

function stepForm(points: PointBuffer): Forms["step"] {
  const { step, length } = points;
  const base = step[0]!;
  let form: 0 | 4 = 0;
  for (let i = 0; i < length; i++) {
    const distance = step[i]! - base;
    if (distance === 0) continue;
    // Only whole steps: base + distance is then exact.
    if ((distance | 0) !== distance || base + distance !== step[i]!) return 8;
    form = 4;
  }
  return form;
}

function timeForm(points: PointBuffer): Forms["at"] {
  const { at, length } = points;
  const first = at[0]!;
  for (let i = 1; i < length; i++) if (at[i] !== first) return 8;
  return 0;
}

interface Places {
  readonly values: number;
  readonly times: number;
  readonly steps: number;
  readonly series: number;
  readonly gaps: number;
  readonly end: number;
}

function layout(count: number, forms: Forms, gaps: number): Places {
  const values = HEADER_BYTES;
  const times = values + count * 8;
  const steps = times + count * forms.at;
  const series = padded(steps + count * forms.step);
  const gapsAt = padded(series + count * forms.series);
  return { values, times, steps, series, gaps: gapsAt, end: gapsAt + gaps * 8 };
}

function padded(bytes: number): number {
  return Math.ceil(bytes / 8) * 8;
}

function writeHeader(header: Buffer, points: PointBuffer, source: ChunkSource, forms: Forms): void {
  header.writeUInt32LE(points.length, 0);
  header[4] = forms.series;
  header[5] = forms.step;
  header[6] = forms.at;
  header[7] = forms.weak ? FLAG_WEAK : 0;
  header.write(source.id, 8, "hex");
  writePosition(header, 16, source.from);
  writePosition(header, 24, source.to);
  header.writeUInt32LE(source.stride, 32);
  header.writeUInt32LE(source.gaps.length / 2, 36);
  if (forms.series === 0) header.writeUInt32LE(points.series[0]!, 40);
  header.writeDoubleLE(points.step[0]!, 48);
  header.writeDoubleLE(points.at[0]!, 56);
}

function writePosition(header: Buffer, offset: number, position: number): void {
  header.writeUInt32LE(position % 0x100000000, offset);
  header.writeUInt32LE(Math.floor(position / 0x100000000), offset + 4);
}

function readPosition(bytes: Buffer, offset: number): number {
  return bytes.readUInt32LE(offset) + bytes.readUInt32LE(offset + 4) * 0x100000000;
}

function seriesView(
  memory: ArrayBufferLike,
  start: number,
  count: number,
  form: 1 | 2 | 4,
): Uint8Array | Uint16Array | Uint32Array {
  if (form === 1) return new Uint8Array(memory, start, count);
  return form === 2 ? new Uint16Array(memory, start, count) : new Uint32Array(memory, start, count);
}

function stepView(
  memory: ArrayBufferLike,
  start: number,
  count: number,
  form: Forms["step"],
): Int32Array | Float64Array | undefined {
  if (form === 0) return undefined;
  return form === 4 ? new Int32Array(memory, start, count) : new Float64Array(memory, start, count);
}

/** The same bytes at an address that 8-byte columns may begin at. */
function aligned(bytes: Buffer): Buffer {
  if (bytes.byteOffset % 8 === 0) return bytes;
  const copy = Buffer.allocUnsafeSlow(bytes.length);
  bytes.copy(copy);
  return copy;
}
