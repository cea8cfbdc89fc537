import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createLineSplitter } from "../../../src/domain/line-splitter.ts";

/** The lines of a text that comes in pieces of this many bytes. */
function linesOf(text: string, size: number, mostBytes = 1000): string[] {
  const bytes = Buffer.from(text);
  const splitter = createLineSplitter(mostBytes);
  const lines: string[] = [];
  for (let at = 0; at < bytes.length; at += size) lines.push(...splitter.feed(bytes.subarray(at, at + size)));
  return [...lines, ...splitter.end()];
}

describe("the lines of an output", () => {
  it("are the same however it is cut", () => {
    const text = "one\r\n\nzwölf 中\n10%\r50%\r\r100%\r\n\x00\xff last";
    const whole = linesOf(text, 10_000);
    assert.deepEqual(whole, ["one", "", "zwölf 中", "100%", "\x00\xff last"]);
    for (const size of [1, 2, 3, 5, 7]) assert.deepEqual(linesOf(text, size), whole);
  });

  it("are left out when they are too long, and only then", () => {
    const text = `${"a".repeat(10)}\n${"b".repeat(11)}\n${"c".repeat(5000)}\nd\n${"e".repeat(11)}`;
    for (const size of [1, 4, 10_000]) assert.deepEqual(linesOf(text, size, 10), ["a".repeat(10), "d"]);
  });

  it("have something in the place of what is no UTF-8", () => {
    assert.deepEqual(createLineSplitter(10).feed(Buffer.from([0x61, 0xff, 0x0a])), ["a\ufffd"]);
  });
});
