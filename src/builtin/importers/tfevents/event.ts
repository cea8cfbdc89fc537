import { ProtobufReader } from "../protobuf.ts";

/* `tensorboard.Event` and what it holds, as far as runs need it. */

export interface TfEvent {
  /** Seconds since the epoch. */
  readonly wallTime: number;
  readonly step: number;
  readonly values: readonly SummaryValue[];
}

export interface SummaryValue {
  readonly tag: string;
  /** Name of the plugin whose data it is. Absent: as with the tag before, or of the first form of events. */
  readonly plugin?: string;
  /** The plugin's own data. */
  readonly content?: Buffer;
  readonly scalar?: number;
  readonly tensor?: Tensor;
  /** What else it is: an image, a histogram. */
  readonly other?: string;
}

export interface Tensor {
  readonly numbers: readonly number[];
  readonly texts: readonly string[];
}

export function readEvent(bytes: Buffer): TfEvent {
  const event = new ProtobufReader(bytes);
  let [wallTime, step] = [0, 0];
  let values: SummaryValue[] = [];
  while (event.next()) {
    if (event.field === 1 && event.wire === 1) wallTime = event.double();
    else if (event.field === 2 && event.wire === 0) step = event.int();
    else if (event.field === 5 && event.wire === 2) values = readSummary(event.message());
    else event.skip();
  }
  return { wallTime, step, values };
}

function readSummary(summary: ProtobufReader): SummaryValue[] {
  const values: SummaryValue[] = [];
  while (summary.next()) {
    if (summary.field === 1 && summary.wire === 2) values.push(readValue(summary.message()));
    else summary.skip();
  }
  return values;
}

const OTHERS: Readonly<Record<number, string>> = { 4: "images", 5: "histograms", 6: "audio" };

function readValue(value: ProtobufReader): SummaryValue {
  const read: { -readonly [K in keyof SummaryValue]: SummaryValue[K] } = { tag: "" };
  while (value.next()) {
    const { field, wire } = value;
    if (field === 1 && wire === 2) read.tag = value.text();
    else if (field === 2 && wire === 5) read.scalar = value.float();
    else if (field === 8 && wire === 2) read.tensor = readTensor(value.message());
    else if (field === 9 && wire === 2) Object.assign(read, readMetadata(value.message()));
    else {
      const other = OTHERS[field];
      if (other !== undefined) read.other = other;
      value.skip();
    }
  }
  return read;
}

function readMetadata(metadata: ProtobufReader): Pick<SummaryValue, "plugin" | "content"> {
  let found: Pick<SummaryValue, "plugin" | "content"> = {};
  while (metadata.next()) {
    if (metadata.field !== 1 || metadata.wire !== 2) {
      metadata.skip();
      continue;
    }
    const data = metadata.message();
    while (data.next()) {
      if (data.field === 1 && data.wire === 2) found = { ...found, plugin: data.text() };
      else if (data.field === 2 && data.wire === 2) found = { ...found, content: data.data() };
      else data.skip();
    }
  }
  return found;
}

const [FLOAT, DOUBLE, INT32, INT64, HALF] = [1, 2, 3, 9, 19];

function readTensor(tensor: ProtobufReader): Tensor {
  let type = 0;
  let content: Buffer | undefined;
  const numbers: number[] = [];
  const texts: string[] = [];
  while (tensor.next()) {
    const { field, wire } = tensor;
    if (field === 1 && wire === 0) type = tensor.varint();
    else if (field === 4 && wire === 2) content = tensor.data();
    else if (field === 5) packed(tensor, 5, numbers, (it) => it.float());
    else if (field === 6) packed(tensor, 1, numbers, (it) => it.double());
    else if (field === 7 || field === 10 || field === 11) packed(tensor, 0, numbers, (it) => it.int());
    else if (field === 13) packed(tensor, 0, numbers, (it) => halfFloat(it.varint()));
    else if (field === 8 && wire === 2) texts.push(tensor.text());
    else tensor.skip();
  }
  if (content && content.length > 0) numbers.push(...numbersIn(content, type));
  return { numbers, texts };
}

/** A repeated number: all of them in one stretch of bytes, or each as a field of its own. */
function packed(
  tensor: ProtobufReader,
  single: number,
  numbers: number[],
  read: (from: ProtobufReader) => number,
): void {
  if (tensor.wire === single) numbers.push(read(tensor));
  else if (tensor.wire === 2) {
    const all = tensor.message();
    while (all.at < all.end) numbers.push(read(all));
  } else tensor.skip();
}

/** The first number is all that a scalar has. */
function numbersIn(content: Buffer, type: number): number[] {
  if (type === FLOAT && content.length >= 4) return [content.readFloatLE(0)];
  if (type === DOUBLE && content.length >= 8) return [content.readDoubleLE(0)];
  if (type === INT32 && content.length >= 4) return [content.readInt32LE(0)];
  if (type === INT64 && content.length >= 8) return [Number(content.readBigInt64LE(0))];
  if (type === HALF && content.length >= 2) return [halfFloat(content.readUInt16LE(0))];
  return [];
}

function halfFloat(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0x1f) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
