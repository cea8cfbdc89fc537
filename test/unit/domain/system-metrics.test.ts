import assert from "node:assert/strict";
import { test } from "node:test";
import { matches, parseFilter } from "../../../src/domain/filter.ts";
import { runFromRecord, runWithSystem } from "../../../src/domain/run-record.ts";
import { fieldProblem } from "../../../src/domain/shared-fields.ts";
import { compareBy, parseSort } from "../../../src/domain/sort.ts";
import { summaryOfSeries, systemField, systemFromFields } from "../../../src/domain/system-metrics.ts";

const series = {
  step: Float64Array.of(1, 3, 13),
  value: Float64Array.of(100, 0, 50),
  at: Float64Array.of(1_000, 3_000, 13_000),
};

test("a mean counts each value for the time since the one before", () => {
  const summary = summaryOfSeries(series);
  assert.ok(summary);
  assert.equal(summary.seconds, 13);
  assert.ok(Math.abs(summary.mean - (100 * 1 + 0 * 2 + 50 * 10) / 13) < 1e-9);
  assert.deepEqual([summary.min, summary.max, summary.last, summary.count], [0, 100, 50, 3]);
  assert.equal(
    summaryOfSeries({ step: new Float64Array(), value: new Float64Array(), at: new Float64Array() }),
    undefined,
  );
});

test("a summary is read back from the record, beside metrics of the same name", () => {
  const summary = summaryOfSeries(series)!;
  const [path, value] = systemField("system/gpu.0/memory_bytes", summary);
  const mine = { last: 1, step: 0, at: 0, min: 1, max: 1, n: 1 };
  const fields = { [path]: value, "metrics/system~1gpu.0~1memory_bytes/abc": mine };
  assert.deepEqual(systemFromFields(fields), new Map([["system/gpu.0/memory_bytes", summary]]));
  const record = { id: "r", createdAt: "2026-01-01T00:00:00.000Z", deleted: false, fields };
  assert.deepEqual(runFromRecord(record).metrics, { "system/gpu.0/memory_bytes": 1 });
  assert.equal(runFromRecord(record).system, undefined);
  assert.equal(runWithSystem(record).system?.["system/gpu.0/memory_bytes"]?.max, 100);
});

test("what another copy says of a system metric is held against its form", () => {
  const [path, value] = systemField("system/cpu_percent", summaryOfSeries(series)!);
  assert.equal(fieldProblem("run", "x", path, value), undefined);
  assert.notEqual(fieldProblem("run", "x", path, { last: "much" }), undefined);
  assert.deepEqual(systemFromFields({ [path]: { last: "much" } }), new Map());
});

test("filters and sort orders name system metrics, and which of their values is meant", () => {
  const run = (max: number, mean: number) => ({
    system: { "system/gpu.0/memory_bytes": { last: 1, min: 0, max, mean, count: 3 } },
  });
  const fits = (text: string, subject: object): boolean => matches(parseFilter(text), subject, 0);
  assert.ok(fits("system.gpu.0/memory_bytes > 5e9", run(6e9, 1e9)));
  assert.ok(!fits("system.gpu.0/memory_bytes.mean > 5e9", run(6e9, 1e9)));
  assert.ok(
    fits("system.gpu.0/memory_bytes.mean < 5e9 and system.gpu.0/memory_bytes.min = 0", run(6e9, 1e9)),
  );
  assert.ok(!fits("system.cpu_percent > 0", run(6e9, 1e9)), "a missing one makes it false");
  const order = [run(1, 9), run(3, 2), {}].sort(compareBy(parseSort("-system.gpu.0/memory_bytes")));
  assert.deepEqual(order, [run(3, 2), run(1, 9), {}]);
});
