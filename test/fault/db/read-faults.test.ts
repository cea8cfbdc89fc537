import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import { nodeFiles } from "../../../src/store/db/files.ts";
import { parseSegmentFile, type SegmentName } from "../../../src/store/db/layout.ts";
import { readSegment, type SegmentRead } from "../../../src/store/db/segment-reader.ts";
import { FILE_HEADER_BYTES, MAX_PAYLOAD_BYTES } from "../../../src/util/frame.ts";
import { systemError } from "../../helpers/faulty-files.ts";
import { dump, newRun, TempProject } from "../../helpers/record-stores.ts";

const CASES = process.env["DATMO_SOAK"] ? 4000 : 400;

describe("reading segments that crashes and disks spoilt", () => {
  let project: TempProject;
  let folder: string;
  beforeEach(async () => {
    project = await TempProject.create();
    folder = join(project.directory, "seg");
  });
  afterEach(() => project.remove());

  async function segmentOf(count: number, more: Record<string, string> = {}): Promise<SegmentName> {
    const known = new Set(readdirSync(folder));
    const store = project.open();
    for (let n = 0; n < count; n++) await store.commit([newRun(`run${n}`, more)], "process");
    await store.close();
    return parseSegmentFile(readdirSync(folder).find((name) => !known.has(name))!)!;
  }

  function readAll(name: SegmentName): { ids: string[]; end: SegmentRead } {
    const ids: string[] = [];
    const steps = readSegment(nodeFiles, folder, name, { offset: 0, sequence: 0 });
    for (;;) {
      const step = steps.next();
      if (step.done) return { ids, end: step.value! };
      ids.push(step.value.changes[0]!.id);
    }
  }

  it("gives every frame before the damage and invents none, whatever happens to the tail", async () => {
    const name = await segmentOf(40);
    const path = join(folder, name.file);
    const whole = readFileSync(path);
    const ends = frameEnds(whole);
    for (let n = 0; n < CASES; n++) {
      const at = FILE_HEADER_BYTES + Math.floor(Math.random() * (whole.length - FILE_HEADER_BYTES));
      const kind = SPOILERS[n % SPOILERS.length]!;
      writeFileSync(path, kind(whole, at));
      const { ids, end } = readAll(name);
      const before = ends.filter((e) => e <= at).length;
      const context = `${kind.name} at ${at}`;
      const kept = kind === duplicateTail ? 40 : Math.min(before, 40);
      assert.ok(ids.length >= kept, `${context}: ${ids.length} of ${kept}`);
      assert.deepEqual(
        ids,
        Array.from(ids, (_, i) => `run${i}`),
        context,
      );
      assert.ok(ids.length <= 40 && end.offset <= whole.length, context);
    }
  });

  it("tells a torn end from damage in the middle", async () => {
    const name = await segmentOf(10);
    const path = join(folder, name.file);
    const whole = readFileSync(path);
    const ends = frameEnds(whole);
    writeFileSync(path, whole.subarray(0, ends[8]! + 5));
    assert.deepEqual(pick(readAll(name)), { count: 9, state: "torn", salvageable: 0 });
    const middle = Buffer.from(whole);
    middle[ends[4]! + 20]! ^= 1;
    writeFileSync(path, middle);
    // Four runs and the mark of a clean end are behind the bad frame.
    assert.deepEqual(pick(readAll(name)), { count: 5, state: "damaged", salvageable: 5 });
    const length = Buffer.from(whole);
    length[ends[4]! + 6]! ^= 0x20;
    writeFileSync(path, length);
    assert.deepEqual(pick(readAll(name)), { count: 5, state: "damaged", salvageable: 5 });
    const header = Buffer.from(whole);
    header[9]! ^= 1;
    writeFileSync(path, header);
    assert.deepEqual(pick(readAll(name)), { count: 0, state: "damaged", salvageable: 11 });
    for (const size of [0, 31, 32]) {
      writeFileSync(path, whole.subarray(0, size));
      assert.deepEqual(pick(readAll(name)), { count: 0, state: size < 32 ? "torn" : "end", salvageable: 0 });
    }
    writeFileSync(path, Buffer.alloc(100));
    assert.deepEqual(pick(readAll(name)), { count: 0, state: "torn", salvageable: 0 });
  });

  it("reads frames longer than what it reads at once, up to the longest", async () => {
    const middling = await segmentOf(3, { long: "x".repeat(300_000) });
    assert.deepEqual(pick(readAll(middling)), { count: 3, state: "sealed", salvageable: 0 });
    const longest = await segmentOf(1, { long: "x".repeat(MAX_PAYLOAD_BYTES - 300) });
    assert.deepEqual(pick(readAll(longest)), { count: 1, state: "end", salvageable: 0 });
  });

  it("loads everything else, tells what is damaged, and remembers it past a checkpoint until it is mended", async () => {
    const store = project.open({ randomWriter: () => "ab".repeat(16) });
    for (let n = 0; n < 6; n++) await store.commit([newRun(`a${n}`)]);
    await store.close();
    const path = join(folder, `${"ab".repeat(16)}-0.seg`);
    const whole = readFileSync(path);
    const spoilt = Buffer.from(whole);
    spoilt.fill(0, frameEnds(whole)[1]! + 3, frameEnds(whole)[2]! + 3);
    writeFileSync(path, spoilt);
    const other = project.open();
    await other.commit([newRun("b")]);
    assert.deepEqual((await other.list("run")).map((r) => r.id).sort(), ["a0", "a1", "b"]);
    assert.deepEqual(
      other.problems.map((p) => [p.kind, p.details["salvageable"]]),
      [["JOURNAL_DAMAGED", 3]],
    );
    assert.match(other.problems[0]!.message, /^seg\/(ab)+-0\.seg is damaged at byte \d+; 3 later records/);
    assert.deepEqual(
      (await other.check()).map((p) => p.kind),
      ["JOURNAL_DAMAGED"],
    );
    for (let n = 0; n < 3; n++) {
      await other.commit([newRun(`c${n}`)]);
      await other.sync();
    }
    // Nothing may be removed while a part of it is needed for a repair.
    assert.ok(readdirSync(folder).includes(`${"ab".repeat(16)}-0.seg`));
    const fresh = project.open();
    await fresh.list("run");
    assert.deepEqual(
      fresh.problems.map((p) => p.kind),
      ["JOURNAL_DAMAGED"],
    );
    writeFileSync(path, whole);
    const mended = project.open();
    assert.equal(await mended.count("run"), 10);
    assert.deepEqual(mended.problems, []);
    assert.deepEqual(await mended.check(), []);
  });

  it("tells of a missing segment, takes in what follows, and heals when it comes back", async () => {
    const id = "cd".repeat(16);
    const store = project.open({ randomWriter: () => id });
    const long = "x".repeat(9 * 1024 * 1024);
    for (let n = 0; n < 5; n++) await store.commit([newRun(`a${n}`, { long })]);
    const path = join(folder, `${id}-1.seg`);
    const bytes = readFileSync(path);
    nodeFiles.unlinkSync(path);
    const other = project.open();
    assert.deepEqual((await other.list("run")).map((r) => r.id).sort(), ["a0", "a1", "a4"]);
    assert.deepEqual(
      other.problems.map((p) => p.message),
      [`The record file seg/${id}-1.seg is missing; was .datmo copied while in use?`],
    );
    assert.deepEqual(
      (await other.check()).map((p) => p.kind),
      ["JOURNAL_GAP"],
    );
    await other.sync();
    writeFileSync(path, bytes);
    const healed = project.open();
    assert.equal(await healed.count("run"), 5);
    assert.deepEqual(healed.problems, []);
  });

  it("takes a file that the disk refuses to give for damaged, and the rest for good", async () => {
    await segmentOf(3);
    const bad = (await segmentOf(1)).file;
    const store = project.open({
      files: {
        ...nodeFiles,
        openSync: (path, flags, mode) => {
          if (path.endsWith(bad)) throw systemError("EIO");
          return nodeFiles.openSync(path, flags, mode);
        },
      },
    });
    assert.equal(await store.count("run"), 3);
    assert.deepEqual(
      store.problems.map((p) => p.kind),
      ["JOURNAL_DAMAGED"],
    );
    const busy = project.open({
      files: {
        ...nodeFiles,
        namesSync: () => {
          throw systemError("EMFILE");
        },
      },
    });
    await assert.rejects(busy.count("run"), { kind: "STORE_UNREADABLE", retryable: true });
  });

  it("ignores other files in the folder", async () => {
    await segmentOf(2);
    for (const name of ["x.seg", ".DS_Store", `${"z".repeat(32)}-0.seg`, `${"ab".repeat(16)}-01.seg`]) {
      writeFileSync(join(folder, name), "junk");
    }
    const store = project.open();
    assert.equal((await dump(store)).split("\n").length, 2);
    assert.deepEqual(store.problems, []);
  });
});

type Spoiler = (whole: Buffer, at: number) => Buffer;

const cut: Spoiler = (whole, at) => whole.subarray(0, at);
const flip: Spoiler = (whole, at) => {
  const copy = Buffer.from(whole);
  copy[at]! ^= 1 << (at % 8);
  return copy;
};
const zeroTail: Spoiler = (whole, at) => Buffer.from(whole).fill(0, at);
const zeroSector: Spoiler = (whole, at) => Buffer.from(whole).fill(0, at, Math.min(at + 512, whole.length));
const garbage: Spoiler = (whole, at) => Buffer.concat([whole.subarray(0, at), randomBytes(300)]);
function duplicateTail(whole: Buffer, at: number): Buffer {
  return Buffer.concat([whole, whole.subarray(at)]);
}
const SPOILERS: readonly Spoiler[] = [cut, flip, zeroTail, zeroSector, garbage, duplicateTail];

function frameEnds(whole: Buffer): number[] {
  const ends: number[] = [];
  for (let at = FILE_HEADER_BYTES; at < whole.length; ) {
    at += 16 + whole.readUInt32LE(at + 4);
    ends.push(at);
  }
  return ends;
}

function pick({ ids, end }: { ids: string[]; end: SegmentRead }): unknown {
  return { count: ids.length, state: end.state, salvageable: end.salvageable };
}
