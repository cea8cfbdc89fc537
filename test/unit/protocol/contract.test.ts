import assert from "node:assert/strict";
import { join } from "node:path";
import { describe, it } from "node:test";
import { checkContract } from "../../../protocol/generator/check.ts";
import { loadContract } from "../../../protocol/generator/load.ts";
import type { Contract, MessageFile, MethodRecord, Schema } from "../../../protocol/generator/model.ts";
import { walkSchema } from "../../../protocol/generator/walk.ts";

const root = join(import.meta.dirname, "..", "..", "..");
const contract = loadContract(root);

const text: Schema = { type: "string", description: "Text. Absent: none." };
const goodMethod: MethodRecord = {
  summary: "Does it.",
  description: "",
  params: { type: "object", properties: { a: text }, required: ["a"], additionalProperties: false },
  result: { type: "object", properties: {}, required: [] },
  errors: [],
  progress: false,
  cancellable: false,
  pluginAccess: "read",
  since: "1",
  stability: "stable",
};

/** A contract with one noun more. */
function withNoun(content: MessageFile, name = `${content.namespace}.json`): Contract {
  const locate = <T>(records: Readonly<Record<string, T>> | undefined) =>
    Object.entries(records ?? {}).map(([key, record]) => ({
      name: key,
      namespace: content.namespace,
      file: name,
      record,
    }));
  return {
    ...contract,
    sources: [...contract.sources, { name, content }],
    defs: [...contract.defs, ...locate(content.$defs)],
    methods: [...contract.methods, ...locate(content.methods)],
    notifications: [...contract.notifications, ...locate(content.notifications)],
  };
}

function withMethod(change: object): Contract {
  const record = { ...goodMethod, ...change } as MethodRecord;
  return withNoun({ namespace: "toy", description: "A toy.", methods: { "toy.do": record } });
}

function withParam(param: Schema, required = true): Contract {
  return withMethod({
    params: { ...goodMethod.params, properties: { a: param }, required: required ? ["a"] : [] },
  });
}

function problemsOf(broken: Contract): string {
  return checkContract(broken, root).join("\n");
}

describe("the contract", () => {
  it("has nothing to complain about as it stands", () => {
    assert.deepEqual(checkContract(contract, root), []);
  });

  it("asks for examples of a new method, and for nothing else", () => {
    const problems = checkContract(withMethod({}), root);
    assert.equal(problems.length, 3);
    for (const problem of problems) assert.match(problem, /^toy\.do lacks an example/);
  });

  const broken: readonly (readonly [string, Contract, RegExp])[] = [
    [
      "open params",
      withMethod({ params: { ...goodMethod.params, additionalProperties: true } }),
      /additionalProperties must be equal to constant/,
    ],
    [
      "a method without plugin access",
      withMethod({ pluginAccess: undefined }),
      /must have required property 'pluginAccess'/,
    ],
    ["an unknown plugin access", withMethod({ pluginAccess: "all" }), /pluginAccess must be equal to one of/],
    [
      "a misspelt field of a method",
      withMethod({ canceleable: true }),
      /must NOT have additional properties \("canceleable"\)/,
    ],
    [
      "a keyword outside the dialect",
      withParam({ ...text, format: "uri" }),
      /must NOT have additional properties \("format"\)/,
    ],
    [
      "a list of types",
      withParam({ ...text, type: ["string", "null"] as unknown as string }),
      /type must be/,
    ],
    [
      "a property without description",
      withParam({ type: "string" }),
      /must have required property 'description'/,
    ],
    [
      "an optional property that is silent on absence",
      withParam({ ...text, description: "Text." }, false),
      /toy\.do params\.a is optional/,
    ],
    [
      "known values of a number",
      withParam({ type: "integer", description: "N.", "x-known": ["a"] }),
      /type must be equal to constant/,
    ],
    ["a reference to nowhere", withParam({ $ref: "#/$defs/Nothing" }), /#\/\$defs\/Nothing leads nowhere/],
    [
      "a reference to the wrong file",
      withParam({ $ref: "task.json#/$defs/Run" }),
      /task\.json#\/\$defs\/Run leads nowhere/,
    ],
    [
      "a required property nobody described",
      withMethod({ params: { ...goodMethod.params, required: ["a", "b"] } }),
      /b is required but not described/,
    ],
    [
      "an error that is in no table",
      withMethod({ errors: ["NO_SUCH_KIND"] }),
      /errors\.json has no NO_SUCH_KIND/,
    ],
    [
      "a type that is there already",
      withNoun({
        namespace: "toy",
        description: "A toy.",
        $defs: { Run: { type: "object", description: "Not a run.", properties: {}, required: [] } },
      }),
      /the type Run is defined twice/,
    ],
    [
      "a method of another noun",
      withNoun({ namespace: "toy", description: "A toy.", methods: { "run.play": goodMethod } }),
      /run\.play belongs to another noun/,
    ],
    [
      "a file with another name than its noun",
      withNoun({ namespace: "toy", description: "A toy." }, "game.json"),
      /game\.json must be called toy\.json/,
    ],
  ];
  for (const [what, wrong, expected] of broken) {
    it(`refuses ${what}`, () => assert.match(problemsOf(wrong), expected));
  }

  it("refuses an example with the wrong verdict", () => {
    const example = {
      path: "run.get/x.valid.json",
      message: "run.get",
      part: "params",
      valid: true,
      value: { ids: [] },
    } as const;
    assert.match(
      problemsOf({ ...contract, examples: [...contract.examples, example] }),
      /run\.get\/x\.valid\.json/,
    );
  });

  it("refuses an example of no message", () => {
    const example = {
      path: "run.fly/x.valid.json",
      message: "run.fly",
      part: "params",
      valid: true,
      value: {},
    } as const;
    assert.match(
      problemsOf({ ...contract, examples: [...contract.examples, example] }),
      /run\.fly.*no such message/,
    );
  });

  it("describes every property", () => {
    let properties = 0;
    for (const schema of allSchemas()) {
      walkSchema(schema, "", (part, path) => {
        for (const [name, property] of Object.entries(part.properties ?? {})) {
          properties++;
          assert.ok(property.description ?? property.$ref, `${path}.${name} has no description`);
        }
      });
    }
    assert.ok(properties > 300, `only ${properties} properties were looked at`);
  });
});

function allSchemas(): Schema[] {
  return [
    ...contract.defs.map(({ record }) => record),
    ...contract.methods.flatMap(({ record }) => [record.params, record.result]),
    ...contract.notifications.map(({ record }) => record.params),
  ];
}
