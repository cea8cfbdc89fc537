import assert from "node:assert/strict";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import { crc32 } from "node:zlib";
import { formatStamp } from "../../../src/domain/clock.ts";
import { nodeFiles } from "../../../src/store/db/files.ts";
import { Image } from "../../../src/store/db/image.ts";
import { segmentFile, snapshotFile } from "../../../src/store/db/layout.ts";
import { encodeFileHeader, encodeFrame, FRAME_TYPE } from "../../../src/util/frame.ts";
import { freshDump, newRun, TempProject } from "../../helpers/record-stores.ts";

const WRITER = "5e".repeat(16);
const SALT = 1234;
const STAMP = formatStamp(Date.now(), 0, WRITER);

/** What a later datmo may have written: frames with these payloads, or of another type or version. */
function segment(
  payloads: readonly object[],
  options: { type?: number; flags?: number; version?: number } = {},
): Buffer {
  const { type = FRAME_TYPE.TXN, flags = 0, version = 1 } = options;
  const header = encodeFileHeader({ magic: "DATMOSEG", writer: WRITER, segment: 0, salt: SALT });
  header.writeUInt32LE(version, 24);
  header.writeUInt32LE(crc32(header.subarray(0, 28)), 28);
  const frames = payloads.map((payload, sequence) =>
    encodeFrame({ type, flags, sequence, payload: Buffer.from(JSON.stringify(payload)) }, SALT),
  );
  return Buffer.concat([header, ...frames]);
}

describe("older and newer engines on one project", () => {
  let project: TempProject;
  beforeEach(async () => {
    project = await TempProject.create();
    await project.open().commit([newRun("mine")]);
  });
  afterEach(() => project.remove());

  const put = (bytes: Buffer): void =>
    writeFileSync(join(project.directory, "seg", segmentFile(WRITER, 0)), bytes);

  it("keeps operations it does not know, and carries them through its checkpoints", async () => {
    const unknown = { o: "rename", k: "run", i: "mine", to: "x" };
    const later = { v: 2, t: STAMP, c: { anything: true } };
    put(
      segment([
        { v: 1, t: STAMP, c: [{ k: "run", i: "theirs", s: { name: "n" } }, unknown] },
        later,
        { v: 1, t: STAMP, c: [{ k: "workspace", i: "w", s: { port: 1 } }] },
      ]),
    );
    const store = project.open();
    assert.equal(await store.count("run"), 2);
    assert.deepEqual(store.problems, []);
    const expected = await freshDump(project);
    for (let generation = 1; generation <= 3; generation++) {
      await store.commit([newRun(`run${generation}`)]);
      await store.sync();
      const file = join(project.directory, "snap", snapshotFile(generation));
      const image = await Image.open(nodeFiles.readFile(file));
      const kept = image
        .foreignOperations()
        .map(({ stamp, position, raw }) => [stamp, position, JSON.parse(raw)]);
      assert.deepEqual(kept, [
        [STAMP, -1, later],
        [STAMP, 1, unknown],
      ]);
      assert.equal(image.get("workspace", "w")?.row.doc, '{"port":1}');
      image.close();
    }
    const lines = new Set((await freshDump(project)).split("\n"));
    for (const line of expected.split("\n")) assert.ok(lines.has(line));
  });

  const laterFiles: Record<string, Buffer> = {
    "a later header": segment([{ v: 1, t: STAMP, c: [] }], { version: 2 }),
    "a frame of an unknown type": segment([{}], { type: 9 }),
    "a frame with unknown flags": segment([{}], { flags: 1 }),
  };
  for (const [what, bytes] of Object.entries(laterFiles)) {
    it(`reads up to ${what}, and writes nothing any more`, async () => {
      put(bytes);
      const writer = project.open();
      await writer.commit([newRun("blind")]);
      const store = project.open();
      assert.equal(await store.count("run"), 2);
      assert.deepEqual(
        store.problems.map((p) => [p.kind, p.details]),
        [["FORMAT_NEWER", { found: 2, known: 1 }]],
      );
      await assert.rejects(store.commit([newRun("x")]), { kind: "FORMAT_NEWER" });
      await assert.rejects(store.sync(), { kind: "FORMAT_NEWER" });
      assert.deepEqual(
        (await store.check()).map((p) => p.kind),
        ["FORMAT_NEWER"],
      );
      await store.close();
      assert.deepEqual(readdirSync(join(project.directory, "snap")), []);
      assert.deepEqual(readFileSync(join(project.directory, "seg", segmentFile(WRITER, 0))), bytes);
    });
  }

  it("tells of a whole frame that is no transaction, and reads what follows", async () => {
    const damaged = segment([
      { v: 1, t: "no stamp", c: [] },
      { v: 1, t: STAMP, c: [{ k: "run", i: "x", s: { a: 1 } }] },
    ]);
    put(damaged);
    const store = project.open();
    assert.equal(await store.count("run"), 2);
    assert.deepEqual(
      store.problems.map((p) => p.kind),
      ["JOURNAL_DAMAGED"],
    );
  });
});
