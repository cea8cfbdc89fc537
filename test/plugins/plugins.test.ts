/* Installing, granting, calling; broken and hostile plugins; what a plugin may ask of the engine. */
import assert from "node:assert/strict";
import { appendFileSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { HARMLESS_PATHS, PATH_RULES } from "../../src/domain/path-rules.ts";
import { methodInfo } from "../../src/protocol/methods.ts";
import {
  installEscapes,
  installedPlugins,
  kindOf,
  outcomeOf,
  type PluginPlace,
  pluginPlace,
} from "../helpers/plugins.ts";

const HELLO = `import { definePlugin } from "datmo-plugin";
import { greeting } from "./lib/words.ts";
export default definePlugin({ commands: { hello: ({ name }) => greeting + " " + name } });`;
const HELLO_MANIFEST = {
  name: "hello",
  provides: [
    {
      kind: "command",
      name: "hello",
      params: { type: "object", properties: { name: { type: "string" } }, required: ["name"] },
    },
  ],
};
const HELLO_FILES = { "main.js": HELLO, "lib/words.ts": "export const greeting: string = 'Hello';" };

describe("plugins", () => {
  let place: PluginPlace;
  before(async () => {
    place = await pluginPlace();
  });
  after(() => place.close());
  const call = (
    name: string,
    command: string,
    params = {},
    timeoutMs = 20_000,
  ): Promise<{ result?: unknown }> => place.engine.call("plugin.call", { name, command, params, timeoutMs });

  it("run once they are granted, and not before", async () => {
    const directory = await place.write(HELLO_MANIFEST, HELLO_FILES);
    const { plugin, replaced } = await place.engine.call("plugin.install", { directory });
    assert.deepEqual([plugin.state, replaced], ["ungranted", false]);
    assert.equal(await kindOf(call("hello", "hello", { name: "Ada" })), "PLUGIN_NOT_GRANTED");
    await place.engine.call("plugin.grant", { name: "hello" });
    assert.deepEqual(await call("hello", "hello", { name: "Ada" }), { result: "Hello Ada" });
    assert.equal(await kindOf(call("hello", "hello")), "INVALID_PARAMS");
    assert.equal(await kindOf(call("hello", "bye")), "PLUGIN_COMMAND_UNKNOWN");
    assert.equal(await kindOf(call("nobody", "hello")), "PLUGIN_NOT_FOUND");
  });

  it("must be granted anew when they have changed, installed or behind datmo's back", async () => {
    const directory = await place.write(HELLO_MANIFEST, { ...HELLO_FILES, "notes.txt": "new" });
    const { plugin, replaced } = await place.engine.call("plugin.install", { directory });
    assert.deepEqual([plugin.state, replaced], ["ungranted", true]);
    assert.equal(await kindOf(call("hello", "hello", { name: "x" })), "PLUGIN_NOT_GRANTED");
    await place.engine.call("plugin.grant", { name: "hello" });
    appendFileSync(join(place.directory, ".datmo/plugins/hello/files/main.js"), "\n// changed");
    const other = await place.again();
    assert.equal(
      await kindOf(other.call("plugin.call", { name: "hello", command: "hello", params: { name: "x" } })),
      "PLUGIN_NOT_GRANTED",
    );
    assert.equal(
      (await other.call("plugin.list", {})).items[0]?.problem,
      "it has changed since it was granted",
    );
  });

  it("lose their grant when it is revoked, and are gone when removed", async () => {
    await place.engine.call("plugin.grant", { name: "hello" });
    await place.engine.call("plugin.revoke", { name: "hello" });
    assert.equal(await kindOf(call("hello", "hello", { name: "x" })), "PLUGIN_NOT_GRANTED");
    await place.engine.call("plugin.remove", { name: "hello" });
    assert.deepEqual(await installedPlugins(place.engine), []);
    assert.equal(existsSync(join(place.directory, ".datmo/plugins/hello")), false);
  });

  it("are off without Deno, and nothing else is", async () => {
    const bare = await pluginPlace({ DATMO_DENO: "/nothing/here" });
    try {
      const directory = await bare.write(HELLO_MANIFEST, HELLO_FILES);
      assert.equal(await kindOf(bare.engine.call("plugin.install", { directory })), "DENO_NOT_FOUND");
      assert.deepEqual(await installedPlugins(bare.engine), []);
      const { run } = await bare.engine.call("run.start", { command: "echo acc: 1" });
      const ended = await bare.engine.call("run.wait", { id: run.id });
      assert.deepEqual([ended.run.status, ended.run.metrics["acc"]], ["succeeded", 1]);
    } finally {
      await bare.close();
    }
  });

  const broken: readonly [what: string, manifest: object, files: Record<string, string>, kind: string][] = [
    ["no JSON", {}, { "datmo-plugin.json": "{" }, "PLUGIN_INVALID"],
    ["another field", { ...HELLO_MANIFEST, permission: {} }, HELLO_FILES, "PLUGIN_INVALID"],
    ["a name with a slash", { ...HELLO_MANIFEST, name: "../hello" }, HELLO_FILES, "PLUGIN_INVALID"],
    ["no main", { ...HELLO_MANIFEST, main: "other.ts" }, HELLO_FILES, "PLUGIN_INVALID"],
    ["main outside", { ...HELLO_MANIFEST, main: "../main.js" }, HELLO_FILES, "PLUGIN_INVALID"],
    ["another engine", { ...HELLO_MANIFEST, engine: "7-9" }, HELLO_FILES, "PLUGIN_TOO_NEW"],
    [
      "an unknown kind",
      { name: "hello", provides: [{ kind: "magic", name: "x" }] },
      HELLO_FILES,
      "PLUGIN_INVALID",
    ],
    [
      "an unknown event",
      { name: "hello", provides: [{ kind: "hook", on: ["run.dreamt"] }] },
      HELLO_FILES,
      "PLUGIN_INVALID",
    ],
    [
      "a hook that is told of nothing",
      { name: "hello", provides: [{ kind: "hook" }] },
      HELLO_FILES,
      "PLUGIN_INVALID",
    ],
    [
      "an event twice",
      { name: "hello", provides: [{ kind: "hook", on: ["run.started", "run.started"] }] },
      HELLO_FILES,
      "PLUGIN_INVALID",
    ],
    [
      "a method no plugin may call",
      { ...HELLO_MANIFEST, permissions: { engine: ["plugin.grant"] } },
      HELLO_FILES,
      "PLUGIN_INVALID",
    ],
    [
      "a variable that steers the runtime",
      { ...HELLO_MANIFEST, permissions: { env: ["LD_PRELOAD"] } },
      HELLO_FILES,
      "PLUGIN_INVALID",
    ],
    [
      "a flag as a host",
      { ...HELLO_MANIFEST, permissions: { net: ["a,b --allow-run"] } },
      HELLO_FILES,
      "PLUGIN_INVALID",
    ],
    [
      "a comma in a path",
      { ...HELLO_MANIFEST, permissions: { read: ["a,/etc"] } },
      HELLO_FILES,
      "PLUGIN_INVALID",
    ],
    ["no code", HELLO_MANIFEST, { ...HELLO_FILES, "main.js": "export default {" }, "PLUGIN_INVALID"],
    [
      "text from outside",
      HELLO_MANIFEST,
      { ...HELLO_FILES, "main.js": `import t from "/etc/hostname" with { type: "text" };${HELLO}` },
      "PLUGIN_INVALID",
    ],
    [
      "code from outside",
      HELLO_MANIFEST,
      { ...HELLO_FILES, "lib/words.ts": 'export { greeting } from "../../beside.ts";' },
      "PLUGIN_INVALID",
    ],
    [
      "code from the network",
      HELLO_MANIFEST,
      { ...HELLO_FILES, "lib/words.ts": 'export * from "https://example.com/x.ts";' },
      "PLUGIN_INVALID",
    ],
    [
      "a package",
      HELLO_MANIFEST,
      { ...HELLO_FILES, "lib/words.ts": 'export * from "npm:left-pad";' },
      "PLUGIN_INVALID",
    ],
    [
      "a lazy import from outside",
      HELLO_MANIFEST,
      {
        ...HELLO_FILES,
        "main.js": `${HELLO}\nawait import("file:///etc/hostname", { with: { type: "text" } });`,
      },
      "PLUGIN_INVALID",
    ],
  ];
  for (const [what, manifest, files, kind] of broken) {
    it(`are refused with ${what}`, async () => {
      const directory = await place.write(manifest, files);
      assert.equal(await kindOf(place.engine.call("plugin.install", { directory })), kind);
      assert.deepEqual(await installedPlugins(place.engine), []);
    });
  }

  it("are refused with links in their folder, and where there is none", async () => {
    const directory = await place.write(HELLO_MANIFEST, HELLO_FILES);
    symlinkSync("/etc/hostname", join(directory, "host.txt"));
    assert.equal(await kindOf(place.engine.call("plugin.install", { directory })), "PLUGIN_INVALID");
    assert.equal(
      await kindOf(place.engine.call("plugin.install", { directory: "/nothing/here" })),
      "DIRECTORY_NOT_FOUND",
    );
  });

  it("are refused when another one provides the same command", async () => {
    await place.engine.call("plugin.install", { directory: await place.write(HELLO_MANIFEST, HELLO_FILES) });
    const twin = await place.write({ ...HELLO_MANIFEST, name: "twin" }, HELLO_FILES);
    assert.equal(await kindOf(place.engine.call("plugin.install", { directory: twin })), "PLUGIN_CONFLICT");
    await place.engine.call("plugin.remove", { name: "hello" });
  });

  it("are refused when their code does not do what the manifest says", async () => {
    const lying = { name: "lying", provides: [...HELLO_MANIFEST.provides, { kind: "command", name: "bye" }] };
    await place.engine.call("plugin.install", { directory: await place.write(lying, HELLO_FILES) });
    await place.engine.call("plugin.grant", { name: "lying" });
    assert.match(await outcomeOf(call("lying", "hello", { name: "x" })), /^PLUGIN_INVALID.*command bye/);
    await place.engine.call("plugin.remove", { name: "lying" });
  });

  it("that are part of datmo are listed and told of, and nothing about them can be changed", async () => {
    const { items } = await place.engine.call("plugin.list", {});
    const [builtin] = items.filter(({ runtime }) => runtime === "builtin");
    assert.deepEqual([builtin?.name, builtin?.state, builtin?.source], ["key-value", "ready", "built in"]);
    assert.equal((await place.engine.call("plugin.get", { name: "key-value" })).sandbox, "part of datmo");
    const directory = await place.write({ ...HELLO_MANIFEST, name: "key-value" }, HELLO_FILES);
    const { engine } = place;
    const acts = [
      () => engine.call("plugin.grant", { name: "key-value", all: true }),
      () => engine.call("plugin.revoke", { name: "key-value" }),
      () => engine.call("plugin.remove", { name: "key-value" }),
      () => engine.call("plugin.install", { directory }),
    ];
    for (const act of acts) assert.equal(await kindOf(act()), "PLUGIN_BUILT_IN");
    assert.equal(await kindOf(call("key-value", "hello")), "PLUGIN_COMMAND_UNKNOWN");
  });

  it("are granted nothing that they did not ask for", async () => {
    const asking = { ...HELLO_MANIFEST, permissions: { read: ["data"] } };
    await place.engine.call("plugin.install", { directory: await place.write(asking, HELLO_FILES) });
    const grant = (more: object): Promise<string> =>
      kindOf(place.engine.call("plugin.grant", { name: "hello", permissions: more }));
    assert.equal(await grant({ read: ["secret"] }), "PLUGIN_NOT_ASKED");
    assert.equal(await grant({ net: ["localhost:80"] }), "PLUGIN_NOT_ASKED");
    assert.equal(await grant({}), "INVALID_PARAMS");
    const { plugin } = await place.engine.call("plugin.grant", {
      name: "hello",
      permissions: { read: ["data/inner"] },
    });
    assert.deepEqual(plugin.granted, { read: ["data/inner"] });
    await place.engine.call("plugin.remove", { name: "hello" });
  });
});

describe("a hostile plugin", () => {
  let place: PluginPlace;
  before(async () => {
    place = await pluginPlace();
    mkdirSync(join(place.directory, "data"));
    writeFileSync(join(place.directory, "secret.txt"), "secret");
    await installEscapes(place, "hostile", {
      read: ["data"],
      engine: ["run.list", "run.start", "run.create", "snapshot.create", "snapshot.checkout", "file.get"],
    });
    await place.engine.call("plugin.grant", { name: "hostile", asked: true });
  });
  after(() => place.close());
  const call = (command: string, params = {}, timeoutMs = 20_000): Promise<{ result?: unknown }> =>
    place.engine.call("plugin.call", { name: "hostile", command, params, timeoutMs });
  /** It answers again after whatever happened; failures in a row are forgotten by that. */
  const answers = async (): Promise<void> => {
    assert.deepEqual(await call("echo", { a: [1, "x"] }), { result: { a: [1, "x"] } });
  };

  it("that never answers is killed, and started again", async () => {
    for (const command of ["spin", "wait"]) {
      assert.equal(await kindOf(call(command, { ms: 60_000 }, 300)), "PLUGIN_TIMEOUT");
      await answers();
    }
  });

  it("that takes memory, in typed arrays too, is stopped", async () => {
    assert.match(await kindOf(call("memory", { bytes: 4e9 })), /^PLUGIN_(FAILED|CRASHED)$/);
    assert.deepEqual(await call("memory", { bytes: 1 << 27 }), { result: 2 });
    assert.equal(await kindOf(call("heap")), "PLUGIN_CRASHED");
    await answers();
  });

  it("that sends what it may not is ended", async () => {
    const raw = (body: object, times = 1): object => ({
      body: JSON.stringify({ jsonrpc: "2.0", ...body }),
      times,
    });
    assert.match(await outcomeOf(call("garbage")), /CRASHED.*no message.*[^.]\.$/);
    assert.equal(await kindOf(call("print")), "PLUGIN_CRASHED");
    assert.equal(await kindOf(call("big", { bytes: 9e6 })), "PLUGIN_CRASHED");
    await answers();
    assert.match(
      await outcomeOf(call("raw", raw({ method: "run.output", params: {} }, 50_000))),
      /CRASHED.*notification/,
    );
    assert.match(await outcomeOf(call("raw", raw({ id: 999, result: {} }))), /CRASHED.*not asked/);
    assert.match(await outcomeOf(call("raw", { body: "[]" }, 5_000)), /CRASHED.*no message/);
    await answers();
    const denied = raw({ id: "a", method: "plugin.grant", params: { name: "hostile", all: true } }, 1);
    assert.equal(await kindOf(call("raw", denied, 500)), "PLUGIN_TIMEOUT");
    await answers();
  });

  it("that answers more or deeper than it may fails that call only", async () => {
    assert.equal(await kindOf(call("deep", { levels: 500 })), "PLUGIN_LIMIT");
    assert.equal(String((await call("big", { bytes: 1e6 })).result).length, 1e6);
  });

  it("that dies or throws is told apart", async () => {
    assert.match(await outcomeOf(call("exit", { code: 3 })), /PLUGIN_CRASHED.*exit code 3/);
    assert.match(
      await outcomeOf(call("throw", { message: "my fault" })),
      /PLUGIN_FAILED.*TypeError: my fault/,
    );
    assert.deepEqual(await call("log"), { result: "logged" });
  });

  it("that ends five times in a row rests until it is granted again", async () => {
    for (let i = 0; i < 5; i++) assert.equal(await kindOf(call("exit", { code: 1 })), "PLUGIN_CRASHED");
    assert.match(await outcomeOf(call("echo")), /PLUGIN_OFF.*exit code 1\.$/);
    assert.equal((await (await place.again()).call("plugin.list", {})).items[0]?.state, "off");
    await place.engine.call("plugin.grant", { name: "hostile" });
    await answers();
  });

  it("can be cancelled", async () => {
    const controller = new AbortController();
    const waiting = place.engine.call(
      "plugin.call",
      { name: "hostile", command: "wait", params: { ms: 60_000 } },
      controller.signal,
    );
    setTimeout(() => controller.abort(), 50);
    assert.equal(await kindOf(waiting), "CANCELLED");
    await place.engine.call("plugin.grant", { name: "hostile" });
    await answers();
  });

  it("gets from the engine what it was granted, and an audit line for what not", async () => {
    const engine = (method: string, params = {}): Promise<string> =>
      outcomeOf(call("engine", { method, params }));
    assert.equal(await engine("run.list"), "none");
    const denied: readonly [string, object?][] = [
      ["run.get", { id: "x" }],
      ["plugin.grant", { name: "hostile", all: true }],
      ["project.delete", { confirm: "x" }],
      ["store.purge", {}],
      ["no.method"],
      ["__proto__"],
      ["initialize", {}],
      ["run.start", { command: "id > stolen" }],
      ["run.create", { pythonExecutable: "/bin/sh" }],
      ["snapshot.create", { message: "m", paths: [join(place.directory, "secret.txt")] }],
      ["snapshot.create", { message: "m", paths: ["data/../secret.txt>data/x"] }],
      ["snapshot.create", { message: "m", configFile: "secret.txt" }],
      ["snapshot.checkout", { id: "x" }],
      ["file.get", { runId: "x", path: "a", destination: join(place.directory, "data", "x") }],
    ];
    for (const [method, params] of denied) {
      assert.match(
        await engine(method, params),
        /PLUGIN_PERMISSION_DENIED/,
        `${method} ${JSON.stringify(params)}`,
      );
    }
    assert.match(await engine("run.list", { limit: "many" }), /INVALID_PARAMS/);
    const audit = readFileSync(join(place.directory, ".datmo/plugins/audit.jsonl"), "utf8")
      .trim()
      .split("\n");
    assert.ok(audit.length >= denied.length);
    assert.deepEqual(JSON.parse(audit.at(-1) as string).plugin, "hostile");
    assert.equal(existsSync(join(place.directory, "stolen")), false);
  });
});

describe("methods that a plugin can be granted", () => {
  it("have a rule for each param that names files", () => {
    const text = readFileSync("protocol/openrpc.json", "utf8");
    const methods = (JSON.parse(text) as { methods: { name: string; params: { name: string }[] }[] }).methods;
    const missing: string[] = [];
    for (const { name, params } of methods) {
      const info = methodInfo[name as keyof typeof methodInfo];
      if (!["read", "write"].includes(info?.pluginAccess ?? "never")) continue;
      const known = [
        ...(PATH_RULES[name] ?? []).map(({ param = "" }) => param.split(".")[0]),
        ...(HARMLESS_PATHS[name] ?? []),
      ];
      for (const { name: param } of params) {
        const isPath = /path|file|dir|destination|executable|spool|^data$/i.test(param);
        if (isPath && !known.includes(param)) missing.push(`${name} ${param}`);
      }
    }
    assert.ok(methods.length > 50);
    assert.deepEqual(missing, []);
  });
});
