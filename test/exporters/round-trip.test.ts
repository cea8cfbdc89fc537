/* Out to MLflow's folder and back into a new project: the same runs. */
import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { openTestEngine, type TestEngine } from "../helpers/engine.ts";
import { bitsOf, type ExportPlace, exportPlace, HARD_VALUES } from "../helpers/exported-runs.ts";

describe("an export that is imported again", () => {
  let place: ExportPlace;
  let other: TestEngine;
  before(async () => {
    place = await exportPlace();
    const directory = join(place.beside, "other");
    await mkdir(directory);
    other = await openTestEngine({ directory });
    await other.call("project.create", {});
  });
  after(async () => {
    await other.close();
    await place.close();
  });

  it("has the same runs, points and files", async () => {
    const path = join(place.beside, "mlruns");
    await place.engine.call("exporter.run", { format: "mlruns", directory: path });
    const imported = await other.call("importer.run", { path });
    assert.deepEqual([imported.format, imported.newRuns, imported.problems], ["mlruns", 2, []]);
    const { items } = await other.call("run.list", { sort: "name" });
    assert.deepEqual(
      items.map(({ name, status, group, note }) => [name, status, group, note]),
      [
        ["first", "succeeded", "Hard ü", "a note\nwith lines"],
        ["second run / ü", "failed", "Group 試", "a note\nwith lines"],
      ],
    );
    const [first] = items;
    const { points } = await other.call("metric.history", { runId: first?.id ?? "", name: "train/loss" });
    assert.deepEqual(bitsOf(points.value.map(Number)), bitsOf(HARD_VALUES));
    assert.deepEqual(
      points.step,
      HARD_VALUES.map((_, i) => i * 2),
    );
    const files = async (engine: TestEngine, id: string): Promise<unknown> =>
      (await engine.call("file.list", { runId: id })).items;
    assert.deepEqual(
      await files(other, first?.id ?? ""),
      await files(place.engine, place.ids["first"] ?? ""),
    );
    const again = await other.call("importer.run", { path });
    assert.deepEqual([again.newRuns, again.changedRuns, again.points], [0, 0, 0]);
  });
});
