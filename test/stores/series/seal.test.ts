import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { systemFs } from "../../../src/store/series/series-fs.ts";
import { columns, history, type Point, ramp, randomNumbers, seriesProject } from "./series-fixture.ts";

test("a sealed run reads the same, is one file, and is sealed once", async (t) => {
  const project = seriesProject(t);
  const [one, two] = [project.open(), project.open()];
  const random = randomNumbers(1);
  const names = ["a", "b", "损失"];
  for (let i = 0; i < 60; i++) {
    const points = Array.from({ length: 700 }, (): Point => {
      const value = random() < 0.01 ? Number.NaN : random() * 10;
      return [
        names[Math.floor(random() * 3)]!,
        Math.floor(random() * 5000),
        value,
        Math.floor(random() * 1e6),
      ];
    });
    await [one, two][i % 2]!.append(project.run, columns(points));
  }
  const before = new Map<string, unknown>();
  for (const name of names) before.set(name, await history(one, project.run, name));
  const summaries = await one.summaries(project.run);
  const bytes = await one.usage(project.run);
  await one.seal(project.run);
  assert.deepEqual(project.files(), ["00000001.sealed"]);
  assert.ok((await one.usage(project.run)) < bytes);
  for (const store of [one, two, project.open()]) {
    for (const name of names) assert.deepEqual(await history(store, project.run, name), before.get(name));
    assert.deepEqual(await store.summaries(project.run), summaries);
  }
  const range = { fromStep: 1000, toStep: 1010 };
  assert.deepEqual(
    await history(one, project.run, "a", range),
    (before.get("a") as number[][]).filter(([step]) => step! >= 1000 && step! <= 1010),
  );
  await two.seal(project.run);
  assert.deepEqual(project.files(), ["00000001.sealed"]);
  assert.deepEqual(project.problems, []);
});

test("sealed series are small: a loss curve, its noisy sister, and random numbers", async (t) => {
  const project = seriesProject(t);
  const store = project.open();
  const random = randomNumbers(2);
  const count = 40_000;
  const kinds: Record<string, { value: (i: number) => number; limit: number }> = {
    smooth: { value: (i) => 2 * Math.exp(-i / 2e4) + 0.1, limit: 4 },
    single: { value: (i) => Math.fround(2 * Math.exp(-i / 2e4) + random() * 0.01), limit: 6 },
    rounded: { value: (i) => Math.round(1e4 * (Math.exp(-i / 2e4) + random() * 0.01)) / 1e4, limit: 5 },
    random: { value: () => random(), limit: 11 },
  };
  for (const [name, { value, limit }] of Object.entries(kinds)) {
    const run = name.padEnd(26, "a");
    let at = 1.7e12;
    const points = Array.from({ length: count }, (_, i): Point => {
      at += 50 + random();
      return [name, i, value(i), at];
    });
    for (let i = 0; i < count; i += 500) await store.append(run, columns(points.slice(i, i + 500)));
    await store.seal(run);
    const perPoint = (await store.usage(run)) / count;
    assert.ok(perPoint <= limit, `${name}: ${perPoint} bytes a point`);
    assert.deepEqual(
      await history(store, run, name),
      points.map(([, step, v, a]) => [step, v, a]),
    );
  }
});

test("points that come after sealing are read with the others, and sealed with them the next time", async (t) => {
  const project = seriesProject(t);
  const [one, late] = [project.open(), project.open()];
  await late.append(project.run, ramp("a", 0, 20_000));
  await one.append(project.run, ramp("b", 0, 10));
  await one.seal(project.run);
  // The late writer had its file taken away.
  await late.append(project.run, ramp("a", 20_000, 10));
  await one.append(project.run, ramp("c", 0, 10));
  const check = async (): Promise<void> => {
    for (const store of [one, late]) {
      const steps = (await history(store, project.run, "a")).map(([step]) => step);
      assert.deepEqual(
        steps,
        Array.from({ length: 20_010 }, (_, i) => i),
      );
      assert.equal((await history(store, project.run, "b")).length, 10);
      assert.equal((await history(store, project.run, "c")).length, 10);
      assert.equal((await store.summaries(project.run)).get("a")?.summary.count, 20_010);
    }
  };
  await check();
  assert.equal(project.files().length, 3);
  await late.seal(project.run);
  assert.deepEqual(project.files(), ["00000002.sealed"]);
  await check();
});

test("a point whose file is taken away while it is written is neither lost nor doubled", async (t) => {
  const project = seriesProject(t);
  const sealer = project.open();
  // Seals the run between a write and the look whether the file is still there.
  let seal = false;
  const late = project.open({
    fs: {
      ...systemFs,
      async write(...args) {
        const written = await systemFs.write(...args);
        if (seal) {
          seal = false;
          await sealer.seal(project.run);
        }
        return written;
      },
    },
  });
  await late.append(project.run, ramp("a", 0, 5));
  for (let i = 1; i < 4; i++) {
    seal = true;
    await late.append(project.run, ramp("a", i * 5, 5));
    assert.equal(seal, false);
  }
  const steps = (await history(sealer, project.run, "a")).map(([step]) => step);
  assert.deepEqual(
    steps,
    Array.from({ length: 20 }, (_, i) => i),
  );
  assert.equal((await sealer.summaries(project.run)).get("a")?.summary.count, 20);
});

test("readers, late writers and several sealers at once: every acknowledged point is in every read, once", async (t) => {
  const project = seriesProject(t);
  const [one, two, writer, reader] = Array.from({ length: 4 }, () => project.open());
  let acknowledged = 0;
  let done = false;
  const rounds = 120;
  async function write(): Promise<void> {
    for (let i = 0; i < rounds; i++) {
      await writer!.append(project.run, ramp("a", i * 10, 10));
      acknowledged = (i + 1) * 10;
    }
    done = true;
  }
  async function seal(store: typeof one): Promise<void> {
    while (!done) await store!.seal(project.run);
  }
  let reads = 0;
  async function read(): Promise<void> {
    while (!done) {
      const least = acknowledged;
      const steps = (await history(reader!, project.run, "a")).map(([step]) => step);
      assert.ok(steps.length >= least, `${steps.length} of ${least} points`);
      assert.deepEqual(
        steps,
        Array.from({ length: steps.length }, (_, i) => i),
      );
      const { summary } = (await reader!.summaries(project.run)).get("a") ?? {};
      assert.ok((summary?.count ?? 0) >= least);
      reads += 1;
    }
  }
  await Promise.all([write(), seal(one), seal(two), read(), read()]);
  assert.ok(reads > 0);
  await one!.seal(project.run);
  assert.equal((await history(two!, project.run, "a")).length, rounds * 10);
  assert.equal((await one!.summaries(project.run)).get("a")?.summary.count, rounds * 10);
});

test("a listing that misses a file because it was renamed meanwhile is made again", async (t) => {
  const project = seriesProject(t);
  const sealer = project.open();
  await sealer.append(project.run, ramp("a", 0, 10));
  // The first listing meets the folder in the middle of a sealing: the old name gone, the new one passed already.
  let listings = 0;
  const reader = project.open({
    fs: {
      ...systemFs,
      async list(path) {
        const names = await systemFs.list(path);
        if (listings++ > 0) return names;
        await sealer.seal(project.run);
        return names.filter((name) => !name.includes(".ser"));
      },
    },
  });
  assert.equal((await history(reader, project.run, "a")).length, 10);
  assert.ok(listings > 2);
});

test("a sealer that is too late withdraws and removes nothing", async (t) => {
  const project = seriesProject(t);
  const fast = project.open();
  let meanwhile: (() => Promise<void>) | undefined;
  const slow = project.open({
    fs: {
      ...systemFs,
      async link(from, to) {
        await meanwhile?.();
        return systemFs.link(from, to);
      },
    },
  });
  await fast.append(project.run, ramp("a", 0, 10));
  // Taken after the slow one has read its files: the first time once, then twice, so that its number is free again.
  for (const times of [1, 2]) {
    await fast.append(project.run, ramp("a", times * 10, 10));
    meanwhile = async () => {
      meanwhile = undefined;
      for (let i = 0; i < times; i++) {
        await fast.append(project.run, ramp("b", times * 10 + i, 1));
        await fast.seal(project.run);
      }
    };
    await slow.seal(project.run);
    assert.equal((await history(fast, project.run, "a")).length, times * 10 + 10);
  }
  assert.equal((await history(fast, project.run, "b")).length, 3);
  assert.deepEqual(project.files(), ["00000003.sealed"]);
});

test("without hard links a run stays as it is, whole", async (t) => {
  const project = seriesProject(t);
  const refuse = async (): Promise<void> => {
    throw Object.assign(new Error("EPERM: operation not permitted, link"), { code: "EPERM" });
  };
  const store = project.open({ fs: { ...systemFs, link: refuse } });
  await store.append(project.run, ramp("a", 0, 100));
  await store.seal(project.run);
  await store.append(project.run, ramp("a", 100, 100));
  await store.seal(project.run);
  assert.equal((await history(store, project.run, "a")).length, 200);
  assert.ok(project.files().every((name) => name.endsWith(".ser.ret")));
});

test("a damaged block or index of a sealed file costs no more than what it held, and nothing is removed", async (t) => {
  const project = seriesProject(t);
  const store = project.open();
  await store.append(project.run, ramp("a", 0, 40_000));
  await store.append(project.run, ramp("b", 0, 10));
  await store.seal(project.run);
  await store.append(project.run, ramp("b", 10, 10));
  const path = project.path("series", project.run, "00000001.sealed");
  const good = readFileSync(path);
  const damaged = Buffer.from(good);
  damaged[400]! ^= 4;
  writeFileSync(path, damaged);
  const left = await history(project.open(), project.run, "a");
  assert.deepEqual(
    left.map(([step]) => step),
    Array.from({ length: 40_000 - 16_384 }, (_, i) => 16_384 + i),
  );
  assert.equal((await history(project.open(), project.run, "b")).length, 20);
  await project.open().seal(project.run);
  assert.equal(existsSync(path), true);
  assert.deepEqual(
    project.problems.map(({ kind, details }) => [kind, details["file"]]),
    Array(2).fill(["JOURNAL_DAMAGED", `series/${project.run}/00000001.sealed`]),
  );

  const noIndex = Buffer.from(good);
  noIndex[noIndex.length - 40]! ^= 1;
  writeFileSync(path, noIndex);
  project.problems.length = 0;
  const other = project.open();
  assert.equal((await history(other, project.run, "a")).length, 40_000);
  assert.equal((await history(other, project.run, "b")).length, 20);
  assert.equal((await other.summaries(project.run)).get("a")?.summary.count, 40_000);
  assert.equal(project.problems.length, 1);
  writeFileSync(path, good);
  await project.open().seal(project.run);
  assert.deepEqual(readdirSync(project.path("series", project.run)), ["00000002.sealed"]);
  assert.equal((await history(project.open(), project.run, "b")).length, 20);
});
