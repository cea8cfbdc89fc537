import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { after, afterEach, before, beforeEach, describe, it } from "node:test";
import { bundlePrograms } from "../../helpers/bundle-program.ts";
import { LineChild } from "../../helpers/child-lines.ts";
import { newRun, TempProject } from "../../helpers/record-stores.ts";

describe("many engines", () => {
  let project: TempProject;
  let programs: string;
  before(async () => {
    programs = await bundlePrograms("test/fixtures/store/store-child.ts");
  });
  after(() => rm(programs, { recursive: true, force: true }));
  beforeEach(async () => {
    project = await TempProject.create();
  });
  afterEach(() => project.remove());

  it("leave a bounded number of files: hundreds that each write once and go", async () => {
    const folder = join(project.directory, "seg");
    // Every engine comes some seconds after the one before, as commands that are typed do.
    let now = Date.now();
    let most = 0;
    for (let n = 0; n < SHORT_LIVES; n++) {
      const store = project.open({ now: () => now });
      await store.commit([newRun(`run${n}`)]);
      if (n % 5 === 0) assert.equal((await store.list("run", { limit: 1 })).length, 1);
      await store.close();
      now += 10_000;
      if (n % 20 === 0) most = Math.max(most, readdirSync(folder).length);
    }
    assert.ok(most < 140, `${most} files`);
    assert.equal(readdirSync(join(project.directory, "snap")).length, 2);
    const store = project.open();
    assert.equal(await store.count("run"), SHORT_LIVES);
    assert.deepEqual(store.problems, []);
    assert.deepEqual(await store.check(), []);
  });

  it("forget the places of writers whose files are gone", async () => {
    for (let n = 0; n < 12; n++) {
      const store = project.open();
      await store.commit([newRun(`run${n}`)]);
      await store.close();
      if (n % 3 === 2) await project.open().sync();
    }
    const { Image } = await import("../../../src/store/db/image.ts");
    const { nodeFiles } = await import("../../../src/store/db/files.ts");
    const newest = readdirSync(join(project.directory, "snap")).sort().at(-1)!;
    const image = await Image.open(nodeFiles.readFile(join(project.directory, "snap", newest)));
    const places = Object.keys(image.state.vector).length;
    image.close();
    assert.ok(places < 12, `${places} places`);
    assert.equal(await project.open().count("run"), 12);
  });

  it("fail only the query that SQLite has no memory for", async () => {
    const child = new LineChild(join(programs, "store-child.js"), ["starved", project.directory]);
    assert.equal((await child.ended).code, 0);
    assert.deepEqual(child.lines, ["4", "QUERY_TOO_LARGE", "4", "small"]);
  });

  it("find every acknowledged record at every opening while others publish snapshots", async () => {
    const children = ["checkpoint", "checkpoint", "write"].map(
      (mode, n) => new LineChild(join(programs, "store-child.js"), [mode, project.directory, `p${n}`]),
    );
    await Promise.all(children.map((child) => child.until(3)));
    const enough = (): boolean => children.slice(0, 2).every((child) => child.lines.length >= SNAPSHOTS);
    let openings = 0;
    while (!enough()) {
      const acked = children.flatMap((child) => child.lines);
      const store = project.open({ readonly: true });
      const seen = new Set((await store.list("run")).map((record) => record.id));
      assert.deepEqual(
        acked.filter((id) => !seen.has(id)),
        [],
        `opening ${openings}`,
      );
      assert.deepEqual(store.problems, []);
      await store.close();
      openings += 1;
    }
    await Promise.all(children.map((child) => child.kill()));
    assert.ok(openings > 1);
  });
});

const SHORT_LIVES = process.env["DATMO_SOAK"] ? 1000 : 300;
const SNAPSHOTS = process.env["DATMO_SOAK"] ? 300 : 15;
