import assert from "node:assert/strict";
import { test } from "node:test";
import { makePlace } from "../helpers/datmo-process.ts";

test("deleting, collecting, measuring and removing for good, as a user does it", async (t) => {
  const place = makePlace(t);
  place.write("train.py", "print(1)\n");
  place.write("keys/api.pem", "not to be seen\n");
  await place.ok("init", "--force");
  await place.ok("run", "--", "sh", "-c", "echo made > $DATMO_TASK_DIR/made.txt");
  await place.ok("snapshot", "create", "-m", "first");
  const { items } = await place.json("run.list", "run", "ls");
  const runId = items[0]?.id ?? "";

  const usage = await place.json("store.usage", "du");
  assert.ok(usage.bytes > 0);
  assert.equal(usage.runs[0]?.id, runId);
  assert.match(await place.ok("du"), /alone: what deleting it/);

  await place.ok("delete", runId);
  const dry = await place.json("store.gc", "gc", "--dry-run");
  const real = await place.json("store.gc", "gc");
  assert.deepEqual({ ...real, dryRun: true }, dry);
  assert.ok(real.bytes > 0);
  assert.match(await place.ok("gc"), /Nothing is there that nothing needs/);
  const undelete = await place.datmo(["undelete", runId]);
  assert.equal(undelete.code, 4);
  assert.match(undelete.stderr, /was deleted and then collected/);

  const asked = await place.datmo(["purge", "keys"]);
  assert.equal(asked.code, 4);
  assert.match(asked.stderr, /keys\/api\.pem[\s\S]*Nothing was removed\. Add --yes/);
  const purged = await place.datmo(["purge", "keys", "--yes"]);
  assert.match(purged.stdout, /Removed for good: 1 file; 1 snapshot written anew/);
  assert.match(purged.stderr, /Still in the project's folder.*keys\/api\.pem\n.*\.datmoignore/);
  assert.equal((await place.datmo(["purge", "keys", "--yes"])).code, 4);
  assert.match(await place.ok("fsck"), /Everything can be read/);
});
