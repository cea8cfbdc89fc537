/* Commands of plugins as a user types them. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { resolve } from "node:path";
import { after, before, describe, it } from "node:test";
import { type PluginPlace, pluginPlace } from "../helpers/plugins.ts";

const SCHEMA = {
  type: "object",
  properties: {
    metric: { type: "string", description: "which metric" },
    most: { type: "integer" },
    least: { type: "boolean" },
    tags: { type: "array", items: { type: "string" } },
    nested: { type: "object" },
  },
  required: ["metric"],
};
const MANIFEST = {
  name: "best-so-far",
  provides: [
    { kind: "command", name: "best", description: "the best run so far", params: SCHEMA },
    { kind: "command", name: "ls" },
  ],
};
const MAIN = `import { definePlugin } from "datmo-plugin";
export default definePlugin({ commands: { best: (params) => params, ls: () => "mine" } });`;

describe("commands of plugins", () => {
  let place: PluginPlace;
  before(async () => {
    place = await pluginPlace();
    const directory = await place.write(MANIFEST, { "main.js": MAIN });
    await place.engine.call("plugin.install", { directory });
  });
  after(() => place.close());

  function typed(...words: string[]): Promise<{ code: number; out: string; err: string }> {
    const options = { cwd: place.directory, env: { ...place.variables } };
    return new Promise((done) => {
      execFile(process.execPath, [resolve("dist/datmo.js"), ...words], options, (error, out, err) =>
        done({ code: Number(error?.code ?? 0), out, err }),
      );
    });
  }

  it("are refused without a grant where nobody can be asked", async () => {
    const { code, err } = await typed("best", "--metric", "acc");
    assert.equal(code, 8);
    assert.match(err, /was not granted what it asks for/);
  });

  it("take flags by their schema, and JSON", async () => {
    await place.engine.call("plugin.grant", { name: "best-so-far", asked: true });
    const words = ["--metric", "acc", "--most", "3", "--least", "--tags", "a", "--tags", "b"];
    const { out } = await typed("best", ...words, "--params", '{"most":9,"nested":{"a":1}}', "--json");
    assert.deepEqual(JSON.parse(out), {
      result: { metric: "acc", most: 3, least: true, tags: ["a", "b"], nested: { a: 1 } },
    });
  });

  it("refuse what does not fit", async () => {
    assert.match((await typed("best")).err, /metric is missing/);
    assert.match((await typed("best", "--metric", "x", "--most", "1.5")).err, /--most takes an integer/);
    assert.match((await typed("best", "--metrics", "x")).err, /Did you mean --metric/);
    assert.match((await typed("best", "--metric", "x", "--params", "[]")).err, /not a JSON object/);
  });

  it("have help, and are in datmo's", async () => {
    const help = await typed("best", "--help");
    assert.match(help.out, /The best run so far \(of the plugin best-so-far\)/);
    assert.match(help.out, /--metric <text> +which metric \(required\)/);
    assert.match((await typed("--help")).out, /best +the best run so far/);
    const wrong = await typed("bets");
    assert.equal(wrong.code, 2);
    assert.match(wrong.err, /Did you mean best\?.*Plugins of this project add: best\./);
  });

  it("never take the place of datmo's own", async () => {
    assert.match((await typed("ls")).err + (await typed("ls")).out, /No runs/);
    assert.equal((await typed("plugin", "call", "best-so-far", "ls")).out, "mine\n");
  });
});
