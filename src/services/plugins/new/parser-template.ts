import { keyOf, type Template } from "./template.ts";

/** Metrics out of lines. */
export const parserTemplate: Template = {
  description: "metrics out of lines such as `epoch 3: loss=0.25 acc=0.9`",
  provides: (name) => [{ kind: "parser", name, description: "lines such as epoch 3: loss=0.25 acc=0.9" }],
  reaches: true,
  main: {
    typescript: (name) => `import { definePlugin } from "datmo-plugin";

const LINE = /^epoch (\\d+):/;
const VALUE = /([A-Za-z_]\\w*)=(-?\\d+(?:\\.\\d+)?(?:e[+-]?\\d+)?)/gi;

export default definePlugin({
  parsers: {
    /** One that has to remember something between lines has \`open: () => ({ line, end })\` in place of a function. */
    ${keyOf(name)}: (line) => {
      const step = LINE.exec(line)?.[1];
      if (step === undefined) return null;
      return [...line.matchAll(VALUE)].map(([, name = "", value]) => ({
        name,
        step: Number(step),
        value: Number(value),
      }));
    },
  },
});
`,
  },
  unitTest: (name) => `import assert from "node:assert/strict";
import plugin from "./main.ts";

const parser = plugin.parsers?.["${name}"];
const parse = (line: string) => (typeof parser === "function" ? parser(line, { id: "1" }) : undefined);

Deno.test("finds all values of a line", () => {
  assert.deepEqual(parse("epoch 3: loss=2.5e-1 acc=0.9"), [
    { name: "loss", step: 3, value: 0.25 },
    { name: "acc", step: 3, value: 0.9 },
  ]);
});

Deno.test("finds nothing in other lines", () => {
  assert.equal(parse("lr=0.1"), null);
});
`,
  cases: (name) => [
    {
      name: "finds the metrics of a run",
      files: { "log.txt": "epoch 1: loss=0.5 acc=0.8\nlr=0.1\nepoch 2: loss=0.25 acc=0.9\n" },
      steps: [
        {
          run: "cat log.txt",
          params: { parser: name },
          expect: { run: { status: "succeeded", metrics: { loss: 0.25, acc: 0.9 } } },
        },
      ],
    },
  ],
  use: (name) => `datmo run --parser ${name} COMMAND`,
};
