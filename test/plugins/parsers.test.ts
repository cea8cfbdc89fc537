/* Metrics out of a command's output by a plugin: chosen, counted once, and never in the way of the run. */
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { after, before, describe, it } from "node:test";
import type { Run, RunStartParams } from "../../src/protocol/types.ts";
import { kindOf, type PluginPlace, pluginPlace } from "../helpers/plugins.ts";

const COUNTING = `import { definePlugin } from "datmo-plugin";
export default definePlugin({ parsers: {
  counting: { open: () => { let lines = 0; return {
    line(line) { lines++; if (line === "die") Deno.exit(3); return { name: "line", value: lines }; },
    end: () => ({ name: "lines", step: 0, value: lines }),
  }; } },
  wrong: () => ({ name: "x", value: "text" }),
  endless: () => Array.from({ length: 60 }, () => ({ name: "x".repeat(900), value: 1 })),
} });`;

describe("parsers of plugins", () => {
  let place: PluginPlace;
  before(async () => {
    place = await pluginPlace();
    await place.engine.call("plugin.install", { directory: resolve("examples/plugins/json-lines") });
    const directory = await place.write(
      {
        name: "counting",
        provides: ["counting", "wrong", "endless"].map((name) => ({ kind: "parser", name })),
      },
      { "main.js": COUNTING },
    );
    await place.engine.call("plugin.install", { directory });
    await place.engine.call("plugin.grant", { name: "counting" });
  });
  after(() => place.close());

  async function run(params: RunStartParams): Promise<Run> {
    const { run: started } = await place.engine.call("run.start", params);
    return (await place.engine.call("run.wait", { id: started.id })).run;
  }
  async function values(id: string, name: string) {
    return (await place.engine.call("metric.history", { runId: id, name })).points;
  }

  it("are refused before anything runs when they cannot be had", async () => {
    const start = (params: object) =>
      kindOf(place.engine.call("run.start", { command: "touch ran", ...params }));
    assert.equal(await start({ parser: "json-lines" }), "PLUGIN_NOT_GRANTED");
    assert.equal(await start({ parser: "nothing" }), "PARSER_UNKNOWN");
    assert.equal(await start({ parser: "json-lines", parse: false }), "INVALID_PARAMS");
    assert.deepEqual((await place.engine.call("run.list", {})).items, []);
  });

  it("take metrics out of JSON lines (the example)", async () => {
    await place.engine.call("plugin.grant", { name: "json-lines" });
    const lines = [
      '{"step": 3, "loss": 0.1, "eval": {"acc": 0.9}}',
      "loss: 7",
      '{"loss": NaN, "step": 4}',
      "{no",
    ];
    writeFileSync(join(place.directory, "log.txt"), lines.join("\n"));
    const ended = await run({ command: "cat log.txt", parser: "json-lines" });
    assert.deepEqual(ended.metrics, { loss: "NaN", "eval/acc": 0.9 });
    assert.deepEqual([ended.parser, ended.parserProblem], ["json-lines", undefined]);
    const { step, value } = await values(ended.id, "loss");
    assert.deepEqual(
      [step, value],
      [
        [3, 4],
        [0.1, "NaN"],
      ],
    );
    const again = await place.engine.call("run.rerun", { id: ended.id });
    const rerun = (await place.engine.call("run.wait", { id: again.run.id })).run;
    assert.deepEqual([rerun.parser, rerun.metrics], ["json-lines", ended.metrics]);
  });

  it("are chosen by the project's settings, and none by name", async () => {
    const file = join(place.directory, ".datmo/config.json");
    writeFileSync(file, JSON.stringify({ v: 1, parser: "json-lines" }));
    assert.deepEqual((await run({ command: `echo '{"x": 1}'` })).metrics, { x: 1 });
    assert.deepEqual((await run({ command: "echo y: 2", parser: "key-value" })).metrics, { y: 2 });
    assert.deepEqual((await run({ command: "echo y: 2", parser: "none" })).metrics, {});
    writeFileSync(file, JSON.stringify({ v: 1 }));
  });

  it("remember what came before, also over many batches", async () => {
    const ended = await run({ command: "seq 200000", parser: "counting" });
    assert.deepEqual(ended.metrics, { line: 200_000, lines: 200_000 });
    const { value } = await values(ended.id, "line");
    assert.equal(value.length, 200_000);
  });

  it("that die are begun anew, then given up: the run succeeds, with all of its output", async () => {
    const ended = await run({ command: "seq 50000; sleep 0.3; echo die; echo after", parser: "counting" });
    assert.equal(ended.status, "succeeded");
    assert.match(ended.parserProblem ?? "", /counting/);
    assert.match(
      readFileSync(join(place.directory, ".datmo/tasks", ended.id, "output.log"), "utf8"),
      /after\n$/,
    );
    const { value } = await values(ended.id, "line");
    assert.equal(new Set(value).size, value.length, "no point twice");
    await place.engine.call("plugin.grant", { name: "counting" });
  });

  it("that answer what they may not, or far too much, are given up", async () => {
    for (const parser of ["wrong", "endless"]) {
      const ended = await run({ command: "seq 400", parser });
      assert.deepEqual([ended.status, ended.metrics], ["succeeded", {}]);
      assert.match(ended.parserProblem ?? "", /counting/);
      await place.engine.call("plugin.grant", { name: "counting" });
    }
  });

  it("read the rest of a run whose engine went away, counting no point twice", async () => {
    const other = await place.again();
    const { run: started } = await other.call("run.start", {
      command: "seq 1000; sleep 1; seq 1000",
      parser: "counting",
    });
    for (;;) {
      const { items } = await place.engine.call("run.list", { limit: 1 });
      if (items[0]?.metrics["line"] !== undefined) break;
      await new Promise((done) => setTimeout(done, 50));
    }
    await other.close();
    const { run: ended } = await place.engine.call("run.wait", { id: started.id });
    assert.deepEqual([ended.status, ended.metrics], ["succeeded", { line: 2000, lines: 2000 }]);
    assert.equal((await values(ended.id, "line")).value.length, 2000);
  });
});
