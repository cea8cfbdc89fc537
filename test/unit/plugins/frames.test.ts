/* What a plugin reads of its input, in pieces of any size. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { readFrames } from "../../../src/plugins/sdk/frames.ts";

test("messages are read in whatever pieces they come", async () => {
  const messages = [
    { id: 1, text: "ä".repeat(10) },
    { id: 2, text: "x".repeat(300_000) },
    ...Array.from({ length: 200 }, (_, i) => ({ id: i })),
  ];
  const input = Buffer.concat(messages.map(frame));
  for (const size of [1_013, 65_536, 1_000_000]) {
    assert.deepEqual(await read(input, size), messages, `pieces of ${size}`);
  }
});

test("a long message is moved a few times, however many pieces it comes in", async (t) => {
  const message = { text: "x".repeat(8 * 1024 * 1024) };
  const input = Buffer.concat([frame(message), frame({ id: 2 })]);
  let moved = 0;
  const { set, slice } = Uint8Array.prototype;
  t.after(() => Object.assign(Uint8Array.prototype, { set, slice }));
  Uint8Array.prototype.set = function (this: Uint8Array, from: ArrayLike<number>, at?: number): void {
    moved += from.length;
    set.call(this, from, at);
  };
  Uint8Array.prototype.slice = function (this: Uint8Array, from?: number, to?: number) {
    const part = slice.call(this, from, to);
    moved += part.length;
    return part;
  } as typeof slice;
  assert.deepEqual(await read(input, 4_096), [message, { id: 2 }]);
  // Those of this test's own input are among them.
  assert.ok(moved < 6 * input.length, `${moved} bytes were moved for ${input.length}`);
});

function frame(message: object): Buffer {
  const body = Buffer.from(JSON.stringify(message));
  return Buffer.concat([Buffer.from(`Content-Length: ${body.length}\r\n\r\n`), body]);
}

/** What is read of an input that comes in pieces of a size. */
async function read(input: Buffer, size: number): Promise<unknown[]> {
  let at = 0;
  const stdin = {
    async read(into: Uint8Array): Promise<number | null> {
      if (at === input.length) return null;
      const piece = input.subarray(at, at + Math.min(size, into.length));
      into.set(piece);
      at += piece.length;
      return piece.length;
    },
  };
  const found: unknown[] = [];
  Object.assign(globalThis, { Deno: { stdin } });
  try {
    await readFrames((message) => found.push(message));
  } finally {
    Reflect.deleteProperty(globalThis, "Deno");
  }
  return found;
}
