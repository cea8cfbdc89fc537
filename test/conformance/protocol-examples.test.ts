/* Every example in protocol/examples, held against the validators that ship. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { describe, it } from "node:test";
import { loadContract } from "../../protocol/generator/load.ts";
import type { Example } from "../../protocol/generator/model.ts";
import { validatePluginAnswer } from "../../src/protocol/plugin-validators.js";
import { validateNotification, validateResult } from "../../src/protocol/result-validators.js";
import { type Validate, validateParams } from "../../src/protocol/validators.js";

const { examples: all, methods, notifications, calls } = loadContract(join(import.meta.dirname, "..", ".."));
const params: Readonly<Record<string, Validate>> = { ...validateNotification, ...validateParams };
const results: Readonly<Record<string, Validate>> = { ...validateResult, ...validatePluginAnswer };
const asked = new Set(calls.map(({ name }) => name));
/** What the engine asks of plugins is no input of its: only the generator holds that against the schema. */
const examples = all.filter(({ message, part }) => part === "result" || !asked.has(message));

function validatorFor(example: Example): Validate {
  const validate = (example.part === "params" ? params : results)[example.message];
  assert.ok(validate, `${example.message} has no validator for its ${example.part}`);
  return validate;
}

describe("protocol examples", () => {
  for (const example of examples) {
    it(`${example.path} is ${example.valid ? "accepted" : "refused"}`, () => {
      const validate = validatorFor(example);
      assert.equal(validate(example.value), example.valid, JSON.stringify(validate.errors));
      if (!example.valid) assert.ok((validate.errors ?? []).length > 0, "refused without a reason");
    });
  }

  it("cover every message, valid and invalid", () => {
    const seen = new Set(examples.map(({ message, part, valid }) => `${message} ${part} ${valid}`));
    const wanted = [
      ...methods.flatMap(({ name }) => [
        `${name} params true`,
        `${name} params false`,
        `${name} result true`,
      ]),
      ...calls.flatMap(({ name }) => [`${name} result true`, `${name} result false`]),
      ...notifications.flatMap(({ name }) => [`${name} params true`, `${name} params false`]),
    ];
    assert.ok(wanted.length > 100);
    assert.deepEqual(
      wanted.filter((key) => !seen.has(key)),
      [],
    );
  });

  it("survive a round trip through JSON without losing a digit", () => {
    for (const { value } of examples) assert.deepEqual(JSON.parse(JSON.stringify(value)), value);
  });
});
