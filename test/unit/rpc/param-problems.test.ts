import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { validateParams } from "../../../src/protocol/validators.js";
import { invalidParams } from "../../../src/rpc/param-problems.ts";

function messageFor(method: keyof typeof validateParams, params: unknown): string {
  const validate = validateParams[method]!;
  assert.equal(validate(params), false);
  return invalidParams(method, validate).message;
}

describe("invalid params in words", () => {
  it("name the place, and what is expected there", () => {
    const points = { name: ["loss"], step: [1], value: ["big"], at: [1] };
    assert.deepEqual(
      [
        messageFor("run.get", {}),
        messageFor("run.get", { id: "abcd", verbose: true }),
        messageFor("run.get", []),
        messageFor("run.get", { id: 5 }),
        messageFor("metric.log", { runId: "r", points: { ...points, value: [1], step: [1.5] } }),
      ],
      [
        'run.get needs "id".',
        'run.get has no property "verbose".',
        "run.get must be object.",
        "run.get: id must be string.",
        "metric.log: points.step.0 must be integer.",
      ],
    );
    assert.match(
      messageFor("metric.log", { runId: "r", points }),
      /^metric\.log: points\.value\.0 must be number \(and 1 more\)\.$/,
    );
  });
});
