import assert from "node:assert/strict";
import { appendFile, mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { dvclive } from "../../src/builtin/importers/dvclive/dvclive.ts";
import { openTestEngine, temporaryFolder } from "../helpers/engine.ts";
import { readAll } from "../helpers/importing.ts";
import { askPeer, noPeers } from "../helpers/peers.ts";

const DVCLIVE = `
import os, sys
os.chdir(sys.argv[1])
from dvclive import Live
with Live(save_dvc_exp=False) as live:
    live.log_params({"lr": 0.1, "n": {"a": 1, "s": "x ü"}, "f": True})
    for i in range(20):
        live.log_metric("train/loss", 1 / (i + 3)); live.log_metric("acc", float("nan") if i == 2 else 0.1 * i, timestamp=True); live.next_step()
    live.log_metric("final", 0.5, plot=False)
print("null")
`;

test(
  "a folder of DVCLive comes with every step, and again only with what is new",
  { skip: noPeers },
  async (t) => {
    const folder = await temporaryFolder();
    t.after(() => rm(folder, { recursive: true, force: true }));
    askPeer(DVCLIVE, folder);
    const [run] = (await readAll(dvclive, folder)).runs.values();
    assert.deepEqual(run?.facts.config, { lr: 0.1, n: { a: 1, s: "x ü" }, f: true });
    assert.deepEqual(run?.facts.summary, { final: 0.5 });
    const count = Array.from({ length: 20 }, (_, i) => i);
    assert.deepEqual(
      run?.points.get("train/loss")?.map(([step, value]) => [step, value]),
      count.map((i) => [i, 1 / (i + 3)]),
    );
    assert.deepEqual(
      run?.points.get("acc")?.map(([, value]) => value),
      count.map((i) => (i === 2 ? Number.NaN : 0.1 * i)),
    );
    const engine = await openTestEngine();
    t.after(() => engine.close());
    await engine.call("project.create", {});
    const first = await engine.call("importer.run", { path: folder });
    assert.deepEqual([first.format, first.newRuns, first.points], ["dvclive", 1, 40]);
    await appendFile(join(folder, "dvclive", "plots", "metrics", "train", "loss.tsv"), "20\t0.5\n21\t0.2");
    const second = await engine.call("importer.run", { path: join(folder, "dvclive") });
    assert.deepEqual([second.newRuns, second.changedRuns, second.points], [0, 1, 1]);
    assert.match(second.problems[0]?.message ?? "", /train\/loss: its last line was cut off/);
  },
);

test("a project of the first datmo comes with its tasks, and with snapshots that no task made", async (t) => {
  const folder = await temporaryFolder();
  t.after(() => rm(folder, { recursive: true, force: true }));
  const records: Record<string, object> = {
    "model/m1": { pk: "m1", name: "iris", description: "d" },
    "snapshot/s1": {
      pk: "s1",
      model_id: "m1",
      message: "before",
      config: { depth: 3 },
      stats: {},
      visible: false,
    },
    "snapshot/s2": { pk: "s2", message: "after", config: { depth: 3 }, stats: { acc: "0.9" }, label: "best" },
    "snapshot/s3": {
      pk: "s3",
      message: "by hand",
      config: { depth: 4 },
      stats: { acc: 0.8, kind: "good" },
      created_at: "2018-05-20T12:00:00",
    },
    "task/t1": {
      pk: "t1",
      command: "python train.py",
      command_list: ["python", "train.py"],
      before_snapshot_id: "s1",
      after_snapshot_id: "s2",
      status: "SUCCESS",
      results: { acc: "0.95" },
      start_time: "2018-05-19T10:00:00.500000",
      end_time: "2018-05-19T10:01:00",
      logs: "acc: 0.95\n",
    },
  };
  const database = join(folder, ".datmo", "database");
  for (const [path, record] of Object.entries(records)) {
    const [kind = "", id = ""] = path.split("/");
    await mkdir(join(database, kind, "objects"), { recursive: true });
    await writeFile(join(database, kind, "objects", id), JSON.stringify(record));
  }
  await writeFile(join(database, "task", "objects", "torn"), '{"pk": "t');
  const task = join(folder, ".datmo", "tasks", "t1");
  await mkdir(task, { recursive: true });
  await writeFile(join(task, "model.bin"), "weights");
  const engine = await openTestEngine();
  t.after(() => engine.close());
  await engine.call("project.create", {});
  const result = await engine.call("importer.run", { path: folder });
  assert.deepEqual([result.format, result.newRuns, result.files], ["datmo", 2, 1]);
  assert.match(result.problems[0]?.message ?? "", /task\/torn: is no record/);
  const { run } = await engine.call("run.get", { id: "t1" });
  assert.deepEqual(
    [run.status, run.durationMs, run.group, run.message],
    ["succeeded", 59_500, "iris", "after"],
  );
  assert.deepEqual(
    [run.command, run.config, run.metrics],
    [["python", "train.py"], { depth: 3 }, { acc: 0.95 }],
  );
  assert.deepEqual(run.tags, ["best"]);
  assert.equal((await engine.call("run.logs", { id: run.id })).text, "acc: 0.95\n");
  const byHand = await engine.call("run.get", { id: "s3" });
  assert.deepEqual(byHand.run.metrics, { acc: 0.8 });
  assert.deepEqual(byHand.run.summary, { kind: "good" });
  assert.equal((await engine.call("importer.run", { path: folder })).unchangedRuns, 2);
});
