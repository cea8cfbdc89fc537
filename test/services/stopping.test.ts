import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { isDatmoError } from "../../src/protocol/errors.ts";
import { openTestEngine, removeTestEngine, type TestEngine } from "../helpers/engine.ts";

let engine: TestEngine;

before(async () => {
  engine = await openTestEngine();
  for (let folder = 0; folder < 20; folder++) {
    await mkdir(join(engine.directory, `d${folder}`));
    for (let file = 0; file < 50; file++)
      await writeFile(join(engine.directory, `d${folder}`, `${file}.txt`), `${folder} ${file}\n`);
  }
});
after(() => removeTestEngine(engine));

async function openId(): Promise<string> {
  for (;;) {
    const names = await readdir(join(engine.directory, ".datmo", "open"));
    const name = names.find((item) => item.endsWith(".json"));
    if (name) return name.slice(0, -".json".length);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

test("a run that is stopped while it is being prepared does not run", async () => {
  const marker = join(engine.directory, "ran");
  const starting = engine.call("run.start", { command: `sleep 1; echo > ${marker}`, isolated: true });
  const started = starting.then(
    () => "started",
    (error: unknown) => (isDatmoError(error) ? error.kind : String(error)),
  );
  const id = await openId();
  const other = await openTestEngine({ directory: engine.directory });
  // Its folder is there a moment before its record is.
  while (!(await other.call("run.list", {})).items.some((run) => run.id === id)) {
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  const record = await other.call("run.stop", { id });
  assert.equal(record.runs[0]?.status, "stopped");
  // However fast it was prepared: it did not come to its end.
  assert.ok(["CANCELLED", "started"].includes(await started));
  assert.equal(existsSync(marker), false);
  assert.equal((await engine.call("run.wait", { id })).run.exitCode === 0, false);
  await other.close();
});

test("a wish to stop that comes after the end of the command changes nothing", async () => {
  const { run } = await engine.call("run.start", { command: "exit 3" });
  const task = join(engine.directory, ".datmo", "tasks", run.id);
  while (!existsSync(join(task, "exit.json"))) await new Promise((resolve) => setTimeout(resolve, 1));
  const late = new Date(Date.now() + 60_000).toISOString();
  await writeFile(join(task, "stop.json"), JSON.stringify({ at: late }));
  const ended = (await engine.call("run.wait", { id: run.id })).run;
  assert.deepEqual([ended.status, ended.exitCode], ["failed", 3]);
});
