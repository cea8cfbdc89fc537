import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { randomId } from "../../../src/domain/ids.ts";
import type { SeriesStore } from "../../../src/services/ports/series.ts";
import { openSeriesStore } from "../../../src/store/series/series-store.ts";

const NAME = "system/cpu_percent";

async function store(t: TestContext): Promise<SeriesStore> {
  const directory = await mkdtemp(join(tmpdir(), "datmo-series-"));
  const series = openSeriesStore({ directory });
  t.after(async () => {
    await series.close();
    await rm(directory, { recursive: true, force: true });
  });
  return series;
}

const point = (name: string, value: number) => ({ name: [name], step: [1], value: [value], at: [1_000] });

test("a system metric and a logged metric of one name stay apart, sealed too", async (t) => {
  const series = await store(t);
  const id = randomId();
  await series.append(id, point(NAME, 1));
  await series.appendSystem(id, point(NAME, 99));
  // Nobody logs such a name by chance; it must not reach the other side by intent either.
  await series.append(id, point(`\0${NAME}`, 5));
  for (const sealed of [false, true]) {
    if (sealed) await series.seal(id);
    assert.deepEqual([...(await series.history(id, NAME)).value], [1]);
    assert.deepEqual([...(await series.history(id, NAME, { system: true })).value], [99]);
    assert.deepEqual([...(await series.history(id, `\0${NAME}`)).value], [5]);
    const system = await series.summaries(id, "system");
    assert.deepEqual([...system.keys()], [NAME]);
    assert.equal(system.get(NAME)?.summary.last, 99);
    const logged = await series.summaries(id);
    assert.deepEqual([...logged.keys()].sort(), [NAME, `\u{FFFD}${NAME}`]);
    assert.equal(logged.get(NAME)?.summary.last, 1);
  }
  assert.deepEqual([...series.ownSummaries(id).keys()].sort(), [NAME, `\u{FFFD}${NAME}`]);
  assert.deepEqual(await series.check(id), []);
});
