import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { randomId } from "../../../src/domain/ids.ts";
import { systemFs } from "../../../src/store/series/series-fs.ts";
import {
  columns,
  history,
  randomNumbers,
  type SpoolRecord,
  seriesProject,
  writeSpool,
} from "./series-fixture.ts";

const SPOOL = "00112233445566aa";
const HEADER = 64;
const SLOT = 32;

function pointRecords(number: number, from: number, count: number): SpoolRecord[] {
  return Array.from({ length: count }, (_, i) => [
    "point",
    number,
    from + i,
    (from + i) / 3,
    1000 + (from + i) / 8,
  ]);
}

test("a spool written by Python is taken in exactly, and the answer says up to where it is durable", async (t) => {
  const project = seriesProject(t);
  const store = project.open();
  const path = project.path("spool.bin");
  const long = `${"名".repeat(300)}!`;
  const end = writeSpool(path, {
    run: project.run,
    spool: SPOOL,
    records: [
      ["name", 0, "loss"],
      ["point", 0, 0, 0.5, 1700000000.25],
      ["name", 7, long],
      ["point", 7, -1, "nan", 1700000001.5],
      ["name", 70_000, ""],
      ["point", 70_000, 2 ** 40 + 5, "inf", 1700000002],
      ["point", 0, -(2 ** 40), "-inf", 1700000003],
    ],
  });
  assert.deepEqual(await store.appendSpool(project.run, { path, from: 0 }), { durableTo: end, points: 4 });
  assert.deepEqual(await history(store, project.run, "loss"), [
    [-(2 ** 40), Number.NEGATIVE_INFINITY, 1700000003000],
    [0, 0.5, 1700000000250],
  ]);
  assert.deepEqual(await history(store, project.run, long), [[-1, Number.NaN, 1700000001500]]);
  assert.deepEqual(await history(store, project.run, ""), [
    [2 ** 40 + 5, Number.POSITIVE_INFINITY, 1700000002000],
  ]);
  assert.equal(store.ownSummaries(project.run).get("loss")?.count, 2);
  assert.equal(await store.takenTo(project.run, SPOOL), end);
});

test("a spool that grows between calls is taken in piece by piece, each point once", async (t) => {
  const project = seriesProject(t);
  const store = project.open();
  const path = project.path("spool.bin");
  const spool = { run: project.run, spool: SPOOL };
  let end = writeSpool(path, { ...spool, records: [["name", 0, "a"], ...pointRecords(0, 0, 10)] });
  assert.deepEqual(await store.appendSpool(project.run, { path, from: 0 }), { durableTo: end, points: 10 });
  assert.deepEqual(await store.appendSpool(project.run, { path, from: 0 }), { durableTo: end, points: 0 });
  const slot = (end - HEADER) / SLOT;
  const before = end;
  end = writeSpool(path, {
    ...spool,
    slot,
    records: [...pointRecords(0, 10, 5), ["name", 1, "b"], ...pointRecords(1, 0, 5)],
  });
  // Only what was told, then the rest; `from` is what the client has been acknowledged.
  const middle = before + 2 * SLOT;
  assert.deepEqual(await store.appendSpool(project.run, { path, from: before, to: middle }), {
    durableTo: middle,
    points: 2,
  });
  assert.deepEqual(await store.appendSpool(project.run, { path, from: middle }), {
    durableTo: end,
    points: 8,
  });
  assert.equal((await history(store, project.run, "a")).length, 15);
  assert.equal((await history(store, project.run, "b")).length, 5);
});

test("an engine that begins in the middle of a spool finds the names in front of it", async (t) => {
  const project = seriesProject(t);
  const store = project.open();
  const path = project.path("spool.bin");
  const records: SpoolRecord[] = [
    ["name", 3, "x".repeat(100)],
    ...pointRecords(3, 0, 100),
    ["name", 4, "y"],
    ...pointRecords(4, 0, 20),
  ];
  const end = writeSpool(path, { run: project.run, spool: SPOOL, records });
  const from = end - 10 * SLOT;
  assert.deepEqual(await store.appendSpool(project.run, { path, from }), { durableTo: end, points: 10 });
  assert.deepEqual(
    (await history(store, project.run, "y")).map(([step]) => step),
    Array.from({ length: 10 }, (_, i) => 10 + i),
  );
  // What is in front can still be asked for; what was taken is not stored again.
  const answer = await store.appendSpool(project.run, { path, from: 0 });
  assert.equal(answer.durableTo, end);
  assert.equal((await history(store, project.run, "x".repeat(100))).length, 100);
  assert.equal((await history(store, project.run, "y")).length, 20);
});

test("the next engine takes in only what no engine had, and says that all of it is durable", async (t) => {
  const project = seriesProject(t);
  const path = project.path("spool.bin");
  const spool = { run: project.run, spool: SPOOL };
  const first = project.open();
  let end = writeSpool(path, { ...spool, records: [["name", 0, "a"], ...pointRecords(0, 0, 50)] });
  await first.appendSpool(project.run, { path, from: 0 });
  end = writeSpool(path, { ...spool, slot: (end - HEADER) / SLOT, records: pointRecords(0, 50, 7) });
  const next = project.open();
  assert.deepEqual(await next.appendSpool(project.run, { path, from: 0 }), { durableTo: end, points: 7 });
  assert.equal((await history(next, project.run, "a")).length, 57);
  await next.seal(project.run);
  assert.deepEqual(await project.open().appendSpool(project.run, { path, from: 0 }), {
    durableTo: end,
    points: 0,
  });
});

test("a second file of the same thread and files of other threads are other spools", async (t) => {
  const project = seriesProject(t);
  const store = project.open();
  for (const [i, spool] of ["00000000000000f1", "00000000000000f2", "00000000000000f3"].entries()) {
    const path = project.path(`${spool}.bin`);
    const records: SpoolRecord[] = [["name", i, "a"], ...pointRecords(i, i * 10, 10)];
    const end = writeSpool(path, { run: project.run, spool, records });
    assert.deepEqual(await store.appendSpool(project.run, { path, from: HEADER }), {
      durableTo: end,
      points: 10,
    });
  }
  assert.deepEqual(
    (await history(store, project.run, "a")).map(([step]) => step),
    Array.from({ length: 30 }, (_, i) => i),
  );
});

test("the first slot that is not valid ends a spool: torn point, torn name, garbage, a stale slot", async (t) => {
  const project = seriesProject(t);
  const store = project.open();
  const good: SpoolRecord[] = [["name", 0, "a"], ...pointRecords(0, 0, 5)];
  const ends: Record<string, SpoolRecord> = {
    "torn point": ["torn", 0, 99, 1, 1],
    garbage: ["raw", "c3".repeat(64)],
    "undefined name": ["point", 5, 99, 1, 1],
    "name that is too long": ["raw", `${"00".repeat(8)}000000000070a740${"00".repeat(8)}ffffffff00000000`],
    "name that is not a number long": [
      "raw",
      `${"00".repeat(8)}000000000000f87f${"00".repeat(8)}ffffffff00000000`,
    ],
    "definition cut off": ["raw", `0100000000000000000000000000f03f${"00".repeat(8)}ffffffff00000000`],
  };
  let made = 0;
  for (const [what, bad] of Object.entries(ends)) {
    const run = randomId();
    const path = project.path(`${what}.bin`);
    const spool = (0xabc0 + made++).toString(16).padStart(16, "0");
    const end = writeSpool(path, { run, spool, records: [...good, bad, ...pointRecords(0, 50, 3)] });
    const goodEnd = HEADER + 7 * SLOT;
    assert.ok(end > goodEnd);
    assert.deepEqual(
      await store.appendSpool(run, { path, from: 0 }),
      { durableTo: goodEnd, points: 5 },
      what,
    );
    assert.equal((await history(store, run, "a")).length, 5, what);
  }
});

test("a torn slot that is finished later is taken then", async (t) => {
  const project = seriesProject(t);
  const store = project.open();
  const path = project.path("spool.bin");
  const spool = { run: project.run, spool: SPOOL };
  writeSpool(path, { ...spool, records: [["name", 0, "a"], ...pointRecords(0, 0, 5), ["torn", 0, 5, 1, 1]] });
  assert.equal((await store.appendSpool(project.run, { path, from: 0 })).points, 5);
  const end = writeSpool(path, {
    ...spool,
    slot: 7,
    records: [["point", 0, 5, 2, 1], ...pointRecords(0, 6, 1)],
  });
  assert.deepEqual(await store.appendSpool(project.run, { path, from: 0 }), { durableTo: end, points: 2 });
});

test("names across the border of a read, and a name redefined", async (t) => {
  const project = seriesProject(t);
  const store = project.open();
  const path = project.path("spool.bin");
  const records: SpoolRecord[] = [["name", 0, "a"]];
  // The first read ends at slot 2048: a long name lies across it.
  records.push(...pointRecords(0, 0, 2040), ["name", 1, "b".repeat(1000)], ...pointRecords(1, 0, 5));
  records.push(["name", 0, "c"], ...pointRecords(0, 0, 3));
  const end = writeSpool(path, { run: project.run, spool: SPOOL, records, reserve: 1 << 18 });
  assert.deepEqual(await store.appendSpool(project.run, { path, from: 0 }), { durableTo: end, points: 2048 });
  assert.equal((await history(store, project.run, "a")).length, 2040);
  assert.equal((await history(store, project.run, "b".repeat(1000))).length, 5);
  assert.equal((await history(store, project.run, "c")).length, 3);
});

test("what is no spool of the run is refused with its reason", async (t) => {
  const project = seriesProject(t);
  const store = project.open();
  const path = project.path("spool.bin");
  const records: SpoolRecord[] = [["name", 0, "a"], ...pointRecords(0, 0, 5)];
  writeSpool(path, { run: project.run, spool: SPOOL, records });
  const bytes = readFileSync(path);
  const variant = (name: string, change: (copy: Buffer) => Buffer): string => {
    writeFileSync(project.path(name), change(Buffer.from(bytes)));
    return project.path(name);
  };
  const flipped = (offset: number) => (copy: Buffer) => {
    copy[offset]! ^= 1;
    return copy;
  };
  mkdirSync(project.path("folder"));
  symlinkSync(path, project.path("link"));
  execFileSync("mkfifo", [project.path("pipe")]);
  writeSpool(project.path("other run"), { run: randomId(), spool: SPOOL, records });
  writeSpool(project.path("newer"), { run: project.run, spool: SPOOL, records, version: 2 });
  const cases: [string, RegExp][] = [
    [project.path("nothing"), /no such file/],
    [project.path("folder"), /regular file/],
    [project.path("link"), /symbolic link/],
    [project.path("pipe"), /regular file/],
    [project.path("other run"), /another run/],
    [project.path("newer"), /format 2/],
    [variant("magic", flipped(0)), /not a spool/],
    [variant("checksum", flipped(20)), /damaged/],
    [variant("short", (copy) => copy.subarray(0, 63)), /no header/],
    [variant("empty", () => Buffer.alloc(0)), /no header/],
  ];
  truncateSync(
    variant("huge", (copy) => copy),
    64 * 1024 * 1024 + 1,
  );
  cases.push([project.path("huge"), /64 MiB/]);
  for (const [bad, reason] of cases) {
    const refused = { kind: "SPOOL_INVALID", message: reason };
    await assert.rejects(store.appendSpool(project.run, { path: bad, from: 0 }), refused, bad);
  }
  const misplaced = [65, HEADER + SLOT, 1 << 20].map((from) =>
    assert.rejects(store.appendSpool(project.run, { path, from }), { kind: "SPOOL_INVALID" }, String(from)),
  );
  await Promise.all(misplaced);
  assert.deepEqual(project.files(), []);
  assert.equal((await store.appendSpool(project.run, { path, from: 0 })).points, 5);
});

test("a record whose name is not defined is refused when nothing is in front of it", async (t) => {
  const project = seriesProject(t);
  const store = project.open();
  const path = project.path("spool.bin");
  writeSpool(path, { run: project.run, spool: SPOOL, records: pointRecords(0, 0, 5) });
  await assert.rejects(store.appendSpool(project.run, { path, from: 0 }), {
    kind: "SPOOL_INVALID",
    message: /not defined/,
  });
});

test("overlapping stretches taken in by several engines at once, in any order: every point once", async (t) => {
  const random = randomNumbers(20);
  for (let round = 0; round < 12; round++) {
    const project = seriesProject(t);
    const path = project.path("spool.bin");
    const records: SpoolRecord[] = [];
    const starts: number[] = [];
    let slots = 0;
    let defined = 0;
    const steps: number[][] = [];
    while (slots < 300) {
      starts.push(slots);
      if (defined === 0 || random() < 0.08) {
        const name = `m${defined}`.padEnd(1 + Math.floor(random() * 90), "é");
        records.push(["name", defined, name]);
        slots += 1 + Math.ceil(Buffer.byteLength(name) / SLOT);
        steps[defined++] = [];
      } else {
        const series = Math.floor(random() * defined);
        records.push(["point", series, steps[series]!.length, 1, slots]);
        steps[series]!.push(steps[series]!.length);
        slots += 1;
      }
    }
    starts.push(slots);
    const end = writeSpool(path, { run: project.run, spool: SPOOL, records });
    const engines = Array.from({ length: 3 }, () => project.open());
    const stretches = Array.from({ length: 8 }, () => {
      const [a, b] = [0, 0].map(() => HEADER + SLOT * starts[Math.floor(random() * starts.length)]!);
      return { path, from: Math.min(a!, b!), to: Math.max(a!, b!) };
    });
    stretches.push({ path, from: 0, to: end });
    const work = stretches.map((stretch, i) => engines[i % 3]!.appendSpool(project.run, stretch));
    for (const [i, { durableTo }] of (await Promise.all(work)).entries()) {
      assert.ok(durableTo >= stretches[i]!.to, `round ${round}, stretch ${i}`);
    }
    const check = async (): Promise<void> => {
      for (const [series, expected] of steps.entries()) {
        const name = (
          records.find((r) => r[0] === "name" && r[1] === series) as readonly ["name", number, string]
        )[2];
        const found = (await history(engines[0]!, project.run, name)).map(([step]) => step);
        assert.deepEqual(found, expected, `round ${round}, series ${series}`);
      }
    };
    await check();
    if (round % 3 === 0) await engines[round % 2]!.seal(project.run);
    await engines[2]!.appendSpool(project.run, { path, from: 0 });
    await check();
  }
});

test("overlaps are dropped by the readers, not only avoided by the writers", async (t) => {
  const project = seriesProject(t);
  const path = project.path("spool.bin");
  const records: SpoolRecord[] = [["name", 0, "a"], ...pointRecords(0, 0, 1000)];
  const end = writeSpool(path, { run: project.run, spool: SPOOL, records });
  // The second does not see what the first has written, as when both begin together.
  const [one, two] = [project.open(), project.open({ fs: { ...systemFs, list: async () => [] } })];
  for (const store of [one, two]) {
    const answer = await store.appendSpool(project.run, { path, from: 0 });
    assert.deepEqual(answer, { durableTo: end, points: 1000 });
  }
  assert.equal((await history(one, project.run, "a")).length, 1000);
  const summaries = await one.summaries(project.run);
  assert.equal(summaries.get("a")?.summary.count, 1000);
  // Both count them in their own summaries, so both are covered.
  assert.deepEqual(summaries.get("a")?.writers, [one.writer, two.writer].sort());
});

test("points of a spool and points sent inline are one series", async (t) => {
  const project = seriesProject(t);
  const store = project.open();
  const path = project.path("spool.bin");
  const records: SpoolRecord[] = [["name", 0, "a"], ...pointRecords(0, 0, 10)];
  writeSpool(path, { run: project.run, spool: SPOOL, records });
  await Promise.all([
    store.append(project.run, columns([["a", 3, 9, 1]])),
    store.appendSpool(project.run, { path, from: 0 }),
  ]);
  assert.equal((await history(store, project.run, "a")).length, 11);
});
