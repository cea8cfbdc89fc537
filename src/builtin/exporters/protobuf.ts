/* As much of protocol buffers' wire format as is needed for writing. Each gives a field with its number. */

const VARINT = 0;
const FIXED64 = 1;
const BYTES = 2;

/** A whole message. */
export function message(...fields: readonly Uint8Array[]): Buffer {
  return Buffer.concat(fields);
}

export function bytesField(number: number, bytes: Uint8Array): Buffer {
  return Buffer.concat([varint(BigInt((number << 3) | BYTES)), varint(BigInt(bytes.length)), bytes]);
}

export function textField(number: number, text: string): Buffer {
  return bytesField(number, Buffer.from(text));
}

export function doubleField(number: number, value: number): Buffer {
  const bytes = Buffer.allocUnsafe(9);
  bytes[0] = (number << 3) | FIXED64;
  bytes.writeDoubleLE(value, 1);
  return bytes;
}

/** A whole number up to 64 bits; negative ones take ten bytes. */
export function integerField(number: number, value: number): Buffer {
  return Buffer.concat([varint(BigInt((number << 3) | VARINT)), varint(BigInt.asUintN(64, BigInt(value)))]);
}

function varint(value: bigint): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
  bytes.push(Number(rest));
  return Buffer.from(bytes);
}
