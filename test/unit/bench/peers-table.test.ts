import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { putSamples, type Results, readResults, writeResults } from "../../bench/peers/results.ts";
import { notes, table } from "../../bench/peers/table.ts";

const cost = { name: "cost", rows: [{ name: "a call", unit: "µs", better: "less" }] } as const;
const rate = { name: "rate", rows: [{ name: "points", unit: "/s", better: "more" }] } as const;
const kept = { name: "kept", rows: [{ name: "kept", unit: "%", better: "more", isShare: true }] } as const;

function results(): Results {
  return { machine: "", at: "", versions: {}, how: {}, missing: {}, rows: [] };
}

describe("the table of the peers", () => {
  it("shows medians, how many times worse the others are, and who is first", () => {
    const all = results();
    putSamples(
      all,
      cost,
      "datmo",
      [5, 2, 3].map((value) => ({ "a call": { value } })),
    );
    putSamples(all, cost, "slow", [{ "a call": { value: 30 } }]);
    putSamples(all, rate, "datmo", [{ points: { value: 100 } }]);
    putSamples(all, rate, "fast", [{ points: { value: 400 } }]);
    assert.deepEqual(table(all, ["datmo", "slow", "fast", "absent"]).split("\n"), [
      "|  | datmo | slow | fast | first |",
      "|---|---|---|---|---|",
      "| a call, µs | 3 | 30 (10×) | – | datmo |",
      "| points, /s | 100 | – | 400 (0.25×) | **✗ fast** |",
    ]);
  });

  it("gives shares without a ratio, and the first place to all who share it", () => {
    const all = results();
    putSamples(all, kept, "datmo", [{ kept: { value: 100 } }]);
    putSamples(all, kept, "safe", [{ kept: { value: 100 } }]);
    putSamples(all, kept, "lossy", [{ kept: { value: 14, note: "86 of 100 lost" } }]);
    assert.match(table(all, ["datmo", "safe", "lossy"]), /\| kept, % \| 100 \| 100 \| 14\* \| datmo \|/);
    assert.deepEqual(notes(all), ["kept: lossy: 86 of 100 lost"]);
  });

  it("tells of a peer that failed, and keeps what it had measured before", () => {
    const all = results();
    putSamples(all, cost, "datmo", [{ "a call": { value: 1 } }]);
    putSamples(all, cost, "broken", [], new Error("no module"));
    putSamples(all, cost, "half", [{ "a call": { value: 2 } }], new Error("killed"));
    assert.match(
      table(all, ["datmo", "broken", "half"]),
      /\| a call, µs \| 1 \| failed \| 2\* \(2×\) \| datmo \|/,
    );
    assert.deepEqual(notes(all), [
      "a call: broken failed: no module",
      "a call: half: a later round failed: killed",
    ]);
  });

  it("goes on with the results of an earlier call, one row at a time", (t) => {
    const folder = mkdtempSync(join(tmpdir(), "datmo-peers-test-"));
    t.after(() => rmSync(folder, { recursive: true, force: true }));
    const path = join(folder, "peers.json");
    const first = readResults(path);
    putSamples(first, cost, "datmo", [{ "a call": { value: 1 } }]);
    putSamples(first, rate, "datmo", [{ points: { value: 1 } }]);
    writeResults(path, first);
    const second = readResults(path);
    putSamples(second, cost, "datmo", [{ "a call": { value: 7 } }]);
    assert.deepEqual(
      second.rows.map(({ name, cells }) => [name, cells["datmo"]?.values]),
      [
        ["a call", [7]],
        ["points", [1]],
      ],
    );
  });
});
