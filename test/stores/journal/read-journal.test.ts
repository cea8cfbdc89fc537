import assert from "node:assert/strict";
import { appendFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { config, type Folder, lines, makeFolder } from "./helpers.ts";

async function numbers({ tail }: Folder): Promise<string[]> {
  const records = await tail.readJournal();
  return records.map(({ writer, line }) => `${writer}:${(line["config"] as { n: number }).n}`);
}

test("each line is answered once, in the order of its file", async (t) => {
  const folder = makeFolder(t);
  assert.deepEqual(await numbers(folder), []);
  folder.write("a.jsonl", lines(config(1), config(2)));
  folder.write("b.jsonl", lines(config(3)));
  assert.deepEqual(await numbers(folder), ["a:1", "a:2", "b:3"]);
  assert.deepEqual(await numbers(folder), []);
  folder.write("a.jsonl", lines(config(4)));
  assert.deepEqual(await numbers(folder), ["a:4"]);
  assert.deepEqual(folder.problems, []);
});

test("a line counts once its newline is there", async (t) => {
  const folder = makeFolder(t);
  const text = lines(config(1), config(2));
  for (let at = 0; at < text.length; at += 7) {
    folder.write("a.jsonl", text.slice(at, at + 7));
    const complete = text.slice(0, at + 7).split("\n").length - 1;
    const before = text.slice(0, at).split("\n").length - 1;
    assert.equal((await folder.tail.readJournal()).length, complete - before);
  }
  assert.deepEqual(folder.problems, []);
});

test("a character that is cut between two writes arrives whole", async (t) => {
  const folder = makeFolder(t);
  const bytes = Buffer.from(lines({ ...config(1), config: { n: "é\u{1f600}" } }));
  const cut = bytes.indexOf(0xf0) + 2;
  appendFileSync(join(folder.task, "journal", "a.jsonl"), bytes.subarray(0, cut));
  assert.deepEqual(await numbers(folder), []);
  appendFileSync(join(folder.task, "journal", "a.jsonl"), bytes.subarray(cut));
  assert.deepEqual(await numbers(folder), ["a:é\u{1f600}"]);
});

test("bad lines are left out and told once, good ones around them are taken", async (t) => {
  const folder = makeFolder(t);
  const deep = `{"v":1,"type":"config","at":"x","config":${'{"a":'.repeat(200)}1${"}".repeat(200)}}\n`;
  const bad = [
    "garbage\n",
    "[1]\n",
    "null\n",
    '{"v":2,"type":"config","at":"x","config":{}}\n',
    '{"v":1,"type":"config","at":"x","config":5}\n',
    '{"v":1,"type":"points","at":"x","points":{"name":["a"],"step":[],"value":[1],"at":[1]}}\n',
    '{"v":1,"type":"request","at":"x","id":"1","method":"project.delete","params":{}}\n',
    deep,
    "\0\0\0\n",
  ];
  folder.write("a.jsonl", lines(config(1)) + bad.join("") + lines(config(2)));
  assert.deepEqual(await numbers(folder), ["a:1", "a:2"]);
  assert.equal(folder.problems.length, bad.length);
  assert.match(folder.problems[0] ?? "", /journal\/a\.jsonl .*the line at byte \d+: it is not valid JSON/);
  assert.match(folder.problems[7] ?? "", /nested deeper/);
  await numbers(folder);
  assert.equal(folder.problems.length, bad.length);
});

test("blank lines and lines of a type that is not known here are passed over in silence", async (t) => {
  const folder = makeFolder(t);
  folder.write("a.jsonl", `\n  \n\r\n{"v":1,"type":"newer","at":"x","stuff":1}\n${lines(config(1))}`);
  assert.deepEqual(await numbers(folder), ["a:1"]);
  assert.deepEqual(folder.problems, []);
});

test("a line that is too long is passed over, also when it comes in pieces", async (t) => {
  const folder = makeFolder(t, { limits: { lineBytes: 1000 } });
  folder.write("a.jsonl", lines(config(1)) + "x".repeat(700));
  assert.deepEqual(await numbers(folder), ["a:1"]);
  folder.write("a.jsonl", "x".repeat(700));
  assert.deepEqual(await numbers(folder), []);
  folder.write("a.jsonl", "x".repeat(700_000));
  assert.deepEqual(await numbers(folder), []);
  folder.write("a.jsonl", `xx\n${lines(config(2))}${"y".repeat(1001)}\n${lines(config(3))}`);
  assert.deepEqual(await numbers(folder), ["a:2", "a:3"]);
  assert.equal(folder.problems.length, 2);
});

test("a line of exactly the limit is taken", async (t) => {
  const folder = makeFolder(t, { limits: { lineBytes: 1000 } });
  const line = JSON.stringify({ ...config(1), at: "" });
  folder.write("a.jsonl", `${line.replace('"at":""', `"at":"${"a".repeat(1000 - line.length)}"`)}\n`);
  assert.deepEqual(await numbers(folder), ["a:1"]);
});

test("one call reads a bounded amount, and no writer starves another", async (t) => {
  const folder = makeFolder(t, { limits: { bytesPerCall: 1 } });
  for (const name of ["a", "b", "c"]) folder.write(`${name}.jsonl`, lines(config(1)));
  assert.deepEqual(await numbers(folder), ["a:1"]);
  folder.write("a.jsonl", lines(config(2)));
  assert.deepEqual(await numbers(folder), ["b:1"]);
  assert.deepEqual(await numbers(folder), ["c:1"]);
  assert.deepEqual(await numbers(folder), ["a:2"]);
  assert.deepEqual(await numbers(folder), []);
});

test("an empty answer means that nothing is left, however much garbage came before", async (t) => {
  const folder = makeFolder(t, { limits: { bytesPerCall: 100, lineBytes: 50_000 } });
  folder.write("a.jsonl", `${"\n".repeat(1_000)}${lines(config(1))}`);
  assert.deepEqual(await numbers(folder), ["a:1"]);
});

test("a file of garbage is given up", async (t) => {
  const folder = makeFolder(t, { limits: { invalidLines: 10 } });
  folder.write("a.jsonl", "x\n".repeat(50) + lines(config(1)));
  folder.write("b.jsonl", lines(config(2)));
  assert.deepEqual(await numbers(folder), ["b:2"]);
  assert.equal(folder.problems.length, 11);
  assert.match(folder.problems[10] ?? "", /too many bad lines/);
});

test("a file that was cut or replaced is not read twice", async (t) => {
  const folder = makeFolder(t);
  const path = join(folder.task, "journal", "a.jsonl");
  folder.write("a.jsonl", lines(config(1), config(2)));
  await numbers(folder);
  truncateSync(path, 10);
  assert.deepEqual(await numbers(folder), []);
  folder.write("b.jsonl", lines(config(3)));
  assert.deepEqual(await numbers(folder), ["b:3"]);
  rmSync(join(folder.task, "journal", "b.jsonl"));
  writeFileSync(join(folder.task, "journal", "keep"), "");
  folder.write("b.jsonl", lines(config(3), config(4)));
  const again = await numbers(folder);
  assert.ok(again.length === 0 || again[0] === "b:4", String(again));
  assert.match(folder.problems[0] ?? "", /replaced or cut short/);
});

test("a journal of 50,000 lines is read whole, at the pace of the limits", async (t) => {
  const folder = makeFolder(t, { limits: { bytesPerCall: 500_000 } });
  folder.write("a.jsonl", Array.from({ length: 50_000 }, (_, n) => lines(config(n))).join(""));
  let next = 0;
  for (let records = await numbers(folder); records.length > 0; records = await numbers(folder)) {
    for (const record of records) assert.equal(record, `a:${next++}`);
  }
  assert.equal(next, 50_000);
});
