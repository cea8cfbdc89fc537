import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { validateOpenRun } from "../../../src/protocol/document-validators.js";
import { type OpenRunFile, openRuns } from "../../../src/store/journal/open-runs.ts";
import { identityOf } from "../../../src/util/process-identity.ts";

const A = "a".repeat(26);
const B = "b".repeat(26);

function place(t: TestContext): string {
  const base = mkdtempSync(join(tmpdir(), "datmo-open-"));
  t.after(() => rmSync(base, { recursive: true, force: true }));
  return join(base, "open");
}

async function openRun(more: Partial<OpenRunFile> = {}): Promise<OpenRunFile> {
  const owner = await openRuns("/nowhere").thisProcess();
  return { v: 1, type: "executed", createdAt: "2026-01-01T00:00:00.000Z", owner, ...more };
}

test("open runs are written, listed, read and removed", async (t) => {
  const directory = place(t);
  const runs = openRuns(directory);
  assert.deepEqual(await runs.ids(), []);
  assert.equal(await runs.read(A), undefined);
  await runs.remove(A);
  const open = await openRun({ spool: "/dev/shm/x" });
  await runs.write(B, open);
  await runs.write(A, open);
  assert.deepEqual(await runs.ids(), [A, B]);
  assert.deepEqual(await runs.read(A), open);
  assert.equal(statSync(directory).mode & 0o777, 0o700);
  assert.equal(statSync(join(directory, `${A}.json`)).mode & 0o777, 0o600);
  assert.equal(validateOpenRun(JSON.parse(readFileSync(join(directory, `${A}.json`), "utf8"))), true);
  await runs.remove(A);
  assert.deepEqual(await runs.ids(), [B]);
  assert.deepEqual(readdirSync(directory), [`${B}.json`]);
});

test("of many that claim a run one gets it, until it is given back or gone itself", async (t) => {
  const directory = place(t);
  mkdirSync(directory);
  const runs = openRuns(directory);
  const path = join(directory, `${A}.claim`);
  const child = spawn("sleep", ["60"]);
  t.after(() => child.kill("SIGKILL"));
  writeFileSync(path, JSON.stringify(await identityOf(child.pid as number)));
  assert.equal(await runs.claim(A), false);
  const gone = once(child, "exit");
  child.kill("SIGKILL");
  await gone;
  assert.equal(await runs.claim(A), true);
  assert.equal(await runs.claim(A), false, "another engine in this process has it");
  await runs.release(A);
  await runs.release(A);
  assert.deepEqual(readdirSync(directory), []);
  writeFileSync(path, "");
  assert.equal(await runs.claim(A), false, "somebody is just making it");
  const old = new Date(Date.now() - 60 * 60 * 1000);
  utimesSync(path, old, old);
  assert.equal(await runs.claim(A), true);
  await runs.remove(A);
  assert.deepEqual(readdirSync(directory), []);
});

test("what is no open run is not taken for one", async (t) => {
  const directory = place(t);
  mkdirSync(directory);
  const runs = openRuns(directory);
  const good = JSON.stringify(await openRun());
  writeFileSync(join(directory, "notes.json"), good);
  writeFileSync(join(directory, `${A}.json.abc.tmp`), good);
  assert.deepEqual(await runs.ids(), []);
  for (const bad of [
    "",
    "{",
    "null",
    "[]",
    good.replace('"v":1', '"v":2'),
    good.replace(/"pid":\d+/, '"pid":"x"'),
  ]) {
    writeFileSync(join(directory, `${A}.json`), bad);
    assert.equal(await runs.read(A), undefined, bad);
  }
  writeFileSync(join(directory, "target"), good);
  symlinkSync(join(directory, "target"), join(directory, `${B}.json`));
  assert.equal(await runs.read(B), undefined);
  await assert.rejects(async () => runs.read("../../etc/passwd"), TypeError);
});

test("an owner is alive, gone or unknown", async () => {
  const runs = openRuns("/nowhere");
  const own = await runs.thisProcess();
  const stateOf = async (more: object) => runs.ownerState(await openRun({ owner: { ...own, ...more } }));
  assert.equal(await stateOf({}), "alive");
  assert.equal(await stateOf({ startTime: "1" }), "gone");
  assert.equal(await stateOf({ bootId: "another" }), "gone");
  assert.equal(await stateOf({ pid: 4_194_304 }), "gone");
  assert.equal(await stateOf({ pid: -1 }), "gone");
  assert.equal(await stateOf({ host: "elsewhere", bootId: "another" }), "unknown");
  assert.equal(await stateOf({ host: "elsewhere", pid: 4_194_304 }), "unknown");
  // Renamed machine: boot, pid and start say that it is this very process.
  assert.equal(await stateOf({ host: "old-name" }), "alive");
});

test("a zombie is gone", async () => {
  // The shell never collects its child.
  const shell = spawn("sh", ["-c", "sh -c 'echo $$; exec sleep 30' & exec sleep 30"], {
    stdio: ["pipe", "pipe", "ignore"],
  });
  try {
    const [line] = (await once(shell.stdout, "data")) as [Buffer];
    const owner = await identityOf(Number(line.toString()));
    assert.ok(owner);
    const open = await openRun({ owner });
    process.kill(owner.pid, "SIGKILL");
    const runs = openRuns("/nowhere");
    while ((await runs.ownerState(open)) === "alive") await new Promise((resolve) => setTimeout(resolve, 5));
    assert.equal(await runs.ownerState(open), "gone");
  } finally {
    shell.kill("SIGKILL");
  }
});

test("no claim is left of a run that was retired", async (t) => {
  const directory = place(t);
  const runs = openRuns(directory);
  await runs.write(A, await openRun());
  assert.equal(await runs.claimUsage(A), true);
  await runs.retire(A);
  await runs.removeRetired(A);
  assert.deepEqual(readdirSync(directory), []);
});
