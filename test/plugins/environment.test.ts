/* Catalogues of plugins beside datmo's own. */
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { type PluginPlace, pluginPlace } from "../helpers/plugins.ts";

const MAIN = `import { definePlugin } from "datmo-plugin";
const variants = [{ type: "gpu", language: "py312", image: "registry.example/vision:3" }];
export default definePlugin({ environments: { company: {
  entries: () => [
    { framework: "vision", description: "OpenCV and PyTorch", variants },
    { framework: "pytorch", description: "ours", variants },
    { framework: "escape", description: "", variants },
  ],
  files: ({ framework, language }) => framework === "escape"
    ? { "../../outside": "x", Dockerfile: "FROM a" }
    : { Dockerfile: "FROM registry.example/vision:3\\n", "lib/own.txt": framework + " " + language },
} } });`;
const MANIFEST = { name: "acme", provides: [{ kind: "environment", name: "company" }] };

describe("catalogues of plugins", () => {
  let place: PluginPlace;
  before(async () => {
    place = await pluginPlace();
  });
  after(() => place.close());

  async function install(name: string, manifest: object, main: string, grant = true): Promise<void> {
    const directory = await place.write({ ...manifest, name }, { "main.js": main });
    await place.engine.call("plugin.install", { directory });
    if (grant) await place.engine.call("plugin.grant", { name, asked: true });
  }

  it("are listed behind datmo's own once granted, and set up as those are", async () => {
    await install("acme", MANIFEST, MAIN, false);
    const own = await place.engine.call("environment.catalog", {});
    assert.ok(own.entries.every(({ plugin }) => plugin === undefined));
    await assert.rejects(place.engine.call("environment.setup", { framework: "vision", type: "gpu" }), {
      kind: "CATALOGUE_UNKNOWN",
    });
    await place.engine.call("plugin.grant", { name: "acme", asked: true });
    const { entries, problems } = await place.engine.call("environment.catalog", {});
    const theirs = entries.filter(({ plugin }) => plugin === "acme").map(({ framework }) => framework);
    assert.deepEqual(theirs, ["vision", "acme/pytorch", "escape"]);
    assert.equal(problems, undefined);
    const { environment, written } = await place.engine.call("environment.setup", {
      framework: "vision",
      type: "gpu",
    });
    assert.deepEqual([...written].sort(), ["datmo_environment/Dockerfile", "datmo_environment/lib/own.txt"]);
    assert.equal(environment.name, "vision:gpu-py312");
    assert.equal(
      readFileSync(join(place.directory, "datmo_environment/lib/own.txt"), "utf8"),
      "vision py312",
    );
    const again = await place.engine.call("environment.setup", { framework: "vision", type: "gpu" });
    assert.deepEqual([again.created, again.environment.id], [false, environment.id]);
    const ours = await place.engine.call("environment.setup", { framework: "pytorch" });
    assert.equal(ours.environment.name.startsWith("pytorch:cpu-"), true);
    const named = await place.engine.call("environment.setup", { framework: "acme/pytorch", type: "gpu" });
    assert.equal(named.environment.name, "acme/pytorch:gpu-py312");
  });

  it("cannot write outside of the environment's folder", async () => {
    await assert.rejects(place.engine.call("environment.setup", { framework: "escape", type: "gpu" }), {
      kind: "PLUGIN_ANSWER",
    });
    assert.equal(existsSync(join(place.directory, "..", "outside")), false);
    assert.equal(existsSync(join(place.beside, "outside")), false);
  });

  it("that fail are told, and hide nothing", async () => {
    const broken = `import { definePlugin } from "datmo-plugin";
export default definePlugin({ environments: { bad: {
  entries: () => [{ framework: "UPPER CASE", description: "", variants: [] }], files: () => ({}) } } });`;
    await install("bad", { provides: [{ kind: "environment", name: "bad" }] }, broken);
    const { entries, problems } = await place.engine.call("environment.catalog", {});
    assert.ok(entries.some(({ framework }) => framework === "vision"));
    assert.equal(problems?.length, 1);
    assert.match(problems?.[0] ?? "", /bad answered environment\.entries with what it may not/);
    await place.engine.call("environment.setup", { framework: "python-base" });
    await assert.rejects(place.engine.call("environment.setup", { framework: "nowhere" }), {
      kind: "PLUGIN_ANSWER",
    });
  });
});
