import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { formatStamp } from "../../../src/domain/clock.ts";
import { emptyRecord, isDeletedRecord, mergeChange, recordCreatedAt } from "../../../src/domain/merge.ts";
import type { Json } from "../../../src/util/json.ts";

interface Step {
  readonly set: { readonly [path: string]: Json };
  readonly stamp: string;
}

function merged(steps: readonly Step[], kind = "run"): unknown {
  const record = emptyRecord();
  for (const { set, stamp } of steps) mergeChange(record, kind, set, stamp);
  const sorted = (map: ReadonlyMap<string, unknown>): unknown =>
    [...map].sort(([a], [b]) => (a < b ? -1 : 1));
  return [sorted(record.values), sorted(record.stamps), record.firstMs];
}

/** A small generator of the same numbers every time. */
function random(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

function shuffled<T>(items: readonly T[], pick: (below: number) => number): T[] {
  const left = [...items];
  return items.map(() => left.splice(pick(left.length), 1)[0]!);
}

describe("merging", () => {
  it("gives the same record in any order and after any repetition", () => {
    const statuses = [
      "queued",
      "preparing",
      "running",
      "lost",
      "succeeded",
      "failed",
      "stopped",
      null,
      "new one",
    ];
    for (let seed = 1; seed <= 300; seed++) {
      const pick = random(seed);
      const steps = Array.from({ length: 1 + pick(12) }, (): Step => {
        const set: Record<string, Json> = {};
        if (pick(2)) set["status"] = statuses[pick(statuses.length)]!;
        if (pick(2)) set["deleted"] = pick(2) ? true : null;
        set[`f${pick(3)}`] = pick(3) ? { n: pick(4) } : null;
        // Few different stamps: ties, which only a clone of a machine can make, must agree as well.
        return { set, stamp: formatStamp(pick(6), pick(2), `w${pick(2)}`) };
      });
      const expected = merged(steps);
      for (let round = 0; round < 5; round++) {
        const order = shuffled([...steps, ...steps.slice(0, pick(steps.length + 1))], pick);
        assert.deepEqual(merged(order), expected, `seed ${seed}`);
      }
    }
  });

  it("ranks a run's status above the clocks", () => {
    const status = (...values: string[]): unknown => {
      const record = emptyRecord();
      // Each later change has an earlier stamp.
      for (const [n, value] of values.entries()) {
        mergeChange(record, "run", { status: value }, formatStamp(1000 - n, 0, "w"));
      }
      return record.values.get("status");
    };
    assert.equal(status("queued", "preparing", "running", "lost", "failed"), "failed");
    assert.equal(status("succeeded", "lost", "running"), "succeeded");
    assert.equal(status("succeeded", "failed"), "succeeded");
    // Before the end the clocks decide: a run that was not started in the end waits again.
    assert.equal(status("queued", "preparing"), "queued");
    const task = emptyRecord();
    mergeChange(task, "task", { status: "succeeded" }, formatStamp(1, 0, "w"));
    mergeChange(task, "task", { status: "running" }, formatStamp(2, 0, "w"));
    assert.equal(task.values.get("status"), "running");
  });

  it("keeps the stamp of a removal, so that an older value stays away", () => {
    const record = emptyRecord();
    assert.ok(mergeChange(record, "run", { a: null }, formatStamp(5, 0, "w")));
    assert.ok(mergeChange(record, "run", { a: 1 }, formatStamp(4, 0, "w")));
    assert.ok(!record.values.has("a"));
    assert.ok(!mergeChange(record, "run", { a: 1 }, formatStamp(4, 0, "w")));
  });

  it("takes deletion and creation time from the fields", () => {
    const record = emptyRecord();
    mergeChange(record, "run", { deleted: true }, formatStamp(2000, 0, "w"));
    mergeChange(record, "run", { x: 1 }, formatStamp(1000, 0, "w"));
    assert.ok(isDeletedRecord(record));
    assert.equal(recordCreatedAt(record), "1970-01-01T00:00:01.000Z");
    mergeChange(
      record,
      "run",
      { deleted: null, createdAt: "2026-01-01T00:00:00Z" },
      formatStamp(3000, 0, "w"),
    );
    assert.ok(!isDeletedRecord(record));
    assert.equal(recordCreatedAt(record), "2026-01-01T00:00:00Z");
  });
});
