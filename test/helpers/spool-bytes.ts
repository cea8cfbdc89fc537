import { crc32 } from "node:zlib";

/** A spool with three names in turn, as `docs/formats.md` describes it. */
export function spoolBytes(run: string, count: number, id: number): Buffer {
  const names = ["loss", "accuracy", "lr"];
  const bytes = Buffer.alloc(64 + 32 * (count + 2 * names.length));
  bytes.write("DATMOSPL", 0, "latin1");
  bytes.writeUInt32LE(1, 8);
  bytes.writeUInt32LE(64, 12);
  bytes.writeUInt32LE(id + 1, 16);
  bytes.write(run, 24, "latin1");
  bytes.writeUInt32LE(crc32(bytes.subarray(0, 60)), 60);
  const check = (slot: number, number: number): number => (Math.imul(slot, 2654435761) + number + 1) >>> 0;
  let slot = 0;
  for (const [number, name] of names.entries()) {
    const at = 64 + slot * 32;
    bytes.writeUInt32LE(number, at);
    bytes.writeDoubleLE(name.length, at + 8);
    bytes.writeUInt32LE(0xffffffff, at + 24);
    bytes.writeUInt32LE((crc32(name) ^ check(slot, 0xffffffff)) >>> 0, at + 28);
    bytes.write(name, at + 32);
    slot += 2;
  }
  for (let i = 0; i < count; i++, slot++) {
    const at = 64 + slot * 32;
    bytes.writeUInt32LE(Math.floor(i / 3), at);
    bytes.writeDoubleLE(Math.random(), at + 8);
    bytes.writeDoubleLE(1.7e9 + i / 300, at + 16);
    bytes.writeUInt32LE(i % 3, at + 24);
    bytes.writeUInt32LE(check(slot, i % 3), at + 28);
  }
  return bytes;
}
