import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { promisify } from "node:util";
import { openJournalWriter } from "../../../src/client/journal-writer.ts";
import { validateRunJournal } from "../../../src/protocol/document-validators.js";

function place(t: TestContext): string {
  const task = mkdtempSync(join(tmpdir(), "datmo-writer-"));
  t.after(() => rmSync(task, { recursive: true, force: true }));
  return task;
}

function written(task: string): Record<string, unknown>[] {
  const texts = readdirSync(join(task, "journal")).map((name) =>
    readFileSync(join(task, "journal", name), "utf8"),
  );
  return texts
    .join("")
    .trimEnd()
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line));
}

test("entries are whole lines that fit the schema", async (t) => {
  const task = place(t);
  const writer = await openJournalWriter({
    taskDirectory: task,
    now: () => new Date("2026-01-02T03:04:05Z"),
  });
  await writer.append({ type: "config", config: { a: "x\ny" } });
  await writer.append({ type: "points", points: { name: ["l"], step: [0], value: ["NaN"], at: [1.5] } });
  const entries = written(task);
  assert.equal(
    entries.every((entry) => validateRunJournal(entry)),
    true,
  );
  assert.deepEqual(entries[0], {
    v: 1,
    at: "2026-01-02T03:04:05.000Z",
    type: "config",
    config: { a: "x\ny" },
  });
  assert.deepEqual(readdirSync(join(task, "journal")), [`${writer.writer}.jsonl`]);
  assert.match(writer.writer, /^cli-/);
});

test("many points are divided over lines of at most 1 MiB", async (t) => {
  const task = place(t);
  const writer = await openJournalWriter({ taskDirectory: task, writer: "w" });
  const count = 50_000;
  const name = Array.from({ length: count }, (_, index) => `metric/with/a/long/name/${index}`);
  const column = Array.from({ length: count }, (_, index) => index);
  await writer.append({ type: "points", points: { name, step: column, value: column, at: column } });
  const text = readFileSync(join(task, "journal", "w.jsonl"), "utf8");
  assert.ok(text.split("\n").every((line) => Buffer.byteLength(line) <= 1024 * 1024));
  const steps = written(task).flatMap((entry) => (entry["points"] as { step: number[] }).step);
  assert.deepEqual(steps, column);
  await assert.rejects(writer.append({ type: "config", config: { text: "x".repeat(2 ** 20) } }), RangeError);
});

test("writers in many processes at once tear nothing", async (t) => {
  const task = place(t);
  const url = new URL("../../../src/client/journal-writer.ts", import.meta.url).href;
  const script = `const { openJournalWriter } = await import(${JSON.stringify(url)});
const writer = await openJournalWriter({ taskDirectory: ${JSON.stringify(task)} });
for (let n = 0; n < 200; n++) await writer.append({ type: "config", config: { ["k" + process.argv[1]]: "x".repeat(n * 20) } });`;
  const run = promisify(execFile);
  const words = ["--import", "tsx", "--input-type=module", "-e", script];
  await Promise.all(["1", "2", "3"].map((name) => run(process.execPath, [...words, name])));
  assert.equal(readdirSync(join(task, "journal")).length, 1);
  assert.equal(written(task).length, 600);
});

test("a journal that is a link is not written through", async (t) => {
  const task = place(t);
  const other = place(t);
  symlinkSync(other, join(task, "journal"));
  const writer = await openJournalWriter({ taskDirectory: task, writer: "w" });
  await assert.rejects(writer.append({ type: "end", status: "succeeded" }));
  assert.deepEqual(readdirSync(other), []);
  await assert.rejects(openJournalWriter({ taskDirectory: task, writer: "../x" }));
});
