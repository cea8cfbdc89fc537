import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync, readdirSync, readFileSync, utimesSync } from "node:fs";
import { mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import { inflateSync } from "node:zlib";
import { randomId } from "../../src/domain/ids.ts";
import { openTestEngine, removeTestEngine, type TestEngine } from "../helpers/engine.ts";

let engine: TestEngine;
const at = (...names: string[]): string => join(engine.directory, ...names);
const datmo = (...names: string[]): string => at(".datmo", ...names);

beforeEach(async () => {
  engine = await openTestEngine();
});
afterEach(() => removeTestEngine(engine));

async function take(message: string, paths?: string[]): Promise<string> {
  const params = { message, ...(paths ? { paths } : {}) };
  return (await engine.call("snapshot.create", params)).snapshot.id;
}

/** A run that leaves a file in its folder. */
async function run(text: string): Promise<string> {
  const command = `printf '${text}' > $DATMO_TASK_DIR/out.txt`;
  const { run: started } = await engine.call("run.start", { command });
  await engine.call("run.wait", { id: started.id });
  return started.id;
}

function stock(...args: string[]): string {
  const { status, stdout, stderr } = spawnSync("git", ["--git-dir", datmo("git"), ...args], {
    encoding: "utf8",
  });
  assert.equal(status, 0, stdout + stderr);
  return stdout;
}

async function assertSound(): Promise<void> {
  assert.deepEqual(await engine.call("store.fsck", {}), { clean: true, problems: [], objects: [] });
  stock("fsck", "--full", "--strict", "--no-dangling");
}

/** Files of `.datmo` (task folders apart) in which the text is: as it is, or in a git object. */
function placesOf(text: string): string[] {
  const found: string[] = [];
  const visit = (folder: string): void => {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) {
        if (path !== datmo("tasks")) visit(path);
        continue;
      }
      const content = readFileSync(path);
      if (content.includes(text) || streamsIn(content).some((part) => part.includes(text))) found.push(path);
    }
  };
  visit(datmo());
  return found;
}

/** Everything in a file that can be inflated. */
function streamsIn(content: Buffer): Buffer[] {
  const parts: Buffer[] = [];
  for (let start = 0; start + 2 < content.length; start++) {
    // The two bytes of a zlib header, whatever its window.
    if (((content[start] ?? 0) & 0x8f) !== 8 || content.readUInt16BE(start) % 31 !== 0) continue;
    try {
      parts.push(inflateSync(content.subarray(start), { maxOutputLength: 1 << 22 }));
    } catch {
      // No stream begins here.
    }
  }
  return parts;
}

const amount = (
  result: { collected: readonly { kind: string; count: number; bytes: number }[] },
  kind: string,
) => result.collected.find((item) => item.kind === kind);

test("a deleted run comes back until it is collected; then nothing of it is left but that it is gone", async () => {
  await writeFile(at("a.py"), "1");
  const kept = await run("kept");
  await writeFile(at("a.py"), "2");
  const gone = await run("gone");
  const { run: before } = await engine.call("run.get", { id: gone });
  await engine.call("run.delete", { ids: [gone] });
  await engine.call("run.undelete", { ids: [gone] });
  await engine.call("run.delete", { ids: [gone] });
  const dry = await engine.call("store.gc", { dryRun: true });
  assert.ok(existsSync(datmo("tasks", gone)));
  const real = await engine.call("store.gc", {});
  assert.deepEqual({ ...real, dryRun: true }, dry);
  assert.equal(amount(real, "runs")?.count, 1);
  assert.ok((amount(real, "runs")?.bytes ?? 0) > 0);
  assert.equal(amount(real, "snapshots")?.count, 2);
  assert.equal(existsSync(datmo("tasks", gone)), false);
  assert.equal(existsSync(datmo("series", gone)), false);
  await assert.rejects(engine.call("run.undelete", { ids: [gone] }), { kind: "RUN_COLLECTED" });
  await assert.rejects(engine.call("run.get", { id: gone }), { kind: "RUN_COLLECTED" });
  assert.deepEqual((await engine.call("run.list", { deleted: true })).items, []);
  const ids = (await engine.call("snapshot.list", { all: true })).items.map(({ id }) => id);
  assert.equal(ids.includes(before.afterSnapshotId ?? ""), false);
  assert.equal((await engine.call("run.get", { id: kept })).files[0]?.path, "out.txt");
  await assertSound();
  assert.equal((await engine.call("store.gc", {})).bytes, 0);
});

test("a deleted snapshot is never given out again; the same state makes a new one", async () => {
  await writeFile(at("a"), "1");
  const first = await take("first");
  assert.equal(await take("again"), first);
  await engine.call("snapshot.delete", { ids: [first] });
  const second = await take("second");
  assert.notEqual(second, first);
  assert.equal(await take("third"), second);
  await engine.call("store.gc", {});
  assert.equal(await take("fourth"), second);
  await assertSound();
});

test("folders without a record go once they are old; what was moved aside never does", async () => {
  await take("first");
  const [old, young] = [randomId(), randomId()];
  for (const id of [old, young]) {
    await mkdir(datmo("tasks", id), { recursive: true });
    await writeFile(datmo("tasks", id, "output.log"), "text");
  }
  await mkdir(datmo("series", old), { recursive: true });
  await mkdir(datmo("isolated", randomId(), "project"), { recursive: true });
  await mkdir(datmo("displaced", "x"), { recursive: true });
  await writeFile(datmo("displaced", "x", "mine"), "mine");
  const past = new Date(Date.now() - 7_200_000);
  for (const path of [datmo("tasks", old), datmo("series", old)]) utimesSync(path, past, past);
  const result = await engine.call("store.gc", {});
  assert.deepEqual(amount(result, "folders"), { kind: "folders", count: 3, bytes: 4 });
  assert.deepEqual(result.displaced, { count: 1, bytes: 4 });
  assert.deepEqual([existsSync(datmo("tasks", old)), existsSync(datmo("tasks", young))], [false, true]);
  assert.deepEqual(await readdir(datmo("isolated")), []);
  assert.ok(existsSync(datmo("displaced", "x", "mine")));
});

test("a list of data goes when no run names it, and not while one does", async () => {
  await mkdir(at("train"));
  const lists: string[] = [];
  for (const content of ["one", "two"]) {
    await writeFile(at("train", "a"), content);
    const started = await engine.call("run.start", { command: "true", data: [{ source: "train" }] });
    const { run: ended } = await engine.call("run.wait", { id: started.run.id });
    const list = datmo("data", `${ended.dataContents?.[0]?.sha256}.gz`);
    const past = new Date(Date.now() - 7_200_000);
    utimesSync(list, past, past);
    lists.push(list);
    if (content === "one") await engine.call("run.delete", { ids: [ended.id] });
  }
  // A deleted run may come back until it is collected, and its list goes after it.
  for (const _ of lists) await engine.call("store.gc", {});
  assert.deepEqual(
    lists.map((path) => existsSync(path)),
    [false, true],
  );
});

test("usage: the bytes of runs, snapshots and parts", async () => {
  await writeFile(at("a"), randomBytes(20_000).toString("hex"));
  const id = await run("x".repeat(500));
  const usage = await engine.call("store.usage", {});
  const mine = usage.runs.find((item) => item.id === id);
  assert.ok((mine?.taskBytes ?? 0) >= 500);
  assert.ok(usage.snapshots.every(({ bytes }) => bytes >= 40_000));
  assert.equal(
    usage.bytes,
    usage.parts.reduce((sum, { bytes }) => sum + bytes, 0),
  );
  assert.deepEqual(
    usage.parts.map(({ bytes }) => bytes),
    usage.parts.map(({ bytes }) => bytes).sort((a, b) => b - a),
  );
});

test("a secret in code, files and a run's files is nowhere after a purge; everything else stays", async () => {
  const secret = "TOPSECRET-7c1d".repeat(9);
  await writeFile(at("a.py"), "print(1)");
  await mkdir(at("conf"));
  await writeFile(at("conf", "key.pem"), secret);
  await writeFile(at("copy-of-it"), secret);
  const first = await take("first", ["conf/key.pem>keys/key.pem", "a.py"]);
  await writeFile(at("a.py"), "print(2)");
  const second = await take("second");
  await rm(at("conf"), { recursive: true });
  await rm(at("copy-of-it"));
  const clean = await take("clean");
  const cleanCode = (await engine.call("snapshot.get", { id: clean })).snapshot.codeId;
  const plan = await engine.call("store.purge", { targets: ["conf/*.pem"], dryRun: true });
  assert.deepEqual([...plan.snapshots].sort(), [first, second].sort());
  assert.notDeepEqual(placesOf(secret), []);
  const result = await engine.call("store.purge", { targets: ["conf/*.pem"] });
  assert.deepEqual({ ...result, dryRun: true, id: undefined }, { ...plan, id: undefined });
  assert.deepEqual(placesOf(secret), []);
  const after = await engine.call("snapshot.get", { id: first });
  assert.equal(after.snapshot.message, "first");
  assert.deepEqual(
    after.snapshot.files.map(({ path }) => path),
    ["a.py"],
  );
  assert.deepEqual(stock("ls-tree", "-r", "--name-only", after.snapshot.codeId).trim().split("\n"), ["a.py"]);
  assert.equal((await engine.call("snapshot.get", { id: clean })).snapshot.codeId, cleanCode);
  const manifest = JSON.parse(stock("show", `refs/datmo/snapshots/${first}:manifest.json`));
  assert.deepEqual(manifest.purged, ["code/conf/key.pem", "code/copy-of-it", "files/keys/key.pem"]);
  assert.equal(manifest.code.tree, after.snapshot.codeId);
  await assertSound();
  await assert.rejects(engine.call("store.purge", { targets: ["conf/*.pem"] }), { kind: "NOTHING_TO_PURGE" });
  assert.equal(await take("still the same"), clean);
});

test("a file of a run goes, also from its record, and what stays in the run's folder and the project is told", async () => {
  const secret = "RUNSECRET-99aa";
  await writeFile(at("out.txt"), "another");
  const id = await run(secret);
  const result = await engine.call("store.purge", { targets: ["out.txt"] });
  assert.deepEqual(result.stillThere, ["out.txt"]);
  assert.deepEqual(result.taskFiles, [{ runId: id, path: "out.txt" }]);
  assert.deepEqual((await engine.call("run.get", { id })).files, []);
  await assertSound();
});

test("a snapshot goes for good with what only it holds", async () => {
  await writeFile(at("shared"), "shared content");
  const first = await take("first");
  await writeFile(at("only"), "ONLYSECRET-31");
  const second = await take("second");
  await rm(at("only"));
  await writeFile(at("later"), "x");
  const third = await take("third");
  const result = await engine.call("store.purge", { targets: [second] });
  assert.deepEqual(result.removedSnapshots, [second]);
  assert.deepEqual(placesOf("ONLYSECRET-31"), []);
  const ids = (await engine.call("snapshot.list", {})).items.map(({ id }) => id);
  assert.deepEqual(ids.sort(), [first, third].sort());
  assert.ok(stock("show", `${(await engine.call("snapshot.get", { id: third })).snapshot.codeId}:shared`));
  await assertSound();
});

test("a purge that was cut off is finished by whoever comes next", async () => {
  await writeFile(at("key"), "CUTSECRET-55");
  await take("first");
  await engine.close();
  // As after the record and before anything else.
  await writeFile(datmo("git", "datmo", "purge.json"), "{}\n");
  engine = await openTestEngine({ directory: engine.directory });
  assert.notDeepEqual(placesOf("CUTSECRET-55"), []);
  await engine.call("run.list", {});
  assert.equal(existsSync(datmo("git", "datmo", "purge.json")), false);
});

test("damage is told with the snapshots and runs that it touches", async () => {
  await writeFile(at("model.bin"), randomBytes(4 * 1024 * 1024));
  const id = await run("x");
  const { run: made } = await engine.call("run.get", { id });
  const lfs = datmo("git", "lfs", "objects");
  const file = readdirSync(lfs, { recursive: true, encoding: "utf8" }).find((name) =>
    /[0-9a-f]{64}$/.test(name),
  );
  await rm(join(lfs, file ?? ""));
  const result = await engine.call("store.fsck", {});
  assert.equal(result.clean, false);
  assert.deepEqual(result.objects[0]?.runs, [id]);
  assert.ok(result.objects[0]?.snapshots.includes(made.beforeSnapshotId ?? ""));
});

test("a kept file goes by the place where it lay as well as by its name", async () => {
  const secret = "KEPTSECRET-41bb";
  await mkdir(at("conf"));
  await writeFile(at(".gitignore"), "conf/\n");
  await writeFile(at("conf", "key.pem"), `${secret} old`);
  const first = await take("first", ["conf/key.pem"]);
  await writeFile(at("conf", "key.pem"), `${secret} new`);
  const second = await take("second", ["conf/key.pem>keys/mine.pem"]);
  const result = await engine.call("store.purge", { targets: ["conf/"] });
  assert.deepEqual([...result.snapshots].sort(), [first, second].sort());
  assert.deepEqual(result.paths, ["conf/key.pem"]);
  assert.deepEqual(placesOf(secret), []);
  for (const id of [first, second]) {
    assert.deepEqual((await engine.call("snapshot.get", { id })).snapshot.files, []);
  }
  await assertSound();
});
