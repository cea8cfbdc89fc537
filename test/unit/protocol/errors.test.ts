import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { DatmoError, errorFromWire, errors, isDatmoError } from "../../../src/protocol/errors.ts";

describe("DatmoError", () => {
  it("carries everything its kind says", () => {
    const cause = new Error("deep");
    const error = errors.RUN_ACTIVE({ id: "k3vq", status: "running" }, { cause });
    assert.ok(error instanceof DatmoError && error instanceof Error);
    assert.equal(error.name, "DatmoError");
    assert.equal(error.message, "Run k3vq is still active (running).");
    assert.equal(error.hint, "Stop it first: `datmo stop k3vq`.");
    assert.deepEqual([error.kind, error.code, error.category], ["RUN_ACTIVE", 1103, "run"]);
    assert.deepEqual([error.exitCode, error.retryable], [4, false]);
    assert.deepEqual(error.details, { id: "k3vq", status: "running" });
    assert.equal(error.cause, cause);
  });

  it("has no hint where the table is silent, and the given one where there is a better one", () => {
    assert.equal(errors.CANCELLED().hint, undefined);
    assert.equal(errors.RUN_NOT_FOUND({ id: "x" }, { hint: "Look elsewhere." }).hint, "Look elsewhere.");
  });

  it("leaves braces in details alone", () => {
    assert.equal(errors.RUN_NOT_FOUND({ id: "{id}$&" }).message, 'No run has the id or name "{id}$&".');
  });

  it("tells itself from other errors", () => {
    assert.equal(isDatmoError(errors.CANCELLED()), true);
    assert.equal(isDatmoError(new Error("no")), false);
    assert.equal(isDatmoError({ kind: "CANCELLED" }), false);
  });
});

describe("errorFromWire", () => {
  it("is the inverse of what goes over the wire", () => {
    const sent = errors.DISK_FULL({ operation: "points", directory: "/data" });
    const data = JSON.parse(
      JSON.stringify({ kind: sent.kind, details: sent.details, hint: sent.hint, log: ["a line"] }),
    );
    const received = errorFromWire(sent.code, sent.message, data);
    assert.deepEqual({ ...received, log: undefined }, { ...sent, log: undefined });
    assert.equal(received.message, sent.message);
    assert.deepEqual(received.log, ["a line"]);
  });

  it("keeps the name of a kind it does not know and places it by its code", () => {
    const error = errorFromWire(1577, "Something new.", { kind: "NEWER_THAN_THIS", details: { a: 1 } });
    assert.deepEqual(
      [error.kind, error.code, error.category, error.exitCode],
      ["NEWER_THAN_THIS", 1577, "store", 7],
    );
    assert.deepEqual(error.details, { a: 1 });
  });

  it("finds the kind of a bare JSON-RPC error by its code", () => {
    assert.equal(errorFromWire(-32601, "Method not found", undefined).kind, "METHOD_NOT_FOUND");
    assert.equal(errorFromWire(-1, "odd", null).kind, "INTERNAL_ERROR");
  });

  it("does not trust the shape of data", () => {
    const error = errorFromWire(1100, "m", { kind: 7, details: "x", hint: {}, log: "y" });
    assert.deepEqual(
      [error.kind, error.details, error.hint, error.log],
      ["RUN_NOT_FOUND", {}, undefined, undefined],
    );
    assert.equal(errorFromWire(1100, "m", { kind: "toString" }).category, "run");
  });
});
