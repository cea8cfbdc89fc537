import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Change, RecordStore } from "../../../src/services/ports/records.ts";
import { dump, freshDump, TempProject } from "../../helpers/record-stores.ts";

const ROUNDS = process.env["DATMO_SOAK"] ? 60 : 8;
const ENGINES = 4;

/** A small generator of the same numbers every time. */
function random(seed: number): (below: number) => number {
  let state = seed * 7919;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

function someChange(pick: (below: number) => number): Change {
  const kind = (["run", "snapshot", "task"] as const)[pick(3)]!;
  const set: Record<string, string | number | boolean | null> = {};
  set[`field${pick(4)}`] = pick(4) ? pick(1000) : null;
  if (pick(3) === 0) set["name"] = `name${pick(5)}`;
  if (pick(4) === 0) set["deleted"] = pick(2) ? true : null;
  if (pick(5) === 0) set["createdAt"] = new Date(1.75e12 + pick(1000) * 1000).toISOString();
  if (pick(2) === 0) set["status"] = ["queued", "running", "lost", "succeeded", "failed"][pick(5)]!;
  return { kind, id: `id${pick(12)}`, set };
}

describe("engines that write to one project without asking each other", () => {
  for (let seed = 1; seed <= ROUNDS; seed++) {
    it(`come to the same records: seed ${seed}`, async () => {
      const pick = random(seed);
      const project = await TempProject.create();
      try {
        // Clocks that are wrong by up to two days: some stamps are followed, some are not.
        const skews = Array.from({ length: ENGINES }, () => (pick(5) - 2) * 20 * 3_600_000 * pick(2));
        const open = (n: number): RecordStore => project.open({ now: () => Date.now() + skews[n]! });
        const engines = skews.map((_, n) => open(n));
        for (let step = 0; step < 150; step++) {
          const n = pick(ENGINES);
          const engine = engines[n]!;
          const act = pick(20);
          if (act === 0) await engine.sync();
          else if (act === 1) {
            await engine.close();
            engines[n] = open(n);
          } else if (act < 5) await engine.list("run", { limit: 3 });
          else if (act < 8) {
            // Without waiting: several engines at the same moment.
            await Promise.all(engines.map((one) => one.commit([someChange(pick), someChange(pick)])));
          } else await engine.commit([someChange(pick)], pick(2) ? "power" : "process");
        }
        const expected = await freshDump(project);
        assert.ok(expected.split("\n").length > 20);
        for (const engine of engines) assert.equal(await dump(engine), expected);
        await engines[0]!.sync();
        assert.equal(await freshDump(project), expected);
        assert.deepEqual(await engines[0]!.check(), []);
      } finally {
        await project.remove();
      }
    });
  }
});
