/* errors.json against everything that is made of it, in both directions. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { checkErrors, placeholders } from "../../../protocol/generator/check-errors.ts";
import { loadContract } from "../../../protocol/generator/load.ts";
import type { ErrorRow, ErrorTable } from "../../../protocol/generator/model.ts";
import { errors, errorTable } from "../../../src/protocol/errors.ts";

const root = join(import.meta.dirname, "..", "..", "..");
const table = loadContract(root).errorTable;
const codes = new Map(table.errors.map(({ kind, code }) => [kind, code]));

function codesIn(file: string, pattern: RegExp): Map<string, number> {
  const text = readFileSync(join(root, file), "utf8");
  return new Map([...text.matchAll(pattern)].map((match) => [match[1]!, Number(match[2])]));
}

function sorted(map: ReadonlyMap<string, number>): [string, number][] {
  return [...map].sort(([a], [b]) => (a < b ? -1 : 1));
}

function brokenTable(change: (row: ErrorRow) => object): ErrorTable {
  return { ...table, errors: table.errors.map((row) => ({ ...row, ...change(row) })) };
}

describe("the error table", () => {
  it("has unique kinds and codes, each code in the range of its category", () => {
    assert.ok(table.errors.length > 50);
    assert.deepEqual(checkErrors(table), []);
  });

  it("is refused with a code twice, out of range, or a placeholder nothing fills", () => {
    const twice = brokenTable((row) => (row.kind === "RUN_AMBIGUOUS" ? { code: 1100 } : {}));
    assert.match(checkErrors(twice).join(), /RUN_AMBIGUOUS has code 1100, which another kind has/);
    const outside = brokenTable((row) => (row.kind === "RUN_AMBIGUOUS" ? { code: 1299 } : {}));
    assert.match(checkErrors(outside).join(), /RUN_AMBIGUOUS has code 1299, outside of run/);
    const unfilled = brokenTable((row) => (row.kind === "RUN_AMBIGUOUS" ? { hint: "See {page}." } : {}));
    assert.match(checkErrors(unfilled).join(), /RUN_AMBIGUOUS uses \{page\}/);
  });

  it("is that of errors.ts", () => {
    const made = new Map(Object.entries(errorTable).map(([kind, info]) => [kind, info.code]));
    assert.deepEqual(sorted(made), sorted(codes));
    assert.deepEqual(Object.keys(errors).sort(), [...codes.keys()].sort());
  });

  it("is that of SPEC.md", () => {
    assert.deepEqual(sorted(codesIn("protocol/SPEC.md", /^\| `([A-Z_]+)` \| (-?\d+) \|/gm)), sorted(codes));
  });

  it("is that of the Python client", () => {
    const python = codesIn("clients/python/src/datmo/errors.py", /^ {4}"([A-Z_]+)": \(\n {8}(-?\d+),/gm);
    assert.deepEqual(sorted(python), sorted(codes));
  });

  it("is that of the R client", () => {
    assert.deepEqual(
      sorted(codesIn("clients/r/R/protocol.R", /^ {2}([A-Z_]+) = list\(\n {4}code = (-?\d+)L/gm)),
      sorted(codes),
    );
  });

  it("fills every placeholder", () => {
    for (const row of table.errors) {
      const details = Object.fromEntries(
        placeholders(row.message + row.hint).map((name) => [name, `<${name}>`]),
      );
      const make = errors[row.kind as "RUN_NOT_FOUND"] as (details: object) => Error & { hint?: string };
      const error = make(details);
      assert.equal(error.message, row.message.replace(/\{(\w+)\}/g, "<$1>"));
      assert.equal(error.hint ?? "", row.hint.replace(/\{(\w+)\}/g, "<$1>"));
    }
  });
});
