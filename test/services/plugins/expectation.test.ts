import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { filledIn, mismatch } from "../../../src/services/plugins/testing/expectation.ts";

describe("what a test of a plugin expects", () => {
  it("is held against what is named, and nothing else", () => {
    assert.equal(mismatch({ a: { b: 1 } }, { a: { b: 1, c: 2 }, d: 3 }), undefined);
    assert.equal(mismatch({ a: { b: 1 } }, { a: { b: 2 } }), "/a/b is 2, not 1");
    assert.equal(mismatch({ a: null }, {}), "/a is not there, not null");
    assert.equal(mismatch({ toString: 1 }, {}), "/toString is not there, not 1");
    assert.equal(mismatch("x", { a: 1 }), 'it is {"a":1}, not "x"');
    assert.equal(mismatch({ a: 1 }, [1]), "it is [1], not an object");
  });

  it("wants lists of the same length, item by item", () => {
    assert.equal(mismatch([{ a: 1 }], [{ a: 1, b: 2 }]), undefined);
    assert.equal(mismatch([1, 2], [1]), "it has 1 items, not 2: [1]");
    assert.equal(mismatch([1, [2]], [1, [3]]), "/1/0 is 3, not 2");
    assert.equal(mismatch([], "x"), 'it is "x", not a list');
  });

  it("may hold parts of what earlier steps gave", () => {
    const known = new Map([["first", { run: { id: "abc", steps: [1, 2] } }]]);
    assert.equal(filledIn("{first.run.id}", known), "abc");
    assert.deepEqual(filledIn({ a: ["{first.run.steps}"] }, known), { a: [[1, 2]] });
    assert.equal(filledIn("id={first.run.id}, {first.run.steps.1}", known), "id=abc, 2");
    assert.equal(filledIn("{other.x} {lr}", known), "{other.x} {lr}");
    assert.throws(() => filledIn("{first.run.name}", known), /no \{first\.run\.name\} in the step "first"/);
  });
});
