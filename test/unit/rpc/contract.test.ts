import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { isDatmoError } from "../../../src/protocol/errors.ts";
import { validateParams } from "../../../src/protocol/validators.js";
import { readInitialize, readShutdown } from "../../../src/rpc/handshake.ts";
import { QUICK_CHECKS } from "../../../src/rpc/quick-checks.ts";

const EXAMPLES = join(import.meta.dirname, "../../../protocol/examples");

/** Values put in place of each part of valid params: wrong types, limits, and what JSON can hold. */
const REPLACEMENTS = [
  null,
  true,
  0,
  -1,
  1.5,
  Number.POSITIVE_INFINITY,
  "",
  "NaN",
  "x".repeat(201),
  "x".repeat(1001),
  [],
  ["a"],
  {},
  { a: 1 },
];

describe("the hand-written check of initialize", () => {
  it("says the same as the contract", () => {
    const valid = examples("initialize");
    assert.ok(valid.length >= 6);
    for (const params of variants(valid)) {
      assert.equal(
        accepts(params),
        validateParams["initialize"]!(params),
        JSON.stringify(params).slice(0, 300),
      );
    }
  });
});

describe("the hand-written check of shutdown", () => {
  it("says the same as the contract, and takes no params at all", () => {
    for (const params of examples("shutdown")) {
      const refuse = (): void => readShutdown(params);
      if (validateParams["shutdown"]!(params)) refuse();
      else assert.throws(refuse, { kind: "INVALID_PARAMS" });
    }
    readShutdown(undefined);
    readShutdown(null);
  });
});

describe("the quick check of metric.log", () => {
  const check = QUICK_CHECKS.get("metric.log")!;
  const points = { name: ["loss", "acc"], step: [1, 2], value: [0.5, -1e300], at: [1.5, 2] };

  it("accepts the usual", () => {
    assert.ok(check({ runId: "r", points }));
    assert.ok(check({ runId: "r", points: { name: [], step: [], value: [], at: [] } }));
  });

  it("accepts nothing that the contract refuses", () => {
    const all = variants([...examples("metric.log"), { runId: "r", points }]);
    let accepted = 0;
    for (const params of all) {
      if (!check(params)) continue;
      accepted++;
      assert.ok(validateParams["metric.log"]!(params), JSON.stringify(params).slice(0, 300));
    }
    assert.ok(accepted > 5 && accepted < all.length);
  });
});

function examples(method: string): object[] {
  const directory = join(EXAMPLES, method);
  return readdirSync(directory)
    .filter((name) => !name.includes(".result."))
    .map((name) => JSON.parse(readFileSync(join(directory, name), "utf8")) as object);
}

/** The values, and each with every one of its parts replaced, removed, or given a neighbour. */
function variants(values: readonly unknown[]): unknown[] {
  return values.flatMap((value) => [value, ...REPLACEMENTS, ...changed(value)]);
}

function changed(value: unknown): unknown[] {
  if (typeof value !== "object" || value === null) return [];
  const entries = Object.entries(value);
  const rebuild = (parts: [string, unknown][]): unknown =>
    Array.isArray(value) ? parts.map(([, part]) => part) : Object.fromEntries(parts);
  const replaced = entries.flatMap(([key, part], i) =>
    [...REPLACEMENTS, ...changed(part)].map((other) => rebuild(entries.with(i, [key, other]))),
  );
  const removed = entries.map((_, i) => rebuild(entries.toSpliced(i, 1)));
  return [...replaced, ...removed, rebuild([...entries, ["extra", 1]])];
}

/** Whether the handshake takes these params; another version is another matter. */
function accepts(params: unknown): boolean {
  const version = (params as { protocolVersion?: number } | null)?.protocolVersion;
  try {
    readInitialize(params, typeof version === "number" ? version : 1);
    return true;
  } catch (error) {
    assert.ok(isDatmoError(error) && error.kind === "INVALID_PARAMS", String(error));
    return false;
  }
}
