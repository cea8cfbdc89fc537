import assert from "node:assert/strict";
import { appendFileSync, chmodSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { makeFolder, spoolHeader } from "./helpers.ts";

test("output is read by offset, as much as is asked for", async (t) => {
  const { task, tail } = makeFolder(t);
  assert.equal(await tail.outputSize(), 0);
  assert.equal((await tail.readOutput(0, 10)).length, 0);
  appendFileSync(join(task, "output.log"), "0123456789");
  assert.equal(await tail.outputSize(), 10);
  assert.equal((await tail.readOutput(0, 4)).toString(), "0123");
  assert.equal((await tail.readOutput(4, 100)).toString(), "456789");
  assert.equal((await tail.readOutput(10, 100)).length, 0);
  assert.equal((await tail.readOutput(50, 100)).length, 0);
  appendFileSync(join(task, "output.log"), "ab");
  assert.equal((await tail.readOutput(10, 100)).toString(), "ab");
});

test("answers are whole lines, one after the other, in a file of the writer's", async (t) => {
  const { task, tail } = makeFolder(t);
  rmSync(join(task, "reply"), { recursive: true });
  await tail.reply("w1", { id: "1", result: { text: "a\nb" } });
  await tail.reply("w1", { id: "2" });
  await tail.reply("w2", { id: "3" });
  assert.equal(
    readFileSync(join(task, "reply", "w1.jsonl"), "utf8"),
    '{"id":"1","result":{"text":"a\\nb"}}\n{"id":"2"}\n',
  );
  assert.equal(readFileSync(join(task, "reply", "w2.jsonl"), "utf8"), '{"id":"3"}\n');
  assert.equal(statSync(join(task, "reply")).mode & 0o777, 0o700);
  assert.equal(statSync(join(task, "reply", "w1.jsonl")).mode & 0o777, 0o600);
});

test("an answer after one that a full disk tore is whole", async (t) => {
  const { task, tail } = makeFolder(t);
  writeFileSync(join(task, "reply", "w.jsonl"), '{"id":"1"}\n{"id":"2","res');
  await tail.reply("w", { id: "3" });
  assert.equal(
    readFileSync(join(task, "reply", "w.jsonl"), "utf8"),
    '{"id":"1"}\n{"id":"2","res\n{"id":"3"}\n',
  );
});

test("a task folder that is not there is empty, and cannot be answered into", async (t) => {
  const { task, tail, problems } = makeFolder(t);
  rmSync(task, { recursive: true });
  assert.deepEqual(await tail.readJournal(), []);
  assert.deepEqual(await tail.spools(), []);
  assert.equal((await tail.readOutput(0, 1)).length, 0);
  await assert.rejects(tail.reply("w", {}), { kind: "TASK_FILE_INVALID" });
  assert.deepEqual(problems, []);
});

test("spools of this run are listed; ones without a header yet wait, others are told", async (t) => {
  const { task, tail, problems } = makeFolder(t);
  const spool = join(task, "spool");
  writeFileSync(join(spool, "b.bin"), Buffer.concat([spoolHeader(), Buffer.alloc(1000)]));
  writeFileSync(join(spool, "a.bin"), spoolHeader());
  writeFileSync(join(spool, "short.bin"), spoolHeader().subarray(0, 40));
  writeFileSync(join(spool, "reserved.bin"), Buffer.alloc(4096));
  writeFileSync(join(spool, "notes.txt"), "x");
  assert.deepEqual(await tail.spools(), [
    { writer: "a", path: join(spool, "a.bin") },
    { writer: "b", path: join(spool, "b.bin") },
  ]);
  assert.deepEqual(problems, []);
  const damaged = spoolHeader();
  damaged.writeUInt8(7, 20);
  writeFileSync(join(spool, "damaged.bin"), damaged);
  writeFileSync(join(spool, "other.bin"), spoolHeader("z".repeat(26)));
  writeFileSync(join(spool, "text.bin"), "x".repeat(100));
  assert.equal((await tail.spools()).length, 2);
  assert.match(problems[0] ?? "", /damaged\.bin .*header is damaged/);
  assert.match(problems[1] ?? "", /other\.bin .*another run/);
  assert.match(problems[2] ?? "", /text\.bin .*not a spool file/);
});

test("a spool folder elsewhere must be this user's alone, and may hold spools of other runs", async (t) => {
  const { base } = makeFolder(t);
  const elsewhere = join(base, "elsewhere");
  const { tail, problems } = makeFolder(t, { spoolDirectory: elsewhere });
  assert.deepEqual(await tail.spools(), []);
  mkdirSync(elsewhere, { mode: 0o700 });
  writeFileSync(join(elsewhere, "mine.bin"), spoolHeader());
  writeFileSync(join(elsewhere, "other.bin"), spoolHeader("z".repeat(26)));
  assert.deepEqual(await tail.spools(), [{ writer: "mine", path: join(elsewhere, "mine.bin") }]);
  assert.deepEqual(problems, []);
  chmodSync(elsewhere, 0o755);
  assert.deepEqual(await tail.spools(), []);
  assert.match(problems[0] ?? "", /others may enter it/);
});
