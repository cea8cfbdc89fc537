import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
  linkSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { holdFolder } from "../../../src/util/safe-files.ts";
import { config, lines, makeFolder, spoolHeader } from "./helpers.ts";

test("links in the journal, spool and reply folders are not followed", async (t) => {
  const { base, task, tail, problems } = makeFolder(t);
  const outside = join(base, "outside.jsonl");
  writeFileSync(outside, lines(config(1)));
  writeFileSync(join(base, "outside.bin"), spoolHeader());
  symlinkSync(outside, join(task, "journal", "a.jsonl"));
  symlinkSync("/dev/zero", join(task, "journal", "b.jsonl"));
  symlinkSync(join(base, "outside.bin"), join(task, "spool", "a.bin"));
  symlinkSync(outside, join(task, "reply", "a.jsonl"));
  assert.deepEqual(await tail.readJournal(), []);
  assert.deepEqual(await tail.spools(), []);
  await assert.rejects(tail.reply("a", { id: "1" }), { kind: "TASK_FILE_INVALID" });
  assert.equal(readFileSync(outside, "utf8"), lines(config(1)));
  assert.equal(problems.length, 3);
  await tail.readJournal();
  assert.equal(problems.length, 3);
});

test("folders that are links are not entered", async (t) => {
  const { base, task, tail, problems } = makeFolder(t);
  const outside = join(base, "outside");
  mkdirSync(outside);
  writeFileSync(join(outside, "a.jsonl"), lines(config(1)));
  writeFileSync(join(outside, "a.bin"), spoolHeader());
  for (const name of ["journal", "spool", "reply"]) {
    rmSync(join(task, name), { recursive: true });
    symlinkSync(outside, join(task, name));
  }
  assert.deepEqual(await tail.readJournal(), []);
  assert.deepEqual(await tail.spools(), []);
  await assert.rejects(tail.reply("new", { id: "1" }), { kind: "TASK_FILE_INVALID" });
  assert.equal(problems.length, 2);
});

test("a task folder that became a link is not entered", async (t) => {
  const { base, task, tail } = makeFolder(t);
  renameSync(task, join(base, "real"));
  symlinkSync(join(base, "real"), task);
  writeFileSync(join(base, "real", "output.log"), "secret");
  assert.equal((await tail.readOutput(0, 100)).length, 0);
  assert.deepEqual(await tail.readJournal(), []);
});

test("a folder that is swapped while it is held stays the one that was opened", async (t) => {
  const { base, task } = makeFolder(t);
  writeFileSync(join(task, "journal", "a"), "first");
  const folder = await holdFolder(join(task, "journal"));
  mkdirSync(join(base, "evil"));
  writeFileSync(join(base, "evil", "a"), "second");
  renameSync(join(task, "journal"), join(base, "moved"));
  symlinkSync(join(base, "evil"), join(task, "journal"));
  assert.equal(readFileSync(folder!.at("a"), "utf8"), "first");
  assert.deepEqual(await folder!.names(10), ["a"]);
  await folder!.close();
});

test("pipes, sockets, devices and folders are not read, and nobody waits for them", async (t) => {
  const { task, tail, problems } = makeFolder(t);
  execFileSync("mkfifo", [
    join(task, "journal", "fifo.jsonl"),
    join(task, "spool", "fifo.bin"),
    join(task, "output.log"),
  ]);
  mkdirSync(join(task, "journal", "folder.jsonl"));
  const { createServer } = await import("node:net");
  const server = createServer().listen(join(task, "journal", "socket.jsonl"));
  t.after(() => server.close());
  await new Promise((resolve) => server.once("listening", resolve));
  assert.deepEqual(await tail.readJournal(), []);
  assert.deepEqual(await tail.spools(), []);
  assert.equal(await tail.outputSize(), 0);
  assert.equal((await tail.readOutput(0, 10)).length, 0);
  assert.equal(problems.filter((text) => /not a regular file/.test(text)).length, 5, problems.join("\n"));
});

test("names that are not bare are not looked at", async (t) => {
  const { task, tail } = makeFolder(t);
  for (const name of [".hidden.jsonl", "a b.jsonl", "a\n.jsonl", "é.jsonl", "-x.jsonl", "plain.txt"]) {
    writeFileSync(join(task, "journal", name), lines(config(1)));
  }
  assert.deepEqual(await tail.readJournal(), []);
  for (const writer of ["../x", "a/b", "", ".", "a\0b"]) {
    await assert.rejects(tail.reply(writer, {}), { kind: "TASK_FILE_INVALID" });
  }
});

test("only as many files are looked at as the limit says, and it is told", async (t) => {
  const { tail, write, problems } = makeFolder(t, { limits: { files: 5 } });
  for (let n = 0; n < 8; n++) write(`w${n}.jsonl`, lines(config(n)));
  assert.equal((await tail.readJournal()).length, 5);
  assert.match(problems[0] ?? "", /more than 5 files/);
});

test("a sparse file of a terabyte costs neither memory nor time", async (t) => {
  const { task, tail } = makeFolder(t);
  const path = join(task, "journal", "huge.jsonl");
  writeFileSync(path, lines(config(1)));
  truncateSync(path, 2 ** 40);
  const before = process.memoryUsage.rss();
  assert.equal((await tail.readJournal()).length, 1);
  assert.equal((await tail.readJournal()).length, 0);
  assert.ok(process.memoryUsage.rss() - before < 100_000_000);
});

test("JSON that would set a prototype stays data", async (t) => {
  const { tail, write } = makeFolder(t);
  write("a.jsonl", '{"v":1,"type":"config","at":"x","config":{"__proto__":{"polluted":true}}}\n');
  const [record] = await tail.readJournal();
  assert.equal(JSON.stringify(record?.line["config"]), '{"__proto__":{"polluted":true}}');
  assert.equal(({} as Record<string, unknown>)["polluted"], undefined);
});

test("a hard link is a file like any other", async (t) => {
  const { base, task, tail } = makeFolder(t);
  writeFileSync(join(base, "x"), lines(config(1)));
  linkSync(join(base, "x"), join(task, "journal", "x.jsonl"));
  assert.equal((await tail.readJournal()).length, 1);
});
