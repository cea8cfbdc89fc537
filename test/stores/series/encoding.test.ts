import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type ChunkSource,
  chunkBytes,
  chunkForms,
  readChunk,
  seriesOf,
  stepOf,
  timeOf,
  writeChunk,
} from "../../../src/store/series/chunk.ts";
import { chooseForm, decodeColumn, encodeColumn } from "../../../src/store/series/column-codec.ts";
import { addStretch, Coverage, coveredEnd, missingStretches } from "../../../src/store/series/coverage.ts";
import { PointBuffer } from "../../../src/store/series/point-buffer.ts";
import { downSampled, inOrder } from "../../../src/store/series/series-order.ts";
import { randomNumbers } from "./series-fixture.ts";

test("a chunk is read as it was written, whatever forms its columns take", () => {
  const random = randomNumbers(3);
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)]!;
  const formsSeen = new Set<string>();
  for (let round = 0; round < 400; round++) {
    const points = new PointBuffer(1);
    const count = 1 + Math.floor(random() * 40);
    const seriesLimit = pick([1, 2, 300, 70_000]);
    const stepKind = pick(["same", "near", "far", "fraction"]);
    const sameTime = random() < 0.5;
    const base = Math.floor((random() - 0.5) * 2 ** 45);
    for (let i = 0; i < count; i++) {
      const near = base + Math.floor((random() - 0.5) * 1e6);
      const step = { same: base, near, far: Math.floor((random() - 0.5) * 2 ** 53), fraction: random() }[
        stepKind
      ]!;
      const value = pick([random(), Number.NaN, Number.POSITIVE_INFINITY, -0, Number.MIN_VALUE, 1]);
      points.push(Math.floor(random() * seriesLimit), step, value, sameTime ? 5.5 : random() * 2e12);
    }
    const source: ChunkSource = {
      id: "00ff00ff12345678",
      from: Math.floor(random() * 2 ** 50),
      to: 2 ** 51 + count,
      stride: pick([0, 1, 32]),
      gaps: pick([[], [0, 3, count, 1]]),
      weak: random() < 0.5,
    };
    const forms = chunkForms(points, source);
    formsSeen.add(`${forms.series} ${forms.step} ${forms.at}`);
    const bytes = chunkBytes(count, forms, source.gaps.length / 2);
    assert.equal(bytes % 8, 0);
    const target = Buffer.allocUnsafeSlow(16 + bytes).fill(0xee);
    writeChunk(target, 16, points, source, forms);
    // At an odd address too, as after damage.
    const odd = Buffer.allocUnsafeSlow(bytes + 3);
    target.copy(odd, 3, 16);
    for (const payload of [target.subarray(16), odd.subarray(3)]) {
      const chunk = readChunk(payload)!;
      assert.deepEqual(chunk.source, source);
      assert.equal(chunk.count, count);
      for (let i = 0; i < count; i++) {
        assert.deepEqual(
          [seriesOf(chunk, i), stepOf(chunk, i), chunk.values[i], timeOf(chunk, i)],
          [points.series[i], points.step[i], points.value[i], points.at[i]],
        );
      }
    }
    assert.equal(readChunk(target.subarray(16, 16 + bytes - 8)), undefined);
  }
  assert.ok(formsSeen.size >= 15, `${formsSeen.size} combinations of forms`);
});

test("coverage answers as a set of positions would", () => {
  const random = randomNumbers(4);
  for (let round = 0; round < 300; round++) {
    const stretches: number[] = [];
    const set = new Set<number>();
    for (let i = 0; i < 12; i++) {
      const from = Math.floor(random() * 60);
      const to = from + Math.floor(random() * 12);
      const missing = missingStretches(stretches, from, to);
      const expected = [];
      for (let p = from; p < to; p++) if (!set.has(p)) expected.push(p);
      assert.deepEqual(positions(missing), expected);
      addStretch(stretches, from, to);
      for (let p = from; p < to; p++) set.add(p);
      assert.deepEqual(
        positions(stretches),
        [...set].sort((a, b) => a - b),
      );
      // Sorted, and none touches the next.
      for (let s = 1; s < stretches.length; s++) assert.ok(stretches[s]! > stretches[s - 1]!);
      let end = from;
      while (set.has(end)) end += 1;
      assert.equal(coveredEnd(stretches, from), end);
    }
  }
});

test("of chunks that overlap in any way every position is taken once", () => {
  const random = randomNumbers(5);
  for (let round = 0; round < 300; round++) {
    // A source of 80 slots, some of which hold no point.
    const slots = Array.from({ length: 80 }, () => random() < 0.8);
    const coverage = new Coverage();
    const taken: number[] = [];
    const wanted = new Set<number>();
    for (let i = 0; i < 8; i++) {
      const first = Math.floor(random() * 80);
      const past = first + 1 + Math.floor(random() * (80 - first));
      const gaps: number[] = [];
      const points: number[] = [];
      for (let slot = first; slot < past; slot++) {
        if (slots[slot]) points.push(slot);
        else if (gaps.at(-2) === points.length) gaps[gaps.length - 1]! += 1;
        else gaps.push(points.length, 1);
      }
      if (points.length === 0) continue;
      const source = { id: "a", from: 64 + first * 32, to: 64 + past * 32, stride: 32, gaps, weak: false };
      const fresh = coverage.take(source, points.length);
      for (let f = 0; f < fresh.length; f += 2) taken.push(...points.slice(fresh[f]!, fresh[f + 1]!));
      for (const slot of points) wanted.add(slot);
    }
    assert.equal(new Set(taken).size, taken.length, "a point was taken twice");
    assert.deepEqual(
      taken.sort((a, b) => a - b),
      [...wanted].sort((a, b) => a - b),
    );
  }
});

test("a chunk without a stride is dropped when all of its stretch is known, and only then", () => {
  const coverage = new Coverage();
  const source = (from: number, to: number) => ({ id: "j", from, to, stride: 0, gaps: [], weak: false });
  assert.deepEqual(coverage.take(source(0, 10), 3), [0, 3]);
  assert.deepEqual(coverage.take(source(0, 10), 3), []);
  assert.deepEqual(coverage.take(source(2, 5), 1), []);
  assert.deepEqual(coverage.take(source(5, 12), 2), [0, 2]);
  assert.deepEqual(coverage.take({ ...source(0, 10), id: "k" }, 3), [0, 3]);
});

test("every column survives its packing to the bit", () => {
  const random = randomNumbers(6);
  const columns: Record<string, (i: number) => number> = {
    steps: (i) => i,
    falling: (i) => -i * 1000,
    "whole to the limit": (i) => (i % 2 ? Number.MAX_SAFE_INTEGER : -Number.MAX_SAFE_INTEGER),
    decimals: (i) => Math.round(random() * 1e6) / 1e4 - i,
    "negative zero": (i) => (i % 3 ? -0 : 0),
    "no numbers": (i) => [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0.1][i % 4]!,
    random: () => random(),
    tiny: () => Number.MIN_VALUE * Math.floor(random() * 5),
    huge: () => (random() - 0.5) * Number.MAX_VALUE,
    smooth: (i) => Math.sin(i / 300),
    times: (i) => 1.7e12 + i * 10 + random(),
  };
  for (const [name, value] of Object.entries(columns)) {
    for (const n of [1, 2, 3, 700]) {
      const values = Float64Array.from({ length: n }, (_, i) => value(i));
      const chosen = chooseForm(values);
      const forms = [0, 1, 2, 3].map((order) => ({ ...chosen, order }));
      for (const form of [chosen, ...forms]) {
        const planes = new Uint8Array(n * 8);
        encodeColumn(values, form, planes);
        const decoded = new Float64Array(n);
        decodeColumn(planes, form, decoded);
        for (let i = 0; i < n; i++)
          assert.ok(Object.is(decoded[i], values[i]), `${name} ${n} ${JSON.stringify(form)}`);
      }
    }
  }
});

test("points of several writers come in the order a stable sort gives", () => {
  const random = randomNumbers(7);
  for (let round = 0; round < 60; round++) {
    const n = Math.floor(random() * 200);
    const writers = 1 + Math.floor(random() * 5);
    const next = Array.from({ length: writers }, () => 0);
    const rows = Array.from({ length: n }, (_, i) => {
      const writer = Math.floor((i * writers) / n);
      const disorder = round % 3 === 0 ? Math.floor(random() * 20) - 10 : 0;
      return { step: Math.floor(next[writer]!++ / 2) + disorder, at: Math.floor(random() * 3), value: i };
    });
    const column = (key: "step" | "at" | "value") => Float64Array.from(rows, (row) => row[key]);
    const ordered = inOrder({ step: column("step"), value: column("value"), at: column("at") });
    const expected = [...rows].sort((a, b) => a.step - b.step || a.at - b.at || a.value - b.value);
    assert.deepEqual(
      Array.from(ordered.value),
      expected.map((row) => row.value),
    );
    assert.deepEqual(
      Array.from(ordered.step),
      expected.map((row) => row.step),
    );
  }
});

test("buckets keep what a plot must show", () => {
  const random = randomNumbers(8);
  for (let round = 0; round < 100; round++) {
    const n = 1 + Math.floor(random() * 400);
    const buckets = 1 + Math.floor(random() * 30);
    const value = Float64Array.from({ length: n }, () => (random() < 0.05 ? Number.NaN : random()));
    const step = Float64Array.from({ length: n }, (_, i) => i);
    const few = downSampled({ step, value, at: step }, buckets);
    const kept = new Set(few.step);
    assert.ok(few.step.length <= Math.max(3 * buckets + 2, 2 * buckets + 2));
    assert.ok(kept.has(0) && kept.has(n - 1));
    const numbers = value.filter((v) => !Number.isNaN(v));
    assert.equal(Math.min(...few.value.filter((v) => !Number.isNaN(v))), Math.min(...numbers));
    assert.equal(Math.max(...few.value.filter((v) => !Number.isNaN(v))), Math.max(...numbers));
    assert.equal(few.value.some(Number.isNaN), value.some(Number.isNaN));
  }
});

function positions(stretches: readonly number[]): number[] {
  const found: number[] = [];
  for (let i = 0; i < stretches.length; i += 2) {
    for (let p = stretches[i]!; p < stretches[i + 1]!; p++) found.push(p);
  }
  return found;
}
