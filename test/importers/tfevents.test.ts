import assert from "node:assert/strict";
import { cp, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, test } from "node:test";
import { tfevents } from "../../src/builtin/importers/tfevents/tfevents.ts";
import { openTestEngine, temporaryFolder } from "../helpers/engine.ts";
import { fromHex, type ReadRun, readAll } from "../helpers/importing.ts";
import { askPeer, noPeers } from "../helpers/peers.ts";

const MAKE = `
import sys, json, os
import numpy as np
from tensorboardX import SummaryWriter
from tensorboard.compat.proto import event_pb2, summary_pb2
from tensorboard.summary.writer.event_file_writer import EventFileWriter
from tensorboard.plugins.scalar import metadata
from tensorboard.util import tensor_util
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
root = sys.argv[1]
w = SummaryWriter(os.path.join(root, "a"))
for i in range(50): w.add_scalar("loss/train", 1 / (i + 3), i * 10, walltime=1700000000.125 + i)
w.add_scalar("nan ü", float("nan"), -3); w.add_scalar("nan ü", float("inf"), 4)
w.add_text("note", "hello **x**", 1); w.add_histogram("h", np.arange(10), 1)
w.add_hparams({"lr": 0.1, "opt": "adam", "flag": True}, {"hp/acc": 0.5})
w.close()
f = EventFileWriter(os.path.join(root, "b", "train"))
for i in range(20):
    number = np.float64(0.1 * i) if i % 2 else np.float32(0.1 * i)
    value = summary_pb2.Summary.Value(tag="acc", tensor=tensor_util.make_tensor_proto(number))
    if i == 0: value.metadata.CopyFrom(metadata.create_summary_metadata("", ""))
    f.add_event(event_pb2.Event(wall_time=1.7e9 + i / 8, step=i, summary=summary_pb2.Summary(value=[value])))
f.close()
out = {}
for folder, _, names in os.walk(root):
    if not any("tfevents" in name for name in names): continue
    a = EventAccumulator(folder, size_guidance={"scalars": 0, "tensors": 0}); a.Reload()
    tags = {t: [[e.step, float(e.value).hex(), e.wall_time] for e in a.Scalars(t)] for t in a.Tags()["scalars"]}
    for t in a.Tags()["tensors"]:
        if a.SummaryMetadata(t).plugin_data.plugin_name == "scalars":
            tags[t] = [[e.step, float(tensor_util.make_ndarray(e.tensor_proto)).hex(), e.wall_time] for e in a.Tensors(t)]
    out[os.path.relpath(folder, root)] = tags
print(json.dumps(out))
`;

type Told = Readonly<Record<string, Readonly<Record<string, [number, string, number][]>>>>;

/** Made once: TensorBoard takes its time to start. */
let master: { readonly root: string; readonly told: Told } | undefined;
after(async () => {
  if (master) await rm(master.root, { recursive: true, force: true });
});

async function made(): Promise<{ readonly root: string; readonly told: Told }> {
  if (!master) {
    const root = await temporaryFolder();
    master = { root, told: askPeer<Told>(MAKE, root) };
  }
  return master;
}

test("events come as TensorBoard's own reader tells them", { skip: noPeers }, async () => {
  const { root, told } = await made();
  assert.equal(await tfevents.detect(root), true);
  const { runs } = await readAll(tfevents, root);
  const byName = new Map([...runs.values()].map((run) => [run.facts.name ?? "", run]));
  assert.deepEqual([...byName.keys()].sort(), Object.keys(told).sort());
  for (const [name, tags] of Object.entries(told)) assertPoints(byName.get(name) as ReadRun, tags);
  const a = byName.get("a") as ReadRun;
  assert.equal(a.facts.startedAt?.slice(0, 10), "2023-11-14");
  assert.match(a.files.get("text/note.md")?.text ?? "", /## Step 1\n\nhello \*\*x\*\*/);
  assert.deepEqual(a.problems, ["values of the kind histograms were left out: 1"]);
  const hparams = [...byName].find(([name]) => name.startsWith("a/"))?.[1];
  assert.deepEqual(hparams?.facts.config, { lr: 0.1, opt: "adam", flag: true });
  assert.equal(hparams?.facts.status, "succeeded");
});

test(
  "an event file that was cut off anywhere in its last event gives all before it",
  { skip: noPeers },
  async (t) => {
    const { root } = await made();
    const folder = await temporaryFolder();
    t.after(() => rm(folder, { recursive: true, force: true }));
    const [name = ""] = await readdir(join(root, "b", "train"));
    const bytes = await readFile(join(root, "b", "train", name));
    const last = lastRecord(bytes);
    for (let size = last; size < bytes.length; size++) {
      await writeFile(join(folder, name), bytes.subarray(0, size));
      const { runs } = await readAll(tfevents, folder);
      const [run] = runs.values();
      assert.equal(run?.points.get("acc")?.length, 19, `cut at ${size}`);
      const problems = size === last ? [] : [`${name}: its last event was cut off`];
      assert.deepEqual(run?.problems, problems);
    }
    const damaged = Buffer.from(bytes);
    damaged.writeUInt8((damaged[last - 10] as number) ^ 1, last - 10);
    await writeFile(join(folder, name), damaged);
    const { runs } = await readAll(tfevents, folder);
    assert.equal([...runs.values()][0]?.points.get("acc")?.length, 19);
    assert.match([...runs.values()][0]?.problems[0] ?? "", /event 20 is damaged and was left out/);
  },
);

test("event files that grow are imported once, wherever they lie", { skip: noPeers }, async (t) => {
  const { root } = await made();
  const folder = await temporaryFolder();
  t.after(() => rm(folder, { recursive: true, force: true }));
  const [name = ""] = await readdir(join(root, "b", "train"));
  const bytes = await readFile(join(root, "b", "train", name));
  const engine = await openTestEngine();
  t.after(() => engine.close());
  await engine.call("project.create", {});
  await mkdir(join(folder, "one"));
  await writeFile(join(folder, "one", name), bytes.subarray(0, lastRecord(bytes)));
  const first = await engine.call("importer.run", { path: folder });
  assert.deepEqual([first.newRuns, first.points], [1, 19]);
  await writeFile(join(folder, "one", name), bytes);
  await cp(join(folder, "one"), join(folder, "two"), { recursive: true });
  const second = await engine.call("importer.run", { path: folder, format: "tfevents" });
  assert.deepEqual([second.newRuns, second.changedRuns, second.points], [0, 1, 1]);
  assert.match(second.problems[0]?.message ?? "", /^two: is a copy of one/);
  assert.equal((await engine.call("importer.run", { path: join(folder, "two") })).points, 0);
  const { points } = await engine.call("metric.history", { runId: first.runIds[0] ?? "", name: "acc" });
  assert.equal(points.step.length, 20);
});

test("what is no event file is refused with a sentence", async (t) => {
  const folder = await temporaryFolder();
  t.after(() => rm(folder, { recursive: true, force: true }));
  assert.equal(await tfevents.detect(folder), false);
  await assert.rejects(readAll(tfevents, folder), { kind: "IMPORT_SOURCE_INVALID" });
  await writeFile(join(folder, "events.out.tfevents.1.x"), "nothing of that kind at all");
  const { runs, problems } = await readAll(tfevents, folder);
  assert.equal(runs.size, 0);
  assert.match(problems[0] ?? "", /hold nothing that can be read/);
});

function assertPoints(run: ReadRun, tags: Told[string]): void {
  const names = [...run.points.keys()].sort();
  assert.deepEqual(names, Object.keys(tags).sort());
  for (const [tag, points] of Object.entries(tags)) {
    const expected = points.map(([step, value, at]) => [step, fromHex(value), at * 1000]);
    assert.deepEqual(run.points.get(tag), expected, tag);
  }
}

/** Where the last record of a TFRecord file begins. */
function lastRecord(bytes: Buffer): number {
  let [at, last] = [0, 0];
  while (at < bytes.length) {
    last = at;
    at += 16 + Number(bytes.readBigUInt64LE(at));
  }
  return last;
}
