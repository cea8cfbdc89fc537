import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { readTap } from "../../src/plugins/tap.ts";

describe("what Deno's tests print", () => {
  it("is read test by test, steps with the names around them", () => {
    const text = [
      "TAP version 14",
      "# ./main_test.ts",
      'ok 1 - x "q" & <b>',
      "# Subtest: bad",
      "    not ok 1 - in",
      "      ---",
      '      {"message":"AssertionError: 1 !== 2","severity":"fail"}',
      "      ...",
      "    ok 2 - fine",
      "    1..2",
      "not ok 2 - bad",
      "  ---",
      '  {"message":"1 test step failed.","severity":"fail"}',
      "  ...",
      "not ok 3 - broken",
      "1..3",
    ].join("\n");
    assert.deepEqual(readTap(text), [
      { name: 'x "q" & <b>' },
      { name: "bad > in", problem: "AssertionError: 1 !== 2" },
      { name: "bad > fine" },
      { name: "broken", problem: "it failed" },
    ]);
  });
});
