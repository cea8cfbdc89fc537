import assert from "node:assert/strict";
import { cp, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, test } from "node:test";
import { wandb } from "../../src/builtin/importers/wandb/wandb.ts";
import { openTestEngine, temporaryFolder } from "../helpers/engine.ts";
import { fromHex, type ReadRun, readAll } from "../helpers/importing.ts";
import { askPeer, noPeers } from "../helpers/peers.ts";

/** Two runs by the real W&B, and what its own messages say of the first. */
const MAKE = `
import sys, os, glob, json, struct, time
import wandb
from wandb.proto import wandb_internal_pb2 as pb
os.chdir(sys.argv[1])
sys.argv = ["train.py", "--fast"]
r = wandb.init(project="dig", name="first ü", id="aaaaaaaa", config={"lr": 0.1, "n": {"a": 1, "b": [1, 2]}, "api_key": "x"}, tags=["x", "y"], notes="a note", group="g")
print("hello out")
for i in range(300): wandb.log({"loss": 1 / (i + 3), "nest": {"a": i, "b": {"c": 0.1 * i}}, "tiny": 5e-324})
wandb.log({"nan": float("nan"), "inf": float("inf"), "ninf": float("-inf"), "flag": True, "txt": "hi", "big": 2**60, "neg": -5, "試": 1.5})
wandb.log({"p": 1}, step=1000); wandb.log({"q": 2}, step=1000); wandb.log({"p": 3}, step=1001)
wandb.log({"img": wandb.Histogram([1, 2, 3])})
wandb.log({"note": "long" * 20000, "after": 1.0})
r.summary["best"] = 0.5; r.summary["word"] = "good"
r.config.update({"late": True})
print("bye ü")
wandb.finish(exit_code=3)
# The log is written by a process of its own, and its end may come after "finish".
wandb.teardown()
path = glob.glob("wandb/offline-run-*-aaaaaaaa/*.wandb")[0]
data = open(path, "rb").read()
def is_whole():
    try: return any(pb.Record.FromString(raw).WhichOneof("record_type") == "exit" for raw in records())
    except Exception: return False
def records():
    at, parts = 7, b""
    while at + 7 <= len(data):
        left = 32768 - at % 32768
        if left < 7: at += left; continue
        _, size, kind = struct.unpack("<IHB", data[at:at + 7])
        chunk = data[at + 7:at + 7 + size]; at += 7 + size
        if kind == 1: yield chunk
        elif kind == 2: parts = chunk
        elif kind == 3: parts += chunk
        else: yield parts + chunk
while not is_whole():
    time.sleep(0.1)
    data = open(path, "rb").read()
history = {}
for raw in records():
    record = pb.Record.FromString(raw)
    if record.WhichOneof("record_type") != "history": continue
    row = {".".join(i.nested_key) or i.key: json.loads(i.value_json) for i in record.history.item}
    for key, value in row.items():
        if key.startswith("_") or key.startswith("img") or isinstance(value, (str, list)): continue
        history.setdefault(key, []).append([row["_step"], float(value).hex(), row["_timestamp"]])
print(json.dumps(history), file=sys.__stdout__)
`;

type Told = Readonly<Record<string, [number, string, number][]>>;

/** Made once: W&B takes its time to start. */
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

test("a run of W&B comes as its own messages tell it", { skip: noPeers }, async () => {
  const { root, told } = await made();
  assert.equal(await wandb.detect(root), true);
  const { runs, problems } = await readAll(wandb, root);
  assert.deepEqual(problems, []);
  const run = runs.get("aaaaaaaa") as ReadRun;
  for (const [name, points] of Object.entries(told)) {
    const expected = points.map(([step, value, at]) => [step, fromHex(value), at * 1000]);
    assert.deepEqual(run.points.get(name), expected, name.slice(0, 50));
  }
  assert.deepEqual([...run.points.keys()].sort(), Object.keys(told).sort());
  assert.deepEqual(
    run.points.get("p")?.map(([step, value]) => [step, value]),
    [
      [1000, 1],
      [1001, 3],
    ],
  );
  const { facts } = run;
  assert.deepEqual([facts.name, facts.status, facts.exitCode], ["first ü", "failed", 3]);
  assert.deepEqual([facts.note, facts.group, facts.tags], ["a note", "g", ["x", "y"]]);
  assert.deepEqual(facts.config, { lr: 0.1, n: { a: 1, b: [1, 2] }, api_key: "x", late: true });
  assert.deepEqual(facts.summary, { note: "long".repeat(20_000), txt: "hi", best: 0.5, word: "good" });
  assert.equal(run.output, "hello out\nbye ü\n");
  assert.ok(run.files.has("requirements.txt"));
  assert.deepEqual(run.problems, ["values that are media or tables were left out: 1"]);
});

test(
  "a log of W&B that was cut off anywhere in its last record gives all before it",
  { skip: noPeers },
  async (t) => {
    const { root } = await made();
    const folder = await temporaryFolder();
    t.after(() => rm(folder, { recursive: true, force: true }));
    const bytes = await readFile(await logOf(root));
    const whole = (await readAll(wandb, await logOf(root))).runs.get("aaaaaaaa") as ReadRun;
    const log = join(folder, "run-aaaaaaaa.wandb");
    const last = lastChunk(bytes);
    for (let size = last; size < bytes.length; size++) {
      await writeFile(log, bytes.subarray(0, size));
      const { runs } = await readAll(wandb, log);
      const run = runs.get("aaaaaaaa") as ReadRun;
      assert.deepEqual(run.points, whole.points, `cut at ${size}`);
      assert.equal(
        run.problems.some((problem) => problem.includes("cut off")),
        size > last,
      );
    }
    // A flipped bit costs what lies behind it in its block, and nothing of the other blocks.
    const damaged = Buffer.from(bytes);
    damaged[40_000] = (damaged[40_000] as number) ^ 4;
    await writeFile(log, damaged);
    const { runs } = await readAll(wandb, log);
    const run = runs.get("aaaaaaaa") as ReadRun;
    assert.ok(run.problems.some((problem) => problem.includes("a part of it is damaged")));
    assert.equal(run.facts.exitCode, 3);
    assert.ok((run.points.get("loss")?.length ?? 0) < 300);
  },
);

test(
  "a log of W&B that still grows is imported once, its later part when it is there",
  { skip: noPeers },
  async (t) => {
    const { root } = await made();
    const folder = await temporaryFolder();
    t.after(() => rm(folder, { recursive: true, force: true }));
    const log = await logOf(root);
    const place = join(folder, "wandb", log.split("/").at(-2) as string);
    await mkdir(place, { recursive: true });
    const bytes = await readFile(log);
    await writeFile(join(place, "run-aaaaaaaa.wandb"), bytes.subarray(0, 50_000));
    const engine = await openTestEngine();
    t.after(() => engine.close());
    await engine.call("project.create", {});
    const first = await engine.call("importer.run", { path: folder });
    assert.deepEqual([first.format, first.newRuns], ["wandb", 1]);
    const [id = ""] = first.runIds;
    assert.equal((await engine.call("run.get", { id })).run.status, "lost");
    await cp(join(root, "wandb"), join(folder, "wandb"), { recursive: true, force: true });
    const second = await engine.call("importer.run", { path: folder });
    assert.deepEqual([second.newRuns, second.changedRuns], [0, 1]);
    const { run } = await engine.call("run.get", { id });
    assert.deepEqual([run.status, run.metrics["loss"], run.metrics["nan"]], ["failed", 1 / 302, "NaN"]);
    const { points } = await engine.call("metric.history", { runId: id, name: "loss" });
    assert.equal(points.step.length, 300);
    assert.equal((await engine.call("run.logs", { id })).text, "hello out\nbye ü\n");
    const third = await engine.call("importer.run", { path: join(folder, "wandb") });
    assert.deepEqual([third.newRuns, third.changedRuns, third.unchangedRuns, third.points], [0, 0, 1, 0]);
  },
);

test("what is no log of W&B is left out with a sentence", async (t) => {
  const folder = await temporaryFolder();
  t.after(() => rm(folder, { recursive: true, force: true }));
  assert.equal(await wandb.detect(folder), false);
  await assert.rejects(readAll(wandb, folder), { kind: "IMPORT_SOURCE_INVALID" });
  await writeFile(join(folder, "run-x.wandb"), "something else");
  await writeFile(join(folder, "run-y.wandb"), Buffer.from([0x3a, 0x57, 0x26, 0x42, 0xe1, 0xbe, 7]));
  await writeFile(join(folder, "run-z.wandb"), Buffer.from([0x3a, 0x57, 0x26, 0x42, 0xe1, 0xbe, 0]));
  const { runs, problems } = await readAll(wandb, folder);
  assert.equal(runs.size, 0);
  assert.match(problems[0] ?? "", /does not begin as a log of W&B does, so it was left out/);
  assert.match(problems[1] ?? "", /is of version 7, which is not known/);
  assert.match(problems[2] ?? "", /it tells of no run/);
});

async function logOf(root: string): Promise<string> {
  const [folder = ""] = (await readdir(join(root, "wandb"))).filter((name) =>
    name.startsWith("offline-run-"),
  );
  return join(root, "wandb", folder, "run-aaaaaaaa.wandb");
}

/** Where the last chunk of the log begins. */
function lastChunk(bytes: Buffer): number {
  let [at, last] = [7, 7];
  while (at + 7 <= bytes.length) {
    const left = 32_768 - (at % 32_768);
    if (left < 7) at += left;
    else {
      last = at;
      at += 7 + bytes.readUInt16LE(at + 4);
    }
  }
  return last;
}
