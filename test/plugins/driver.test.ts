/* Drivers of plugins: runs are carried out where they say, and taken in as any other. */
import assert from "node:assert/strict";
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { after, before, describe, it } from "node:test";
import type { Run } from "../../src/protocol/types.ts";
import { type PluginPlace, pluginPlace } from "../helpers/plugins.ts";
import { startSshServer } from "../helpers/ssh-server.ts";

/** Plays a machine elsewhere by the words of the command. */
const PLAYED = `import { definePlugin } from "datmo-plugin";
const bytes = (text) => new TextEncoder().encode(text);
const output = "loss: 0.5\\nloss: 0.25\\n";
let failed = false;
export default definePlugin({ drivers: { played: {
  start: ({ command, variables, config, directory }) => {
    if (command === "no") throw new Error("no room there");
    return JSON.stringify({ command, text: output + directory + " " + variables.SEED + " " + config.lr + " " + variables.HOME + "\\n" });
  },
  async poll(handle, { outputFrom, waitMs }) {
    const { command, text } = JSON.parse(handle);
    if (command === "crash" && !failed && !(await exists())) { await mark(); Deno.exit(3); }
    if (command === "garbage") return { output: bytes(""), exitCode: 1000 };
    const rest = bytes(text).slice(outputFrom);
    if (command === "long" && rest.length === 0) { await new Promise((go) => setTimeout(go, waitMs)); return (await stopped()) ? { output: rest, exitCode: 143 } : { output: rest }; }
    return { output: rest, exitCode: 3 };
  },
  async signal(_, signal) { await Deno.writeTextFile("marks/stopped", signal); },
  async fetch(handle, cursor) {
    const { command } = JSON.parse(handle);
    const path = command === "outside" ? "../../outside.txt" : command === "own" ? ".datmo/own.txt" : "marks/made.bin";
    if (cursor === undefined) return { files: [{ folder: "project", path, content: bytes("abc") }], cursor: "2" };
    return { files: [{ folder: "project", path, content: bytes("def"), more: true }, { folder: "task", path: "exit.json", content: bytes("{}") }].slice(0, command === "lie" ? 2 : 1) };
  },
} } });
const exists = () => Deno.stat("marks/crashed").then(() => true, () => false);
const stopped = () => Deno.stat("marks/stopped").then(() => true, () => false);
const mark = () => Deno.writeTextFile("marks/crashed", "");`;

describe("drivers of plugins", () => {
  let place: PluginPlace;
  before(async () => {
    place = await pluginPlace();
    mkdirSync(join(place.directory, "marks"));
    const directory = await place.write(
      {
        name: "played",
        provides: [{ kind: "driver", name: "played" }],
        permissions: { read: ["marks"], write: ["marks"] },
      },
      { "main.js": PLAYED },
    );
    await place.engine.call("plugin.install", { directory });
  });
  after(() => place.close());

  const begin = async (command: string, more = {}): Promise<Run> =>
    (await place.engine.call("run.start", { command, driver: "played", usage: false, ...more })).run;
  const ended = async (command: string, more = {}): Promise<Run> => {
    const { id } = await begin(command, more);
    return (await place.engine.call("run.wait", { id })).run;
  };

  it("are told of when they are not known or not granted, before anything is recorded", async () => {
    await assert.rejects(begin("true", { driver: "nowhere" }), { kind: "DRIVER_UNKNOWN" });
    await assert.rejects(begin("true"), { kind: "PLUGIN_NOT_GRANTED" });
    assert.equal((await place.engine.call("run.list", {})).items.length, 0);
    await place.engine.call("plugin.grant", { name: "played", asked: true });
  });

  it("carry out a run: output, metrics, exit code, files; variables are the run's alone", async () => {
    mkdirSync(join(place.directory, "sub"));
    const run = await ended("true", { directory: "sub", variables: { SEED: "7" }, config: { lr: 0.1 } });
    assert.deepEqual([run.status, run.exitCode, run.driver], ["failed", 3, "played"]);
    const { text } = await place.engine.call("run.logs", { id: run.id });
    assert.equal(text, "loss: 0.5\nloss: 0.25\nsub 7 0.1 undefined\n");
    const { points } = await place.engine.call("metric.history", { runId: run.id, name: "loss" });
    assert.deepEqual(points.value, [0.5, 0.25]);
    assert.equal(readFileSync(join(place.directory, "marks/made.bin"), "utf8"), "abcdef");
    assert.equal(typeof run.afterSnapshotId, "string");
  });

  it("that refuse to start leave a run that says so", async () => {
    await assert.rejects(begin("no"), { kind: "PLUGIN_FAILED" });
    const [run] = (await place.engine.call("run.list", { limit: 1 })).items;
    assert.equal(run?.status, "failed");
  });

  it("go on when their process dies", async () => {
    const run = await ended("crash");
    assert.deepEqual([run.status, run.exitCode], ["failed", 3]);
    assert.ok(existsSync(join(place.directory, "marks/crashed")));
  });

  it("are asked to end", async () => {
    const { id } = await begin("long");
    const { runs } = await place.engine.call("run.stop", { id });
    assert.deepEqual([runs[0]?.status, runs[0]?.exitCode], ["stopped", 143]);
    assert.equal(readFileSync(join(place.directory, "marks/stopped"), "utf8"), "SIGTERM");
  });

  it("write nowhere but where they were granted to", async () => {
    for (const [command, reason] of [
      ["outside", "was not granted to write ../../outside.txt"],
      ["own", "was not granted to write .datmo/own.txt"],
      ["lie", "exit.json is a name of datmo's"],
    ] as const) {
      const run = await ended(command);
      assert.deepEqual([run.status, run.exitCode], ["failed", 3]);
      const { text } = await place.engine.call("run.logs", { id: run.id });
      assert.ok(text.includes(`datmo: a file was not taken: `) && text.includes(reason), text);
    }
    assert.equal(existsSync(join(place.beside, "outside.txt")), false);
    assert.equal(existsSync(join(place.beside, "../outside.txt")), false);
    assert.equal(existsSync(join(place.directory, ".datmo/own.txt")), false);
  });
});

describe("the example that runs commands over ssh", () => {
  it("sends code, follows, stops, and brings back what changed", async (t) => {
    const server = await startSshServer(t);
    const [, ...words] = server.ssh;
    const tools = join(server.programs, "..", "tools");
    mkdirSync(tools);
    const options = words
      .slice(0, -1)
      .map((word) => `'${word}'`)
      .join(" ");
    writeFileSync(join(tools, "ssh"), `#!/bin/sh\nexec /usr/bin/ssh ${options} "$@"\n`);
    chmodSync(join(tools, "ssh"), 0o755);
    const there = join(server.programs, "..", "runs");
    mkdirSync(there);
    const place = await pluginPlace({
      PATH: [tools, process.env["PATH"]].join(delimiter),
      DATMO_SSH: "127.0.0.1",
      DATMO_SSH_FOLDER: there,
    });
    t.after(() => place.close());
    await place.engine.call("plugin.install", {
      directory: join(process.cwd(), "examples/plugins/ssh-driver"),
    });
    await place.engine.call("plugin.grant", { name: "ssh-driver", asked: true });
    mkdirSync(join(place.directory, "data"));
    writeFileSync(join(place.directory, "data/in put.txt"), "köln\n");
    writeFileSync(
      join(place.directory, "work.sh"),
      `cat 'data/in put.txt'; echo "acc: $A"; pwd; cat "$DATMO_CONFIG"; head -c 6000000 /dev/zero > big.bin; printf "%s" "$S" > "made it.txt"; exit 4\n`,
    );
    const started = await place.engine.call("run.start", {
      command: ["sh", "work.sh"],
      driver: "ssh",
      variables: { A: "0.75", S: `it's "quoted" $HOME` },
      config: { lr: 0.1 },
    });
    const { run } = await place.engine.call("run.wait", { id: started.run.id });
    const { text } = await place.engine.call("run.logs", { id: run.id });
    assert.deepEqual([run.status, run.exitCode], ["failed", 4], text);
    assert.ok(text.startsWith(`köln\nacc: 0.75\n${there}/${run.id}/project\n{"lr":0.1}\n`), text);
    assert.equal(readFileSync(join(place.directory, "made it.txt"), "utf8"), `it's "quoted" $HOME`);
    assert.equal(readFileSync(join(place.directory, "big.bin")).length, 6_000_000);
    assert.equal(readFileSync(join(place.directory, "data/in put.txt"), "utf8"), "köln\n");
    assert.equal(existsSync(join(there, run.id)), false, "nothing is left there");
    const { points } = await place.engine.call("metric.history", { runId: run.id, name: "acc" });
    assert.deepEqual(points.value, [0.75]);

    const long = await place.engine.call("run.start", { command: "echo up; sleep 600", driver: "ssh" });
    const pidFile = join(there, long.run.id, "pid");
    const pid = Number(readFileSync(pidFile, "utf8"));
    const { runs } = await place.engine.call("run.stop", { id: long.run.id });
    assert.deepEqual([runs[0]?.status, runs[0]?.exitCode], ["stopped", 143]);
    assert.throws(() => process.kill(pid, 0), { code: "ESRCH" });
  });
});
