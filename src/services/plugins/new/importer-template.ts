import { keyOf, type Template } from "./template.ts";

/** Runs out of CSV files. */
export const importerTemplate: Template = {
  description: "runs out of CSV files, a file each",
  provides: (name) => [{ kind: "importer", name, description: "runs out of CSV files, a file each" }],
  permissions: { read: ["."] },
  main: {
    typescript: (name) => `import { type Datmo, definePlugin } from "datmo-plugin";

/*
 * Reads a folder of CSV files: a line with the names of columns, of which the first is "step", then a line for each
 * step. It may read the project ("read" in the manifest); for other folders it has to ask for these.
 */

export default definePlugin({
  importers: {
    ${keyOf(name)}: {
      /** A look at names and first bytes is enough. */
      async detect(path) {
        for (const file of await csvFiles(path)) {
          if ((await Deno.readTextFile(\`\${path}/\${file}\`)).startsWith("step,")) return true;
        }
        return false;
      },
      async *pages(path: string, _datmo: Datmo) {
        for (const file of await csvFiles(path)) {
          const text = await Deno.readTextFile(\`\${path}/\${file}\`);
          const { mtime } = await Deno.stat(\`\${path}/\${file}\`);
          yield [runOf(file, text, (mtime?.getTime() ?? 0) / 1000)];
        }
      },
    },
  },
});

/** A run with its points. \`at\`: seconds since the epoch. */
export function runOf(file: string, text: string, at: number) {
  const [head = "", ...lines] = text.trim().split("\\n");
  const rows = lines.map((line) => line.split(",").map(Number));
  const streams = head.split(",").slice(1).map((metric, column) => ({
    stream: metric,
    // Where the points begin in their stream: importing again takes only what is new.
    from: 0,
    points: {
      name: rows.map(() => metric),
      step: rows.map(([step = 0]) => step),
      value: rows.map((row) => row[column + 1] ?? 0),
      at: rows.map(() => at),
    },
  }));
  const facts = { name: file.replace(/\\.csv$/, ""), status: "succeeded" as const };
  return { run: file, facts, points: streams };
}

async function csvFiles(path: string): Promise<string[]> {
  const names: string[] = [];
  for await (const entry of Deno.readDir(path)) {
    if (entry.isFile && entry.name.endsWith(".csv")) names.push(entry.name);
  }
  return names.sort();
}
`,
  },
  unitTest: () => `import assert from "node:assert/strict";
import { runOf } from "./main.ts";

Deno.test("makes a stream of each column", () => {
  const { facts, points } = runOf("first.csv", "step,loss,acc\\n1,0.5,0.8\\n2,0.25,0.9\\n", 1767225600);
  assert.equal(facts.name, "first");
  assert.deepEqual(points.map(({ stream, points }) => [stream, points.step, points.value]), [
    ["loss", [1, 2], [0.5, 0.25]],
    ["acc", [1, 2], [0.8, 0.9]],
  ]);
});
`,
  cases: (name) => [
    {
      name: "takes over a run, and knows it again",
      files: { "old/first.csv": "step,loss,acc\n1,0.5,0.8\n2,0.25,0.9\n" },
      steps: [
        {
          request: "importer.run",
          params: { path: "old", format: name },
          expect: { newRuns: 1, points: 4, problems: [] },
        },
        {
          request: "run.list",
          params: {},
          expect: { items: [{ name: "first", metrics: { loss: 0.25, acc: 0.9 } }] },
        },
        {
          request: "importer.run",
          params: { path: "old", format: name },
          expect: { newRuns: 0, unchangedRuns: 1, points: 0 },
        },
      ],
    },
  ],
  use: (name) => `datmo import --from ${name} FOLDER`,
};
