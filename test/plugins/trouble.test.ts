/* Plugins that cannot do what they are there for: who says so, and what helps. */
import assert from "node:assert/strict";
import { chmodSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it, type TestContext } from "node:test";
import { DatmoError } from "../../src/protocol/errors.ts";
import type { Problem } from "../../src/protocol/types.ts";
import { endDeliverer, kindOf, outcomeOf, type PluginPlace, pluginPlace, until } from "../helpers/plugins.ts";

const COMMAND = { kind: "command", name: "go", params: { type: "object" } };
const READ = `import { definePlugin } from "datmo-plugin";
export default definePlugin({ commands: { go: ({ path }) => Deno.readTextFileSync(path) } });`;
/** Without a sandbox of the system, only Deno's own permissions confine a plugin. */
const DENO_ALONE = { DATMO_BUBBLEWRAP: "off" };

describe("a plugin that cannot be used", () => {
  it("is told of by the doctor, until it can be", async (t) => {
    const place = await placeFor(t);
    const broken = await install(
      place,
      { name: "broken", provides: [{ kind: "command", name: "other" }] },
      "export default {};",
    );
    writeFileSync(join(place.directory, ".datmo/plugins", broken, "files/datmo-plugin.json"), "{");
    await install(place, { name: "shy", provides: [COMMAND], permissions: { read: ["data"] } }, READ);
    assert.deepEqual(await kindsAndNames(place), ["PLUGIN_INVALID broken", "PLUGIN_NOT_GRANTED shy"]);
    await place.engine.call("plugin.grant", { name: "shy", asked: true });
    await place.engine.call("plugin.remove", { name: "broken" });
    assert.deepEqual(await problems(place), []);
  });

  it("is told of by the doctor while it rests", async (t) => {
    const place = await placeFor(t);
    const dying = `import { definePlugin } from "datmo-plugin";
export default definePlugin({ commands: { go: () => Deno.exit(3) } });`;
    await install(place, { name: "dying", provides: [COMMAND] }, dying);
    await place.engine.call("plugin.grant", { name: "dying", asked: true });
    for (let i = 0; i < 5; i++) assert.equal(await kindOf(go(place, "dying")), "PLUGIN_CRASHED");
    const [problem, ...others] = await problems(place);
    assert.deepEqual([problem?.kind, others], ["PLUGIN_OFF", []]);
    assert.match(problem?.message ?? "", /rests after 5 failures in a row.*exit code 3/);
    await place.engine.call("plugin.grant", { name: "dying" });
    assert.deepEqual(await problems(place), []);
  });

  it("is told of by the doctor when its hooks were not told of something", async (t) => {
    const place = await placeFor(t);
    const throwing = `import { definePlugin } from "datmo-plugin";
export default definePlugin({ hooks: { "run.finished": () => { throw new Error("my fault"); } } });`;
    const manifest = { name: "deaf", provides: [{ kind: "hook", on: ["run.finished"] }] };
    await install(place, manifest, throwing);
    await place.engine.call("plugin.grant", { name: "deaf", asked: true });
    const { run } = await place.engine.call("run.start", { command: "true" });
    await place.engine.call("run.wait", { id: run.id });
    await until(() => existsSync(join(place.directory, ".datmo/hooks/deaf/missed")), "the end of the tries");
    const [problem, ...others] = await problems(place);
    assert.deepEqual([problem?.kind, others], ["PLUGIN_FAILED", []]);
    assert.match(problem?.message ?? "", /deaf failed: it was not told of 1 event,/);
  });

  it("is refused when it asks for what datmo keeps", async (t) => {
    const place = await placeFor(t);
    for (const path of [".datmo", "./.datmo/", "data/../.datmo/store", ".DATMO"]) {
      for (const kind of ["read", "write"]) {
        const manifest = { name: "curious", provides: [COMMAND], permissions: { [kind]: [path] } };
        const directory = await place.write(manifest, { "main.js": READ });
        const outcome = await outcomeOf(place.engine.call("plugin.install", { directory }));
        assert.match(outcome, /^PLUGIN_INVALID: .*datmo keeps/, `${kind} ${path}`);
      }
    }
    for (const path of [".datmoignore", ".datmo-like", "data/.datmo"]) {
      await install(place, { name: "fine", provides: [COMMAND], permissions: { read: [path] } }, READ);
    }
  });

  it("is not started when it is a program that was not granted everything, and never rests for it", async (t) => {
    const place = await placeFor(t);
    const manifest = { name: "program", provides: [COMMAND], runtime: "process", main: "main.sh" };
    const directory = await place.write(manifest, { "main.sh": "#!/bin/sh\n" });
    chmodSync(join(directory, "main.sh"), 0o755);
    await place.engine.call("plugin.install", { directory });
    await place.engine.call("plugin.grant", { name: "program", asked: true });
    for (let i = 0; i < 6; i++) {
      const error = await errorOf(go(place, "program"));
      assert.equal(error.kind, "PLUGIN_NOT_GRANTED");
      assert.match(error.hint ?? "", /datmo plugin grant program --allow-all/);
    }
  });

  it("is told what to do when its code is not what its manifest says, however often", async (t) => {
    const place = await placeFor(t);
    const other =
      'import { definePlugin } from "datmo-plugin"; export default definePlugin({ commands: {} });';
    await install(place, { name: "lying", provides: [COMMAND] }, other);
    await place.engine.call("plugin.grant", { name: "lying", asked: true });
    for (let i = 0; i < 6; i++) {
      const error = await errorOf(go(place, "lying"));
      assert.match(`${error.kind}: ${error.message}`, /^PLUGIN_INVALID: .*command go, and its code does not/);
      assert.match(error.hint ?? "", /"provides" in datmo-plugin.json and what main.js defines/);
    }
  });
});

describe("commas in paths, which Deno takes for the end of one", () => {
  it("open nothing beside the project", async (t) => {
    // Taken apart, a grant of the project `data,old` would be one of `data` beside it.
    const place = await placeFor(t, DENO_ALONE, "data,old");
    mkdirSync(join(place.beside, "data"));
    const secret = join(place.beside, "data", "secret");
    writeFileSync(secret, "secret");
    await install(place, { name: "reader", provides: [COMMAND], permissions: { read: ["."] } }, READ);
    await place.engine.call("plugin.grant", { name: "reader", asked: true });
    const error = await errorOf(go(place, "reader", { path: secret }));
    assert.match(`${error.kind}: ${error.message}`, /^PLUGIN_INVALID: .*because of the comma in it/);
    assert.match(error.hint ?? "", /Rename it/);
  });

  it("do not hide a link that leads out", async (t) => {
    const place = await placeFor(t, DENO_ALONE);
    const secret = join(place.beside, "secret");
    writeFileSync(secret, "secret");
    mkdirSync(join(place.directory, "data"));
    const link = join(place.directory, "data", "a,b");
    symlinkSync(secret, link);
    await install(place, { name: "reader", provides: [COMMAND], permissions: { read: ["data"] } }, READ);
    await place.engine.call("plugin.grant", { name: "reader", asked: true });
    assert.match(await outcomeOf(go(place, "reader", { path: link })), /^PLUGIN_INVALID: .*comma/);
  });

  it("stop no plugin that needs no files of the project, nor one that is trusted", async (t) => {
    const place = await placeFor(t, DENO_ALONE, "a,b");
    await install(place, { name: "reader", provides: [COMMAND], permissions: { read: ["."] } }, READ);
    await place.engine.call("plugin.grant", { name: "reader", all: true });
    writeFileSync(join(place.directory, "own"), "own");
    const { result } = await go(place, "reader", { path: join(place.directory, "own") });
    assert.equal(result, readFileSync(join(place.directory, "own"), "utf8"));
    await place.engine.call("plugin.remove", { name: "reader" });
    const says = READ.replace("Deno.readTextFileSync(path)", '"hello"');
    await install(place, { name: "speaker", provides: [COMMAND] }, says);
    await place.engine.call("plugin.grant", { name: "speaker", asked: true });
    assert.equal((await go(place, "speaker")).result, "hello");
  });
});

async function placeFor(t: TestContext, ...given: Parameters<typeof pluginPlace>): Promise<PluginPlace> {
  const place = await pluginPlace(...given);
  t.after(async () => {
    await endDeliverer(place);
    await place.close();
  });
  return place;
}

async function install(
  place: PluginPlace,
  manifest: { readonly name: string; readonly [field: string]: unknown },
  code: string,
): Promise<string> {
  const directory = await place.write(manifest, { "main.js": code });
  await place.engine.call("plugin.install", { directory });
  return manifest.name;
}

function go(place: PluginPlace, name: string, params: object = {}): Promise<{ result?: unknown }> {
  return place.engine.call("plugin.call", { name, command: "go", params: { ...params } });
}

async function problems(place: PluginPlace): Promise<readonly Problem[]> {
  return (await place.engine.call("project.doctor", {})).problems;
}

async function kindsAndNames(place: PluginPlace): Promise<string[]> {
  return (await problems(place)).map(({ kind, details }) => `${kind} ${details["name"]}`).sort();
}

async function errorOf(call: Promise<unknown>): Promise<DatmoError> {
  const error = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof DatmoError, String(error));
  return error;
}
