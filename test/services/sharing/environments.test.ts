import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { openTestEngine, type TestEngine } from "../../helpers/engine.ts";
import { makeIndex } from "../../helpers/wheels.ts";
import { sharing } from "./sharing-fixture.ts";

const BINARY = Buffer.from([0, 1, 2, 255, 13, 10]);

test("an environment comes with the snapshots that were taken in it: the same id, name and files", async (t) => {
  const { peer, remote } = sharing(t);
  const [a, b] = [await peer("a"), await peer("b")];
  const folder = join(a.directory, "datmo_environment");
  mkdirSync(join(folder, "wheels"), { recursive: true });
  writeFileSync(join(folder, "Dockerfile"), "FROM python:3.13\r\nCOPY wheels /wheels\r\n");
  writeFileSync(join(folder, "wheels", "toy.whl"), BINARY);
  const { environment } = await a.call("environment.create", { name: "lab" });
  await a.call("snapshot.create", { message: "in the lab" });
  await a.call("environment.create", { image: "busybox:1.36", name: "box" });
  await a.call("environment.use", { id: "box" });
  await a.call("snapshot.create", { message: "in the box" });
  await a.call("store.push", { remote });
  await b.call("store.pull", { remote });
  const { items } = await b.call("environment.list", {});
  assert.deepEqual(items.map(({ name, kind }) => `${kind} ${name}`).sort(), [
    "docker box",
    "docker lab",
    "host host",
  ]);
  const lab = items.find(({ name }) => name === "lab");
  assert.deepEqual([lab?.id, lab?.from], [environment.id, remote]);
  assert.deepEqual(
    lab?.files.map(({ path, bytes }) => [path, bytes]),
    [
      ["Dockerfile", 37],
      ["wheels/toy.whl", BINARY.length],
    ],
  );
  assert.equal(items.find(({ active }) => active)?.name, "host", "no setting travels");
  // One that was deleted here stays deleted, whatever is pulled; a name that is taken gets a number.
  await b.call("environment.delete", { ids: ["lab"], force: true });
  await a.call("snapshot.create", { message: "again", environment: "lab", config: { n: 2 } });
  await a.call("store.push", { remote });
  await b.call("store.pull", { remote });
  assert.ok(!(await b.call("environment.list", {})).items.some(({ name }) => name === "lab"));
  const c = await peer("c");
  await c.call("environment.create", { image: "alpine:3", name: "lab" });
  await c.call("store.pull", { remote });
  assert.equal((await c.call("environment.get", { id: environment.id })).environment.name, "lab-2");
});

test("a run in a venv is run again on another copy by the same environment, once it is trusted", async (t) => {
  const { remote, root } = sharing(t);
  const index = makeIndex(join(root, "index"), [{ name: "toy", version: "1.5" }]);
  const variables = { ...process.env, ...index, XDG_CACHE_HOME: join(root, "cache") };
  const peer = async (name: string): Promise<TestEngine> => {
    mkdirSync(join(root, name));
    const engine = await openTestEngine({ directory: join(root, name), variables });
    t.after(() => engine.close());
    await engine.call("project.create", {});
    return engine;
  };
  const [a, b] = [await peer("a"), await peer("b")];
  mkdirSync(join(a.directory, "datmo_environment"));
  writeFileSync(join(a.directory, "datmo_environment", "requirements.txt"), "toy==1.5\n");
  const command = ["python", "-c", "import toy; print('value:', toy.version)"];
  const { run } = await a.call("run.start", { command });
  const original = (await a.call("run.wait", { id: run.id })).run;
  assert.deepEqual([original.metrics["value"], original.environment?.kind], [1.5, "venv"]);
  await a.call("store.push", { remote });
  await b.call("store.pull", { remote });
  await assert.rejects(b.call("run.rerun", { id: run.id }), { kind: "RUN_TRUST_NEEDED" });
  const again = await b.call("run.rerun", { id: run.id, trust: true });
  const ended = (await b.call("run.wait", { id: again.run.id })).run;
  assert.deepEqual([ended.status, ended.environmentId], ["succeeded", original.environmentId]);
  const verdict = await b.call("run.verify", { rerunId: ended.id });
  assert.deepEqual([verdict.same, verdict.differences], [true, []]);
  // The task alone, where the record of its environment is gone.
  await b.call("environment.delete", { ids: [original.environmentId as string], force: true });
  const task = await b.call("task.run", { id: original.taskId as string, trust: true });
  assert.equal((await b.call("run.wait", { id: task.run.id })).run.status, "succeeded");
});
