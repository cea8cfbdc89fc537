import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, readFile, rename, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { isDatmoError } from "../../src/protocol/errors.ts";
import type { Run, RunStartParams } from "../../src/protocol/types.ts";
import type { OpenProject } from "../../src/services/project/open-project.ts";
import { createRunFields } from "../../src/services/runs/run-fields.ts";
import { openTestEngine, removeTestEngine, type TestEngine, temporaryFolder } from "../helpers/engine.ts";

let engine: TestEngine;

before(async () => {
  engine = await openTestEngine({ variables: { ...process.env, API_KEY: undefined } });
});
after(() => removeTestEngine(engine));

async function run(params: RunStartParams): Promise<Run> {
  const started = await engine.call("run.start", params);
  return (await engine.call("run.wait", { id: started.run.id })).run;
}

async function refusal(work: Promise<unknown>): Promise<string> {
  try {
    await work;
  } catch (error) {
    return isDatmoError(error) ? `${error.kind}: ${error.message}` : String(error);
  }
  return "nothing thrown";
}

test("a config with odd keys is given to the command and kept as it is, and harms nobody", async () => {
  const config = JSON.parse('{"__proto__":{"polluted":1},"a/b":{"~":null},"":[],"constructor":1}');
  const ended = await run({ command: "cat $DATMO_CONFIG", config });
  assert.deepEqual(Object.keys(ended.config).sort(), ["", "__proto__", "a/b", "constructor"]);
  assert.equal(({} as Record<string, unknown>)["polluted"], undefined);
  assert.deepEqual(JSON.parse((await engine.call("run.logs", { id: ended.id })).text), config);
});

test("a config that cannot be kept is refused in a sentence, from wherever it comes", async () => {
  const deep = JSON.parse(`${'{"a":'.repeat(5000)}1${"}".repeat(5000)}`);
  const infinite = { lr: Number.POSITIVE_INFINITY };
  assert.match(await refusal(run({ command: "true", config: deep })), /^CONFIG_INVALID: .*deeper/);
  assert.match(await refusal(run({ command: "true", config: infinite })), /^CONFIG_INVALID: .*range/);
  const { run: recorded } = await engine.call("run.create", { snapshots: false });
  assert.match(await refusal(engine.call("run.create", { config: deep })), /^CONFIG_INVALID/);
  assert.match(
    await refusal(engine.call("config.log", { runId: recorded.id, config: deep })),
    /^CONFIG_INVALID/,
  );
  await engine.call("run.finish", { id: recorded.id, status: "succeeded" });
});

test("a pipe or folder called config.json is refused, not waited for", async () => {
  const path = join(engine.directory, "config.json");
  execFileSync("mkfifo", [path]);
  assert.match(await refusal(run({ command: "true" })), /config\.json .*no regular file/);
  await rm(path);
  await mkdir(path);
  assert.match(await refusal(run({ command: "true" })), /config\.json .*no regular file/);
  await rm(path, { recursive: true });
});

test("what a run makes of its own files cannot hang or mislead the engine", async () => {
  const outside = join(await temporaryFolder(), "other.json");
  await writeFile(outside, '{"stolen": 1}');
  const ended = await run({
    command: `cd $DATMO_TASK_DIR && rm config.json && mkfifo config.json && ln -s ${outside} metrics.json`,
    config: { kept: 1 },
  });
  assert.deepEqual([ended.status, ended.config, ended.metrics], ["succeeded", { kept: 1 }, {}]);
});

test("what cannot be kept in its folder costs a run none of its other files", async () => {
  const traps = "mkfifo pipe && ln -s /etc/passwd out && echo > 'GIT~1' && echo > \"$(printf '\\377')\"";
  const command = `cd $DATMO_TASK_DIR && ${traps} && echo x > made.txt`;
  const ended = await run({ command });
  assert.equal(ended.error, undefined);
  assert.ok(ended.afterSnapshotId);
  const { items } = await engine.call("file.list", { runId: ended.id });
  assert.deepEqual(
    items.map(({ path }) => path),
    ["made.txt"],
  );
});

test("what looks like a credential is told, not kept, and asked for again", async () => {
  const secrets = { password: "hunter2-Correct9", variable: "zXk29fQpL0vWm3TtBa81" };
  const original = await run({
    command: "echo {password} $API_KEY",
    config: { password: secrets.password },
    variables: { API_KEY: secrets.variable },
  });
  assert.match(engine.warnings.at(-1) ?? "", /credential is not kept: API_KEY, password$/);
  const task = join(engine.directory, ".datmo", "tasks", original.id);
  assert.equal(await readFile(join(task, "config.json"), "utf8"), '{"password":"***"}\n');
  const { id } = original;
  assert.match(
    await refusal(engine.call("run.rerun", { id })),
    /^RUN_NOT_RERUNNABLE: .* needs password, .*-c password=/,
  );
  const again = await engine.call("run.rerun", { id, config: { password: secrets.password } });
  assert.match(engine.warnings.join("\n"), /missing in this rerun: API_KEY/);
  await engine.call("run.wait", { id: again.run.id });
  // Not `***`, which a server would take for a wrong password.
  const { text } = await engine.call("run.logs", { id: again.run.id });
  assert.equal(text, `${secrets.password}\n`);
});

test("a command line that held a credential is not run again without it", async () => {
  const command = ["true", "--token", "ghp_aB3dE5gH7jK9mN1pQ3sT5vX7zA2cE4gI6kM8"];
  const { id } = await run({ command });
  assert.match(await refusal(engine.call("run.rerun", { id })), /^RUN_NOT_RERUNNABLE: .*held a credential/);
  const stars = await run({ command: "echo '***'" });
  await engine.call("run.wait", { id: (await engine.call("run.rerun", { id: stars.id })).run.id });
});

test("a rerun whose before-snapshot was deleted says so", async () => {
  const { id, beforeSnapshotId } = await run({ command: "true", config: { only: "here" } });
  await engine.call("snapshot.delete", { ids: [beforeSnapshotId as string], force: true });
  assert.match(await refusal(engine.call("run.rerun", { id })), /before-snapshot was deleted/);
});

test("fields that could not be written go with the next write, as they are then", async () => {
  const written: object[] = [];
  let full = true;
  const project = {
    records: {
      async commit([change]: [{ set: object }]) {
        if (full) throw new Error("full");
        written.push(change.set);
      },
    },
  } as unknown as OpenProject;
  const fields = createRunFields(project, "a", "", { old: 1 });
  await assert.rejects(fields.write({ status: "running", gone: 1 }));
  await assert.rejects(fields.write({ gone: null, startedAt: "now" }));
  full = false;
  await fields.write({ status: "failed" });
  await fields.write({ note: "x" });
  assert.deepEqual(written, [{ status: "failed", gone: null, startedAt: "now" }, { note: "x" }]);
});

test("a config value replaces an object and the reverse, at any depth", async () => {
  const committed: Record<string, unknown>[] = [];
  const records = { commit: async ([{ set }]: [{ set: Record<string, unknown> }]) => committed.push(set) };
  const fields = createRunFields({ records } as unknown as OpenProject, "a", "", {
    "config/a/b/c": 1,
    "config/ab": 2,
    "config/d": 3,
  });
  await fields.mergeConfig({ a: 5, d: { e: 6 } });
  assert.deepEqual(fields.config(), { a: 5, ab: 2, d: { e: 6 } });
  assert.deepEqual(committed, [{ "config/a/b/c": null, "config/d": null, "config/a": 5, "config/d/e": 6 }]);
});

test("a project that was half made is completed, and what is in it stays", async () => {
  const directory = await temporaryFolder();
  await mkdir(join(directory, ".datmo", "seg"), { recursive: true });
  await writeFile(join(directory, ".datmo", "seg", "note"), "mine\n");
  const other = await openTestEngine({ directory });
  const { created } = await other.call("project.create", {});
  assert.equal(created, true);
  await other.call("run.list", {});
  await other.close();
  await rm(join(directory, ".datmo", "format"));
  await symlink("nowhere", join(directory, ".datmo", "format.tmp"));
  const third = await openTestEngine({ directory });
  assert.match(await refusal(third.call("project.create", { directory: "none" })), /DIRECTORY_NOT_FOUND/);
  assert.equal(existsSync(join(directory, ".datmo", "seg", "note")), true);
  await removeTestEngine(third);
});

test("fsck names recorded snapshots that are not in the git store", async () => {
  const other = await openTestEngine();
  const { snapshot } = await other.call("snapshot.create", { message: "x" });
  await other.close();
  const git = join(other.directory, ".datmo", "git");
  await rename(git, `${git}-away`);
  const fresh = await openTestEngine({ directory: other.directory });
  const { clean, objects } = await fresh.call("store.fsck", {});
  assert.equal(clean, false);
  assert.deepEqual(
    objects.map((object) => object.snapshots),
    [[snapshot.id]],
  );
  await removeTestEngine(fresh);
});
