import assert from "node:assert/strict";
import { test } from "node:test";
import Ajv2020 from "ajv/dist/2020.js";
import { progressSteps } from "../../../src/mcp/progress-steps.ts";
import { listTools, methodOf } from "../../../src/mcp/tools.ts";
import { type Method, methodInfo } from "../../../src/protocol/methods.ts";

const all = listTools({ allowExec: true });
const methods = Object.keys(methodInfo) as Method[];

test("a tool for each method that may be granted, and those that run commands only when allowed", () => {
  const served = (allowExec: boolean) =>
    listTools({ allowExec })
      .map(({ name }) => methodOf(name))
      .sort();
  const with_ = (...access: string[]) =>
    methods.filter((method) => access.includes(methodInfo[method].pluginAccess)).sort();
  assert.deepEqual(served(true), with_("read", "write", "exec"));
  assert.deepEqual(served(false), with_("read", "write"));
});

test("names are what clients take, and lead back", () => {
  for (const { name } of all) assert.match(name, /^[a-zA-Z0-9_-]{1,64}$/);
  assert.equal(new Set(all.map(({ name }) => name)).size, all.length);
  for (const name of ["store_gc", "initialize", "constructor", "run.list2", "", "__proto__"])
    assert.equal(methodOf(name), undefined, name);
});

test("schemas stand for themselves", () => {
  for (const { name, inputSchema, outputSchema } of all) {
    assert.equal(inputSchema.type, "object", name);
    assert.equal(outputSchema?.["type"], "object", name);
    assert.ok(!JSON.stringify(inputSchema).includes("$ref"), name);
    const ajv = new Ajv2020.default({ strict: true, strictRequired: false });
    ajv.compile(inputSchema);
    ajv.compile(outputSchema as object);
  }
});

test("no required param is withheld, and no secret can be given", () => {
  for (const { name, inputSchema } of all) {
    const properties = Object.keys(inputSchema.properties ?? {});
    for (const required of inputSchema.required ?? []) assert.ok(properties.includes(required), name);
    for (const withheld of ["secretValues", "progressToken", "destination"])
      assert.ok(!properties.includes(withheld), `${name}.${withheld}`);
  }
});

test("what reads is said to be harmless, what deletes is not", () => {
  const hints = new Map(all.map(({ name, annotations }) => [name, annotations]));
  for (const [name, { readOnlyHint } = {}] of hints)
    assert.equal(readOnlyHint, methodInfo[methodOf(name)!].pluginAccess === "read", name);
  for (const name of ["run_delete", "snapshot_checkout", "run_start"])
    assert.equal(hints.get(name)?.destructiveHint, true, name);
  assert.equal(hints.get("snapshot_create")?.destructiveHint, false);
});

test("progress only grows, over stages that begin anew", () => {
  const step = progressSteps();
  const news = [
    { done: 1, total: 3 },
    { done: 3, total: 3 },
    {},
    { done: 0, total: 9 },
    { done: 9, total: 9 },
  ];
  const steps = news.map((one) => step({ message: "m", ...one }));
  const numbers = steps.map(({ progress }) => progress);
  assert.deepEqual(
    numbers,
    [...new Set(numbers)].sort((a, b) => a - b),
  );
  assert.equal(steps.at(-1)?.progress, steps.at(-1)?.total);
});
