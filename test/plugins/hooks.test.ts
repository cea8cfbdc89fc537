/* Hooks: what plugins are told of, by whom, in which order, and what happens to those that misbehave. */
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import type { HookEvent } from "../../src/protocol/types.ts";
import {
  datmo,
  delivererOf,
  endDeliverer,
  type PluginPlace,
  pluginPlace,
  until,
} from "../helpers/plugins.ts";

const ALL = ["run.started", "run.finished", "snapshot.created", "metric.logged"];

/** Notes all that it is told, a line for each batch. */
const NOTE = `const note = (event) => async (events, datmo) => {
  Deno.writeTextFileSync("noted/" + NAME, JSON.stringify({ event, events }) + "\\n", { append: true });
  await extra(event, events, datmo);
};`;

function source(name: string, on: readonly string[], extra = ""): string {
  return `import { definePlugin } from "datmo-plugin";
const NAME = ${JSON.stringify(name)};
async function extra(event, events, datmo) { ${extra} }
${NOTE}
export default definePlugin({ hooks: { ${on.map((event) => `"${event}": note("${event}")`).join(", ")} } });`;
}

describe("hooks", () => {
  let place: PluginPlace;
  before(async () => {
    place = await pluginPlace();
    await mkdir(join(place.directory, "noted"));
  });
  after(async () => {
    await endDeliverer(place);
    await place.close();
  });

  async function install(name: string, on = ALL, extra = "", engine: string[] = []): Promise<void> {
    const manifest = {
      name,
      provides: [{ kind: "hook", on }],
      permissions: { write: ["noted"], read: ["noted"], engine },
    };
    const directory = await place.write(manifest, { "main.js": source(name, on, extra) });
    await place.engine.call("plugin.install", { directory });
    await place.engine.call("plugin.grant", { name, asked: true });
  }
  const remove = (name: string): Promise<unknown> => place.engine.call("plugin.remove", { name });
  function noted(name: string): { event: string; data: HookEvent }[] {
    const path = join(place.directory, "noted", name);
    const lines = existsSync(path) ? readFileSync(path, "utf8").trim().split("\n") : [];
    return lines
      .map((line) => JSON.parse(line) as { event: string; events: HookEvent[] })
      .flatMap(({ event, events }) => events.map((data) => ({ event, data })));
  }
  const finished = (name: string, id: string): boolean =>
    noted(name).some(({ event, data }) => event === "run.finished" && data.runId === id);
  async function run(command: string): Promise<string> {
    const started = await place.engine.call("run.start", { command });
    await place.engine.call("run.wait", { id: started.run.id });
    return started.run.id;
  }

  it("are told of runs and snapshots, in order", async () => {
    await install("teller");
    const id = await run("echo acc: 0.5; exit 3");
    await until(() => finished("teller", id));
    const all = noted("teller");
    assert.deepEqual(
      all.map(({ event }) => event),
      ["snapshot.created", "run.started", "snapshot.created", "metric.logged", "run.finished"].filter(
        (event, at) => at !== 3 || all[3]?.event === event,
      ),
    );
    const { run: record } = await place.engine.call("run.get", { id });
    const { data } = all.at(-1) as { data: HookEvent };
    assert.deepEqual(
      [data.runName, data.status, data.exitCode, data.snapshotId],
      [record.name, "failed", 3, record.afterSnapshotId],
    );
    assert.deepEqual(all.find(({ event }) => event === "metric.logged")?.data.to, 1);
    assert.deepEqual(readdirSync(join(place.directory, ".datmo/hooks/teller")), []);
    await remove("teller");
    assert.equal(existsSync(join(place.directory, ".datmo/hooks/teller")), false);
  });

  it("are told of points by where they are, and pull them", async () => {
    const pull = `if (event !== "metric.logged") return;
      const { points } = await datmo.request("metric.history", { runId: events.at(-1).runId, name: "loss" });
      Deno.writeTextFileSync("noted/pulled", String(points.value.length));`;
    await install("puller", ["metric.logged", "run.finished"], pull, ["metric.history"]);
    const { run: begun } = await place.engine.call("run.create", { snapshots: false });
    for (let batch = 0; batch < 20; batch++) {
      const many = <T>(one: (i: number) => T): T[] => Array.from({ length: 500 }, (_, i) => one(i));
      const points = { name: many(() => "loss"), step: many((i) => batch * 500 + i), value: many(() => 0.5) };
      const at = many(() => 1.7e9);
      await place.engine.call("metric.log", { runId: begun.id, points: { ...points, at } });
    }
    await place.engine.call("run.finish", { id: begun.id, status: "succeeded" });
    await until(() => finished("puller", begun.id));
    const stretches = noted("puller").filter(({ event }) => event === "metric.logged");
    assert.equal(stretches[0]?.data.from, 0);
    assert.equal(stretches.at(-1)?.data.to, 10_000);
    assert.equal(readFileSync(join(place.directory, "noted/pulled"), "utf8"), "10000");
    await remove("puller");
  });

  it("never stop a run, whatever they do, and rest when they always fail", async () => {
    const bad = ["throw new Error('my fault')", "Deno.exit(3)", "for (;;);", "console.log('x'.repeat(5e6))"];
    for (const [at, extra] of bad.entries()) await install(`bad-${at}`, ["run.finished"], extra);
    await install("good", ["run.finished"]);
    const ids = [await run("echo acc: 1"), await run("echo acc: 2"), await run("echo acc: 3")];
    for (const id of ids) {
      assert.equal((await place.engine.call("run.get", { id })).run.status, "succeeded");
      await until(() => finished("good", id));
    }
    const stateOf = async (name: string): Promise<string> => {
      const item = (await place.engine.call("plugin.list", {})).items.find((it) => it.name === name);
      return `${item?.state}: ${item?.problem}`;
    };
    // An event that comes before a batch is given up would be given up with it.
    for (const name of ["bad-0", "bad-1"]) {
      const missed = join(place.directory, `.datmo/hooks/${name}/missed`);
      await until(() => existsSync(missed), `the end of three tries of ${name}`);
    }
    assert.match(await stateOf("bad-0"), /^ready: .*my fault/);
    await run("echo once more");
    await until(async () => /^off: .*my fault/.test(await stateOf("bad-0")), "the rest of bad-0");
    await until(async () => /^off: .*exit code 3/.test(await stateOf("bad-1")), "the rest of bad-1");
    for (const at of bad.keys()) await remove(`bad-${at}`);
    await remove("good");
  });

  it("are told after a kill of who tells them, with the same id", async () => {
    await install("again", ["run.finished"], `await new Promise((done) => setTimeout(done, 600));`);
    await run("true");
    await until(() => noted("again").length > 0);
    process.kill(delivererOf(place.directory) as number, "SIGKILL");
    const second = await run("true");
    await until(() => finished("again", second));
    const ids = noted("again").map(({ data }) => data.id);
    assert.equal(new Set(ids).size, 2);
    assert.equal(ids[0], ids[1]);
    await remove("again");
  });

  it("fire no hooks by what they do themselves", async () => {
    const extra = `if (event === "run.finished") await datmo.request("snapshot.create", { message: "mine" });`;
    await install("looping", ["run.finished", "snapshot.created"], extra, ["snapshot.create"]);
    const id = await run("date +%N > changing");
    await until(() => finished("looping", id));
    const next = await run("true");
    await until(() => finished("looping", next));
    const { items } = await place.engine.call("snapshot.list", {});
    const mine = items.find(({ message }) => message === "mine");
    assert.ok(mine !== undefined);
    assert.equal(
      noted("looping").some(({ data }) => data.snapshotId === mine.id && data.visible),
      false,
    );
    await remove("looping");
  });

  it("are told by every process that runs something", async () => {
    await install("everywhere", ["run.started", "run.finished"]);
    const detached = await datmo(place, ["run", "-d", "--json", "true"]);
    const { run: one } = JSON.parse(detached) as { run: { id: string } };
    await until(() => finished("everywhere", one.id));
    await run("no-such-program");
    await until(() => noted("everywhere").some(({ data }) => data.exitCode === 127));
    await remove("everywhere");
  });

  it("cost nothing in the project when none was granted", async () => {
    await run("echo acc: 1");
    const left = readdirSync(join(place.directory, ".datmo/hooks")).filter((name) => !/claim/.test(name));
    assert.deepEqual(left, []);
  });
});
