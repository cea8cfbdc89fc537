import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { sweepCombinations } from "../../../src/domain/sweep-combinations.ts";
import type { SweepSpec } from "../../../src/protocol/types.ts";

const random = (count: number, seed = 1): SweepSpec => ({
  random: {
    count,
    seed,
    parameters: [
      { name: "lr", kind: "uniform", low: 1e-5, high: 0.1, log: true },
      { name: "net.layers", kind: "int", low: 1, high: 3 },
      { name: "act", kind: "choice", values: ["relu", "gelu"] },
    ],
  },
});

test("a grid is every combination, the last key varying fastest; dots nest", () => {
  const spec = {
    grid: [
      { name: "opt.lr", values: [0.1, 0.01] },
      { name: "opt.name", values: ["sgd", null] },
    ],
  };
  assert.deepEqual(
    sweepCombinations(spec).map(({ opt }) => opt),
    [
      { lr: 0.1, name: "sgd" },
      { lr: 0.1, name: null },
      { lr: 0.01, name: "sgd" },
      { lr: 0.01, name: null },
    ],
  );
});

test("samples are decided by the seed, and stay what they are when more are drawn", () => {
  const few = sweepCombinations(random(5));
  assert.deepEqual(few, sweepCombinations(random(5)));
  assert.deepEqual(few, sweepCombinations(random(50)).slice(0, 5));
  assert.notDeepEqual(few, sweepCombinations(random(5, 2)));
});

test("samples lie in their ranges and fill them", () => {
  const drawn = sweepCombinations(random(2000)) as { lr: number; net: { layers: number }; act: string }[];
  assert.ok(drawn.every(({ lr }) => lr >= 1e-5 && lr <= 0.1));
  // Evenly in the logarithm: half of them below the middle of the exponents.
  const low = drawn.filter(({ lr }) => lr < 1e-3).length;
  assert.ok(low > 900 && low < 1100, String(low));
  for (const layers of [1, 2, 3]) {
    const share = drawn.filter(({ net }) => net.layers === layers).length;
    assert.ok(share > 550 && share < 790, `${layers}: ${share}`);
  }
  assert.deepEqual(new Set(drawn.map(({ act }) => act)), new Set(["relu", "gelu"]));
});

test("a grid and samples: samples for each combination, other ones for each", () => {
  const all = sweepCombinations({ grid: [{ name: "a", values: [1, 2] }], ...random(3) });
  assert.deepEqual(
    all.map(({ a }) => a),
    [1, 1, 1, 2, 2, 2],
  );
  assert.equal(new Set(all.map(({ lr }) => lr)).size, 6);
});

describe("what makes no sense is refused", () => {
  const one = (parameter: object): SweepSpec =>
    ({ random: { count: 1, parameters: [{ name: "a", ...parameter }] } }) as unknown as SweepSpec;
  const cases: [string, SweepSpec][] = [
    ["nothing", {}],
    ["a key twice", { grid: [{ name: "a", values: [1] }], ...one({ kind: "choice", values: [1] }) }],
    [
      "a key within another",
      {
        grid: [
          { name: "a", values: [1] },
          { name: "a.b", values: [1] },
        ],
      },
    ],
    ["an empty part", { grid: [{ name: "a..b", values: [1] }] }],
    ["too many", { grid: ["a", "b", "c"].map((name) => ({ name, values: Array(30).fill(0) })) }],
    ["no range", one({ kind: "uniform", low: 1 })],
    ["an empty range", one({ kind: "int", low: 3, high: 1 })],
    ["a logarithm of 0", one({ kind: "uniform", low: 0, high: 1, log: true })],
    ["halves of whole numbers", one({ kind: "int", low: 0.5, high: 3 })],
    ["no choice", one({ kind: "choice" })],
  ];
  for (const [what, spec] of cases) {
    test(what, () => {
      assert.throws(() => sweepCombinations(spec), { kind: "SWEEP_INVALID" });
    });
  }
});
