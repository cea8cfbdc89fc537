import assert from "node:assert/strict";
import { test } from "node:test";
import { compareBy, parseSort } from "../../../src/domain/sort.ts";

function sorted(order: string, runs: { id: string }[]): string {
  return [...runs]
    .sort(compareBy(parseSort(order)))
    .map((run) => run.id)
    .join("");
}

const RUNS = [
  { id: "a", metrics: { acc: 0.5 }, createdAt: "2026-01-03T00:00:00Z", tags: [] },
  { id: "b", metrics: { acc: 0.9 }, createdAt: "2026-01-01T00:00:00Z", config: { lr: "x" } },
  { id: "c", metrics: {}, createdAt: "2026-01-02T00:00:00Z", config: { lr: 0.1 } },
  { id: "d", metrics: { acc: "NaN" }, createdAt: "2026-01-04T00:00:00Z" },
  { id: "e", metrics: { acc: 0.9 }, createdAt: "2026-01-05T00:00:00Z", config: { lr: 10 } },
  { id: "f", metrics: { acc: "-Infinity" }, createdAt: "2026-01-06T00:00:00Z", config: { lr: true } },
];

test("by number, missing last and NaN before it, either way", () => {
  assert.equal(sorted("metrics.acc", RUNS), "fabedc");
  assert.equal(sorted("-metrics.acc", RUNS), "beafdc");
});

test("by several keys, with spaces and plus signs", () => {
  assert.equal(sorted("-metrics.acc,-created", RUNS), "ebafdc");
  assert.equal(sorted(" - metrics.acc , + created ", RUNS), "beafdc");
});

test("by dates, texts, and mixed kinds", () => {
  assert.equal(sorted("created", RUNS), "bcadef");
  assert.equal(sorted("-createdAt", RUNS), "fedacb");
  assert.equal(sorted("config.lr", RUNS), "cebfad");
  assert.equal(sorted("-id", RUNS), "fedcba");
});

test("equal ones keep their order", () => {
  assert.equal(sorted("status", RUNS), "abcdef");
});

test("a key in backticks may hold a comma", () => {
  const runs = [
    { id: "a", metrics: { "x,y": 2 } },
    { id: "b", metrics: { "x,y": 1 } },
  ];
  assert.equal(sorted("metrics.`x,y`", runs), "ba");
});

test("what is no order is told", () => {
  for (const bad of ["acc", "-", "", "metrics", "created,", "created started", "--created", "status.x"]) {
    assert.throws(() => parseSort(bad), { kind: "SORT_INVALID" }, bad);
  }
  assert.throws(() => parseSort("acc"), { hint: /metrics\.acc/ });
});
