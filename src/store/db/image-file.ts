import { crc32 } from "node:zlib";

/* A snapshot file is a SQLite database whose `user_version` is the CRC-32 of all its other bytes. */

/** The bytes are no snapshot that was written whole. */
export class BadImage extends Error {}

/** Place of SQLite's `user_version`. */
export const CHECKSUM_AT = 60;

/** Throws BadImage unless the bytes are a snapshot that was written whole. */
export function verifyImage(bytes: Buffer): void {
  const whole =
    bytes.length >= 512 &&
    bytes.toString("latin1", 0, 15) === "SQLite format 3" &&
    bytes.readUInt32BE(CHECKSUM_AT) === imageChecksum(bytes);
  if (!whole) throw new BadImage("its checksum does not hold");
}

/** Puts the checksum into a database's bytes. */
export function sealImage(bytes: Buffer): void {
  bytes.writeUInt32BE(imageChecksum(bytes), CHECKSUM_AT);
}

function imageChecksum(bytes: Buffer): number {
  return crc32(bytes.subarray(CHECKSUM_AT + 4), crc32(bytes.subarray(0, CHECKSUM_AT)));
}
