import assert from "node:assert/strict";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import type { SeriesStore } from "../../../src/services/ports/series.ts";
import type { SeriesImages } from "../../../src/services/ports/sharing.ts";
import { openSeriesImages } from "../../../src/store/series/series-images.ts";
import { seriesProject } from "./series-fixture.ts";

/* Points that come from other copies of a project: each once, to the last bit, and nothing believed. */

interface Copy {
  readonly store: SeriesStore;
  readonly images: SeriesImages;
  readonly folder: string;
  readonly run: string;
}

function copies(context: TestContext, count: number): Copy[] {
  const run = "a".repeat(26);
  return Array.from({ length: count }, () => {
    const project = seriesProject(context);
    const { directory } = project;
    return {
      store: project.open(),
      images: openSeriesImages({ directory }),
      folder: join(directory, "series", run),
      run,
    };
  });
}

async function append(
  copy: Copy,
  values: readonly number[],
  source?: { id: string; from: number },
): Promise<void> {
  const name = values.map(() => "loss");
  const at = values.map((_, i) => 1_700_000_000_000 + i / 3);
  const step = values.map((_, i) => values.length - i);
  const stretch = source && { ...source, to: source.from + values.length };
  await copy.store.append(copy.run, { name, step, value: [...values], at }, stretch);
}

async function send(from: Copy, to: Copy): Promise<number> {
  await from.store.seal(from.run);
  let points = 0;
  for (const { sha256, path } of (await from.images.list(from.run)).images) {
    const taken = await to.images.take(to.run, sha256, path);
    assert.equal(taken.refused, undefined);
    points += taken.points;
  }
  return points;
}

async function bits(copy: Copy): Promise<string[]> {
  const { step, value, at } = await copy.store.history(copy.run, "loss");
  return Array.from(step, (s, i) => {
    const bytes = Buffer.alloc(24);
    bytes.writeDoubleLE(s, 0);
    bytes.writeDoubleLE(value[i]!, 8);
    bytes.writeDoubleLE(at[i]!, 16);
    return bytes.toString("hex");
  }).sort();
}

const STRANGE = [
  Number.NaN,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
  -0,
  5e-324,
  0.1 + 0.2,
  1e308,
];

test("points arrive equal to the last bit, and once however often they come", async (t) => {
  const [a, b] = copies(t, 2) as [Copy, Copy];
  await append(a, STRANGE);
  assert.equal(await send(a, b), STRANGE.length);
  assert.deepEqual(await bits(b), await bits(a));
  assert.equal(await send(a, b), 0);
  assert.equal(await send(b, a), 0);
  assert.deepEqual(await bits(b), await bits(a));
  assert.equal((await b.store.summaries(b.run)).get("loss")?.summary.count, STRANGE.length);
});

test("what two copies log to one run comes together in any order", async (t) => {
  const [a, b, c] = copies(t, 3) as [Copy, Copy, Copy];
  await append(a, [1, 2, 3]);
  await send(a, b);
  await append(b, [4, 5]);
  await send(b, c);
  await append(a, [6]);
  await send(a, c);
  await send(a, b);
  await send(b, a);
  await send(c, a);
  const all = await bits(a);
  assert.equal(all.length, 6);
  assert.deepEqual(await bits(b), all);
  assert.deepEqual(await bits(c), all);
});

test("a file that grew takes the place of what came before", async (t) => {
  const [a, b] = copies(t, 2) as [Copy, Copy];
  await append(a, [1, 2, 3]);
  await send(a, b);
  await append(a, [4]);
  assert.equal(await send(a, b), 1);
  assert.equal(readdirSync(b.folder).length, 1);
  assert.deepEqual(await bits(b), await bits(a));
});

test("copies that read one source to different ends have each of its points once", async (t) => {
  const [a, b, c] = copies(t, 3) as [Copy, Copy, Copy];
  const id = "00112233445566aa";
  for (const copy of [a, b]) await append(copy, [1, 2, 3], { id, from: 0 });
  await append(a, [9]);
  await append(b, [4, 5], { id, from: 3 });
  await send(a, c);
  await send(b, c);
  await send(b, a);
  await send(a, b);
  const all = await bits(c);
  assert.equal(all.length, 6);
  assert.deepEqual(await bits(a), all);
  assert.deepEqual(await bits(b), all);
});

test("what was there is never sealed together with what came, nor taken twice", async (t) => {
  const [a, b] = copies(t, 2) as [Copy, Copy];
  const id = "00112233445566aa";
  await append(a, [1, 2, 3], { id, from: 0 });
  await send(a, b);
  await append(b, [1, 2, 3], { id, from: 0 });
  await append(b, [7]);
  await b.store.seal(b.run);
  assert.equal((await bits(b)).length, 4);
  assert.equal(await send(b, a), 1);
  assert.deepEqual(await bits(a), await bits(b));
});

test("a file that is not what it says it is is refused", async (t) => {
  const [a, b] = copies(t, 2) as [Copy, Copy];
  await append(a, [1, 2, 3]);
  await a.store.seal(a.run);
  const [image] = (await a.images.list(a.run)).images;
  const good = readFileSync(image!.path);
  const { createHash } = await import("node:crypto");
  for (let at = 0; at < good.length; at += 7) {
    const bad = Buffer.from(good);
    bad[at]! ^= 0x55;
    const path = join(a.folder, "bad");
    writeFileSync(path, bad);
    const sha256 = createHash("sha256").update(bad).digest("hex");
    assert.notEqual((await b.images.take(b.run, sha256, path)).refused, undefined, `byte ${at}`);
    assert.notEqual((await b.images.take(b.run, image!.sha256, path)).refused, undefined);
  }
  assert.deepEqual(readdirSync(b.folder), []);
});

test("a file cannot hide points by saying that it has them", async (t) => {
  const [a, b, c] = copies(t, 3) as [Copy, Copy, Copy];
  const id = "00112233445566aa";
  await append(a, [1, 2, 3], { id, from: 0 });
  await send(a, b);
  await append(c, [8, 8, 8, 8], { id, from: 0 });
  await c.store.seal(c.run);
  const [image] = (await c.images.list(c.run)).images;
  assert.match(String((await b.images.take(b.run, image!.sha256, image!.path)).refused), /missing/);
  assert.deepEqual(await bits(b), await bits(a));
});
