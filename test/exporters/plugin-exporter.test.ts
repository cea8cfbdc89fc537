/* An exporter of a plugin: told every run whole, in pages, and writing what the engine lets it. */
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { kindOf, type PluginPlace, pluginPlace } from "../helpers/plugins.ts";

const CODE = `import { definePlugin } from "datmo-plugin";
export default definePlugin({ exporters: {
  lines: ({ project, directory }) => {
    let runs = 0, points = 0, bytes = 0;
    return {
      begin: () => [{ path: "all.txt", text: project.name + "\\n" }],
      run: (run, wants) => { runs++; for (const f of run.files) wants(f.path); return [{ path: run.name + "/facts.json", text: JSON.stringify(run.config) }]; },
      points: (run, { name, value }) => { points += value.length; return [{ path: run.name + "/points.txt", text: value.map((v, i) => name[i] + "=" + v + "\\n").join("") }]; },
      file: (run, { path, bytes: part, done }) => { bytes += part.length; return [{ path: run.name + "/" + path, bytes: part }]; },
      runEnd: (run) => [{ path: "all.txt", text: run.name + "\\n" }, ...run.files.map((f) => ({ path: run.name + "/kept/" + f.path, kept: f.path }))],
      end: () => [{ path: "all.txt", text: [runs, points, bytes].join(" ") + "\\n" }, { path: "long.txt", text: "ü".repeat(3_000_001) }],
    };
  },
  escape: () => ({ begin: () => [{ path: "../out.txt", text: "x" }] }),
  broken: () => ({ run: () => { throw new Error("no luck"); } }),
} });`;

describe("exporters of plugins", () => {
  let place: PluginPlace;
  before(async () => {
    place = await pluginPlace();
    const provides = ["lines", "escape", "broken"].map((name) => ({ kind: "exporter", name }));
    const directory = await place.write({ name: "lines", provides }, { "main.js": CODE });
    await place.engine.call("plugin.install", { directory });
    const { run } = await place.engine.call("run.create", { name: "one", config: { lr: 0.1 } });
    const count = 50_000;
    const all = Array.from({ length: count }, (_, i) => i);
    await place.engine.call("metric.log", {
      runId: run.id,
      points: { name: all.map(() => "m"), step: all, value: all.map((i) => (i === 7 ? "NaN" : i)), at: all },
    });
    writeFileSync(join(place.beside, "big.bin"), Buffer.alloc(2_500_000, 7));
    await place.engine.call("file.log", {
      runId: run.id,
      path: join(place.beside, "big.bin"),
      name: "big.bin",
    });
    await place.engine.call("run.finish", { id: run.id });
  });
  after(() => place.close());

  const run = (format: string, directory = join(place.beside, format)) =>
    place.engine.call("exporter.run", { format, directory });

  it("are refused until they are granted, and when nobody knows them", async () => {
    assert.equal(await kindOf(run("lines")), "PLUGIN_NOT_GRANTED");
    assert.equal(await kindOf(run("nothing")), "EXPORT_FORMAT_UNKNOWN");
    assert.equal(await kindOf(run("csv", join(place.directory, ".datmo/out"))), "PATH_INVALID");
    await place.engine.call("plugin.grant", { name: "lines" });
  });

  it("are told everything, and their files are written", async () => {
    const { runs, problems } = await run("lines");
    assert.deepEqual([runs, problems], [1, []]);
    const read = (path: string): Buffer => readFileSync(join(place.beside, "lines", path));
    assert.equal(read("all.txt").toString(), "project\none\n1 50000 2500000\n");
    assert.equal(read("one/facts.json").toString(), '{"lr":0.1}');
    const lines = read("one/points.txt").toString().split("\n");
    assert.deepEqual([lines.length, lines[7], lines[49_999]], [50_001, "m=NaN", "m=49999"]);
    for (const path of ["one/big.bin", "one/kept/big.bin"])
      assert.deepEqual(read(path), Buffer.alloc(2_500_000, 7));
    assert.equal(read("long.txt").toString(), "ü".repeat(3_000_001));
    const again = await run("lines");
    assert.deepEqual([again.files, again.unchanged], [0, 6]);
  });

  it("cannot leave the folder, and tell why they fail", async () => {
    assert.equal(await kindOf(run("escape")), "PATH_INVALID");
    await assert.rejects(run("broken"), /no luck/);
  });
});
