import assert from "node:assert/strict";
import { test } from "node:test";
import { parseEnvFile } from "../../../src/domain/env-file.ts";

const parse = (text: string) => parseEnvFile(text, { FROM_HERE: "here" });

test("lines NAME=VALUE, with comments, export, quotes and names alone", () => {
  const { variables, problem } = parse(
    [
      "\uFEFF# a comment",
      "",
      "PLAIN=one two # not this",
      "export URL=https://h/x#fragment",
      "EMPTY=",
      "SINGLE='a # \\n b' # not this",
      'DOUBLE="line\\nnext \\"said\\" \\$5"',
      "FROM_HERE",
      "NOT_THERE",
      "EQUALS=a=b==",
      "WINDOWS=yes\r",
      "",
    ].join("\n"),
  );
  assert.equal(problem, undefined);
  assert.deepEqual(variables, {
    PLAIN: "one two",
    URL: "https://h/x#fragment",
    EMPTY: "",
    SINGLE: "a # \\n b",
    DOUBLE: 'line\nnext "said" $5',
    FROM_HERE: "here",
    EQUALS: "a=b==",
    WINDOWS: "yes",
  });
});

test("a line that is none is told by its number, never by what it says", () => {
  assert.equal(parse("A=1\nhunter2 and more\n").problem, "line 2 is not NAME=VALUE");
});
