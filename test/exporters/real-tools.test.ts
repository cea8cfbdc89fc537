/* What the exporters wrote, read by the tools that it is for: equal to the last bit. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import {
  bitsOf,
  type ExportPlace,
  exportPlace,
  HARD_NAMES,
  HARD_VALUES,
  PY_BITS,
} from "../helpers/exported-runs.ts";
import { askPeer, noPeers } from "../helpers/peers.ts";

const BIG = 100_000;
const HARD = bitsOf(HARD_VALUES);
const BIG_HASH = hashOf(bitsOf(Array.from({ length: BIG }, (_, i) => Math.sin(i) / 3)));
const PY_HASH = `
import hashlib
def digest(values): return hashlib.sha256(",".join(values).encode()).hexdigest()
`;

function hashOf(values: readonly string[]): string {
  return createHash("sha256").update(values.join(",")).digest("hex");
}

describe("exports, read by the tools that they are for", { skip: noPeers }, () => {
  let place: ExportPlace;
  before(async () => {
    place = await exportPlace(BIG);
  });
  after(() => place.close());

  async function exported(format: string): Promise<string> {
    const directory = join(place.beside, format);
    const first = await place.engine.call("exporter.run", { format, directory });
    assert.deepEqual([first.runs, first.problems], [2, []]);
    const again = await place.engine.call("exporter.run", { format, directory });
    assert.deepEqual([again.files, again.unchanged], [0, first.files]);
    return directory;
  }

  it("are runs of MLflow", async () => {
    const directory = await exported("mlruns");
    const read = askPeer<{
      runs: Record<string, Record<string, unknown>>;
      big: string;
      points: Record<string, [string[], number[], number[]]>;
      file: string;
    }>(
      `${PY_BITS}${PY_HASH}
import mlflow
from mlflow import MlflowClient
mlflow.set_tracking_uri("file:" + sys.argv[1])
client = MlflowClient()
frame = mlflow.search_runs(search_all_experiments=True)
runs, points, big = {}, {}, ""
for _, row in frame.iterrows():
    run = client.get_run(row["run_id"])
    experiment = client.get_experiment(run.info.experiment_id)
    runs[run.info.run_name] = {"id": run.info.run_id, "status": run.info.status, "experiment": experiment.name, "params": run.data.params, "tags": run.data.tags, "count": len(run.data.metrics)}
    if run.info.run_name == "first":
        for key in run.data.metrics:
            history = client.get_metric_history(run.info.run_id, key)
            name = run.data.tags.get("datmo.metric." + key, key)
            if name == "big": big = digest([bits(m.value) for m in history])
            else: points[name] = [[bits(m.value) for m in history], [m.step for m in history], [m.timestamp for m in history]]
        file = mlflow.artifacts.download_artifacts(run_id=run.info.run_id, artifact_path="models/big ü.bin")
        file = hashlib.sha256(open(file, "rb").read()).hexdigest()
print(json.dumps({"runs": runs, "points": points, "big": big, "file": file}))
`,
      directory,
    );
    assert.equal(read.big, BIG_HASH);
    assert.deepEqual(Object.keys(read.points).sort(), [...HARD_NAMES].sort());
    for (const [values, steps, at] of Object.values(read.points)) {
      assert.deepEqual(values, HARD);
      assert.deepEqual(
        steps,
        HARD_VALUES.map((_, i) => i * 2),
      );
      assert.deepEqual(
        at,
        HARD_VALUES.map((_, i) => Math.round(1_700_000_000_000 + i * 125)),
      );
    }
    const first = read.runs["first"] as { params: Record<string, string>; tags: Record<string, string> };
    const second = read.runs["second run / ü"] as Record<string, unknown>;
    assert.deepEqual(
      [
        first["params"]["lr"],
        first["params"]["text"],
        first["params"]["ключ ü"],
        first["params"]["nested.list"],
      ],
      ["0.1", "1.10", "ß\nsecond line", '[1,"a"]'],
    );
    assert.deepEqual([first.tags["best"], first.tags["a/b"]], ["true", "true"]);
    assert.equal(first.tags["mlflow.note.content"], "a note\nwith lines");
    assert.deepEqual([second["status"], second["experiment"]], ["FAILED", "Group 試"]);
    assert.equal(
      read.file,
      createHash("sha256")
        .update(readFileSync(join(place.beside, "big.bin")))
        .digest("hex"),
    );
  });

  it("are event files of TensorBoard", async () => {
    const directory = await exported("tfevents");
    const read = askPeer<{
      points: Record<string, [string[], number[], number[]]>;
      big: string;
      hparams: Record<string, unknown>;
      status: number;
    }>(
      `${PY_BITS}${PY_HASH}
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.plugins.hparams import plugin_data_pb2
from tensorboard.util import tensor_util
path = glob.glob(os.path.join(sys.argv[1], "first-*"))[0]
events = EventAccumulator(path, size_guidance={"tensors": 0}); events.Reload()
points, big = {}, ""
for tag in events.Tags()["tensors"]:
    if tag.startswith("_hparams_"): continue
    assert events.SummaryMetadata(tag).plugin_data.plugin_name == "scalars"
    found = events.Tensors(tag)
    values = [bits(tensor_util.make_ndarray(e.tensor_proto).item()) for e in found]
    if tag == "big": big = digest(values)
    else: points[tag] = [values, [e.step for e in found], [e.wall_time for e in found]]
def data(tag): return plugin_data_pb2.HParamsPluginData.FromString(events.SummaryMetadata("_hparams_/" + tag).plugin_data.content)
start = data("session_start_info").session_start_info
hparams = {k: getattr(v, v.WhichOneof("kind")) for k, v in start.hparams.items()}
print(json.dumps({"points": points, "big": big, "hparams": hparams, "status": data("session_end_info").session_end_info.status}))
`,
      directory,
    );
    assert.equal(read.big, BIG_HASH);
    assert.deepEqual(Object.keys(read.points).sort(), [...HARD_NAMES].sort());
    for (const [values, steps, at] of Object.values(read.points)) {
      assert.deepEqual(values, HARD);
      assert.deepEqual(
        steps,
        HARD_VALUES.map((_, i) => i * 2),
      );
      assert.deepEqual(
        at,
        HARD_VALUES.map((_, i) => 1_700_000_000 + i / 8),
      );
    }
    assert.deepEqual(
      [
        read.hparams["lr"],
        read.hparams["text"],
        read.hparams["flag"],
        read.hparams["nested.depth.n"],
        read.status,
      ],
      [0.1, "1.10", true, 3, 1],
    );
  });

  it("are what DVCLive leaves", async () => {
    const directory = await exported("dvclive");
    const read = askPeer<{
      points: string[][];
      big: string;
      metrics: Record<string, unknown>;
      params: unknown;
      plots: unknown;
      steps: number[];
    }>(
      `${PY_BITS}${PY_HASH}
from pathlib import Path
from dvclive.serialize import load_yaml
from dvclive.utils import parse_metrics, read_history, parse_tsv
root = Path(glob.glob(os.path.join(sys.argv[1], "first-*"))[0])
tsv = {p.relative_to(root / "plots/metrics").as_posix(): parse_tsv(p) for p in (root / "plots/metrics").rglob("*.tsv")}
last = lambda row: bits(float(row[[k for k in row if k not in ("step", "timestamp")][0]]))
points = [[last(row) for row in rows] for name, rows in sorted(tsv.items()) if name != "big.tsv"]
steps = [int(row["step"]) for row in tsv["loss.tsv"]]
print(json.dumps({"points": points, "steps": steps, "big": digest([last(r) for r in tsv["big.tsv"]]), "metrics": json.loads((root / "metrics.json").read_text()), "params": load_yaml(root / "params.yaml"), "plots": load_yaml(root / "dvc.yaml")}))
`,
      directory,
    );
    assert.equal(read.big, BIG_HASH);
    assert.deepEqual(
      read.points,
      HARD_NAMES.map(() => HARD),
    );
    assert.deepEqual(
      read.steps,
      HARD_VALUES.map((_, i) => i * 2),
    );
    assert.deepEqual([read.metrics["loss"], read.metrics["step"]], [1e-7, (BIG - 1) * 2]);
    const { lr, text, nested } = read.params as { lr: number; text: string; nested: unknown };
    assert.deepEqual([lr, text, nested], [0.1, "1.10", { depth: { n: 3 }, list: [1, "a"], empty: {} }]);
    assert.deepEqual((read.plots as { plots: unknown }).plots, [{ "plots/metrics": { x: "step" } }]);
  });

  for (const format of ["csv", "parquet"]) {
    it(`are tables of pandas: ${format}`, async () => {
      const directory = await exported(format);
      const read = askPeer<{
        points: Record<string, [string[], number[], number[]]>;
        big: string;
        names: string[];
        note: string;
        loss: string;
      }>(
        `${PY_BITS}${PY_HASH}
import pandas as pd
form, root = sys.argv[1], sys.argv[2]
read = (lambda p: pd.read_csv(p, float_precision="round_trip", keep_default_na=False, na_values={"value": []}, dtype={"name": str})) if form == "csv" else pd.read_parquet
metrics, runs = read(f"{root}/metrics.{form}"), read(f"{root}/runs.{form}")
first = runs[runs["name"] == "first"].iloc[0]
points, big = {}, ""
for name, rows in metrics[metrics["run"] == first["id"]].groupby("name"):
    values = [bits(float(v)) for v in rows["value"]]
    if name == "big": big = digest(values)
    else: points[name] = [values, [int(s) for s in rows["step"]], [float(a) for a in rows["at"]]]
loss = first["metrics.loss"] if form == "csv" else json.loads(first["metrics"])["loss"]
print(json.dumps({"points": points, "big": big, "names": list(runs["name"]), "note": first["note"], "loss": bits(float(loss))}))
`,
        format,
        directory,
      );
      assert.equal(read.big, BIG_HASH);
      assert.deepEqual(Object.keys(read.points).sort(), [...HARD_NAMES].sort());
      for (const [values, steps, at] of Object.values(read.points)) {
        assert.deepEqual(values, HARD);
        assert.deepEqual(
          steps,
          HARD_VALUES.map((_, i) => i * 2),
        );
        assert.deepEqual(
          at,
          HARD_VALUES.map((_, i) => 1_700_000_000 + i / 8),
        );
      }
      assert.deepEqual(read.names, ["first", "second run / ü"]);
      assert.deepEqual([read.note, read.loss], ["a note\nwith lines", bitsOf([1e-7])[0]]);
    });
  }
});
