import assert from "node:assert/strict";
import { test } from "node:test";
import { jsonProblem } from "../../../src/util/json-limits.ts";

test("what a person writes is fine, at any width", () => {
  assert.equal(jsonProblem({ a: [1, "x", null, true, { b: -1e308 }] }), undefined);
  assert.equal(jsonProblem(JSON.parse(`{"a":[${"1,".repeat(100_000)}1]}`)), undefined);
  assert.equal(jsonProblem(nested(100)), undefined);
});

test("depth that would exhaust a stack is refused without exhausting one", () => {
  assert.match(jsonProblem(nested(101)) ?? "", /deeper than 100/);
  assert.match(jsonProblem(nested(100_000)) ?? "", /deeper than 100/);
  assert.match(jsonProblem(JSON.parse(`${"[".repeat(5000)}${"]".repeat(5000)}`)) ?? "", /deeper/);
});

test("a number out of range is refused, where no such number is meant", () => {
  assert.match(jsonProblem(JSON.parse('{"a":[{"b":1e400}]}')) ?? "", /out of range/);
  assert.equal(jsonProblem(JSON.parse('{"a":[{"b":-1e400}]}'), { anyNumber: true }), undefined);
});

function nested(depth: number) {
  return JSON.parse(`${'{"a":'.repeat(depth)}1${"}".repeat(depth)}`);
}
