import assert from "node:assert/strict";
import { existsSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, test } from "node:test";
import { DATMO, makePlace, outcomeOf } from "../helpers/datmo-process.ts";

describe("init", () => {
  test("--force needs no input and takes the folder's name", async (t) => {
    const place = makePlace(t, "my digits");
    const { project, created } = await place.json("project.create", "init", "--force");
    assert.deepEqual([project.name, project.description, created], ["my digits", "", true]);
    assert.equal(project.directory, place.directory);
    assert.deepEqual(readdirSync(place.directory), [".datmo"]);
  });

  test("again changes only what is given, with --force too", async (t) => {
    const place = makePlace(t);
    const first = (await place.json("project.create", "init", "--name", "A", "--description", "B")).project;
    const { project, created } = await place.json("project.create", "init", "--force", "--name", "C");
    assert.deepEqual([project.id, project.name, project.description, created], [first.id, "C", "B", false]);
    assert.equal(project.createdAt, first.createdAt);
  });

  test("elsewhere with --project", async (t) => {
    const place = makePlace(t);
    place.write("sub/x", "");
    await place.ok("init", "--force", "--project", "sub");
    assert.ok(existsSync(join(place.directory, "sub/.datmo")));
    assert.equal((await place.datmo(["status"])).code, 3);
  });
});

test("every command works from a folder below the project", async (t) => {
  const place = makePlace(t);
  await place.ok("init", "--force");
  place.write("a/b/x", "1");
  const below = { directory: join(place.directory, "a/b") };
  for (const argv of [
    ["status"],
    ["run", "true"],
    ["ls"],
    ["snapshot", "create", "-m", "x", "--path", "x"],
    ["snapshot", "ls"],
  ]) {
    assert.equal((await place.datmo(argv, below)).code, 0, argv.join(" "));
  }
});

test("status follows the work: unsaved, saved, after a run", async (t) => {
  const place = makePlace(t);
  await place.ok("init", "--force");
  place.write("train.py", "1\n");
  const fresh = await place.json("project.status", "status");
  assert.deepEqual([fresh.clean, fresh.changes], [false, [{ path: "train.py", status: "added" }]]);
  const { snapshot } = await place.json("snapshot.create", "snapshot", "create", "-m", "one");
  const saved = await place.json("project.status", "status");
  assert.deepEqual([saved.clean, saved.current?.id, saved.newestUser?.id], [true, snapshot.id, snapshot.id]);
  await place.ok("run", "echo 2 > out.txt");
  const after = await place.json("project.status", "status");
  assert.equal(after.clean, true);
  assert.equal(after.newestUser?.id, snapshot.id);
  assert.notEqual(after.newestAutomatic, undefined);
  assert.equal(after.current?.id, after.newestAutomatic?.id);
});

test("cleanup needs a yes or --yes, and leaves the user's files", async (t) => {
  const place = makePlace(t);
  await place.ok("init", "--force");
  place.write("mine.txt", "mine");
  const refused = await place.datmo(["cleanup"]);
  assert.equal(refused.code, 4);
  assert.match(refused.stderr, /Nothing was removed\. Add --yes/);
  assert.equal((await place.datmo(["cleanup", "--json"])).code, 2);
  await place.ok("cleanup", "--yes");
  assert.deepEqual(readdirSync(place.directory), ["mine.txt"]);
});

test("stock sqlite3's copy is refreshed by sync", async (t) => {
  const place = makePlace(t);
  await place.ok("init", "--force");
  await place.ok("run", "true");
  const { sqlitePath, records } = await place.json("store.sync", "sync");
  assert.ok(existsSync(sqlitePath));
  assert.ok(records >= 2);
});

test("engine --stdio is the engine: it shakes hands and leaves at the end of input", async (t) => {
  const place = makePlace(t);
  await place.ok("init", "--force");
  const child = place.start(["engine", "--stdio"]);
  const frame = (message: object): string => {
    const text = JSON.stringify({ jsonrpc: "2.0", ...message });
    return `Content-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`;
  };
  const params = { protocolVersion: 1, client: { name: "test", version: "0" } };
  child.stdin.write(frame({ id: 1, method: "initialize", params }));
  child.stdin.write(frame({ method: "initialized", params: {} }));
  child.stdin.end(frame({ id: 2, method: "project.get", params: {} }));
  const { code, stdout } = await outcomeOf(child);
  assert.equal(code, 0);
  assert.match(stdout, /^Content-Length: \d+\r\n\r\n\{"jsonrpc":"2.0","id":1,"result":\{"protocolVersion":1/);
  assert.match(stdout, /"id":2,"result":\{"project":\{"id"/);
});

test("DATMO_ENGINE names another engine, which is a process of its own", async (t) => {
  const place = makePlace(t);
  await place.ok("init", "--force");
  const variables = { DATMO_ENGINE: join(dirname(DATMO), "engine.js") };
  const { code, stdout } = await place.datmo(["run", "--name", "other", "echo hi; exit 4"], { variables });
  assert.deepEqual([code, stdout], [4, "hi\n"]);
  const missing = await place.datmo(["ls"], { variables: { DATMO_ENGINE: "/nonexistent/engine.js" } });
  assert.equal(missing.code, 70);
  assert.match(
    missing.stderr,
    /^error: The datmo engine could not be started: .*\/nonexistent.*\nhint: DATMO_ENGINE names it/,
  );
});
