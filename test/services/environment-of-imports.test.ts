import assert from "node:assert/strict";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { openTestEngine, removeTestEngine, type TestEngine } from "../helpers/engine.ts";

async function open(t: TestContext): Promise<TestEngine> {
  const engine = await openTestEngine();
  t.after(() => removeTestEngine(engine));
  return engine;
}

const read = (engine: TestEngine, path: string): string => readFileSync(join(engine.directory, path), "utf8");

test("what the scripts import makes a Dockerfile for the Python of this machine, or a venv", async (t) => {
  const engine = await open(t);
  writeFileSync(join(engine.directory, "train.py"), "import json\n");
  const docker = await engine.call("environment.setup", { framework: "requirements" });
  assert.deepEqual([...docker.written].sort(), [
    "datmo_environment/Dockerfile",
    "datmo_environment/requirements.txt",
  ]);
  assert.match(read(engine, "datmo_environment/Dockerfile"), /^FROM python:3\.\d+-slim\n/);
  assert.equal(docker.environment.kind, "docker");
  const venv = await engine.call("environment.setup", {
    framework: "requirements",
    kind: "venv",
    force: true,
  });
  assert.deepEqual(
    [venv.environment.kind, venv.written],
    ["venv", ["datmo_environment/requirements.txt", "datmo_environment/.python-version"]],
  );
  assert.match(venv.environment.python ?? "", /^3\.\d+$/);
  const { environment } = await engine.call("environment.get", { id: venv.environment.id });
  const active = (await engine.call("environment.list", {})).items.find((item) => item.active);
  assert.equal(active?.id, environment.id, "the folder makes the very same");
  await assert.rejects(
    engine.call("environment.setup", { framework: "python-base", kind: "venv", force: true }),
    {
      kind: "ENVIRONMENT_INVALID",
    },
  );
});

test("a snapshot holds an environment whose files are given with it, and never two", async (t) => {
  const engine = await open(t);
  mkdirSync(join(engine.directory, "envs"));
  writeFileSync(join(engine.directory, "envs", "Dockerfile"), "FROM busybox:1\n");
  const { snapshot } = await engine.call("snapshot.create", { message: "with", environmentPaths: ["envs"] });
  const { environment } = await engine.call("environment.get", { id: snapshot.environmentId as string });
  assert.deepEqual(
    environment.files.map(({ path }) => path),
    ["Dockerfile"],
  );
  rmSync(join(engine.directory, "envs"), { recursive: true });
  const out = join(engine.directory, "..", `out-${environment.id}`);
  t.after(() => rmSync(out, { recursive: true, force: true }));
  await engine.call("environment.export", { id: environment.id, directory: out });
  assert.equal(readFileSync(join(out, "Dockerfile"), "utf8"), "FROM busybox:1\n");
  const two = { message: "x", environment: "host", environmentPaths: ["."] };
  await assert.rejects(engine.call("snapshot.create", two), { kind: "ENVIRONMENT_CONFLICT" });
  await assert.rejects(engine.call("snapshot.create", { message: "x", environmentPaths: ["nowhere"] }), {
    kind: "PATH_NOT_FOUND",
  });
});

test("a run that waits and whose file is lost has an end, and whoever waits for it is told", async (t) => {
  const engine = await open(t);
  const { run } = await engine.call("queue.add", { command: "true" });
  const waiting = engine.call("run.wait", { id: run.id });
  rmSync(join(engine.directory, ".datmo", "queue"), { recursive: true });
  const ended = (await waiting).run;
  assert.deepEqual([ended.status, ended.error?.kind], ["lost", "RUN_LOST"]);
});
