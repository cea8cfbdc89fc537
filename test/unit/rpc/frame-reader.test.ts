import assert from "node:assert/strict";
import { PassThrough } from "node:stream";
import { describe, it } from "node:test";
import { FrameReader } from "../../../src/rpc/frame-reader.ts";
import type { FramingError } from "../../../src/rpc/framing-error.ts";
import { frame, rawFrame, request } from "../../helpers/frames.ts";

interface Outcome {
  readonly messages: unknown[];
  readonly errors: FramingError[];
  readonly closed: number;
}

/** What a reader makes of bytes that come in these pieces, followed by the end of input. */
async function read(pieces: readonly Buffer[], maxBodyBytes?: number): Promise<Outcome> {
  const input = new PassThrough();
  const reader = new FrameReader(input, maxBodyBytes);
  const messages: unknown[] = [];
  const errors: FramingError[] = [];
  let closed = 0;
  reader.onError((error) => void errors.push(error as FramingError));
  reader.onClose(() => void closed++);
  reader.listen((message) => void messages.push(message));
  for (const piece of pieces) input.write(piece);
  input.end();
  await new Promise((resolve) => input.once("close", resolve));
  return { messages, errors, closed };
}

const GREETING = { jsonrpc: "2.0", method: "grüße", params: { text: "žluťoučký 🦊" } };

describe("FrameReader", () => {
  it("takes a frame split at any byte, also inside a header and a UTF-8 character", async () => {
    const bytes = frame(GREETING);
    for (let cut = 1; cut < bytes.length; cut++) {
      const { messages, errors } = await read([bytes.subarray(0, cut), bytes.subarray(cut)]);
      assert.deepEqual(messages, [GREETING], `cut at ${cut}`);
      assert.deepEqual(errors, []);
    }
  });

  it("takes a frame that comes byte by byte", async () => {
    const pieces = [...frame(GREETING)].map((byte) => Buffer.from([byte]));
    assert.deepEqual((await read(pieces)).messages, [GREETING]);
  });

  it("takes many frames in one chunk, in order, and a part of the next", async () => {
    const frames = Array.from({ length: 100 }, (_, i) => request(i, "m"));
    const bytes = Buffer.concat(frames);
    const { messages } = await read([bytes.subarray(0, bytes.length - 7), bytes.subarray(bytes.length - 7)]);
    assert.deepEqual(
      messages.map((message) => (message as { id: number }).id),
      frames.map((_, i) => i),
    );
  });

  it("takes other spellings of the header, and other fields", async () => {
    const body = JSON.stringify(GREETING);
    const bytes = Buffer.byteLength(body);
    const headers = [
      `content-length:${bytes}\r\n\r\n`,
      `Content-Length:   ${bytes}  \r\nContent-Type: application/vscode-jsonrpc; charset=utf-8\r\n\r\n`,
      `Content-Type: application/vscode-jsonrpc; charset=utf8\r\nContent-Length: ${bytes}\r\n\r\n`,
    ];
    for (const header of headers)
      assert.deepEqual((await read([Buffer.from(header + body)])).messages, [GREETING]);
  });

  it("tells garbage at once, before the input ends, and goes silent", async () => {
    const garbage = [
      "Traceback (most recent call last):\n",
      '{"jsonrpc":"2.0"}\n',
      "Content-Length: 12\n\n",
      "Content-Length: -1\r\n\r\n",
      "Content-Length: 1e3\r\n\r\n",
      "Content-Length: 99999999999999999999\r\n\r\n",
      "Content-Type: text/plain\r\n\r\n",
      "Content-Type: text/plain; charset=utf-16\r\nContent-Length: 2\r\n\r\n{}",
      "x".repeat(100),
      `X-Long: ${"y".repeat(5000)}`,
      "\0\0\0\0",
    ];
    for (const text of garbage) {
      const input = new PassThrough();
      const reader = new FrameReader(input);
      const failed = new Promise<FramingError>((resolve) =>
        reader.onError((error) => resolve(error as FramingError)),
      );
      const messages: unknown[] = [];
      reader.listen((message) => void messages.push(message));
      input.write(text);
      const { error, fatal, requestId } = await failed;
      assert.deepEqual([error.kind, fatal, requestId], ["PARSE_ERROR", true, null], text);
      input.write(frame(GREETING));
      input.end();
      await new Promise((resolve) => input.once("close", resolve));
      assert.deepEqual(messages, []);
    }
  });

  it("gives up on a body that is no JSON", async () => {
    for (const body of ['{"a":NaN}', "{", "", "{} {}"]) {
      const { messages, errors } = await read([rawFrame(body), frame(GREETING)]);
      assert.deepEqual(
        errors.map(({ error, fatal }) => [error.kind, fatal]),
        [["PARSE_ERROR", true]],
      );
      assert.deepEqual(messages, []);
    }
  });

  it("reports an end in the middle of a message, once, and then closes", async () => {
    const bytes = request(1, "m");
    for (const end of [5, 20, bytes.length - 1]) {
      const { messages, errors, closed } = await read([request(0, "m"), bytes.subarray(0, end)]);
      assert.equal(messages.length, 1);
      assert.match(errors.map((error) => error.message).join(), /ended inside a message/);
      assert.equal(closed, 1);
    }
    const { errors, closed } = await read([bytes]);
    assert.deepEqual([errors.length, closed], [0, 1]);
  });

  it("skips a message over the limit unread, tells whose it was, and goes on behind it", async () => {
    const large = frame({ jsonrpc: "2.0", id: 7, method: "m", params: { text: "x".repeat(300_000), id: 8 } });
    const bytes = Buffer.concat([request(1, "m"), large, request(2, "m")]);
    for (const size of [1000, 65536, bytes.length]) {
      const pieces = [];
      for (let at = 0; at < bytes.length; at += size) pieces.push(bytes.subarray(at, at + size));
      const { messages, errors } = await read(pieces, 100_000);
      assert.deepEqual(
        messages.map((message) => (message as { id: number }).id),
        [1, 2],
      );
      assert.deepEqual(
        errors.map(({ error, fatal, requestId }) => [error.kind, fatal, requestId]),
        [["MESSAGE_TOO_LARGE", false, 7]],
      );
    }
  });

  it("does not take an id from inside the params of a skipped message", async () => {
    const large = rawFrame(
      `{"params":{"id":5,"text":"${"x".repeat(500)}"},"id":6,"method":"m","jsonrpc":"2.0"}`,
    );
    const { errors } = await read([large], 100);
    assert.equal(errors[0]?.requestId, null);
  });

  it("keeps the pieces of a message over the limit out of memory", async () => {
    const input = new PassThrough();
    const reader = new FrameReader(input, 1000);
    reader.onError(() => {});
    reader.listen(() => {});
    input.write("Content-Length: 400000000\r\n\r\n");
    const before = process.memoryUsage().arrayBuffers;
    for (let i = 0; i < 300; i++) {
      if (!input.write(Buffer.alloc(1024 * 1024)))
        await new Promise((resolve) => input.once("drain", resolve));
    }
    assert.ok(process.memoryUsage().arrayBuffers - before < 150_000_000);
  });
});
