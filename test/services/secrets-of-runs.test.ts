import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import type { Run } from "../../src/protocol/types.ts";
import { openTestEngine, removeTestEngine, type TestEngine } from "../helpers/engine.ts";

/** They look like nothing that would be masked by its looks. */
const TYPED = "plain-word-typed";
const IN_FILE = "plain-word-in-a-file";

async function open(t: TestContext, variables: NodeJS.ProcessEnv = {}): Promise<TestEngine> {
  const engine = await openTestEngine({ variables: { ...process.env, ...variables } });
  t.after(() => removeTestEngine(engine));
  writeFileSync(join(engine.directory, ".env"), `IN_FILE=${IN_FILE}\n`);
  return engine;
}

async function ended(engine: TestEngine, { run }: { run: Run }): Promise<Run> {
  return (await engine.call("run.wait", { id: run.id })).run;
}

/** Nothing in `.datmo` says them; nor do the objects of snapshots, which are compressed. */
function assertUnknown({ directory }: TestEngine): void {
  const datmo = join(directory, ".datmo");
  const look = `grep -rl plain-word- ${datmo}; git --git-dir ${datmo}/git cat-file --batch --batch-all-objects | grep -ac plain-word-`;
  const found = execFileSync("sh", ["-c", `${look}; true`], { maxBuffer: 1 << 28 });
  assert.equal(found.toString().trim(), "0");
}

const secret = {
  command: ["sh", "-c", 'printf %s "$TYPED$IN_FILE" | wc -c | sed "s/^ */length: /"'],
  secrets: ["TYPED"],
  envFiles: [".env"],
};
const LENGTH = TYPED.length + IN_FILE.length;

test("values of secrets reach the command, are kept nowhere, and are asked for again", async (t) => {
  const engine = await open(t);
  const start = engine.call("run.start", secret);
  await assert.rejects(start, { kind: "SECRET_MISSING", message: /TYPED/ });
  assert.deepEqual((await engine.call("run.list", {})).items, []);
  const secretValues = { TYPED };
  const original = await ended(engine, await engine.call("run.start", { ...secret, secretValues }));
  assert.deepEqual([original.status, original.metrics["length"]], ["succeeded", LENGTH]);
  const { task } = await engine.call("task.get", { id: original.taskId as string });
  assert.deepEqual([task.secrets, task.envFiles, task.variables], [["TYPED"], [".env"], undefined]);
  const rerun = engine.call("run.rerun", { id: original.id });
  await assert.rejects(rerun, { kind: "SECRET_MISSING" });
  const again = await ended(engine, await engine.call("run.rerun", { id: original.id, secretValues }));
  assert.deepEqual([again.metrics["length"], again.taskId], [LENGTH, original.taskId]);
  const applied = await ended(engine, await engine.call("task.run", { id: task.id, secretValues }));
  assert.equal(applied.metrics["length"], LENGTH);
  rmSync(join(engine.directory, ".env"));
  await assert.rejects(engine.call("run.rerun", { id: original.id, secretValues }), {
    kind: "ENV_FILE_INVALID",
    message: /\.env cannot be used: there is no such file/,
  });
  assertUnknown(engine);
});

test("a secret of the shell, and in the queue, where the worker must have it", async (t) => {
  const engine = await open(t, { TYPED });
  const run = await ended(engine, await engine.call("run.start", secret));
  assert.equal(run.metrics["length"], LENGTH);
  const queued = await engine.call("queue.add", secret);
  const { run: claimed } = await engine.call("queue.claim", {});
  assert.equal(claimed?.id, queued.run.id);
  assert.equal((await ended(engine, queued)).metrics["length"], LENGTH);
  const late = await engine.call("queue.add", { ...secret, secrets: [], envFiles: [".env"] });
  rmSync(join(engine.directory, ".env"));
  await engine.call("queue.claim", {});
  assert.deepEqual((await ended(engine, late)).error?.kind, "ENV_FILE_INVALID");
  assertUnknown(engine);
});

test("an env file that snapshots take as any file of the project is told of", async (t) => {
  const engine = await open(t, { TYPED });
  await ended(engine, await engine.call("run.start", secret));
  assert.deepEqual(engine.warnings, []);
  writeFileSync(join(engine.directory, "settings.txt"), `IN_FILE=${IN_FILE}\n`);
  const exposed = { ...secret, envFiles: ["settings.txt"] };
  await ended(engine, await engine.call("run.start", exposed));
  const [warning] = engine.warnings.splice(0);
  assert.match(warning ?? "", /snapshots hold settings\.txt with its values: name it in \.datmoignore/);
  writeFileSync(join(engine.directory, ".datmoignore"), "settings.txt\n");
  await engine.call("store.purge", { targets: ["settings.txt"] });
  await ended(engine, await engine.call("run.start", exposed));
  assert.deepEqual(engine.warnings, []);
  assertUnknown(engine);
});
