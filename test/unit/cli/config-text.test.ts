import assert from "node:assert/strict";
import { test } from "node:test";
import { parseAssignments } from "../../../src/cli/options/config-text.ts";
import { deepMerge } from "../../../src/util/json-merge.ts";

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

test("backticks keep a dot, a colon and an equals sign from dividing", () => {
  const texts = ["`a.b`:1", "net.`v1.5`=x", "`k:v`.`=`: 2", "odd`.x:3", "`.y:4"];
  assert.deepEqual(parseAssignments(texts), {
    "a.b": 1,
    net: { "v1.5": "x" },
    "k:v": { "=": 2 },
    "odd`": { x: 3 },
    "`": { y: 4 },
  });
  assert.throws(() => parseAssignments(["``:1"]), { kind: "CONFIG_INVALID" });
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
