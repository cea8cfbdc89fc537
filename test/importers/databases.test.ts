import assert from "node:assert/strict";
import { cp, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { createMlruns } from "../../src/builtin/importers/mlruns/mlruns.ts";
import { createTrackio } from "../../src/builtin/importers/trackio/trackio.ts";
import { openForeignDatabase } from "../../src/store/db/foreign-database.ts";
import { openTestEngine, temporaryFolder } from "../helpers/engine.ts";
import { fromHex, type ReadRun, readAll } from "../helpers/importing.ts";
import { askPeer, noPeers } from "../helpers/peers.ts";

type History = Readonly<Record<string, [number, string, number][]>>;

const MLFLOW = `
import sys, json, os, mlflow
from mlflow import MlflowClient
os.chdir(sys.argv[1])
mlflow.set_tracking_uri("sqlite:///" + sys.argv[1] + "/mlflow.db")
mlflow.create_experiment("Digits ü", artifact_location="file://" + sys.argv[1] + "/art")
mlflow.set_experiment("Digits ü")
with mlflow.start_run(run_name="first", description="a note", tags={"stage": "dev"}) as run:
    mlflow.log_params({"lr": 0.1, "version": "1.10"})
    for i in range(50): mlflow.log_metric("loss", 1 / (i + 3), step=i * 2)
    for step, value in [(3, "nan"), (4, "inf"), (-1, "-inf")]: mlflow.log_metric("acc", float(value), step=step)
    mlflow.log_text("hello", "notes/a.txt")
client = MlflowClient()
experiment = mlflow.get_experiment_by_name("Digits ü").experiment_id
client.delete_run(client.create_run(experiment, run_name="gone").info.run_id)
history = {k: [[m.step, m.value.hex(), m.timestamp] for m in client.get_metric_history(run.info.run_id, k)] for k in ["loss", "acc"]}
print(json.dumps({"first": run.info.run_id, "history": history}))
`;

test("a database of MLflow comes as MLflow tells it", { skip: noPeers }, async (t) => {
  const folder = await temporaryFolder();
  t.after(() => rm(folder, { recursive: true, force: true }));
  const { first, history } = askPeer<{ first: string; history: History }>(MLFLOW, folder);
  const engine = await openTestEngine();
  t.after(() => engine.close());
  await engine.call("project.create", {});
  const result = await engine.call("importer.run", { path: folder });
  assert.deepEqual([result.format, result.newRuns, result.points, result.files], ["mlruns", 1, 53, 1]);
  assert.match(result.problems[0]?.message ?? "", /1 run that MLflow has as deleted/);
  const { run } = await engine.call("run.get", { id: "first" });
  assert.deepEqual(
    [run.imported?.key, run.status, run.group, run.note],
    [first, "succeeded", "Digits ü", "a note"],
  );
  assert.deepEqual(run.config, { lr: 0.1, version: "1.10" });
  const importer = createMlruns(openForeignDatabase);
  assertPoints((await readAll(importer, join(folder, "mlflow.db"))).runs.get(first) as ReadRun, history, 1);
  const again = await engine.call("importer.run", { path: join(folder, "mlflow.db") });
  assert.deepEqual([again.unchangedRuns, again.changedRuns, again.points, again.files], [1, 0, 0, 0]);
});

const TRACKIO = `
import sys, os, json
os.environ["TRACKIO_DIR"] = sys.argv[1]
import trackio
for n in range(2):
    trackio.init(project="dig its", name=f"run-{n}", config={"lr": 0.1 * (n + 1), "n": {"a": 1}}, group="g")
    for i in range(20): trackio.log({"loss": 1 / (i + 3), "odd": float("nan") if i == 3 else float("inf") if i == 4 else i * 0.1, "txt": "hi", "nest": {"a": i}})
    trackio.finish()
print("null")
`;

test("projects of Trackio come with all their runs", { skip: noPeers }, async (t) => {
  const folder = await temporaryFolder();
  t.after(() => rm(folder, { recursive: true, force: true }));
  askPeer(TRACKIO, folder);
  const { runs } = await readAll(createTrackio(openForeignDatabase), folder);
  const byName = new Map([...runs.values()].map((run) => [run.facts.name, run]));
  const second = byName.get("run-1") as ReadRun;
  assert.deepEqual(second.facts.config, { lr: 0.2, n: { a: 1 } });
  assert.equal(second.facts.group, "g");
  const values = (name: string): number[] => (second.points.get(name) ?? []).map(([, value]) => value);
  const count = Array.from({ length: 20 }, (_, i) => i);
  assert.deepEqual(
    values("loss"),
    count.map((i) => 1 / (i + 3)),
  );
  assert.deepEqual(
    values("odd"),
    count.map((i) => (i === 3 ? Number.NaN : i === 4 ? Number.POSITIVE_INFINITY : i * 0.1)),
  );
  assert.deepEqual(values("nest.a"), count);
  const engine = await openTestEngine();
  t.after(() => engine.close());
  await engine.call("project.create", {});
  const result = await engine.call("importer.run", { path: folder });
  assert.deepEqual([result.format, result.newRuns, result.points], ["trackio", 2, 120]);
  const again = await engine.call("importer.run", { path: folder });
  assert.deepEqual([again.unchangedRuns, again.points], [2, 0]);
});

const WAL = `
import sqlite3, sys, shutil, os
path = os.path.join(sys.argv[1], "live.db")
db = sqlite3.connect(path, isolation_level=None)
db.execute("PRAGMA journal_mode=WAL"); db.execute("PRAGMA wal_autocheckpoint=0")
db.execute("CREATE TABLE t (a INTEGER, b TEXT)")
for i in range(500): db.execute("INSERT INTO t VALUES (?, ?)", (i, "x" * 300))
for name in ["live.db", "live.db-wal"]: shutil.copy(os.path.join(sys.argv[1], name), os.path.join(sys.argv[1], "copy" + name[4:]))
print("null")
`;

test(
  "what a database has only in its write-ahead log is read, and a torn log up to its last commit",
  { skip: noPeers },
  async (t) => {
    const folder = await temporaryFolder();
    t.after(() => rm(folder, { recursive: true, force: true }));
    askPeer(WAL, folder);
    const path = join(folder, "copy.db");
    const rows = async (): Promise<number> => {
      const database = await openForeignDatabase(path);
      const [row] = database.rows("SELECT count(*) FROM t");
      database.close();
      return Number(row?.[0]);
    };
    assert.equal(await rows(), 500);
    const log = await readFile(`${path}-wal`);
    await writeFile(`${path}-wal`, log.subarray(0, log.length - 1));
    assert.equal(await rows(), 499);
    await writeFile(`${path}-wal`, log.subarray(0, 20));
    await assert.rejects(rows(), /no such table/);
  },
);

test("a file that is no database, or a damaged one, is refused with a sentence", async (t) => {
  const folder = await temporaryFolder();
  t.after(() => rm(folder, { recursive: true, force: true }));
  const mlruns = createMlruns(openForeignDatabase);
  const path = join(folder, "mlflow.db");
  await writeFile(path, "nothing of that kind");
  assert.equal(await mlruns.detect(path), false);
  await assert.rejects(readAll(mlruns, path), {
    kind: "IMPORT_SOURCE_INVALID",
    message: /it is no SQLite database/,
  });
  await writeFile(path, Buffer.concat([Buffer.from("SQLite format 3\0"), Buffer.alloc(5000, 7)]));
  await assert.rejects(readAll(mlruns, path), {
    kind: "IMPORT_SOURCE_INVALID",
    message: /its content is damaged/,
  });
  await cp(path, join(folder, "other.db"));
  await assert.rejects(readAll(createTrackio(openForeignDatabase), join(folder, "other.db")), {
    kind: "IMPORT_SOURCE_INVALID",
    message: /its content is damaged/,
  });
});

function assertPoints(run: ReadRun, history: History, atScale: number): void {
  for (const [name, points] of Object.entries(history)) {
    const order = (a: readonly number[], b: readonly number[]): number => (a[0] as number) - (b[0] as number);
    const expected = points.map(([step, value, at]) => [step, fromHex(value), at * atScale]).sort(order);
    assert.deepEqual([...(run.points.get(name) ?? [])].sort(order), expected, name);
  }
}
