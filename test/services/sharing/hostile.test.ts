import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readdirSync } from "node:fs";
import { type TestContext, test } from "node:test";
import { taskId } from "../../../src/domain/task-record.ts";
import type { TestEngine } from "../../helpers/engine.ts";
import { recordRun, sharedRecords, sharing } from "./sharing-fixture.ts";

/* A remote that somebody else may write to, and that holds what no datmo would write: nothing of it is taken in. */

const RUN = "abcdefghijklmnopqrstuvwxyz";
const SHARER = "zyxwvutsrqponmlkjihgfedcba";
const STAMP = `0198a5c3d2e00000-${"ab".repeat(16)}`;

/** A remote with one unit of these files, and a project that has a run of its own. */
async function victim(
  t: TestContext,
  files: Readonly<Record<string, string | Buffer>>,
): Promise<{ pull(): Promise<object>; engine: TestEngine; before: string[] }> {
  const { peer, remote } = sharing(t);
  const engine = await peer("victim");
  await recordRun(engine, [1]);
  const git = (args: string[], input?: string | Buffer): string =>
    execFileSync("git", ["-C", remote, ...args], input === undefined ? {} : { input })
      .toString()
      .trim();
  for (const [path, content] of Object.entries({ format: '{"v":1}\n', ...files })) {
    const blob = git(["hash-object", "-w", "--stdin"], content);
    git(["update-index", "--add", "--cacheinfo", `100644,${blob},${path}`]);
  }
  const who = ["-c", "user.name=x", "-c", "user.email=x@x"];
  const commit = git([...who, "commit-tree", git(["write-tree"]), "-m", "unit"]);
  git(["update-ref", `refs/datmo/ops/${SHARER}`, commit]);
  const before = await sharedRecords(engine.directory);
  return { engine, before, pull: () => engine.call("store.pull", { remote }) };
}

const operation = (k: string, i: string, s: object, more: object = {}): string =>
  `${JSON.stringify({ v: 1, t: STAMP, c: [{ k, i, s }], ...more })}\n`;

const definition = { command: "rm -rf /", driver: "host" };

const REFUSED: Readonly<Record<string, string>> = {
  "a local field": operation("run", RUN, { "local/trusted": "x" }),
  "a forged origin": operation("run", RUN, { name: "x", "local/from": null }),
  "trust in the form of a later version": `${JSON.stringify({ v: 1, t: STAMP, c: [{ k: "run", i: RUN, s: { "local/trusted": "x" }, z: 1 }] })}\n`,
  "a record about the project": operation("project", RUN, { name: "x" }),
  "a kind that is none": operation("../run", RUN, { name: "x" }),
  "an id that is a path": operation("run", "../../etc", { name: "x" }),
  "a name that is no text": operation("run", RUN, { name: { a: 1 } }),
  "a status that is none": operation("run", RUN, { status: "exploded" }),
  "a folder outside of the project": operation("run", RUN, { directory: "../../etc" }),
  "a task under another's id": operation("task", RUN, { definition }),
  "a tree that is none": operation("run", RUN, { keptTree: "HEAD" }),
  "a kept file from outside of the project": operation("snapshot", RUN, {
    files: [{ path: "a", bytes: 1, sha256: "0".repeat(64), source: "a/../../b" }],
  }),
  "a kept file from a place that is none": operation("run", RUN, {
    "files/a": { bytes: 1, sha256: "0".repeat(64), source: 5 },
  }),
  "a metric without numbers": operation("run", RUN, { "metrics/loss/w": { last: "x" } }),
  "a date that is none": operation("run", RUN, { createdAt: "yesterday" }),
  "no stamp": `${JSON.stringify({ v: 1, t: "now", c: [] })}\n`,
  "a stamp of the year 10889": operation(
    "run",
    RUN,
    { name: "x" },
    { t: `ffffffffffff0000-${"ab".repeat(16)}` },
  ),
  "no version": `${JSON.stringify({ t: STAMP, c: [] })}\n`,
  "no JSON": "{\n",
  "JSON that is too deep": operation("run", RUN, { x: JSON.parse(`${"[".repeat(500)}${"]".repeat(500)}`) }),
};

for (const [name, line] of Object.entries(REFUSED)) {
  test(`refused: ${name}`, async (t) => {
    const { pull, engine, before } = await victim(t, {
      "ops/0.jsonl": operation("run", RUN, { name: "good" }) + line,
    });
    await assert.rejects(pull(), { kind: "SHARE_REFUSED" });
    assert.deepEqual(await sharedRecords(engine.directory), before);
  });
}

test("refused: points that are none, under the right hash", async (t) => {
  const content = Buffer.from("DATMOSLD and then nothing that is one");
  const sha256 = createHash("sha256").update(content).digest("hex");
  const { pull, engine, before } = await victim(t, {
    [`series/${RUN}/${sha256}.sealed`]: content,
    "ops/0.jsonl": operation("run", RUN, { name: "x", createdAt: "2026-01-01T00:00:00Z" }),
  });
  await assert.rejects(pull(), { kind: "SHARE_REFUSED" });
  assert.deepEqual(await sharedRecords(engine.directory), before);
});

test("refused: files that no unit has", async (t) => {
  const { pull } = await victim(t, { "hooks/post-update": "#!/bin/sh\n" });
  await assert.rejects(pull(), { kind: "SHARE_REFUSED" });
});

test("a change of what an own run would execute makes it somebody else's", async (t) => {
  const { peer, remote } = sharing(t);
  const [a, b] = [await peer("a"), await peer("b")];
  const { run } = await a.call("run.start", { command: "echo mine" });
  await a.call("run.wait", { id: run.id });
  await a.call("store.push", { remote });
  await b.call("store.pull", { remote });
  const evil = await b.call("task.create", { command: "echo evil" });
  const { openRecordStore } = await import("../../../src/store/db/record-store.ts");
  const records = openRecordStore({ directory: `${b.directory}/.datmo` });
  await records.commit([{ kind: "run", id: run.id, set: { taskId: evil.task.id } }]);
  await records.close();
  await b.call("store.push", { remote });
  await a.call("store.pull", { remote });
  await assert.rejects(a.call("run.rerun", { id: run.id }), { kind: "RUN_TRUST_NEEDED" });
  assert.equal(evil.task.id, taskId({ command: "echo evil", driver: "host" }));
});

test("nothing is taken in when points are refused, snapshots neither", async (t) => {
  const { peer, remote, refs } = sharing(t);
  const [a, b] = [await peer("a"), await peer("b")];
  await recordRun(a, [1]);
  await a.call("store.push", { remote });
  const chain = [...refs().keys()].find((name) => name.startsWith("refs/datmo/ops/")) as string;
  const git = (args: string[], input?: string): string =>
    execFileSync("git", ["-C", remote, ...args], input === undefined ? {} : { input })
      .toString()
      .trim();
  const blob = git(["hash-object", "-w", "--stdin"], "no points");
  const format = git(["hash-object", "-w", "--stdin"], '{"v":1}\n');
  const of = (...entries: string[]): string => git(["mktree"], `${entries.join("\n")}\n`);
  const series = of(`040000 tree ${of(`100644 blob ${blob}\t${"0".repeat(64)}.sealed`)}\t${RUN}`);
  const unit = of(`100644 blob ${format}\tformat`, `040000 tree ${series}\tseries`);
  const who = ["-c", "user.name=x", "-c", "user.email=x@x"];
  git(["update-ref", chain, git([...who, "commit-tree", unit, "-p", chain, "-m", "unit"])]);
  await assert.rejects(b.call("store.pull", { remote }), { kind: "SHARE_REFUSED" });
  const there = execFileSync("git", ["--git-dir", `${b.directory}/.datmo/git`, "for-each-ref"]).toString();
  assert.doesNotMatch(there, /refs\/datmo\/snapshots/);
  assert.deepEqual(await sharedRecords(b.directory), []);
  assert.deepEqual(readdirSync(`${b.directory}/.datmo/series`), []);
});
