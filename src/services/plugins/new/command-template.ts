import { keyOf, recorded, type Template } from "./template.ts";

/** A command that asks the engine something. */
export const commandTemplate: Template = {
  description: "the run with the highest value of a metric",
  provides: (name) => [
    {
      kind: "command",
      name,
      description: "the run with the highest value of a metric",
      params: {
        type: "object",
        properties: { metric: { type: "string", description: "name of the metric" } },
        required: ["metric"],
      },
    },
  ],
  permissions: { engine: ["run.list"] },
  main: {
    typescript: (name) => `import { definePlugin } from "datmo-plugin";

interface Params {
  readonly metric: string;
}

export default definePlugin({
  commands: {
    /** The run with the highest value of a metric; null when no run has it. */
    ${keyOf(name)}: async ({ metric }: Params, datmo) => {
      const { items } = await datmo.request("run.list", { sort: \`-metrics.\${metric}\`, limit: 1 });
      const value = items[0]?.metrics[metric];
      return value === undefined ? null : { run: items[0]?.name, value };
    },
  },
});
`,
    python: (name) => `#!/usr/bin/env python3
import datmo.plugin


def best(params, engine):
    """The run with the highest value of a metric; None when no run has it."""
    metric = params["metric"]
    items = engine.request("run.list", {"sort": f"-metrics.{metric}", "limit": 1})["items"]
    if not items or metric not in items[0]["metrics"]:
        return None
    return {"run": items[0]["name"], "value": items[0]["metrics"][metric]}


datmo.plugin.serve({"commands": {"${name}": best}})
`,
    r: (name) => `#!/usr/bin/env Rscript
library(datmo)

# The run with the highest value of a metric; NULL when no run has it.
best <- function(params, engine) {
  query <- list(sort = paste0("-metrics.", params$metric), limit = 1)
  items <- engine$request("run.list", query)$items
  if (length(items) == 0) return(NULL)
  value <- items[[1]]$metrics[[params$metric]]
  if (is.null(value)) NULL else list(run = items[[1]]$name, value = value)
}

datmo_plugin_serve(list(commands = list(\`${name}\` = best)))
`,
  },
  unitTest: (name) => `import assert from "node:assert/strict";
import { fakeContext, fakeDatmo } from "datmo-plugin/testing";
import plugin from "./main.ts";

const command = plugin.commands?.["${name}"];

Deno.test("answers the run with the highest value", async () => {
  const datmo = fakeDatmo({ "run.list": { items: [{ name: "quiet-heron", metrics: { acc: 0.9 } }] } });
  assert.deepEqual(await command?.({ metric: "acc" }, datmo, fakeContext()), { run: "quiet-heron", value: 0.9 });
  assert.deepEqual(datmo.asked[0]?.params, { sort: "-metrics.acc", limit: 1 });
});

Deno.test("answers null when no run has the metric", async () => {
  const datmo = fakeDatmo({ "run.list": { items: [] } });
  assert.equal(await command?.({ metric: "acc" }, datmo, fakeContext()), null);
});
`,
  cases: (name) => [
    {
      name: "answers the run with the highest value",
      steps: [
        ...recorded("low", 0.5),
        ...recorded("high", 0.9),
        { command: name, params: { metric: "acc" }, expect: { run: "high", value: 0.9 } },
      ],
    },
    {
      name: "answers null when no run has the metric, and wants one",
      steps: [
        { command: name, params: { metric: "acc" }, expect: null },
        { command: name, expectError: "INVALID_PARAMS" },
      ],
    },
  ],
  use: (name) => `datmo plugin call ${name} ${name} '{"metric": "acc"}'`,
};
