import assert from "node:assert/strict";
import { Writable } from "node:stream";
import { describe, it } from "node:test";
import { Logger, type LogRecord, lineSink, parseLogLevel } from "../../../src/rpc/logger.ts";

describe("Logger", () => {
  it("passes on records of its level and worse ones", () => {
    const records: LogRecord[] = [];
    const { log } = new Logger("warn", (record) => void records.push(record));
    for (const level of ["error", "warn", "info", "debug"] as const) log(level, level, { n: 1 });
    assert.deepEqual(
      records.map(({ level, message, fields }) => [level, message, fields]),
      [
        ["error", "error", { n: 1 }],
        ["warn", "warn", { n: 1 }],
      ],
    );
    assert.match(records[0]!.at, /^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
  });

  it("takes warn for a level that it does not know", () => {
    assert.deepEqual(
      ["debug", "loud", "toString", undefined].map((text) => parseLogLevel(text)),
      ["debug", "warn", "warn", "warn"],
    );
  });
});

describe("lineSink", () => {
  it("writes one JSON object a line", () => {
    let text = "";
    const output = new Writable({
      write: (part, _, done) => {
        text += part;
        done();
      },
    });
    const { log } = new Logger(
      "info",
      lineSink(() => output),
    );
    log("info", "two\nlines");
    log("warn", "ü");
    const lines = text.split("\n");
    assert.equal(lines.pop(), "");
    assert.deepEqual(
      lines.map((line) => JSON.parse(line).message),
      ["two\nlines", "ü"],
    );
  });

  it("holds a bounded amount for a reader that does not read, and tells how much was left out", () => {
    let release = (): void => {};
    const written: string[] = [];
    const output = new Writable({
      write: (part, _, done) => {
        written.push(String(part));
        release = done;
      },
    });
    const { log } = new Logger(
      "info",
      lineSink(() => output),
    );
    for (let i = 0; i < 20_000; i++) log("info", "x".repeat(1000));
    assert.ok(output.writableLength < 1.1 * 1024 * 1024);
    while (output.writableLength > 0) release();
    log("info", "again");
    assert.ok(JSON.parse(written.at(-1)!).droppedBefore > 10_000);
  });
});
