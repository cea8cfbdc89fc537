import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import { Clock } from "../../../src/domain/clock.ts";
import { nodeFiles } from "../../../src/store/db/files.ts";
import { ProblemLog } from "../../../src/store/db/problems.ts";
import { countRecords, getRecord } from "../../../src/store/db/queries.ts";
import { View } from "../../../src/store/db/view.ts";
import { newRun, TempProject } from "../../helpers/record-stores.ts";

describe("the view of the journal", () => {
  let project: TempProject;
  let view: View;
  let told: string[][];
  beforeEach(async () => {
    project = await TempProject.create();
    told = [];
    view = new View({
      files: nodeFiles,
      directory: project.directory,
      problems: new ProblemLog((problem) => assert.fail(problem.message)),
      clock: new Clock("", Date.now),
      now: Date.now,
      patient: false,
      own: new Set(),
      foreignListener: () => (changed) => told.push(changed.map(({ kind, id }) => `${kind} ${id}`).sort()),
    });
  });
  afterEach(async () => {
    view.drop();
    await project.remove();
  });

  /** Other engines: each change in a segment of its own that is sealed, folded and removed. */
  async function elsewhere(...ids: string[]): Promise<void> {
    for (const id of ids) {
      const store = project.open();
      await store.commit([{ kind: "run", id, set: { note: `${Math.random()}` } }]);
      await store.close();
      await project.open().sync();
    }
  }

  it("starts afresh when what it had not read was folded and removed, and knows what changed meanwhile", async () => {
    const writer = project.open();
    await writer.commit(["a", "b", "c"].map((id) => newRun(id)));
    await view.refresh();
    assert.deepEqual(told, []);
    await elsewhere("b", "d", "e", "f");
    assert.ok(readdirSync(join(project.directory, "seg")).filter((name) => name.endsWith(".seg")).length < 4);
    await view.refresh();
    assert.equal(countRecords(view.layers, "run"), 6);
    assert.deepEqual(told, [["run b", "run d", "run e", "run f"]]);
    await elsewhere("a");
    await view.refresh();
    assert.deepEqual(told[1], ["run a"]);
    await view.refresh();
    assert.equal(told.length, 2);
  });

  it("shows what it had read until it has read as much again", async () => {
    await project.open().commit([newRun("a")]);
    await view.refresh();
    await elsewhere("b", "c", "d", "e");
    let refreshed = false;
    const counts = new Set<number>();
    const refresh = view.refresh().then(() => {
      refreshed = true;
    });
    while (!refreshed) {
      counts.add(countRecords(view.layers, "run"));
      await new Promise((resolve) => setImmediate(resolve));
    }
    await refresh;
    assert.ok(counts.size > 0 && !counts.has(0), [...counts].join(" "));
    assert.equal(countRecords(view.layers, "run"), 5);
  });

  it("gives other work its turn while it reads a long journal", async () => {
    const writer = project.open();
    const commits = Array.from({ length: 4000 }, (_, n) =>
      writer.commit([newRun(`r${n % 1500}`, { n })], "process"),
    );
    await Promise.all(commits);
    let turns = 0;
    let reading = true;
    const turn = (): void => {
      turns += 1;
      if (reading) setImmediate(turn);
    };
    setImmediate(turn);
    await view.refresh();
    reading = false;
    assert.equal(countRecords(view.layers, "run"), 1500);
    assert.equal(getRecord(view.layers, "run", "r1499")?.fields["n"], 2999);
    assert.equal(getRecord(view.layers, "run", "r999")?.fields["n"], 3999);
    assert.ok(turns > 5, `${turns} turns`);
  });

  it("does not load SQLite for a short journal without a snapshot", async () => {
    await project.open().commit([newRun("a")]);
    await view.refresh();
    assert.equal(view.layers.image, undefined);
    assert.equal(countRecords(view.layers), 1);
  });

  it("knows the stamps under a change, in the journal and in the snapshot", async () => {
    const writer = project.open();
    await writer.commit([newRun("a", { x: 1 })]);
    await writer.sync();
    await writer.commit([{ kind: "run", id: "a", set: { y: 1 } }]);
    await view.refresh();
    const under = (path: string, id = "a"): number =>
      view.stampsUnder([{ kind: "run", id, set: { [path]: 0 } }]).length;
    assert.deepEqual([under("x"), under("y"), under("z"), under("x", "nobody")], [1, 1, 0, 0]);
    // Asking creates nothing.
    assert.equal(getRecord(view.layers, "run", "nobody"), undefined);
  });
});
