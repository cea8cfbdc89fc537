import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { PathSide } from "../../../src/protocol/types.ts";
import { AnswerRoom } from "../../../src/services/compare/answer-room.ts";
import { type ContentSide, compareContent } from "../../../src/services/compare/content-change.ts";

let read = 0;

function side(content: string | Buffer, facts: Partial<PathSide> = {}, path = "x.txt"): ContentSide {
  const bytes = Buffer.from(content);
  return {
    path,
    facts: { mode: "file", bytes: bytes.length, ...facts },
    key: bytes.toString("hex"),
    read: async () => {
      read++;
      return bytes;
    },
  };
}

describe("bounds of what is compared", () => {
  const full = { context: 3 };

  test("what is too large, or big, is not read", async () => {
    read = 0;
    const [a, b] = [side("a"), side("b", { bytes: 4 * 1024 * 1024 + 1 })];
    assert.deepEqual(await compareContent(a, b, full, new AnswerRoom()), { kind: "tooLarge" });
    const big = side("b", { sha256: "0".repeat(64) });
    assert.deepEqual(await compareContent(a, big, full, new AnswerRoom()), { kind: "big" });
    const notebook = side("{}", { bytes: 33 * 1024 * 1024, sha256: "0".repeat(64) }, "x.ipynb");
    assert.deepEqual(await compareContent(undefined, notebook, full, new AnswerRoom()), { kind: "big" });
    assert.deepEqual(await compareContent(a, a, full, new AnswerRoom()), { kind: "same" });
    assert.equal(read, 0);
  });

  test("a file with more lines than one path may take has its numbers", async () => {
    const long = side("line\n".repeat(100));
    const room = new AnswerRoom(2_000, 10_000);
    assert.deepEqual(await compareContent(undefined, long, full, room), {
      kind: "tooLong",
      added: 100,
      removed: 0,
    });
    assert.equal((await compareContent(undefined, side("line\n"), full, room)).kind, "text");
  });

  test("an answer that is full ends, and reads no more", async () => {
    const room = new AnswerRoom(2_000, 2_500);
    const text = (): ContentSide => side("line\n".repeat(25));
    assert.equal((await compareContent(undefined, text(), full, room)).kind, "text");
    assert.deepEqual(await compareContent(undefined, text(), full, room), {
      kind: "omitted",
      added: 25,
      removed: 0,
    });
    read = 0;
    assert.deepEqual(await compareContent(undefined, side("x\n"), full, room), { kind: "omitted" });
    assert.equal(read, 0);
  });

  test("numbers alone take no room", async () => {
    const room = new AnswerRoom(100, 100);
    const change = await compareContent(undefined, side("line\n".repeat(100)), {}, room);
    assert.deepEqual(change, { kind: "text", added: 100, removed: 0 });
  });

  test("a line of control characters counts as the bytes that it takes as JSON", async () => {
    const room = new AnswerRoom(1_000, 10_000);
    const evil = await compareContent(undefined, side("\u0001".repeat(200)), full, room);
    assert.equal(evil.kind, "tooLong");
  });
});
