/*
 * Reads messages of Protocol Buffers without their schema: who reads knows the numbers of the fields. What lies beyond
 * the end of the bytes throws `ProtobufError`.
 */

export class ProtobufError extends Error {}

export class ProtobufReader {
  readonly bytes: Buffer;
  at: number;
  readonly end: number;
  /** Number of the field that `next` came to, and how its value is written. */
  field = 0;
  wire = 0;

  constructor(bytes: Buffer, at = 0, end: number = bytes.length) {
    this.bytes = bytes;
    this.at = at;
    this.end = end;
  }

  /** Goes to the next field; its value must then be read or skipped. False at the end. */
  next(): boolean {
    if (this.at >= this.end) return false;
    const tag = this.varint();
    this.field = Math.floor(tag / 8);
    this.wire = tag % 8;
    return true;
  }

  /** An unsigned number; exact up to 2^53. */
  varint(): number {
    const { bytes } = this;
    let value = 0;
    let scale = 1;
    for (let i = 0; i < 10; i++) {
      if (this.at >= this.end) throw new ProtobufError("a number is cut off");
      const byte = bytes[this.at++] as number;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
      scale *= 128;
    }
    throw new ProtobufError("a number is too long");
  }

  /** A number of type int64 or int32, which may be negative. */
  int(): number {
    const start = this.at;
    const value = this.varint();
    if (this.at - start < 10) return value;
    let exact = 0n;
    for (let i = 0; i < 10; i++) exact |= BigInt((this.bytes[start + i] as number) & 0x7f) << BigInt(7 * i);
    return Number(BigInt.asIntN(64, exact));
  }

  /** A number of type sint64. */
  zigzag(): number {
    const start = this.at;
    const value = this.varint();
    if (value <= Number.MAX_SAFE_INTEGER) return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
    let exact = 0n;
    for (let i = 0; start + i < this.at; i++) {
      exact |= BigInt((this.bytes[start + i] as number) & 0x7f) << BigInt(7 * i);
    }
    return Number((exact >> 1n) ^ -(exact & 1n));
  }

  double(): number {
    this.#need(8);
    this.at += 8;
    return this.bytes.readDoubleLE(this.at - 8);
  }

  float(): number {
    this.#need(4);
    this.at += 4;
    return this.bytes.readFloatLE(this.at - 4);
  }

  /** Where the bytes of the value begin; `at` is behind them afterwards. */
  span(): number {
    const length = this.varint();
    this.#need(length);
    const start = this.at;
    this.at += length;
    return start;
  }

  text(): string {
    const start = this.span();
    return this.bytes.toString("utf8", start, this.at);
  }

  /** A view, not a copy. */
  data(): Buffer {
    const start = this.span();
    return this.bytes.subarray(start, this.at);
  }

  message(): ProtobufReader {
    const start = this.span();
    return new ProtobufReader(this.bytes, start, this.at);
  }

  skip(): void {
    if (this.wire === 0) this.varint();
    else if (this.wire === 1) this.#jump(8);
    else if (this.wire === 2) this.span();
    else if (this.wire === 5) this.#jump(4);
    else throw new ProtobufError(`a field is of the unknown kind ${this.wire}`);
  }

  #jump(bytes: number): void {
    this.#need(bytes);
    this.at += bytes;
  }

  #need(bytes: number): void {
    if (this.at + bytes > this.end) throw new ProtobufError("a value is cut off");
  }
}

/** A point in time (`google.protobuf.Timestamp`), milliseconds since the epoch. */
export function timestampMs(message: ProtobufReader): number {
  let [seconds, nanos] = [0, 0];
  while (message.next()) {
    if (message.field === 1) seconds = message.int();
    else if (message.field === 2) nanos = message.int();
    else message.skip();
  }
  return seconds * 1000 + nanos / 1e6;
}
