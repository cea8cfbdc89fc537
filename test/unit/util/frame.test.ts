import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { describe, it } from "node:test";
import {
  encodeFileHeader,
  encodeFrame,
  FILE_HEADER_BYTES,
  FRAME_HEADER_BYTES,
  FRAME_TYPE,
  FrameReader,
  finishFrame,
  MAX_PAYLOAD_BYTES,
  parseFileHeader,
  readFrame,
  salvageFrames,
} from "../../../src/util/frame.ts";

const SALT = 0x9e3779b9;
const WRITER = "00112233445566778899aabbccddeeff";

function frameOf(sequence: number, text: string, salt = SALT): Buffer {
  return encodeFrame({ type: FRAME_TYPE.TXN, flags: 0, sequence, payload: Buffer.from(text) }, salt);
}

describe("file header", () => {
  const bytes = encodeFileHeader({ magic: "DATMOSEG", writer: WRITER, segment: 7, salt: SALT });

  it("comes back as it was written", () => {
    assert.equal(bytes.length, FILE_HEADER_BYTES);
    const result = parseFileHeader(bytes, "DATMOSEG");
    const header = { magic: "DATMOSEG", writer: WRITER.slice(0, 16), segment: 7, salt: SALT };
    assert.deepEqual(result, { state: "ok", header });
  });

  it("is short at every length below 32, wrong for another kind, bad after any bit flip", () => {
    for (let n = 0; n < 32; n++) {
      assert.equal(parseFileHeader(bytes.subarray(0, n), "DATMOSEG").state, "short", `${n} bytes`);
    }
    assert.deepEqual(parseFileHeader(bytes, "DATMOSER"), { state: "bad", reason: "magic" });
    for (let bit = 0; bit < 256; bit++) {
      const copy = Buffer.from(bytes);
      copy[bit >> 3]! ^= 1 << (bit & 7);
      assert.equal(parseFileHeader(copy, "DATMOSEG").state, "bad", `bit ${bit}`);
    }
  });

  it("tells a newer version from damage", async () => {
    const { crc32 } = await import("node:zlib");
    const copy = Buffer.from(bytes);
    copy.writeUInt32LE(2, 24);
    copy.writeUInt32LE(crc32(copy.subarray(0, 28)), 28);
    assert.deepEqual(parseFileHeader(copy, "DATMOSEG"), { state: "newer", version: 2 });
  });
});

describe("frames", () => {
  it("are read back, and a frame of another file never validates", () => {
    const result = readFrame(frameOf(3, "hello"), 0, SALT, 3);
    assert.ok(result.state === "frame");
    assert.equal(result.frame.payload.toString(), "hello");
    assert.equal(result.end, FRAME_HEADER_BYTES + 5);
    assert.deepEqual(readFrame(frameOf(3, "hello", SALT + 1), 0, SALT, 3), {
      state: "bad",
      reason: "checksum",
    });
    assert.deepEqual(readFrame(frameOf(2, "hello"), 0, SALT, 3), { state: "bad", reason: "sequence" });
  });

  it("are short when cut anywhere, bad after any bit flip", () => {
    const bytes = frameOf(0, "payload");
    for (let n = 0; n < bytes.length; n++) {
      assert.equal(readFrame(bytes.subarray(0, n), 0, SALT, 0).state, "short", `${n} bytes`);
    }
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const copy = Buffer.from(bytes);
      copy[bit >> 3]! ^= 1 << (bit & 7);
      // A flipped length may ask for more bytes than there are; that is indistinguishable from a torn write.
      assert.notEqual(readFrame(copy, 0, SALT, 0).state, "frame", `bit ${bit}`);
    }
    assert.equal(readFrame(Buffer.alloc(64), 0, SALT, 0).state, "bad");
  });

  it("can be built in place and refuse too long a payload", () => {
    const target = Buffer.alloc(100);
    target.write("inplace", 10 + FRAME_HEADER_BYTES);
    const end = finishFrame(target, 10, 7, { type: FRAME_TYPE.CHUNK, flags: 0, sequence: 9 }, SALT);
    const result = readFrame(target.subarray(0, end), 10, SALT, 9);
    assert.ok(result.state === "frame" && result.frame.payload.toString() === "inplace");
    const header = { type: FRAME_TYPE.CHUNK, flags: 0, sequence: 9 };
    assert.throws(() => finishFrame(target, 0, MAX_PAYLOAD_BYTES + 1, header, SALT), RangeError);
  });
});

describe("FrameReader", () => {
  it("gives the same frames however the bytes are cut", () => {
    const texts = Array.from({ length: 50 }, (_, n) => "x".repeat(n * 7));
    const whole = Buffer.concat(texts.map((text, n) => frameOf(n, text)));
    for (const piece of [1, 3, 16, 17, 100, 4096, whole.length]) {
      const reader = new FrameReader(SALT);
      const seen: string[] = [];
      for (let at = 0; at < whole.length; at += piece) {
        reader.push(Buffer.from(whole.subarray(at, at + piece)));
        let result = reader.next();
        for (; result.state === "frame"; result = reader.next()) seen.push(result.frame.payload.toString());
        assert.equal(result.state, "short");
      }
      assert.deepEqual(seen, texts);
      assert.equal(reader.offset, FILE_HEADER_BYTES + whole.length);
      assert.equal(reader.pending, 0);
    }
  });

  it("goes on from a remembered offset and stands still at damage", () => {
    const reader = new FrameReader(SALT, 500, 4);
    reader.push(Buffer.concat([frameOf(4, "a"), randomBytes(40)]));
    assert.equal(reader.next().state, "frame");
    assert.equal(reader.offset, 517);
    assert.notEqual(reader.next().state, "frame");
    assert.equal(reader.offset, 517);
    assert.equal(reader.sequence, 5);
  });
});

describe("salvage", () => {
  it("finds every frame after damage, none that is stale, none in noise", () => {
    const frames = Array.from({ length: 10 }, (_, n) => frameOf(n, `record ${n}`));
    const bytes = Buffer.concat(frames);
    bytes.fill(0, frames[0]!.length * 3, frames[0]!.length * 5 - 2);
    const found = [...salvageFrames(bytes, frames[0]!.length * 3, SALT, 3)].map((f) => f.frame.sequence);
    assert.deepEqual(found, [5, 6, 7, 8, 9]);
    const stale = Buffer.concat([frameOf(6, "six"), frameOf(4, "four")]);
    const kept = [...salvageFrames(stale, 0, SALT, 5)];
    assert.deepEqual(
      kept.map((f) => f.frame.sequence),
      [6],
    );
    assert.deepEqual([...salvageFrames(randomBytes(1 << 20), 0, SALT, 0)], []);
  });
});
