import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import type { MetricHistoryResult, Run, RunListResult, StoreFsckResult } from "../../src/protocol/types.ts";
import { randomNumbers } from "../stores/series/series-fixture.ts";
import { connect } from "./connect.ts";
import { ask, count, type Day, live, newDay } from "./day.ts";
import { deletedRuns, type RunPromise, readLedger } from "./ledger.ts";

const IS_LONG = process.env["DATMO_SOAK"] !== undefined;
const MINUTES = Number(process.env["DATMO_SOAK_MINUTES"] ?? 20);
/** What the short form does. */
const ACTIONS = 24;
const SETTLE_MS = 120_000;

test("a busy day: writers, readers, checkpoints, gc, sync and kills lose nothing that was promised", async (t) => {
  const seed = Number(process.env["DATMO_SOAK_SEED"] ?? Date.now() % 100_000);
  const day = await newDay();
  t.after(() => day.remove());
  const until = Date.now() + MINUTES * 60_000;
  let actions = 0;
  await live(day, {
    writers: IS_LONG ? 8 : 3,
    readers: IS_LONG ? 3 : 1,
    random: randomNumbers(seed),
    isOver: () => (IS_LONG ? Date.now() > until : ++actions >= ACTIONS),
  });
  await settled(day);
  const runs = await everyRun(day.project);
  await assertRuns(day, runs);
  assertSnapshots(day);
  await assertClean(day);
  await assertCopy(day);
  t.diagnostic(`seed ${seed}: ${JSON.stringify(day.counts)}`);
});

/** Engines that lost their writers leave by themselves; what they did not end, the next one does. */
async function settled(day: Day): Promise<void> {
  const until = Date.now() + SETTLE_MS;
  for (;;) {
    const open = (await everyRun(day.project)).filter(({ status }) => status === "running");
    const folder = join(day.project, ".datmo/open");
    const files = existsSync(folder) ? readdirSync(folder) : [];
    if (open.length === 0 && files.length === 0) return;
    if (Date.now() > until) assert.fail(`still open: ${open.map(({ id }) => id)}; ${files}`);
    await pause(200);
  }
}

async function assertRuns(day: Day, listed: readonly Run[]): Promise<void> {
  const promised = readLedger(day.ledger).runs;
  const deleted = deletedRuns(day.ledger);
  const runs = new Map(listed.map((run) => [run.id, run]));
  const client = await connect(day.project);
  for (const [id, told] of promised) {
    const run = runs.get(id);
    if (deleted.has(id)) assert.equal(run, undefined, `run ${id} was deleted`);
    else {
      assert.ok(run, `run ${id} is gone`);
      assertRun(run, told);
      await assertPoints(run, told, (params) => client.request("metric.history", params));
    }
  }
  await client.close();
  count(day, "runs", promised.size);
  count(
    day,
    "points",
    [...promised.values()].reduce((sum, { points, inline }) => sum + points + inline, 0),
  );
}

function assertRun(run: Run, told: RunPromise): void {
  if (told.status !== undefined) assert.equal(run.status, told.status, `status of ${run.id}`);
  // Whose end nobody promised may have ended all the same, just before the answer could come.
  else assert.ok(["lost", "succeeded", "failed"].includes(run.status), `${run.id} is ${run.status}`);
  assert.equal(run.config["n"], told.n);
  if (told.phase !== undefined) assert.ok(Number(run.config["phase"]) >= told.phase, `config of ${run.id}`);
}

type Ask = (params: { runId: string; name: string }) => Promise<MetricHistoryResult>;

/** Each point once, with its value. */
async function assertPoints(run: Run, told: RunPromise, history: Ask): Promise<void> {
  if (told.points > 0) {
    const { points } = await history({ runId: run.id, name: "loss" });
    const steps = Array.from({ length: points.step.length }, (_, step) => step);
    assert.deepEqual(
      [...points.step].sort((a, b) => a - b),
      steps,
      `steps of ${run.id}`,
    );
    assert.ok(steps.length >= told.points, `${steps.length} of ${told.points} points of ${run.id}`);
    assert.ok(points.value.every((value) => value === told.n));
  }
  if (told.inline > 0) {
    const { points } = await history({ runId: run.id, name: "extra" });
    assert.equal(points.step.length, told.inline, `answered points of ${run.id}`);
  }
}

/** Each snapshot that was answered has the file as it was. */
function assertSnapshots(day: Day): void {
  const { snapshots } = readLedger(day.ledger);
  const asked = [...snapshots].map(([id, { path }]) => `refs/datmo/snapshots/${id}^:${path}`);
  const git = join(day.project, ".datmo/git");
  const shown = spawnSync("git", ["--git-dir", git, "cat-file", "--batch"], {
    input: `${asked.join("\n")}\n`,
    maxBuffer: 1 << 28,
  });
  let at = 0;
  for (const [id, { path, text }] of snapshots) {
    const line = shown.stdout.toString("utf8", at, shown.stdout.indexOf("\n", at));
    assert.match(line, /^[0-9a-f]{40} blob \d+$/, `${path} of snapshot ${id}`);
    const from = at + line.length + 1;
    const size = Number(line.split(" ")[2]);
    assert.equal(shown.stdout.toString("utf8", from, from + size), text, `${path} of snapshot ${id}`);
    at = from + size + 1;
  }
  count(day, "snapshots", snapshots.size);
}

async function assertClean(day: Day): Promise<void> {
  await ask(day.project, "store.gc", {});
  const { clean, ...found } = await ask<StoreFsckResult>(day.project, "store.fsck", {});
  assert.ok(clean, JSON.stringify(found));
  const checked = spawnSync("git", ["--git-dir", join(day.project, ".datmo/git"), "fsck", "--no-dangling"]);
  assert.equal(checked.status, 0, checked.stderr.toString());
  for (const id of deletedRuns(day.ledger)) {
    for (const part of ["tasks", "series"]) {
      assert.ok(!existsSync(join(day.project, ".datmo", part, id)), `${part} of ${id}, which was deleted`);
    }
  }
}

/** Another copy that pulls has the same runs, with the same ends and last values. */
async function assertCopy(day: Day): Promise<void> {
  await ask(day.project, "store.push", { remote: day.remote });
  await ask(day.copy, "store.pull", { remote: day.remote });
  const brief = (runs: readonly Run[]): unknown[] =>
    runs
      .map(({ id, status, config, metrics }) => ({ id, status, config, metrics }))
      .sort((a, b) => (a.id < b.id ? -1 : 1));
  assert.deepEqual(brief(await everyRun(day.copy)), brief(await everyRun(day.project)));
  const { clean, ...found } = await ask<StoreFsckResult>(day.copy, "store.fsck", {});
  assert.ok(clean, JSON.stringify(found));
}

async function everyRun(folder: string): Promise<readonly Run[]> {
  return (await ask<RunListResult>(folder, "run.list", { limit: 100_000 })).items;
}
