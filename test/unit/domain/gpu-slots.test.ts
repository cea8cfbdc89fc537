import assert from "node:assert/strict";
import { test } from "node:test";
import { createGpuSlots } from "../../../src/domain/gpu-slots.ts";
import { gpuWish } from "../../../src/domain/gpu-wish.ts";

const ask = (all: string[], busy: string[], ...wishes: string[]): string[] => {
  const slots = createGpuSlots(all, new Set(busy));
  return wishes.map((wish) => {
    const answer = slots.ask(wish);
    return answer.kind === "given" ? answer.ids.join(",") : answer.kind;
  });
};

test("free GPUs are given one after the other", () => {
  assert.deepEqual(ask(["0", "1", "2"], [], "1", "2", "1"), ["0", "1,2", "later"]);
  assert.deepEqual(ask(["0", "1"], ["0"], "1", "1"), ["1", "later"]);
  assert.deepEqual(ask(["0", "1"], [], "all"), ["0,1"]);
});

test("one that waits for many keeps those that are free from younger ones", () => {
  assert.deepEqual(ask(["0", "1", "2"], ["0"], "3", "1", "1"), ["later", "later", "later"]);
  assert.deepEqual(ask(["0", "1"], ["0"], "all", "1"), ["later", "later"]);
});

test("one that waits for certain GPUs keeps only those", () => {
  assert.deepEqual(ask(["0", "1", "2"], ["0"], "0,1", "1", "1"), ["later", "2", "later"]);
});

test("what can never be had holds nobody up", () => {
  assert.deepEqual(ask(["0"], [], "2", "device=7", "nonsense!", "1"), ["never", "never", "never", "0"]);
  assert.deepEqual(ask([], [], "all", "1"), ["never", "never"]);
});

test("wishes: all, a number, ids", () => {
  assert.deepEqual(gpuWish("2"), { kind: "count", count: 2 });
  assert.deepEqual(gpuWish("device=2"), { kind: "devices", ids: ["2"] });
  assert.deepEqual(gpuWish("0,GPU-5a-1"), { kind: "devices", ids: ["0", "GPU-5a-1"] });
  for (const text of ["0", "", "0,0", "a b", "-1"]) assert.equal(gpuWish(text), undefined, text);
});
