import assert from "node:assert/strict";
import { test } from "node:test";
import { fit } from "../../../src/mcp/fit.ts";

test("what fits is left as it is", () => {
  const value = { a: [1, 2, 3], b: "text" };
  assert.deepEqual(fit(value, 1000), { value, cuts: [] });
});

test("columns are cut at the same length, and every cut is told", () => {
  const column = Array.from({ length: 5000 }, (_, index) => index);
  const { value, cuts } = fit({ points: { step: column, value: column } }, 2000);
  assert.equal(value.points.step.length, value.points.value.length);
  assert.ok(value.points.step.length > 0 && JSON.stringify(value).length <= 2000);
  const kept = value.points.step.length;
  assert.deepEqual(cuts, [
    `/points/step: the first ${kept} of 5000`,
    `/points/value: the first ${kept} of 5000`,
  ]);
});

test("long texts and objects of many names are cut, fields of the protocol are not", () => {
  const names = Object.fromEntries(Array.from({ length: 3000 }, (_, index) => [`metric ${index}`, index]));
  const { value, cuts } = fit({ id: "x", text: "y".repeat(50_000), metrics: names }, 5000);
  assert.ok(JSON.stringify(value).length <= 5000);
  assert.deepEqual(Object.keys(value), ["id", "text", "metrics"]);
  assert.equal(cuts.length, 2);
});

test("many cuts are counted, not told one by one", () => {
  const rows = Array.from({ length: 50 }, () => ({ text: "z".repeat(9000) }));
  const { cuts } = fit(rows, 40_000);
  assert.equal(cuts.length, 11);
  assert.match(cuts[10] ?? "", /^\d+ more places were cut$/);
});
