import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { TestEngine } from "../../helpers/engine.ts";
import { logPoints, recordRun, sharedRecords, sharing } from "./sharing-fixture.ts";

/* Three copies that work, edit, delete, push and pull in any order come to the same records and points. */

const SEEDS = process.env["DATMO_SOAK"] === "1" ? Array.from({ length: 20 }, (_, i) => i + 1) : [7];
const STEPS = process.env["DATMO_SOAK"] === "1" ? 120 : 30;

for (const seed of SEEDS) {
  test(`three copies converge, seed ${seed}`, async (t) => {
    const { peer, remote } = sharing(t);
    const peers = [await peer("a"), await peer("b"), await peer("c")];
    const random = generator(seed);
    const pick = <T>(list: readonly T[]): T | undefined => list[Math.floor(random() * list.length)];
    for (let step = 0; step < STEPS; step++) {
      await act(pick(peers) as TestEngine, remote, step, random, pick);
    }
    for (let round = 0; round < 2; round++) {
      for (const engine of peers) await engine.call("store.push", { remote });
      for (const engine of peers) await engine.call("store.pull", { remote });
    }
    const [first, ...others] = await Promise.all(peers.map((engine) => state(engine)));
    for (const other of others) assert.deepEqual(other, first);
    for (const engine of peers) {
      assert.equal((await engine.call("store.push", { remote })).nothingNew, true);
      assert.equal((await engine.call("store.pull", { remote })).nothingNew, true);
      const { clean, objects, problems } = await engine.call("store.fsck", {});
      assert.equal(clean, true, JSON.stringify([objects, problems]));
    }
  });
}

async function act(
  engine: TestEngine,
  remote: string,
  step: number,
  random: () => number,
  pick: <T>(list: readonly T[]) => T | undefined,
): Promise<void> {
  const runs = (await engine.call("run.list", {})).items;
  const snapshots = (await engine.call("snapshot.list", {})).items;
  const run = pick(runs);
  const snapshot = pick(snapshots);
  const choice = Math.floor(random() * 10);
  if (choice === 0) await recordRun(engine, Array.from({ length: 1 + (step % 5) }, random));
  else if (choice === 1) {
    writeFileSync(join(engine.directory, "train.py"), `print(${step})\n`);
    await engine.call("snapshot.create", { message: `step ${step}` });
  } else if (choice === 2 && run) await engine.call("run.update", { id: run.id, addTags: [`t${step % 3}`] });
  else if (choice === 3 && run) await engine.call("run.update", { id: run.id, removeTags: [`t${step % 3}`] });
  else if (choice === 4 && run) await engine.call("run.update", { id: run.id, note: `note ${step}` });
  else if (choice === 5 && run && step % 3 === 0) await engine.call("run.delete", { ids: [run.id] });
  else if (choice === 5 && snapshot)
    await engine.call("snapshot.delete", { ids: [snapshot.id], force: true });
  else if (choice === 6 && snapshot)
    await engine.call("snapshot.update", { id: snapshot.id, label: `label-${step}`, config: { step } });
  else if (choice === 7) await engine.call("store.push", { remote });
  else if (choice === 8) await engine.call("store.pull", { remote });
  else if (choice === 9) {
    const { run: open } = await engine.call("run.create", { name: `open-${step}` });
    await logPoints(engine, open.id, [step, Number.NaN]);
    await engine.call("store.push", { remote });
    await logPoints(engine, open.id, [Number.POSITIVE_INFINITY]);
    await engine.call("run.finish", { id: open.id, status: "failed", exitCode: 1 });
    await engine.call("run.wait", { id: open.id });
  }
}

async function state(engine: TestEngine): Promise<string[]> {
  const lines = await sharedRecords(engine.directory);
  for (const { id } of (await engine.call("run.list", { limit: 1000 })).items) {
    for (const { name } of (await engine.call("metric.list", { runId: id })).items) {
      lines.push(`${id} ${JSON.stringify(await engine.call("metric.history", { runId: id, name }))}`);
    }
  }
  return lines.sort();
}

/** Numbers from 0 to 1 that are the same for the same seed. */
function generator(seed: number): () => number {
  let state = seed * 2_654_435_761;
  return () => {
    state = (Math.imul(state ^ (state >>> 15), 2_246_822_519) + 0x9e37_79b9) >>> 0;
    return ((state ^ (state >>> 13)) >>> 0) / 2 ** 32;
  };
}
