import { keyOf, recorded, type Template } from "./template.ts";

/** A table of runs. */
export const exporterTemplate: Template = {
  description: "a table of runs, as Markdown",
  provides: (name) => [{ kind: "exporter", name, description: "a table of runs, as Markdown" }],
  main: {
    typescript: (name) => `import { definePlugin } from "datmo-plugin";

/* One file, begun at the beginning, with a line for each run. Files that are begun for a run would be its own. */

const PATH = "runs.md";

export default definePlugin({
  exporters: {
    ${keyOf(name)}: ({ project }) => {
      const last = new Map<string, number | string>();
      return {
        begin: () => [
          { path: PATH, text: \`# \${project.name}\\n\\n| run | status | metrics |\\n|---|---|---|\\n\` },
        ],
        run: () => {
          last.clear();
          return [];
        },
        /** Pages of points, in order; there may be many of one metric. */
        points: (_run, { name, value }) => {
          for (const [at, metric] of name.entries()) last.set(metric, value[at] ?? "");
          return [];
        },
        runEnd: (run) => {
          const metrics = [...last].map(([metric, value]) => \`\${metric} = \${value}\`).join(", ");
          return [{ path: PATH, text: \`| \${run.name} | \${run.status} | \${metrics} |\\n\` }];
        },
      };
    },
  },
});
`,
  },
  unitTest: (name) => `import assert from "node:assert/strict";
import type { ExportedRun } from "datmo-plugin";
import { fakeDatmo } from "datmo-plugin/testing";
import plugin from "./main.ts";

const target = { directory: "/out", project: { id: "1", name: "digits" } };
const run = { id: "2", name: "quiet-heron", status: "succeeded" } as ExportedRun;

Deno.test("has the last value of each metric in the line of the run", async () => {
  const begun = plugin.exporters?.["${name}"]?.(target, fakeDatmo());
  await begun?.begin?.();
  await begun?.run?.(run, () => {});
  await begun?.points?.(run, { name: ["acc", "acc"], step: [1, 2], value: [0.5, 0.9], at: [1, 2] });
  assert.deepEqual(await begun?.runEnd?.(run), [
    { path: "runs.md", text: "| quiet-heron | succeeded | acc = 0.9 |\\n" },
  ]);
});
`,
  cases: (name) => [
    {
      name: "writes one file for all runs, and finds it up to date",
      steps: [
        ...recorded("low", 0.5),
        ...recorded("high", 0.9),
        {
          request: "exporter.run",
          params: { format: name, directory: "out" },
          expect: { runs: 2, files: 1, unchanged: 0, problems: [] },
        },
        {
          request: "exporter.run",
          params: { format: name, directory: "out" },
          expect: { runs: 2, files: 0, unchanged: 1 },
        },
      ],
    },
  ],
  use: (name) => `datmo export --format ${name} DIR`,
};
