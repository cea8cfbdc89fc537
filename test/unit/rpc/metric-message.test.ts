import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { MetricMessageReader } from "../../../src/rpc/metric-message.ts";

const RUN = "a".repeat(26);

function message(points: object, id: unknown = 7, more: object = {}): object {
  return { jsonrpc: "2.0", id, method: "metric.log", params: { runId: RUN, points, ...more } };
}

function points(names: readonly string[], value: readonly unknown[] = names.map((_, i) => i / 3)): object {
  return { name: names, step: names.map((_, i) => i), value, at: names.map((_, i) => 1.7e9 + i / 7) };
}

/** What the reader says of this text, which lies between other bytes. */
function read(reader: MetricMessageReader, text: string): unknown {
  const bytes = Buffer.from(`xx${text}}]"`);
  return reader.read(bytes, 2, 2 + text.length);
}

/** What `JSON.parse` says; undefined when it refuses. */
function judged(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const READ = [
  message(points(["loss"])),
  message(points([])),
  message(points(["loss", "accuracy", "lr", "loss"]), 0),
  message(points(['say "no"', "back\\slash", '"],"step":[', "]", "tab\t"])),
  message(points(["a", "b", "c"], [1, "NaN", -1e-300])),
  message({ ...points(["a"]), step: ["no number"] }, 999_999_999_999_999),
];

const LEFT = [
  message(points(["a"]), "7"),
  message(points(["a"]), -1),
  message(points(["a"]), 1e15),
  message(points(["a"]), null),
  message(points(["a"]), 7, { spool: {} }),
  message({ ...points(["a"]), more: [1] }),
  message({ ...points(["a"]), at: undefined }),
  message({ name: [], step: [], value: [], other: [] }),
  message({ name: ["a"], value: [1], step: [1], at: [1] }),
  { ...message(points(["a"])), more: { deep: {} } },
  { jsonrpc: "2.0", id: 1, method: "run.list", params: {} },
];

describe("MetricMessageReader", () => {
  it("reads what JSON.parse reads, again and again", () => {
    const reader = new MetricMessageReader();
    for (let round = 0; round < 3; round++) {
      for (const wanted of READ)
        assert.deepEqual(read(reader, JSON.stringify(wanted)), judged(JSON.stringify(wanted)));
    }
  });

  it("leaves every other message alone", () => {
    const reader = new MetricMessageReader();
    for (const wanted of LEFT)
      assert.equal(read(reader, JSON.stringify(wanted)), undefined, JSON.stringify(wanted));
    assert.equal(read(reader, JSON.stringify(READ[0], null, 1)), undefined);
  });

  it("tells a run and names from longer ones that begin alike", () => {
    const reader = new MetricMessageReader();
    for (const [run, names] of [
      ["r", ["a"]],
      ["run", ["a", "b"]],
      ["r", ["a"]],
      ["", ["ab"]],
      ["r", []],
    ] as const) {
      const text = JSON.stringify({ ...message({}), params: { runId: run, points: points(names) } });
      assert.deepEqual(read(reader, text), judged(text));
    }
  });

  it("never takes what JSON.parse refuses, nor reads it otherwise, when text is spoiled", () => {
    const reader = new MetricMessageReader();
    const pieces = ["", '"', "\\", ",", "]", "}", "[", "{", "0", " ", ":", "\n", "}}", '"at":[1]', "null"];
    let random = 12_345;
    const next = (below: number): number => {
      random = (Math.imul(random, 1_103_515_245) + 12_345) >>> 0;
      return Math.floor((random / 2 ** 32) * below);
    };
    let taken = 0;
    for (let round = 0; round < 20_000; round++) {
      const text = JSON.stringify(READ[next(READ.length)]);
      const [from, removed] = [next(text.length), next(3)];
      const spoiled = text.slice(0, from) + pieces[next(pieces.length)] + text.slice(from + removed);
      const got = read(reader, spoiled);
      if (got === undefined) continue;
      taken++;
      assert.deepEqual(got, judged(spoiled), spoiled);
    }
    assert.ok(taken > 500, `${taken} were read`);
  });
});
