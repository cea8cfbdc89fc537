import assert from "node:assert/strict";
import { test } from "node:test";
import { deepMerge } from "../../../src/util/json-merge.ts";

test("merging goes into objects and replaces everything else, arguments stay as they are", () => {
  const base = { a: { b: 1, c: [1, 2] }, d: 1, e: { f: 1 } };
  const patch = { a: { c: [3], g: null }, d: { h: 1 }, e: 2, i: {} };
  const before = JSON.stringify([base, patch]);
  assert.deepEqual(deepMerge(base, patch), { a: { b: 1, c: [3], g: null }, d: { h: 1 }, e: 2, i: {} });
  assert.equal(JSON.stringify([base, patch]), before);
  assert.deepEqual(deepMerge({}, {}), {});
});
