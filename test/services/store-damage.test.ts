import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { utimesSync } from "node:fs";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import { openTestEngine, removeTestEngine, type TestEngine } from "../helpers/engine.ts";

let engine: TestEngine;
const at = (...names: string[]): string => join(engine.directory, ...names);
const git = (...names: string[]): string => at(".datmo", "git", ...names);
const referenceOf = (id: string): string => git("refs", "datmo", "snapshots", id);

beforeEach(async () => {
  engine = await openTestEngine();
});
afterEach(() => removeTestEngine(engine));

/** Makes a file of the store look as old as what killed processes left. */
function age(path: string): void {
  const past = new Date(Date.now() - 7_200_000);
  utimesSync(path, past, past);
}

async function take(message: string, content: string): Promise<string> {
  await writeFile(at("a.py"), content);
  return (await engine.call("snapshot.create", { message })).snapshot.id;
}

function holds(object: string): boolean {
  return spawnSync("git", ["--git-dir", git(), "cat-file", "-e", object]).status === 0;
}

test("nothing is collected while the reference of a recorded snapshot is lost", async () => {
  await take("one", "1");
  const id = await take("two", "2");
  const commit = (await readFile(referenceOf(id), "utf8")).trim();
  await rm(referenceOf(id));
  await assert.rejects(engine.call("store.gc", {}), { kind: "SNAPSHOT_CORRUPT" });
  await assert.rejects(engine.call("store.gc", { dryRun: true }), { kind: "SNAPSHOT_CORRUPT" });
  await assert.rejects(engine.call("store.purge", { targets: ["a.py"] }), { kind: "SNAPSHOT_CORRUPT" });
  assert.ok(holds(commit));
  await writeFile(referenceOf(id), `${commit}\n`);
  await engine.call("store.gc", {});
  assert.deepEqual((await engine.call("store.fsck", {})).objects, []);
  await rm(referenceOf(id));
  await engine.call("snapshot.delete", { ids: [id] });
  await engine.call("store.gc", {});
  assert.equal(holds(commit), false);
});

test("a snapshot with a damaged reference can be deleted, and then collected", async () => {
  await take("one", "1");
  const id = await take("two", "2");
  await writeFile(referenceOf(id), "abc");
  await assert.rejects(engine.call("store.gc", {}), {
    kind: "STORE_DAMAGED",
    message: `What the project keeps is damaged: ${id} has a damaged reference.`,
  });
  await engine.call("snapshot.delete", { ids: [id] });
  await engine.call("store.gc", {});
  assert.equal((await engine.call("store.fsck", {})).clean, true);
});

test("a state is stored anew when the snapshot that held it cannot be read", async () => {
  const id = await take("one", "1");
  await rm(git("objects", "pack"), { recursive: true });
  await mkdir(git("objects", "pack"));
  const again = await engine.call("snapshot.create", { message: "again" });
  assert.equal(again.created, true);
  assert.notEqual(again.snapshot.id, id);
  await engine.call("snapshot.export", { id: again.snapshot.id, directory: at("..", `${id}-export`) });
  try {
    assert.equal(await readFile(at("..", `${id}-export`, "a.py"), "utf8"), "1");
  } finally {
    await rm(at("..", `${id}-export`), { recursive: true });
  }
  assert.equal((await engine.call("snapshot.create", { message: "more" })).snapshot.id, again.snapshot.id);
});

test("a pack whose index is lost stays, and git can bring it back", async () => {
  const id = await take("one", "1");
  const packs = await readdir(git("objects", "pack"));
  for (const name of packs) age(git("objects", "pack", name));
  for (const name of packs.filter((name) => name.endsWith(".idx"))) await rm(git("objects", "pack", name));
  await take("two", "2");
  await assert.rejects(engine.call("store.gc", {}), { kind: "STORE_DAMAGED", message: /is missing/ });
  const { objects } = await engine.call("store.fsck", {});
  for (const name of packs.filter((name) => name.endsWith(".pack"))) {
    assert.ok(objects.some(({ path, problem }) => path.endsWith(name) && problem.includes("git index-pack")));
    const { status } = spawnSync("git", ["--git-dir", git(), "index-pack", git("objects", "pack", name)]);
    assert.equal(status, 0);
  }
  assert.equal((await engine.call("store.fsck", {})).clean, true);
  assert.equal((await engine.call("snapshot.get", { id })).snapshot.message, "one");
});

test("an export that meets damage names the snapshot that it was asked for", async () => {
  const id = await take("one", "1");
  const { codeId } = (await engine.call("snapshot.get", { id })).snapshot;
  const options = { encoding: "utf8" } as const;
  const blob = spawnSync("git", ["--git-dir", git(), "rev-parse", `${codeId}:a.py`], options).stdout.trim();
  // Every object on its own, so that one of them can be lost.
  for (const name of await readdir(git("objects", "pack"))) {
    const content = await readFile(git("objects", "pack", name));
    await rm(git("objects", "pack", name));
    if (name.endsWith(".pack")) spawnSync("git", ["--git-dir", git(), "unpack-objects"], { input: content });
  }
  await rm(git("objects", blob.slice(0, 2), blob.slice(2)));
  // Another engine: this one has the pack open.
  const other = await openTestEngine({ directory: engine.directory });
  try {
    await assert.rejects(other.call("snapshot.export", { id, directory: at("..", `${id}-export`) }), {
      kind: "SNAPSHOT_CORRUPT",
      message: new RegExp(`^Snapshot ${id} cannot be read: object ${blob}`),
    });
  } finally {
    await other.close();
  }
});
