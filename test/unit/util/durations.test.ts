import assert from "node:assert/strict";
import { test } from "node:test";
import { parseDuration } from "../../../src/util/durations.ts";

test("durations", () => {
  const cases: [string, number | null][] = [
    ["2h", 7_200_000],
    ["90s", 90_000],
    ["1d", 86_400_000],
    ["500ms", 500],
    ["1h30m", 5_400_000],
    ["1h 30min", 5_400_000],
    ["1.5d", 129_600_000],
    ["1w", 604_800_000],
    ["0s", 0],
    ["2H", 7_200_000],
    [" 5s ", 5000],
    ["0.1ms", 0],
    ["", null],
    ["90", null],
    ["h", null],
    ["-1h", null],
    ["1x", null],
    ["1h30", null],
    ["1e3s", null],
    ["h1", null],
    ["1 .5h", null],
    [`${"1s".repeat(60)}`, null],
  ];
  for (const [text, expected] of cases) assert.equal(parseDuration(text), expected, text);
});
