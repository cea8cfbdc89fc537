import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import type { OpenProject } from "../../src/services/project/open-project.ts";
import { collectRuns, collectSnapshots, findGone } from "../../src/services/store/gone-records.ts";
import { takeCensus } from "../../src/services/store/run-census.ts";
import { openRecordStore } from "../../src/store/db/record-store.ts";
import { openRuns } from "../../src/store/journal/open-runs.ts";
import { openSeriesStore } from "../../src/store/series/series-store.ts";
import { openCollector } from "../../src/store/snapshots/collect/collector.ts";
import { openContentKeys } from "../../src/store/snapshots/content-keys.ts";
import { openSnapshotStore } from "../../src/store/snapshots/snapshot-store.ts";
import { openTestEngine, removeTestEngine, type TestEngine } from "../helpers/engine.ts";

let engine: TestEngine;

beforeEach(async () => {
  engine = await openTestEngine();
});
afterEach(() => removeTestEngine(engine));

/** A collector's view of the project, beside the engine's. */
async function beside(work: (project: OpenProject) => Promise<void>): Promise<void> {
  const { directory } = engine;
  const datmo = join(directory, ".datmo");
  const records = openRecordStore({ directory: datmo });
  const series = openSeriesStore({ directory: datmo });
  const snapshots = openSnapshotStore({ projectDirectory: directory, datmoDirectory: datmo });
  const collector = openCollector({ datmoDirectory: datmo });
  const project = {
    ...{ directory, datmo, records, series, snapshots, collector },
    contentKeys: openContentKeys(join(datmo, "git")),
    openRuns: openRuns(join(datmo, "open")),
    taskDirectory: (id: string) => join(datmo, "tasks", id),
  } as unknown as OpenProject;
  try {
    await work(project);
  } finally {
    await collector.close();
    await snapshots.close();
    await series.close();
    await records.close();
  }
}

async function deletedRun(): Promise<string> {
  const command = "printf kept > $DATMO_TASK_DIR/out.txt";
  const { id } = (await engine.call("run.start", { command })).run;
  await engine.call("run.wait", { id });
  await engine.call("run.delete", { ids: [id] });
  return id;
}

test("a run that is brought back while garbage is collected stays whole", async () => {
  const id = await deletedRun();
  await beside(async (project) => {
    const gone = await findGone(project, await takeCensus(project));
    assert.deepEqual(
      gone.runs.map((run) => run.id),
      [id],
    );
    await engine.call("run.undelete", { ids: [id] });
    await collectRuns(project, gone.runs);
    await collectSnapshots(project, gone.snapshots);
  });
  const { run, files } = await engine.call("run.get", { id });
  assert.equal(files[0]?.path, "out.txt");
  assert.ok(existsSync(join(engine.directory, ".datmo", "tasks", id, "out.txt")));
  assert.equal((await engine.call("snapshot.get", { id: run.afterSnapshotId ?? "" })).snapshot.runId, id);
});

test("a snapshot of a deleted run that is claimed while garbage is collected stays", async () => {
  const id = await deletedRun();
  await beside(async (project) => {
    const gone = await findGone(project, await takeCensus(project));
    const claimed = gone.snapshots[0]?.id ?? "";
    await engine.call("snapshot.update", { id: claimed, label: "best" });
    await collectRuns(project, gone.runs);
    await collectSnapshots(project, gone.snapshots);
    assert.equal((await engine.call("snapshot.get", { id: "best" })).snapshot.id, claimed);
    assert.equal(await project.snapshots.exists(claimed), true);
  });
  await assert.rejects(engine.call("run.get", { id }), { kind: "RUN_COLLECTED" });
});
