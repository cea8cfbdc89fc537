import assert from "node:assert/strict";
import { test } from "node:test";
import { parseAssignments } from "../../../src/domain/config-text.ts";
import { parseDuration } from "../../../src/domain/durations.ts";
import { deepMerge } from "../../../src/domain/json-merge.ts";
import { randomRunName } from "../../../src/domain/run-names.ts";

test("assignments: the first colon or equals sign divides, JSON keeps its type, dots nest", () => {
  assert.deepEqual(
    parseAssignments([
      "lr:0.1",
      "url:http://h/x?a=b",
      "layers:[64,64]",
      "a.b=[1,2]",
      "a.c.d= true",
      "name: deep net",
      "empty=",
      "none:null",
      'text:"0.1"',
      "time=12:30",
      "code=007",
      "big:12345678901234567890",
      "range:1e999",
      "lr:0.2",
    ]),
    {
      lr: 0.2,
      url: "http://h/x?a=b",
      layers: [64, 64],
      a: { b: [1, 2], c: { d: true } },
      name: "deep net",
      empty: "",
      none: null,
      text: "0.1",
      time: "12:30",
      code: "007",
      big: "12345678901234567890",
      range: "1e999",
    },
  );
  assert.deepEqual(parseAssignments(["a:1", "a.b:2"]), { a: { b: 2 } });
  assert.deepEqual(parseAssignments([]), {});
});

test("assignments that are none are told", () => {
  for (const bad of ["lr", "", ":1", "=1", "a..b:1", ".a:1", "a.:1", `${"a.".repeat(200)}b:1`]) {
    assert.throws(() => parseAssignments([bad]), { kind: "CONFIG_INVALID" }, bad);
  }
  assert.throws(() => parseAssignments(["lr"]), { message: /"lr" has no value; write lr:VALUE/ });
});

test("keys that mean something to JavaScript are keys", () => {
  const config = parseAssignments(["__proto__.polluted:true", "constructor:1"]);
  assert.equal(JSON.stringify(config), '{"__proto__":{"polluted":true},"constructor":1}');
  const merged = deepMerge(
    JSON.parse('{"__proto__":{"a":1}}'),
    JSON.parse('{"__proto__":{"b":2},"toString":{"c":3}}'),
  );
  assert.equal(JSON.stringify(merged), '{"__proto__":{"a":1,"b":2},"toString":{"c":3}}');
  assert.equal(({} as Record<string, unknown>)["polluted"], undefined);
});

test("merging goes into objects and replaces everything else, arguments stay as they are", () => {
  const base = { a: { b: 1, c: [1, 2] }, d: 1, e: { f: 1 } };
  const patch = { a: { c: [3], g: null }, d: { h: 1 }, e: 2, i: {} };
  const before = JSON.stringify([base, patch]);
  assert.deepEqual(deepMerge(base, patch), { a: { b: 1, c: [3], g: null }, d: { h: 1 }, e: 2, i: {} });
  assert.equal(JSON.stringify([base, patch]), before);
  assert.deepEqual(deepMerge({}, {}), {});
});

test("durations", () => {
  const cases: [string, number | null][] = [
    ["2h", 7_200_000],
    ["90s", 90_000],
    ["1d", 86_400_000],
    ["500ms", 500],
    ["1h30m", 5_400_000],
    ["1h 30min", 5_400_000],
    ["1.5d", 129_600_000],
    ["1w", 604_800_000],
    ["0s", 0],
    ["2H", 7_200_000],
    [" 5s ", 5000],
    ["0.1ms", 0],
    ["", null],
    ["90", null],
    ["h", null],
    ["-1h", null],
    ["1x", null],
    ["1h30", null],
    ["1e3s", null],
    ["h1", null],
    ["1 .5h", null],
    [`${"1s".repeat(60)}`, null],
  ];
  for (const [text, expected] of cases) assert.equal(parseDuration(text), expected, text);
});

test("run names are two words, from the bytes given, all different", () => {
  assert.match(randomRunName(), /^[a-z]+-[a-z]+$/);
  assert.equal(randomRunName(Uint8Array.of(1, 2)), randomRunName(Uint8Array.of(129, 130)));
  const adjectives = new Set<string>();
  const animals = new Set<string>();
  for (let byte = 0; byte < 256; byte++) {
    const [adjective = "", animal = ""] = randomRunName(Uint8Array.of(byte, byte)).split("-");
    adjectives.add(adjective);
    animals.add(animal);
  }
  assert.equal(adjectives.size, 128);
  assert.equal(animals.size, 128);
  assert.deepEqual(
    [...adjectives].filter((word) => animals.has(word)),
    [],
  );
});
