import assert from "node:assert/strict";
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { type TestContext, test } from "node:test";
import {
  columns,
  history,
  type Point,
  randomNumbers,
  type SeriesProject,
  seriesProject,
} from "../../stores/series/series-fixture.ts";

interface Written {
  readonly project: SeriesProject;
  readonly path: string;
  readonly bytes: Buffer;
  /** Offset of the end of the file after each append; the first is where the frames begin. */
  readonly ends: readonly number[];
}

/** A file of `appends` chunks with one point each; the step is the number of the append. */
async function written(t: TestContext, appends: number): Promise<Written> {
  const project = seriesProject(t);
  const store = project.open();
  const ends = [32];
  for (let i = 0; i < appends; i++) {
    const point: Point = ["a", i, i / 3, 1.7e12 + i];
    await store.append(project.run, columns([point]));
    ends.push(statSync(project.path("series", project.run, project.files()[0]!)).size);
  }
  await store.close();
  const path = project.path("series", project.run, project.files()[0]!);
  return { project, path, bytes: readFileSync(path), ends };
}

async function stepsOf({ project }: Written): Promise<number[]> {
  const store = project.open();
  const found = await history(store, project.run, "a");
  for (const [step, value, at] of found) assert.deepEqual([value, at], [step / 3, 1.7e12 + step]);
  const count = (await store.summaries(project.run)).get("a")?.summary.count ?? 0;
  assert.equal(count, found.length);
  return found.map(([step]) => step);
}

function upTo(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i);
}

/** Each spoils the file from `offset` on, as a crash might. */
const KINDS: Record<string, (bytes: Buffer, offset: number, random: () => number) => Buffer> = {
  cut: (bytes, offset) => bytes.subarray(0, offset),
  "bit flip": (bytes, offset, random) => {
    bytes[offset + Math.floor(random() * (bytes.length - offset))]! ^= 1 << Math.floor(random() * 8);
    return bytes;
  },
  "zeroed tail": (bytes, offset) => bytes.fill(0, offset),
  "zeroed sector": (bytes, offset) => Buffer.concat([bytes.fill(0, offset), Buffer.alloc(512)]),
  garbage: (bytes, offset, random) => {
    for (let i = offset; i < bytes.length; i++) bytes[i] = Math.floor(random() * 256);
    return bytes;
  },
  "duplicated tail": (bytes, offset) => Buffer.concat([bytes, bytes.subarray(offset)]),
};

test("torn tails of six kinds: every chunk before the damage is read, none is invented, and nobody is alarmed", async (t) => {
  const file = await written(t, 12);
  const random = randomNumbers(9);
  for (const [kind, spoil] of Object.entries(KINDS)) {
    for (let round = 0; round < 40; round++) {
      // Somewhere in the last chunk.
      const [start, end] = file.ends.slice(-2) as [number, number];
      const offset = start + Math.floor(random() * (end - start));
      writeFileSync(file.path, spoil(Buffer.from(file.bytes), offset, random));
      const steps = await stepsOf(file);
      const complete = kind === "duplicated tail" ? 12 : 11;
      // Zeroing what is zero, or what garbage hits by chance, damages nothing.
      const unharmed = readFileSync(file.path).subarray(0, file.bytes.length).equals(file.bytes);
      assert.deepEqual(steps, upTo(unharmed ? 12 : complete), `${kind} at ${offset}`);
    }
  }
  assert.deepEqual(file.project.problems, []);
});

test("cut anywhere, a file gives the chunks in front of the cut, and sealing it keeps them", async (t) => {
  const file = await written(t, 5);
  for (let cut = 0; cut < file.bytes.length; cut += 3) {
    writeFileSync(file.path, file.bytes.subarray(0, cut));
    const complete = file.ends.slice(1).filter((end) => end <= cut).length;
    assert.deepEqual(await stepsOf(file), upTo(complete), `cut at ${cut}`);
  }
  writeFileSync(file.path, file.bytes.subarray(0, file.ends[4]! + 5));
  await file.project.open().seal(file.project.run);
  assert.deepEqual(file.project.files(), ["00000001.sealed"]);
  assert.deepEqual(await stepsOf(file), upTo(4));
  assert.deepEqual(file.project.problems, []);
});

test("damage in the middle: everything else is read, it is told once, and the file is kept", async (t) => {
  const random = randomNumbers(10);
  for (let round = 0; round < 25; round++) {
    const file = await written(t, 10);
    // Not the first chunk, in front of which the name is defined.
    const victim = 1 + Math.floor(random() * 8);
    const offset = file.ends[victim]! + Math.floor(random() * (file.ends[victim + 1]! - file.ends[victim]!));
    const bytes = Buffer.from(file.bytes);
    bytes[offset]! ^= 1 << Math.floor(random() * 8);
    writeFileSync(file.path, bytes);
    const expected = upTo(10).filter((step) => step !== victim);
    const store = file.project.open();
    assert.deepEqual(
      (await history(store, file.project.run, "a")).map(([step]) => step),
      expected,
      `byte ${offset}`,
    );
    await store.summaries(file.project.run);
    const { problems } = file.project;
    assert.deepEqual(
      problems.map(({ kind, details }) => [kind, details["offset"], details["salvageable"]]),
      [["JOURNAL_DAMAGED", file.ends[victim], 9 - victim]],
    );
    if (round > 5) continue;
    await store.seal(file.project.run);
    await store.seal(file.project.run);
    assert.equal(file.project.files().length, 2);
    assert.deepEqual(await stepsOf(file), expected);
  }
});

test("a stretch of garbage over many chunks, and bytes that are missing or inserted", async (t) => {
  const file = await written(t, 30);
  const random = randomNumbers(11);
  for (let round = 0; round < 60; round++) {
    const first = 1 + Math.floor(random() * 20);
    const past = first + 1 + Math.floor(random() * 8);
    const from = file.ends[first]! + 1 + Math.floor(random() * 8);
    const to = file.ends[past]! - 1;
    let bytes = Buffer.from(file.bytes);
    const change = ["garbage", "missing", "inserted"][round % 3]!;
    if (change === "garbage") for (let i = from; i < to; i++) bytes[i] = Math.floor(random() * 256);
    if (change === "missing") bytes = Buffer.concat([bytes.subarray(0, from), bytes.subarray(to)]);
    if (change === "inserted") {
      const noise = Buffer.from(Array.from({ length: 1 + (round % 40) }, () => Math.floor(random() * 256)));
      bytes = Buffer.concat([bytes.subarray(0, from), noise, bytes.subarray(from)]);
    }
    writeFileSync(file.path, bytes);
    const lost = (step: number): boolean =>
      step >= first && step < (change === "inserted" ? first + 1 : past);
    assert.deepEqual(
      await stepsOf(file),
      upTo(30).filter((step) => !lost(step)),
      `${change} ${first}..${past}`,
    );
  }
});

test("damage to a name costs a stretch of the file at most", async (t) => {
  const project = seriesProject(t);
  const store = project.open();
  const points = Array.from({ length: 1000 }, (_, i): Point => [i % 2 ? "a" : "b", i, i, i]);
  for (let i = 0; i < 30; i++) await store.append(project.run, columns(points));
  await store.close();
  const path = project.path("series", project.run, project.files()[0]!);
  const bytes = readFileSync(path);
  // The first definition, of "b".
  assert.equal(bytes.toString("latin1", 48, 67), '{"id":0,"name":"b"}');
  bytes[60]! ^= 1;
  writeFileSync(path, bytes);
  const reader = project.open();
  assert.equal((await history(reader, project.run, "a")).length, 15_000);
  assert.equal((await history(reader, project.run, "b")).length, 15_000);
  assert.equal(project.problems.length, 1);
});

test("headers: empty, short, damaged, of another kind, and of a later format", async (t) => {
  const file = await written(t, 3);
  const changed = (change: (bytes: Buffer) => void): Buffer => {
    const bytes = Buffer.from(file.bytes);
    change(bytes);
    return bytes;
  };
  const cases: [string, Buffer, string[], number?][] = [
    ["empty", Buffer.alloc(0), []],
    ["31 bytes", file.bytes.subarray(0, 31), []],
    ["header only", file.bytes.subarray(0, 32), []],
    ["magic", changed((bytes) => bytes.write("DATMOSEG", 0, "latin1")), ["JOURNAL_DAMAGED"], 3],
    ["writer", changed((bytes) => bytes.writeUInt8(bytes[9]! ^ 1, 9)), ["JOURNAL_DAMAGED"], 3],
    ["salt", changed((bytes) => bytes.writeUInt8(bytes[20]! ^ 1, 20)), ["JOURNAL_DAMAGED"]],
  ];
  for (const [what, bytes, kinds, left = 0] of cases) {
    file.project.problems.length = 0;
    writeFileSync(file.path, bytes);
    const store = file.project.open();
    assert.equal((await history(store, file.project.run, "a")).length, left, what);
    assert.deepEqual(
      file.project.problems.map(({ kind }) => kind),
      kinds,
      what,
    );
  }
});

test("a file and a frame of a later format are left alone, and told", async (t) => {
  const { crc32 } = await import("node:zlib");
  const file = await written(t, 4);
  const newer = Buffer.from(file.bytes);
  newer.writeUInt32LE(2, 24);
  newer.writeUInt32LE(crc32(newer.subarray(0, 28)), 28);
  const unknown = Buffer.from(file.bytes);
  const [start, end] = file.ends.slice(-2) as [number, number];
  unknown[start + 2] = 9;
  const head = crc32(unknown.subarray(start, start + 12), unknown.readUInt32LE(20));
  unknown.writeUInt32LE(crc32(unknown.subarray(start + 16, end), head), start + 12);
  for (const [bytes, left] of [
    [newer, 0],
    [unknown, 3],
  ] as const) {
    file.project.problems.length = 0;
    writeFileSync(file.path, bytes);
    const store = file.project.open();
    assert.equal((await history(store, file.project.run, "a")).length, left);
    assert.deepEqual(
      file.project.problems.map(({ kind }) => kind),
      ["FORMAT_NEWER"],
    );
    await store.seal(file.project.run);
    const kept = file.project.files().filter((name) => name.endsWith(".ret"));
    assert.equal(kept.length, 1, "not removed by an engine that cannot read it");
    assert.ok(readFileSync(file.project.path("series", file.project.run, kept[0]!)).equals(bytes));
  }
});

test("a chunk longer than what is read at once", async (t) => {
  const project = seriesProject(t);
  const store = project.open();
  const count = process.env["DATMO_SOAK"] ? 2_700_000 : 400_000;
  const points = { name: [] as string[], step: [] as number[], value: [] as number[], at: [] as number[] };
  for (let i = 0; i < count; i++) {
    points.name.push(i % 2 ? "a" : "b");
    points.step.push(i);
    points.value.push(i / 2);
    points.at.push(i * 1.5);
  }
  await store.append(project.run, columns([["a", -1, 0, 0]]));
  await store.append(project.run, points);
  await store.append(project.run, columns([["a", count, 0, 0]]));
  const { step, value } = await project.open().history(project.run, "a");
  assert.equal(step.length, count / 2 + 2);
  assert.ok(step.subarray(1, -1).every((s, i) => s === 2 * i + 1 && value[i + 1] === s / 2));
});
