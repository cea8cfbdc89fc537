import assert from "node:assert/strict";
import { test } from "node:test";
import { flattenFields, nestFields } from "../../../src/domain/field-paths.ts";
import { runFromRecord } from "../../../src/domain/run-record.ts";

test("any JSON object comes back as it was", () => {
  const value = JSON.parse(
    '{"__proto__":{"x":1},"a/b":1,"~":2,"~1":3,"":4,"a.b":{"c":null},"constructor":{"prototype":5},"list":[{}],"e":{}}',
  );
  const back = nestFields("config", flattenFields("config", value));
  assert.equal(JSON.stringify(sorted(back)), JSON.stringify(sorted(value)));
});

test("a key called __proto__ reaches no other object", () => {
  nestFields("config", flattenFields("config", JSON.parse('{"__proto__":{"polluted":1}}')));
  assert.equal(({} as Record<string, unknown>)["polluted"], undefined);
});

test("a metric called __proto__ is a metric", () => {
  const summary = { last: 4, step: 0, at: 0, min: 4, max: 4, n: 1 };
  const fields = { "metrics/__proto__/w": summary, "metrics/loss/w": summary };
  const run = runFromRecord({ id: "x", createdAt: "", deleted: false, fields });
  assert.deepEqual(Object.keys(run.metrics).sort(), ["__proto__", "loss"]);
});

function sorted(value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  const entries = Object.entries(value).map(([key, item]) => [key, sorted(item)] as const);
  // A Map-like list, since an object would show `__proto__` nowhere.
  return entries.sort(([a], [b]) => (a < b ? -1 : 1));
}
