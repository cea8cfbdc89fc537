import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Clock, formatStamp, isStamp, MAX_AHEAD_MS, stampTime } from "../../../src/domain/clock.ts";

const DAY = 24 * 3600 * 1000;

describe("hybrid logical clock", () => {
  it("stamps in rising order while time stands still, jumps back, and goes on", () => {
    let now = 1_000_000;
    const clock = new Clock("a", () => now);
    const stamps: string[] = [];
    for (let n = 0; n < 70_000; n++) stamps.push(clock.next());
    now -= 5000;
    stamps.push(clock.next());
    now += 100_000;
    stamps.push(clock.next());
    for (let n = 1; n < stamps.length; n++) assert.ok(stamps[n]! > stamps[n - 1]!, `stamp ${n}`);
    assert.equal(stampTime(stamps.at(-1)!), now);
  });

  it("goes above what it observes, unless that is more than a day ahead", () => {
    const clock = new Clock("a", () => DAY);
    assert.ok(clock.observe(formatStamp(DAY + 5000, 7, "b")));
    assert.equal(clock.next(), formatStamp(DAY + 5000, 8, "a"));
    assert.ok(!clock.observe(formatStamp(DAY + MAX_AHEAD_MS + 1, 0, "b")));
    assert.equal(clock.next(), formatStamp(DAY + 5000, 9, "a"));
    assert.ok(clock.observe(formatStamp(0, 0, "c")));
    assert.equal(clock.next(), formatStamp(DAY + 5000, 10, "a"));
  });

  it("is clamped when its own time was set back by more than a day", () => {
    let now = 100 * DAY;
    const clock = new Clock("a", () => now);
    clock.next();
    now = 50 * DAY;
    assert.equal(stampTime(clock.next()), 50 * DAY + MAX_AHEAD_MS);
  });

  it("stamps above what it replaces without following it", () => {
    const clock = new Clock("a", () => DAY);
    const far = formatStamp(400 * DAY, 0xffff, "z");
    const stamp = clock.next(["", far, formatStamp(3, 0, "b")]);
    assert.equal(stamp, formatStamp(400 * DAY + 1, 0, "a"));
    assert.equal(stampTime(clock.next()), DAY);
    assert.equal(stampTime(clock.next([formatStamp(5, 0, "b")])), DAY);
  });

  it("knows a stamp when it sees one", () => {
    assert.ok(isStamp(formatStamp(Date.now(), 0, "0123456789abcdef0123456789abcdef")));
    for (const other of [undefined, 1, "", "0123", `${"0".repeat(16)}`, `${"g".repeat(16)}-a`])
      assert.ok(!isStamp(other));
  });
});
