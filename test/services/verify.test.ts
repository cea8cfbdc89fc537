import assert from "node:assert/strict";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import type { Difference, Run, RunVerifyResult } from "../../src/protocol/types.ts";
import { verifyRun } from "../../src/services/compare/verify/verify-run.ts";
import { openSeriesStore } from "../../src/store/series/series-store.ts";
import { openTestEngine, removeTestEngine, type TestEngine, temporaryFolder } from "../helpers/engine.ts";
import { memoryContainers } from "../helpers/memory-containers.ts";
import { openTestProject } from "../helpers/open-project.ts";

/* One test for each cause that a verification can name: the thing is really changed between run and rerun. */

interface Place {
  readonly engine: TestEngine;
  /** Another engine on the same project, with more variables. */
  reopen(variables: Readonly<Record<string, string>>): Promise<TestEngine>;
  write(path: string, content: string): void;
}

async function place(t: TestContext, variables: Readonly<Record<string, string>> = {}): Promise<Place> {
  const engines: TestEngine[] = [];
  const engine = await openTestEngine({ variables: { ...process.env, ...variables } });
  t.after(async () => {
    for (const other of engines) await other.close();
    await removeTestEngine(engine);
  });
  return {
    engine,
    async reopen(more) {
      const { directory } = engine;
      const other = await openTestEngine({ directory, variables: { ...process.env, ...variables, ...more } });
      engines.push(other);
      return other;
    },
    write(path, content) {
      mkdirSync(join(engine.directory, path, ".."), { recursive: true });
      writeFileSync(join(engine.directory, path), content);
    },
  };
}

async function run(engine: TestEngine, params: Record<string, unknown>): Promise<Run> {
  const { run } = await engine.call("run.start", params as never);
  return (await engine.call("run.wait", { id: run.id })).run;
}

async function verify(
  engine: TestEngine,
  original: Run,
  params: Record<string, unknown> = {},
  tolerance = 0,
): Promise<RunVerifyResult> {
  const { run } = await engine.call("run.rerun", { id: original.id, ...params } as never);
  await engine.call("run.wait", { id: run.id });
  return engine.call("run.verify", { rerunId: run.id, tolerance });
}

function named(difference: Difference | undefined): string {
  return difference ? `${difference.role} ${difference.kind} ${difference.name}` : "none";
}

test("data: which file of which folder has changed, and the rerun says so before", async (t) => {
  const { engine, write } = await place(t);
  const data = await temporaryFolder();
  t.after(() => rmSync(data, { recursive: true, force: true }));
  mkdirSync(join(data, "train"));
  writeFileSync(join(data, "train", "a.csv"), "1\n");
  writeFileSync(join(data, "train", "b.csv"), "2\n");
  writeFileSync(join(data, "weights.bin"), "w");
  write("sum.sh", 'echo "sum: $(cat $DATMO_DATA_DIR/train/* | tr -d "\\n")"');
  const sources = [{ source: join(data, "train") }, { source: join(data, "weights.bin"), name: "w" }];
  const original = await run(engine, { command: "sh sum.sh", data: sources });
  assert.equal(original.status, "succeeded");
  assert.deepEqual(
    original.dataContents?.map(({ name, kind, files, bytes }) => [name, kind, files, bytes]),
    [
      ["train", "folder", 2, 4],
      ["w", "file", 1, 1],
    ],
  );
  const same = await verify(engine, original);
  assert.deepEqual([same.same, same.differences, same.notCaptured], [true, [], []]);
  writeFileSync(join(data, "train", "b.csv"), "9\n");
  writeFileSync(join(data, "weights.bin"), "v");
  const changed = await verify(engine, original);
  assert.equal(named(changed.first), "effect metric sum");
  assert.equal(named(changed.cause), "cause data train/b.csv");
  assert.deepEqual(
    changed.differences.filter(({ kind }) => kind === "data").map(({ name }) => name),
    ["train/b.csv", "w"],
  );
  assert.ok(
    engine.warnings.some((text) => /data has changed since run .*: train\/b\.csv and 1 more/.test(text)),
  );
});

test("data that is too big to be read is said to be unknown; its size still tells", async (t) => {
  const { engine, write } = await place(t);
  write("big/a.bin", "12345");
  writeFileSync(join(engine.directory, ".datmo", "config.json"), '{"v":1,"dataHashLimitBytes":3}');
  const original = await run(engine, { command: "true", data: [{ source: "big" }] });
  const [content] = original.dataContents ?? [];
  assert.deepEqual([content?.sha256, content?.bytes], [undefined, 5]);
  assert.ok(engine.warnings.some((text) => /data big was not hashed: it has 5 bytes/.test(text)));
  const unknown = await verify(engine, original);
  assert.deepEqual(unknown.notCaptured, ["big (it has 5 bytes, and 3 bytes are read at most)"]);
  assert.equal(unknown.same, true);
});

test("seed: of the environment, and of the config", async (t) => {
  const { engine, reopen } = await place(t, { SEED: "1" });
  const original = await run(engine, { command: 'echo "n: $SEED"', config: { seed: 4 } });
  const other = await verify(await reopen({ SEED: "2" }), original);
  assert.deepEqual([named(other.first), named(other.cause)], ["effect metric n", "cause seed SEED"]);
  const seeded = await run(engine, { command: "echo n: {train.seed}", config: { train: { seed: 4 } } });
  const reseeded = await verify(engine, seeded, { config: { train: { seed: 5 } } });
  assert.deepEqual([reseeded.cause?.kind, reseeded.cause?.a, reseeded.cause?.b], ["seed", 4, 5]);
});

test("package: the one whose version is another, before the image that it came with", async (t) => {
  const home = await temporaryFolder();
  t.after(() => rmSync(home, { recursive: true, force: true }));
  const install = (version: string): void => {
    rmSync(home, { recursive: true, force: true });
    mkdirSync(join(home, `toy-${version}.dist-info`), { recursive: true });
    const metadata = `Metadata-Version: 2.1\nName: toy\nVersion: ${version}\n`;
    writeFileSync(join(home, `toy-${version}.dist-info`, "METADATA"), metadata);
    writeFileSync(join(home, "toy.py"), `VALUE = ${version}\n`);
  };
  install("1.5");
  const { engine, write, reopen } = await place(t, { PYTHONPATH: home });
  write("use.py", "import toy\nprint('value:', toy.VALUE)\n");
  const original = await run(engine, { command: ["python3", "use.py"] });
  assert.equal(original.metrics["value"], 1.5);
  install("2.5");
  const upgraded = await verify(await reopen({}), original);
  assert.equal(named(upgraded.first), "effect metric value");
  assert.equal(named(upgraded.cause), "cause package python:toy");
  assert.deepEqual([upgraded.cause?.a, upgraded.cause?.b], ["1.5", "2.5"]);
});

test("metric: within the tolerance or beyond it, from which step on", async (t) => {
  const { engine, write } = await place(t);
  const data = await temporaryFolder();
  t.after(() => rmSync(data, { recursive: true, force: true }));
  const steps = (third: string): void =>
    writeFileSync(join(data, "steps.txt"), `step: 1\nloss: 3\nstep: 2\nloss: 2\nstep: 3\nloss: ${third}\n`);
  write("say.sh", `cat ${join(data, "steps.txt")}`);
  steps("1");
  const original = await run(engine, { command: "sh say.sh" });
  steps("1.0001");
  const strict = await verify(engine, original);
  assert.deepEqual([named(strict.first), strict.first?.step], ["effect metric loss", 3]);
  assert.deepEqual([strict.first?.a, strict.first?.b], [1, 1.0001]);
  const lax = await verify(engine, original, {}, 1e-3);
  assert.deepEqual([lax.same, lax.tolerance], [true, 1e-3]);
});

test("file: one that the run makes is another, or is not made", async (t) => {
  const { engine } = await place(t);
  const data = await temporaryFolder();
  t.after(() => rmSync(data, { recursive: true, force: true }));
  writeFileSync(join(data, "source"), "1");
  const original = await run(engine, { command: `cat ${join(data, "source")} > out.bin` });
  writeFileSync(join(data, "source"), "2");
  const other = await verify(engine, original);
  assert.deepEqual([named(other.first), other.cause], ["effect file out.bin", undefined]);
});

test("code and config, when they were changed on purpose, are named before anything else", async (t) => {
  const { engine, write } = await place(t, { SEED: "1" });
  write("job.sh", "echo n: 1");
  const original = await run(engine, { command: "sh job.sh", config: { lr: 1 } });
  write("job.sh", "echo n: 2");
  const { snapshot } = await engine.call("snapshot.create", { message: "other" });
  const other = await verify(engine, original, { snapshotId: snapshot.id, config: { lr: 2 } });
  assert.deepEqual(other.differences.map(named), ["cause code job.sh", "cause config lr", "effect metric n"]);
});

test("GPU, its driver, image and machine, each by its own name", async (t) => {
  const opened = await openTestProject(memoryContainers());
  const series = openSeriesStore({ directory: opened.project.datmo, onProblem: () => undefined });
  t.after(async () => {
    await series.close();
    await opened.close();
  });
  const project = { ...opened.project, series };
  const ended = { type: "script", origin: "executed", status: "succeeded", exitCode: 0, command: "x" };
  const gpu = { index: 0, name: "A100", driver: "550.54" };
  const add = async (id: string, set: Record<string, unknown>): Promise<void> => {
    const createdAt = new Date().toISOString();
    const all = { ...ended, createdAt, name: id, machine: { cpu: "one", gpus: [gpu] }, ...set };
    await project.records.commit([{ kind: "run", id, set: all as never }]);
  };
  const ids = ["b", "c", "d", "e", "f"].map((letter) => letter.repeat(26));
  await add(ids[0] as string, {});
  await add(ids[1] as string, { machine: { cpu: "one", gpus: [{ ...gpu, driver: "560.1" }] } });
  await add(ids[2] as string, { machine: { cpu: "one", gpus: [{ ...gpu, name: "H100" }] } });
  await add(ids[3] as string, { image: { id: "sha256:1", digests: [] } });
  await add(ids[4] as string, { machine: { cpu: "two", gpus: [gpu] } });
  const causes: string[] = [];
  for (const rerunId of ids.slice(1)) {
    const { differences } = await verifyRun(project, { rerunId, originalId: ids[0] as string });
    causes.push(differences.map(named).join(", "));
  }
  assert.deepEqual(causes, [
    "cause driver GPU driver",
    "cause gpu GPUs",
    "cause image image",
    "cause machine cpu",
  ]);
});
