import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { appendFile, cp, readFile, rm, symlink, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, test } from "node:test";
import { metricToWire } from "../../src/domain/metric-values.ts";
import { openTestEngine, type TestEngine, temporaryFolder } from "../helpers/engine.ts";
import { fromHex } from "../helpers/importing.ts";
import { askPeer, noPeers } from "../helpers/peers.ts";

const MAKE = `
import sys, json, mlflow
from mlflow import MlflowClient
mlflow.set_tracking_uri(sys.argv[1])
mlflow.set_experiment("Digits ü")
with mlflow.start_run(run_name="first 試", description="a note\\nwith lines", tags={"stage": "dev", "empty": ""}) as run:
    mlflow.log_params({"lr": 0.1, "big": 10**20, "version": "1.10", "n": None, "flag": True, "a/b": "x: y #z\\nline", "tüv": "ß"})
    for i in range(200): mlflow.log_metric("loss", 1 / (i + 3), step=i * 2)
    for step, value in [(3, "nan"), (4, "inf"), (-1, "-inf")]: mlflow.log_metric("train/acc", float(value), step=step)
    mlflow.log_metric("tiny", 5e-324); mlflow.log_metric("huge", 1.7976931348623157e308)
    mlflow.log_text("hello", "notes/a.txt")
    first = run.info.run_id
try:
    with mlflow.start_run(run_name="bad"): raise ValueError("x")
except ValueError: pass
client = MlflowClient()
experiment = mlflow.get_experiment_by_name("Digits ü").experiment_id
client.set_terminated(client.create_run(experiment, run_name="killed").info.run_id, "KILLED")
client.create_run(experiment, run_name="open")
client.delete_run(client.create_run(experiment, run_name="gone").info.run_id)
history = {key: [[m.step, m.value.hex(), m.timestamp] for m in client.get_metric_history(first, key)] for key in ["loss", "train/acc", "tiny", "huge"]}
print(json.dumps({"first": first, "history": history}))
`;

interface Made {
  readonly first: string;
  /** Values as Python's `float.hex`. */
  readonly history: Readonly<Record<string, [number, string, number][]>>;
}

/** Made once: MLflow takes its time to start. */
let master: { readonly folder: string; readonly made: Made } | undefined;
after(async () => {
  if (master) await rm(master.folder, { recursive: true, force: true });
});

/** A copy of MLflow's folder, in a folder that is removed after the test. */
async function storeOf(t: {
  after(fn: () => Promise<void>): void;
}): Promise<Made & { readonly folder: string; readonly store: string }> {
  if (!master) {
    const folder = await temporaryFolder();
    master = { folder, made: askPeer<Made>(MAKE, `file:${join(folder, "mlruns")}`) };
  }
  const folder = await temporaryFolder();
  t.after(() => rm(folder, { recursive: true, force: true }));
  const store = join(folder, "mlruns");
  await cp(join(master.folder, "mlruns"), store, { recursive: true });
  return { ...master.made, folder, store };
}

test("runs of MLflow's files come as MLflow tells them", { skip: noPeers }, async (t) => {
  const made = await storeOf(t);
  const { store } = made;
  const engine = await openTestEngine();
  t.after(() => engine.close());
  await engine.call("project.create", {});

  const dry = await engine.call("importer.run", { path: store, dryRun: true });
  assert.equal(dry.newRuns, 4);
  assert.equal(dry.points, 205);
  assert.deepEqual((await engine.call("run.list", {})).items, []);

  const result = await engine.call("importer.run", { path: store });
  assert.equal(result.format, "mlruns");
  assert.equal(result.newRuns, 4);
  assert.equal(result.points, 205);
  assert.equal(result.files, 1);
  assert.match(result.problems[0]?.message ?? "", /1 run that MLflow has as deleted/);

  const runs = await engine.call("run.list", {});
  const statuses = Object.fromEntries(runs.items.map(({ name, status }) => [name, status]));
  assert.deepEqual(statuses, { "first 試": "succeeded", bad: "failed", killed: "stopped", open: "lost" });
  const { run, files } = await engine.call("run.get", { id: "first 試" });
  assert.equal(run.origin, "imported");
  assert.equal(run.imported?.key, made.first);
  assert.equal(run.note, "a note\nwith lines");
  assert.equal(run.group, "Digits ü");
  assert.deepEqual(run.tags, ["empty", "stage=dev"]);
  assert.deepEqual(run.config, {
    lr: 0.1,
    big: "100000000000000000000",
    version: "1.10",
    n: "None",
    flag: true,
    "a/b": "x: y #z\nline",
    tüv: "ß",
  });
  assert.deepEqual(
    files.map(({ path }) => path),
    ["notes/a.txt"],
  );
  const content = await engine.call("file.get", { runId: run.id, path: "notes/a.txt" });
  assert.equal(Buffer.from(content.content ?? "", "base64").toString(), "hello");
  await assertHistory(engine, run.id, made);

  const again = await engine.call("importer.run", { path: store, format: "mlruns" });
  assert.deepEqual([again.newRuns, again.changedRuns, again.unchangedRuns, again.points], [0, 0, 4, 0]);
});

test("importing MLflow's files again adds what came since, and only that", { skip: noPeers }, async (t) => {
  const { folder, store, first } = await storeOf(t);
  const engine = await openTestEngine();
  t.after(() => engine.close());
  await engine.call("project.create", {});
  await engine.call("importer.run", { path: store });
  await engine.call("run.update", { id: "first 試", name: "mine", addTags: ["kept"], note: "my own" });

  const later = `
import sys, json, mlflow
mlflow.set_tracking_uri(sys.argv[1])
with mlflow.start_run(run_id=sys.argv[2]):
    mlflow.log_metric("loss", 0.25, step=1000); mlflow.log_metric("fresh", 2.0); mlflow.log_param("late", "yes")
print("null")`;
  askPeer(later, `file:${store}`, first);
  // Moved: it is the same store wherever it lies.
  const moved = join(folder, "elsewhere");
  await cp(store, moved, { recursive: true });
  const result = await engine.call("importer.run", { path: moved });
  assert.deepEqual([result.newRuns, result.changedRuns, result.points, result.files], [0, 1, 2, 0]);
  const { run } = await engine.call("run.get", { id: "mine" });
  assert.equal(run.note, "my own");
  assert.deepEqual(run.tags, ["empty", "kept", "stage=dev"]);
  assert.equal(run.config["late"], "yes");
  const { items } = await engine.call("metric.list", { runId: run.id });
  const loss = items.find(({ name }) => name === "loss");
  assert.deepEqual([loss?.count, loss?.last, loss?.lastStep], [201, 0.25, 1000]);
  const { points } = await engine.call("metric.history", { runId: run.id, name: "loss" });
  assert.equal(points.step.length, 201);
});

test(
  "a point of MLflow's that was cut off is told, left out, and taken when it is whole",
  { skip: noPeers },
  async (t) => {
    const folder = await temporaryFolder();
    t.after(() => rm(folder, { recursive: true, force: true }));
    const store = join(folder, "mlruns");
    const { first } = askPeer<Made>(MAKE, `file:${store}`);
    const experiment = readdirSync(store).find((name) => /^[1-9]\d+$/.test(name)) ?? "";
    const metric = join(store, experiment, first, "metrics", "loss");
    const whole = await readFile(metric);
    const last = whole.lastIndexOf("\n", whole.length - 2) + 1;
    for (const size of [last, last + 5, last + 20, whole.length - 2, whole.length - 1]) {
      await writeFile(metric, whole);
      await truncate(metric, size);
      const engine = await openTestEngine();
      await engine.call("project.create", {});
      const cut = await engine.call("importer.run", { path: store });
      assert.equal(cut.points, 204, `cut at ${size}`);
      const told = cut.problems.some(({ message }) =>
        message.includes("metrics/loss: its last line was cut off"),
      );
      assert.equal(told, size > last);
      await writeFile(metric, whole);
      assert.equal((await engine.call("importer.run", { path: store })).points, 1);
      await engine.close();
      await rm(engine.directory, { recursive: true, force: true });
    }
  },
);

test("what is damaged in MLflow's files costs nothing but itself", { skip: noPeers }, async (t) => {
  const { folder, store, first } = await storeOf(t);
  const names = readdirSync(store);
  const experiment = join(store, names.find((name) => /^[1-9]\d+$/.test(name)) ?? "");
  await appendFile(join(experiment, first, "metrics", "loss"), "what is this\n1 2\n\n1795694412017 x 3\n");
  await writeFile(join(folder, "secret"), "of the user's");
  await symlink(join(folder, "secret"), join(experiment, first, "artifacts", "link"));
  await cp(join(experiment, first), join(experiment, "broken"), { recursive: true });
  await writeFile(join(experiment, "broken", "meta.yaml"), "{ : [");
  const engine = await openTestEngine();
  t.after(() => engine.close());
  await engine.call("project.create", {});
  const result = await engine.call("importer.run", { path: store });
  assert.equal(result.newRuns, 4);
  assert.equal(result.points, 206);
  const told = result.problems.map(({ message }) => message).join("\n");
  assert.match(told, /metrics\/loss: line 201 is no point/);
  assert.match(told, /metrics\/loss: line 204 is no point/);
  assert.match(told, /link: is no regular file, so it was not kept/);
  assert.match(told, /broken: its meta.yaml is no run's/);
  await assert.rejects(engine.call("importer.run", { path: folder, format: "nothing" }), {
    kind: "IMPORT_FORMAT_UNKNOWN",
  });
  await assert.rejects(engine.call("importer.run", { path: join(folder, "secret") }), {
    kind: "IMPORT_SOURCE_UNKNOWN",
  });
  await assert.rejects(engine.call("importer.run", { path: join(folder, "secret"), format: "mlruns" }), {
    kind: "IMPORT_SOURCE_INVALID",
  });
  await assert.rejects(engine.call("importer.run", { path: join(folder, "gone") }), {
    kind: "PATH_NOT_FOUND",
  });
});

/** The points of a run, to the last bit. */
async function assertHistory(engine: TestEngine, runId: string, { history }: Made): Promise<void> {
  for (const [name, expected] of Object.entries(history)) {
    const { points } = await engine.call("metric.history", { runId, name });
    const sorted = [...expected].sort(([a], [b]) => a - b);
    assert.deepEqual(
      [...points.step],
      sorted.map(([step]) => step),
      name,
    );
    assert.deepEqual(
      points.value,
      sorted.map(([, value]) => metricToWire(fromHex(value))),
      name,
    );
    assert.deepEqual(
      [...points.at],
      sorted.map(([, , at]) => at / 1000),
      name,
    );
  }
}
