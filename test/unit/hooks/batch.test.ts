/* What one call tells a hook of. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { nextBatch } from "../../../src/services/hooks/batch.ts";
import { createPointTeller } from "../../../src/services/hooks/point-teller.ts";

const at = "2026-03-14T09:26:54.120Z";
const waiting = (key: string, event: string, more: object) => ({
  key,
  event,
  data: { id: key, at, ...more },
});

describe("a batch of events", () => {
  it("is of one sort, in order", () => {
    const batch = nextBatch([
      waiting("1", "run.started", { runId: "a" }),
      waiting("2", "run.started", { runId: "b" }),
      waiting("3", "run.finished", { runId: "a" }),
      waiting("4", "run.started", { runId: "c" }),
    ]);
    assert.deepEqual(
      [batch.event, batch.keys, batch.events.map(({ runId }) => runId)],
      ["run.started", ["1", "2"], ["a", "b"]],
    );
    assert.deepEqual(nextBatch([]).keys, []);
  });

  it("has the points of a run once, where one counts on from the other", () => {
    const { events, keys } = nextBatch([
      waiting("1", "metric.logged", { runId: "a", from: 0, to: 5 }),
      waiting("2", "metric.logged", { runId: "b", from: 0, to: 1 }),
      waiting("3", "metric.logged", { runId: "a", from: 5, to: 9 }),
      waiting("4", "metric.logged", { runId: "a", from: 0, to: 2 }),
    ]);
    assert.deepEqual(
      events.map(({ runId, from, to }) => [runId, from, to]),
      [
        ["a", 0, 9],
        ["b", 0, 1],
        ["a", 0, 2],
      ],
    );
    assert.equal(keys.length, 4);
  });
});

describe("points of a run", () => {
  it("are told of as one stretch while the plugin lags, and not at all when nobody asks", async (t) => {
    t.mock.timers.enable({ apis: ["setTimeout"] });
    const told: [number, number][] = [];
    let lags = true;
    const grant = { hash: "", grantedAt: "", all: false, permissions: undefined as never, hooks: [] };
    const teller = createPointTeller({
      targets: async () => [["plugin", grant]],
      waits: async () => lags,
      put: async (_name, _grant, { from, to }) => `${told.push([from, to])}`,
    });
    const second = async (): Promise<void> => {
      t.mock.timers.tick(1_000);
      for (let i = 0; i < 20; i++) await Promise.resolve();
    };
    teller.add(10);
    for (let i = 0; i < 20; i++) await Promise.resolve();
    await second();
    teller.add(5);
    await second();
    await second();
    assert.deepEqual(told, [[0, 10]]);
    lags = false;
    teller.add(1);
    await second();
    assert.deepEqual(told, [
      [0, 10],
      [10, 16],
    ]);
    teller.add(4);
    await teller.end();
    assert.deepEqual(told.at(-1), [16, 20]);
    const nobody = createPointTeller({
      targets: async () => [],
      waits: async () => false,
      put: async () => assert.fail("nobody asked"),
    });
    nobody.add(1);
    await nobody.end();
  });
});
