/* Events that wait for plugins: order, bounds, damage, one deliverer. */
import assert from "node:assert/strict";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import type { HookOutbox } from "../../../src/services/ports/hooks.ts";
import { openHookOutbox } from "../../../src/store/journal/hook-outbox.ts";
import { temporaryFolder } from "../../helpers/engine.ts";

const at = "2026-03-14T09:26:54.120Z";
const event = (key: string) => ({ key, event: "run.started", data: { id: key, at, runId: "r" } });

describe("the outbox of hooks", () => {
  let folder: string;
  let outbox: HookOutbox;
  before(async () => {
    folder = await temporaryFolder();
    outbox = openHookOutbox(join(folder, "hooks"));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it("gives events back in order, until they are removed", async () => {
    for (const key of ["b", "a", "c"]) assert.equal(await outbox.put("one", event(key)), true);
    assert.deepEqual(
      (await outbox.oldest("one", 2)).map(({ data }) => data.id),
      ["a", "b"],
    );
    await outbox.remove("one", ["a"]);
    assert.deepEqual([await outbox.waits("one", "a"), await outbox.waits("one", "b")], [false, true]);
    assert.deepEqual(await outbox.plugins(), ["one"]);
  });

  it("counts what there is no room for", async () => {
    mkdirSync(join(folder, "hooks/full"));
    for (let i = 0; i < 1_000; i++)
      writeFileSync(join(folder, `hooks/full/${String(i).padStart(4, "0")}.json`), "");
    assert.equal(await outbox.put("full", event("x")), false);
    await outbox.miss("full", 2);
    assert.equal(await outbox.missed("full"), 3);
    await outbox.clearMissed("full");
    assert.equal(await outbox.missed("full"), 0);
  });

  it("takes from a file only what an event has, and throws away what is none", async () => {
    const forged = {
      v: 1,
      event: "run.finished",
      data: { id: "i", at, runId: 7, exitCode: "0", extra: "x" },
    };
    const bad = {
      a: "{",
      b: "[]",
      c: '{"event":"x","data":{}}',
      d: "x".repeat(20_000),
      e: JSON.stringify(forged),
    };
    mkdirSync(join(folder, "hooks/forged"));
    for (const [key, text] of Object.entries(bad))
      writeFileSync(join(folder, `hooks/forged/${key}.json`), text);
    writeFileSync(join(folder, "hooks/forged/..json"), "{}");
    assert.deepEqual(await outbox.oldest("forged", 10), [
      { key: "e", event: "run.finished", data: { id: "i", at } },
    ]);
    await outbox.forget("forged");
    await outbox.forget("../..");
    assert.deepEqual(await outbox.oldest("forged", 10), []);
  });

  it("is emptied by one process only, and never makes a project", async () => {
    assert.equal(await outbox.isClaimed(), false);
    assert.equal(await outbox.claim(), true);
    assert.deepEqual([await outbox.claim(), await outbox.isClaimed()], [false, true]);
    await outbox.release();
    assert.equal(await outbox.claim(), true);
    assert.equal(await openHookOutbox(join(folder, "gone/hooks")).claim(), false);
  });
});
