import assert from "node:assert/strict";
import { existsSync, statSync } from "node:fs";
import { test } from "node:test";
import { columns, history, ramp, seriesProject } from "./series-fixture.ts";

test("nothing is created before the first point", async (t) => {
  const project = seriesProject(t);
  const store = project.open();
  assert.deepEqual(await history(store, project.run, "loss"), []);
  assert.equal((await store.summaries(project.run)).size, 0);
  assert.equal(await store.usage(project.run), 0);
  await store.flush();
  await store.seal(project.run);
  assert.equal(existsSync(project.path("series")), false);
});

test("repeated and out-of-order steps, NaN and infinities are all kept, in order of step and time", async (t) => {
  const project = seriesProject(t);
  const store = project.open();
  const points = [
    ["a", 3, 1, 30],
    ["a", 1, Number.NaN, 10],
    ["b", 2, 5, 10],
    ["a", 3, 2, 20],
    ["a", 1, Number.POSITIVE_INFINITY, 10],
    ["a", -7, Number.NEGATIVE_INFINITY, 99.5],
    ["a", 2 ** 53, -0, 1],
  ] as const;
  await store.append(project.run, columns(points));
  await store.append(project.run, columns([["a", 3, 3, 20]]));
  assert.deepEqual(await history(store, project.run, "a"), [
    [-7, Number.NEGATIVE_INFINITY, 99.5],
    [1, Number.NaN, 10],
    [1, Number.POSITIVE_INFINITY, 10],
    [3, 2, 20],
    [3, 3, 20],
    [3, 1, 30],
    [2 ** 53, -0, 1],
  ]);
  assert.deepEqual(await history(store, project.run, "b"), [[2, 5, 10]]);
});

test("names are any text", async (t) => {
  const project = seriesProject(t);
  const store = project.open();
  const names = ["损失/训练", "😀 loss", 'a b\n\t"\\', "ÿ\u0000x", "__proto__", "x".repeat(1000)];
  await store.append(project.run, columns(names.map((name, i) => [name, i, i, i])));
  const other = project.open();
  for (const [i, name] of names.entries())
    assert.deepEqual(await history(other, project.run, name), [[i, i, i]]);
  assert.deepEqual([...(await other.summaries(project.run)).keys()].sort(), [...names].sort());
  assert.deepEqual([...store.ownSummaries(project.run).keys()].sort(), [...names].sort());
});

test("summaries: newest last, later of two at one time, numbers only in min and max", async (t) => {
  const project = seriesProject(t);
  const store = project.open();
  const inf = Number.POSITIVE_INFINITY;
  const points = [
    ["a", 9, 1, 100],
    ["a", 5, 7, 200],
    ["a", 4, -2, 200],
    ["a", 8, Number.NaN, 50],
    ["nan", 1, Number.NaN, 1],
    ["late number", 1, Number.NaN, 1],
    ["late number", 2, 4, 2],
    ["inf", 1, inf, 1],
    ["inf", 2, 3, 2],
    ["inf", 3, Number.NaN, 3],
  ] as const;
  await store.append(project.run, columns(points));
  const expected = {
    a: { last: -2, lastStep: 4, lastAt: 200, min: -2, max: 7, count: 4 },
    nan: { last: Number.NaN, lastStep: 1, lastAt: 1, min: Number.NaN, max: Number.NaN, count: 1 },
    "late number": { last: 4, lastStep: 2, lastAt: 2, min: 4, max: 4, count: 2 },
    inf: { last: Number.NaN, lastStep: 3, lastAt: 3, min: 3, max: inf, count: 3 },
  };
  assert.deepEqual(Object.fromEntries(store.ownSummaries(project.run)), expected);
  const files = await project.open().summaries(project.run);
  assert.deepEqual(Object.fromEntries([...files].map(([name, { summary }]) => [name, summary])), expected);
  assert.deepEqual(files.get("a")?.writers, [store.writer]);
  await store.seal(project.run);
  const sealed = await store.summaries(project.run);
  assert.deepEqual(Object.fromEntries([...sealed].map(([name, { summary }]) => [name, summary])), expected);
  assert.deepEqual(sealed.get("a")?.writers, [store.writer]);
});

test("appends that come together share a write, and each is stored once", async (t) => {
  const project = seriesProject(t);
  const store = project.open();
  await Promise.all(Array.from({ length: 500 }, (_, i) => store.append(project.run, ramp("a", i * 10, 10))));
  const found = await history(store, project.run, "a");
  assert.deepEqual(
    found.map(([step]) => step),
    Array.from({ length: 5000 }, (_, i) => i),
  );
  assert.equal(project.files().length, 1);
  assert.ok((await store.usage(project.run)) < 5000 * 24);
});

test("at most 28 bytes a point at 500 points a call, whatever the names", async (t) => {
  const project = seriesProject(t);
  const store = project.open();
  for (const [run, series] of [
    [project.run, 1],
    ["a".repeat(26), 500],
  ] as const) {
    for (let call = 0; call < 20; call++) {
      const points = Array.from(
        { length: 500 },
        (_, i) => [`m${i % series}`, call * 500 + i, Math.random(), 1.7e12 + Math.random()] as const,
      );
      await store.append(run, columns(points));
    }
    const names = series * 60;
    assert.ok((await store.usage(run)) - names <= 28 * 10_000);
  }
});

test("columns that do not fit together are refused whole", async (t) => {
  const project = seriesProject(t);
  const store = project.open();
  const good = ramp("a", 0, 3);
  const bad = [
    { ...good, step: [1, 2] },
    { ...good, value: [] },
    { ...good, at: [1, 2, Number.NaN] },
    { ...good, step: [1, Number.POSITIVE_INFINITY, 3] },
  ];
  for (const points of bad) {
    await assert.rejects(store.append(project.run, points), { kind: "INVALID_PARAMS" });
  }
  await assert.rejects(store.append(project.run, good, { id: "xyz", from: 0, to: 1 }), {
    kind: "INVALID_PARAMS",
  });
  assert.deepEqual(await history(store, project.run, "a"), []);
});

test("a run id that is none never becomes a path", async (t) => {
  const project = seriesProject(t);
  const store = project.open();
  for (const id of ["../../escape", "", "..", "A".repeat(26), "a".repeat(25)]) {
    await assert.rejects(store.append(id, ramp("a", 0, 1)), { kind: "RUN_NOT_FOUND" });
    await assert.rejects(store.history(id, "a"), { kind: "RUN_NOT_FOUND" });
    await assert.rejects(store.seal(id), { kind: "RUN_NOT_FOUND" });
  }
  assert.equal(existsSync(project.path("series")), false);
});

test("two engines on one run: all points, in one order, and who logged them", async (t) => {
  const project = seriesProject(t);
  const [one, two] = [project.open(), project.open()];
  for (let i = 0; i < 50; i++) {
    await Promise.all([
      one.append(project.run, columns([["a", i * 2, 1, i]])),
      two.append(
        project.run,
        columns([
          ["a", i * 2 + 1, 2, i],
          ["b", i, 3, i],
        ]),
      ),
    ]);
  }
  for (const store of [one, two]) {
    const found = await history(store, project.run, "a");
    assert.deepEqual(
      found.map(([step, value]) => [step, value]),
      Array.from({ length: 100 }, (_, i) => [i, (i % 2) + 1]),
    );
    const summaries = await store.summaries(project.run);
    assert.deepEqual(summaries.get("a")?.writers, [one.writer, two.writer].sort());
    assert.deepEqual(summaries.get("b")?.writers, [two.writer]);
    assert.equal(summaries.get("a")?.summary.count, 100);
  }
  assert.equal(one.ownSummaries(project.run).get("a")?.count, 50);
});

test("guessed points give way to others of their name, also outside the asked range and after sealing", async (t) => {
  const project = seriesProject(t);
  const store = project.open();
  const source = (from: number) => ({ id: "00000000000000aa", from, to: from + 10, weak: true });
  await store.append(project.run, columns([["a", 1, 0.5, 1]]), source(0));
  await store.append(project.run, columns([["only guessed", 1, 7, 1]]), source(10));
  assert.deepEqual(await history(store, project.run, "a"), [[1, 0.5, 1]]);
  await store.append(project.run, columns([["a", 40, 1, 1]]));
  const check = async (): Promise<void> => {
    assert.deepEqual(await history(store, project.run, "a"), [[40, 1, 1]]);
    assert.deepEqual(await history(store, project.run, "a", { toStep: 10 }), []);
    assert.deepEqual(await history(store, project.run, "only guessed"), [[1, 7, 1]]);
    const summaries = await store.summaries(project.run);
    assert.equal(summaries.get("a")?.summary.last, 1);
    assert.deepEqual(summaries.get("a")?.writers, [store.writer, `weak-${store.writer}`]);
    assert.deepEqual(summaries.get("only guessed")?.writers, [`weak-${store.writer}`]);
  };
  await check();
  assert.deepEqual([...store.ownSummaries(project.run).keys()], ["a"]);
  assert.deepEqual([...store.ownSummaries(project.run, "weak").keys()], ["a", "only guessed"]);
  await store.seal(project.run);
  await check();
});

test("points of a source are taken in once, whoever reads it", async (t) => {
  const project = seriesProject(t);
  const [one, two] = [project.open(), project.open()];
  const id = "0123456789abcdef";
  assert.equal(await one.takenTo(project.run, id), 0);
  for (const from of [0, 1, 5]) await one.append(project.run, ramp("a", from, 1), { id, from, to: from + 1 });
  assert.equal(await one.takenTo(project.run, id), 6);
  assert.equal(await two.takenTo(project.run, id), 6);
  for (const from of [0, 1, 3, 5, 6])
    await two.append(project.run, ramp("a", from, 1), { id, from, to: from + 1 });
  const steps = async (): Promise<number[]> => (await history(one, project.run, "a")).map(([step]) => step);
  assert.deepEqual(await steps(), [0, 1, 3, 5, 6]);
  assert.equal((await one.summaries(project.run)).get("a")?.summary.count, 5);
  await one.seal(project.run);
  assert.deepEqual(await steps(), [0, 1, 3, 5, 6]);
  await two.append(project.run, ramp("a", 3, 1), { id, from: 3, to: 4 });
  assert.deepEqual(await steps(), [0, 1, 3, 5, 6]);
  assert.equal(await two.takenTo(project.run, id), 7);
});

test("a file that has grown long is followed by another", async (t) => {
  const project = seriesProject(t);
  const store = project.open({ limits: { fileBytes: 4000 } });
  for (let i = 0; i < 20; i++) await store.append(project.run, ramp(i % 2 ? "a" : "b", i * 50, 50));
  const files = project.files();
  assert.ok(files.length > 3);
  assert.ok(files.every((name) => statSync(project.path("series", project.run, name)).size < 6000));
  assert.equal((await history(store, project.run, "a")).length, 500);
  assert.equal((await history(project.open(), project.run, "b")).length, 500);
});

test("an engine whose id is in use takes the next number, and no point is taken for another", async (t) => {
  const project = seriesProject(t);
  const writer = "ab".repeat(16);
  const [one, two] = [project.open({ writer }), project.open({ writer })];
  await one.append(project.run, columns([["a", 1, 1, 1]]));
  await two.append(project.run, columns([["a", 2, 2, 2]]));
  assert.deepEqual(project.files(), [`${writer}-0.ser`, `${writer}-1.ser`]);
  assert.equal((await history(one, project.run, "a")).length, 2);
});

test("history: a range of steps, and buckets that keep extremes, ends and what is no number", async (t) => {
  const project = seriesProject(t);
  const store = project.open();
  const points = Array.from({ length: 10_000 }, (_, i) => ["a", i, Math.sin(i / 500), i] as const);
  const spiky = points.map((point) => [...point] as [string, number, number, number]);
  spiky[1234]![2] = 50;
  spiky[5678]![2] = -50;
  spiky[7777]![2] = Number.NaN;
  spiky[8888]![2] = Number.POSITIVE_INFINITY;
  await store.append(project.run, columns(spiky));
  const range = await history(store, project.run, "a", { fromStep: 100, toStep: 199 });
  assert.deepEqual(
    range,
    spiky.slice(100, 200).map(([, step, value, at]) => [step, value, at]),
  );
  const few = await history(store, project.run, "a", { buckets: 20 });
  assert.ok(few.length <= 62 && few.length >= 20);
  const steps = few.map(([step]) => step);
  assert.deepEqual(
    [0, 1234, 5678, 7777, 8888, 9999].filter((step) => !steps.includes(step)),
    [],
  );
  assert.deepEqual(
    steps,
    [...steps].sort((a, b) => a - b),
  );
  assert.equal((await history(store, project.run, "a", { buckets: 1 })).length <= 5, true);
  assert.equal((await history(store, project.run, "a", { buckets: 5000 })).length, 10_000);
});

test("a store that was closed says so, and closing brings everything to disk", async (t) => {
  const project = seriesProject(t);
  const store = project.open();
  const appended = store.append(project.run, ramp("a", 0, 10));
  await store.close();
  await appended;
  await store.close();
  await assert.rejects(store.append(project.run, ramp("a", 0, 1)), { kind: "STORE_CLOSED" });
  await assert.rejects(store.history(project.run, "a"), { kind: "STORE_CLOSED" });
  assert.equal((await history(project.open(), project.run, "a")).length, 10);
});
