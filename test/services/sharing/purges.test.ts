import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { finishRun, sharedRecords, sharing } from "./sharing-fixture.ts";

test("what was removed for good goes from the remote and from whoever pulls", async (t) => {
  const { peer, remote } = sharing(t);
  const [a, b] = [await peer("a"), await peer("b")];
  writeFileSync(join(a.directory, "secret.txt"), "the password is swordfish\n");
  await a.call("snapshot.create", { message: "with the secret" });
  const { run } = await a.call("run.create", { name: "kept it", snapshots: false });
  await a.call("file.log", { runId: run.id, path: "secret.txt" });
  await finishRun(a, run.id);
  await a.call("store.push", { remote });
  await b.call("store.pull", { remote });
  const blob = execFileSync("git", ["hash-object", join(a.directory, "secret.txt")])
    .toString()
    .trim();
  const reaches = (): boolean =>
    execFileSync("git", ["-C", remote, "rev-list", "--objects", "--all"]).toString().includes(blob);
  assert.equal(reaches(), true);
  await a.call("store.purge", { targets: ["secret.txt"] } as never);
  await a.call("store.push", { remote });
  assert.equal(reaches(), false);
  await b.call("store.pull", { remote });
  assert.deepEqual(await sharedRecords(b.directory), await sharedRecords(a.directory));
  const here = execFileSync("git", [
    "--git-dir",
    join(b.directory, ".datmo/git"),
    "rev-list",
    "--objects",
    "--all",
  ]);
  assert.equal(here.toString().includes(blob), false);
  // What each copy tells of its own removal is news once.
  await b.call("store.push", { remote });
  assert.equal(reaches(), false);
  await a.call("store.pull", { remote });
  for (const engine of [a, b]) {
    assert.equal((await engine.call("store.push", { remote })).nothingNew, true);
    assert.equal((await engine.call("store.pull", { remote })).nothingNew, true);
  }
  const { items } = await a.call("run.list", {});
  assert.equal(items[0]?.from, undefined);
  for (const engine of [a, b]) assert.equal((await engine.call("store.fsck", {})).clean, true);
});
