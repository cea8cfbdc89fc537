/* Writing plugins: the examples that are made work, are typed, and are tested in projects that are thrown away. */
import assert from "node:assert/strict";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { after, before, describe, it } from "node:test";
import type { PluginTestResult } from "../../src/protocol/types.ts";
import { kindOf, outcomeOf, type PluginPlace, pluginPlace } from "../helpers/plugins.ts";

/** Kinds of which `plugin.create` has an example, and what testing it has to be allowed. */
const KINDS: Readonly<Record<string, { readonly asked?: true; readonly cases?: false }>> = {
  command: {},
  driver: { asked: true },
  environment: {},
  exporter: {},
  // Told of runs after they ended, which no step waits for.
  hook: { cases: false },
  importer: {},
  parser: { asked: true },
};

describe("a new plugin", () => {
  let place: PluginPlace;
  let temporary: string;
  before(async () => {
    const python = [resolve("clients/python/src"), process.env["PYTHONPATH"]].filter((it) => it).join(":");
    place = await pluginPlace({ PYTHONPATH: python });
    temporary = join(place.beside, "tmp");
    mkdirSync(temporary);
    process.env["TMPDIR"] = temporary;
  });
  after(() => place.close());
  const at = (name: string): string => join(place.beside, name);
  const create = (
    name: string,
    more: object = {},
  ): Promise<{ directory: string; files: readonly string[] }> =>
    place.engine.call("plugin.create", { name, directory: at(name), ...more });
  const tested = (name: string, more: object = {}): Promise<PluginTestResult> =>
    place.engine.call("plugin.test", { directory: at(name), ...more });

  // Two at once: most of it is the type check, a process of its own.
  describe("of each kind", { concurrency: 2 }, () => {
    after(() => assert.deepEqual(readdirSync(temporary), [], "something was left behind"));
    for (const [kind, { asked, cases = true }] of Object.entries(KINDS)) {
      it(`of kind ${kind} passes its type check and its tests as it is`, async () => {
        const name = `my-${kind}`;
        const { files } = await create(name, { kind });
        const expected = ["datmo-plugin.json", "main.ts", "main_test.ts", "README.md"];
        for (const file of expected) assert.ok(files.includes(file), file);
        assert.equal(files.includes("tests.json"), cases);
        // As in a clone, which has none.
        rmSync(join(at(name), ".datmo-sdk"), { recursive: true });
        if (asked) assert.equal(await kindOf(tested(name)), "PLUGIN_NOT_GRANTED");
        const { results, failed } = await tested(name, asked ? { asked } : {});
        assert.deepEqual(
          results.filter((one) => !one.passed),
          [],
        );
        assert.equal(failed, 0);
        for (const sort of ["types", "unit", "start", ...(cases ? ["case"] : [])])
          assert.ok(
            results.some((one) => one.kind === sort),
            sort,
          );
        assert.ok(existsSync(join(at(name), ".datmo-sdk/plugins/sdk/mod.ts")));
        assert.ok(existsSync(join(at(name), ".datmo-sdk/protocol/types.ts")));
        assert.equal(existsSync(join(place.beside, "config")), false);
      });
    }
  });

  it("in Python passes its tests when it is trusted, and is not run else", async () => {
    await create("in-python", { language: "python" });
    assert.equal(await kindOf(tested("in-python", { asked: true })), "PLUGIN_NOT_GRANTED");
    const { results, plugin } = await tested("in-python", { all: true });
    assert.deepEqual(
      results.map(({ kind, problem = "" }) => `${kind} ${problem}`.trim()),
      ["start", "case", "case"],
    );
    assert.equal(plugin.grantedAll, true);
  });

  it("tells which types, tests and cases are not as they should be", async () => {
    await create("wrong");
    const main = readFileSync(join(at("wrong"), "main.ts"), "utf8");
    writeFileSync(join(at("wrong"), "main.ts"), main.replace("value }", "value: 1n }"));
    const { results, failed, passed } = await tested("wrong");
    const problems = Object.fromEntries(results.map(({ kind, problem }) => [kind, problem]));
    assert.ok(failed >= 1 && passed >= 1);
    assert.match(results.find(({ kind, passed }) => kind === "unit" && !passed)?.problem ?? "", /1n/);
    assert.match(results.find(({ kind, passed }) => kind === "case" && !passed)?.problem ?? "", /step 7/);
    assert.equal(problems["start"], undefined);
    writeFileSync(join(at("wrong"), "main.ts"), main.replace("metrics[metric]", "metrix[metric]"));
    const again = await tested("wrong");
    assert.match(again.results[0]?.problem ?? "", /'metrix'.*[\s\S]*main\.ts:\d+/);
  });

  it("is not written over anything, nor under a name that no plugin has", async () => {
    await create("twice");
    assert.equal(await kindOf(create("twice")), "PATH_INVALID");
    writeFileSync(at("file"), "");
    assert.equal(await kindOf(create("file")), "PATH_INVALID");
    for (const name of ["Best", "../up", "1st", "a b", "ü"]) {
      assert.equal(
        await kindOf(place.engine.call("plugin.create", { name, directory: at("other") })),
        "INVALID_PARAMS",
      );
    }
    assert.equal(await kindOf(create("other", { kind: "magic" })), "INVALID_PARAMS");
    assert.equal(await kindOf(create("other", { language: "cobol" })), "INVALID_PARAMS");
    assert.equal(existsSync(at("other")), false);
  });

  it("reaches nothing beyond the project that is thrown away without being allowed", async () => {
    const manifest = (permissions: object): object => ({
      name: "far",
      permissions,
      provides: [{ kind: "command", name: "far" }],
    });
    const main = `import { definePlugin } from "datmo-plugin";
export default definePlugin({ commands: { far: () => Deno.env.get("DATMO_FAR") ?? "none" } });`;
    const tests = (steps: object[]): string => JSON.stringify({ tests: [{ name: "far", steps }] });
    const outcome = async (asks: object, steps: object[], more: object = {}): Promise<string> => {
      const directory = await place.write(manifest(asks), { "main.js": main, "tests.json": tests(steps) });
      const result = place.engine.call("plugin.test", { directory, ...more });
      const kind = await kindOf(result);
      return kind === "none" ? `failed ${(await result).failed}` : kind;
    };
    const call = [{ command: "far", expect: "none" }];
    assert.equal(await outcome({ env: ["DATMO_FAR"] }, call), "PLUGIN_NOT_GRANTED");
    assert.equal(await outcome({ env: ["DATMO_FAR"] }, call, { asked: true }), "failed 0");
    for (const asks of [{ net: ["localhost:1"] }, { run: ["ls"] }, { read: ["/etc"] }, { write: ["../x"] }]) {
      assert.equal(await outcome(asks, call), "PLUGIN_NOT_GRANTED");
    }
    for (const step of [
      { run: "id > stolen" },
      { request: "run.start", params: { command: "id > stolen" } },
      { request: "project.delete", params: {} },
      { request: "importer.run", params: { path: "/etc" } },
      { request: "exporter.run", params: { format: "csv", directory: "../out" } },
      { request: "snapshot.create", params: { message: "m", paths: ["/etc/hostname"] } },
      { request: "run.create", params: { pythonExecutable: "bin/sh" } },
    ]) {
      assert.equal(await outcome({}, [step]), "PLUGIN_NOT_GRANTED", JSON.stringify(step));
    }
    assert.equal(
      await outcome({}, [{ run: "exit 3", expect: { run: { exitCode: 3 } } }], { asked: true }),
      "failed 0",
    );
  });

  it("has its tests read with a clear word about what is wrong in them", async () => {
    const outcome = async (tests: string): Promise<string> => {
      const directory = await place.write(
        { name: "tests", provides: [{ kind: "command", name: "tests" }] },
        { "main.js": "export default {};", "tests.json": tests },
      );
      return outcomeOf(place.engine.call("plugin.test", { directory }));
    };
    assert.match(await outcome("{"), /PLUGIN_INVALID.*tests\.json: it is not JSON/);
    assert.match(await outcome('{"tests": [{"name": "x"}]}'), /tests\.json: tests\.0 .*steps/);
    assert.match(
      await outcome('{"tests": [{"name": "x", "steps": [{"params": {}}]}]}'),
      /step 1 of "x" needs exactly one of/,
    );
  });
});
