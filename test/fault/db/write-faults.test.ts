import assert from "node:assert/strict";
import { appendFileSync, readdirSync, renameSync, statSync, unlinkSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import type { StoreProblem } from "../../../src/services/ports/records.ts";
import { type Files, nodeFiles } from "../../../src/store/db/files.ts";
import { failing, SmallDisk, systemError } from "../../helpers/faulty-files.ts";
import { newRun, TempProject } from "../../helpers/record-stores.ts";

describe("writing on a disk that fails", () => {
  let project: TempProject;
  beforeEach(async () => {
    project = await TempProject.create();
  });
  afterEach(() => project.remove());

  const segments = (): string[] =>
    readdirSync(join(project.directory, "seg")).filter((n) => n.includes(".seg"));
  const runIds = async (): Promise<string[]> => {
    const reader = project.open({ readonly: true });
    const ids = (await reader.list("run", { order: "oldest" })).map((record) => record.id);
    assert.deepEqual(reader.problems, []);
    await reader.close();
    return ids.sort();
  };

  it("rejects a batch whole when the disk is full at any byte of it, and goes on when there is room", async () => {
    const commitThree = (store: ReturnType<TempProject["open"]>, round: string) =>
      Promise.allSettled(["a", "b", "c"].map((name) => store.commit([newRun(`${round}${name}`)])));
    const probe = project.open();
    await probe.commit([newRun("000x")]);
    const file = join(project.directory, "seg", segments()[0]!);
    const empty = statSync(file).size;
    await commitThree(probe, "000");
    const batch = statSync(file).size - empty;
    const acked = ["000x", "000a", "000b", "000c"];
    const disk = new SmallDisk();
    const store = project.open({ files: disk.files });
    for (let room = 0; room < batch + 32; room += STEP) {
      // The disk fills up in the file's header, or in the batch after it.
      const round = String(room + 1).padStart(3, "0");
      disk.room = room;
      const results = await commitThree(store, round);
      const fitted = results.filter((result) => result.status === "fulfilled").length;
      assert.ok(fitted === 0 || (fitted === 3 && room >= batch), `${fitted} of 3 with room for ${room}`);
      if (fitted === 3) acked.push(`${round}a`, `${round}b`, `${round}c`);
      for (const result of results) {
        if (result.status === "fulfilled") continue;
        assert.equal(result.reason.kind, "DISK_FULL");
        assert.match(result.reason.message, new RegExp(`run ${round}.: no space left`));
      }
      disk.room = Number.POSITIVE_INFINITY;
      await store.commit([newRun(`${round}z`)]);
      acked.push(`${round}z`);
      // Leave the file: the next round starts with a header again.
      if (room % 2) await rejectOnce(store, disk, round);
    }
    assert.deepEqual(await runIds(), acked.sort());
    assert.deepEqual((await store.list("run")).map((r) => r.id).sort(), acked);
  });

  async function rejectOnce(
    store: ReturnType<TempProject["open"]>,
    disk: SmallDisk,
    round: string,
  ): Promise<void> {
    disk.room = 1;
    await assert.rejects(store.commit([newRun(`${round}y`)]), { kind: "DISK_FULL" });
    disk.room = Number.POSITIVE_INFINITY;
  }

  it("completes short writes", async () => {
    const files: Files = {
      ...nodeFiles,
      writeSync: (fd, bytes, offset, length) => nodeFiles.writeSync(fd, bytes, offset, Math.min(length, 7)),
      write: (fd, bytes, offset, length) => nodeFiles.write(fd, bytes, offset, Math.min(length, 1000)),
    };
    const store = project.open({ files });
    await store.commit([newRun("a")]);
    await store.commit([newRun("b", { long: "x".repeat(300_000) })]);
    assert.deepEqual(await runIds(), ["a", "b"]);
  });

  for (const code of ["EIO", "EINTR"]) {
    it(`never trusts a file again whose sync failed (${code})`, async () => {
      let broken = false;
      const store = project.open({ files: failing("fdatasync", code, () => broken) });
      await store.commit([newRun("a")]);
      broken = true;
      const message = new RegExp(`disk reported an error while saving \\(${code}: made by a test\\)`);
      await assert.rejects(store.commit([newRun("b")]), { kind: "STORAGE_IO", message });
      broken = false;
      await store.commit([newRun("c")]);
      assert.equal(segments().length, 2);
      // `b` was written and never acknowledged: it may show or not.
      assert.deepEqual(
        (await runIds()).filter((id) => id !== "b"),
        ["a", "c"],
      );
    });
  }

  it("acknowledges nothing before file and folder of a new segment are synced", async () => {
    let failures = 2;
    const store = project.open({ files: failing("fsync", "EIO", () => failures-- > 0) });
    await assert.rejects(store.commit([newRun("a")]), { kind: "STORAGE_IO" });
    await assert.rejects(store.commit([newRun("b")]), { kind: "STORAGE_IO" });
    await store.commit([newRun("c")]);
    assert.deepEqual(await runIds(), ["c"]);
  });

  it("leaves the file when it cannot be cut back after a full disk", async () => {
    const disk = new SmallDisk();
    const store = project.open({
      files: { ...disk.files, ftruncate: () => Promise.reject(systemError("EIO")) },
    });
    await store.commit([newRun("a")]);
    disk.room = 60;
    await assert.rejects(store.commit([newRun("b")]), { kind: "DISK_FULL" });
    disk.room = Number.POSITIVE_INFINITY;
    await store.commit([newRun("c")]);
    assert.deepEqual(await runIds(), ["a", "c"]);
  });

  it("tells what kind of refusal it was, once as a problem, and tries again each time", async () => {
    const reasons = { EROFS: "read-only", EACCES: "no permission", EDQUOT: "quota" };
    for (const [code, reason] of Object.entries(reasons)) {
      let broken = true;
      const problems: StoreProblem[] = [];
      const store = project.open({
        files: failing("open", code, () => broken),
        onProblem: (problem) => problems.push(problem),
      });
      for (let n = 0; n < 2; n++) {
        const message = new RegExp(`can be read but not changed \\(.*${reason}`);
        await assert.rejects(store.commit([newRun("a")]), { kind: "READ_ONLY", message });
      }
      assert.deepEqual(
        problems.map((p) => p.kind),
        ["READ_ONLY"],
      );
      broken = false;
      await store.commit([newRun(code)]);
    }
    const store = project.open({ files: failing("open", "EMFILE") });
    await assert.rejects(store.commit([newRun("a")]), { kind: "STORAGE_IO", retryable: true });
    assert.deepEqual(await runIds(), Object.keys(reasons).sort());
  });

  it("writes again what it had acknowledged before a late sync failed", async () => {
    let broken = false;
    const problems: StoreProblem[] = [];
    const store = project.open({
      files: failing("fdatasync", "EIO", () => broken),
      onProblem: (problem) => problems.push(problem),
    });
    await store.commit([newRun("a")], "process");
    broken = true;
    await assert.rejects(store.commit([newRun("b")]), { kind: "STORAGE_IO" });
    assert.deepEqual(
      problems.map((p) => p.kind),
      ["STORAGE_IO"],
    );
    broken = false;
    const [first] = segments();
    await store.commit([newRun("c")]);
    unlinkSync(join(project.directory, "seg", first!.replace(/-[0-9]+\.seg$/, "-0.seg")));
    const reader = project.open();
    assert.deepEqual((await reader.list("run")).map((r) => r.id).sort(), ["a", "c"]);
  });

  it("goes on under another name when its file was retired, removed or written to by a clone", async () => {
    const store = project.open();
    const folder = join(project.directory, "seg");
    const expected: string[] = [];
    const spoil = [
      (path: string) => renameSync(path, `${path}.ret`),
      (path: string) => unlinkSync(path),
      (path: string) => appendFileSync(path, Buffer.alloc(5)),
    ];
    for (const [n, act] of spoil.entries()) {
      await store.commit([newRun(`before${n}`)]);
      const newest = segments()
        .map((name) => join(folder, name))
        .sort(byBirth)
        .at(-1)!;
      act(newest);
      await store.commit([newRun(`after${n}`)]);
      expected.push(`after${n}`);
      if (n !== 1) expected.push(`before${n}`);
    }
    assert.equal(new Set(segments().map((name) => name.split("-")[0])).size, 3);
    // Where two machines wrote into one file, the second one's frames are behind the first one's.
    const reader = project.open();
    assert.deepEqual((await reader.list("run")).map((r) => r.id).sort(), expected.sort());
    assert.deepEqual(
      reader.problems.map((p) => p.kind),
      ["JOURNAL_DAMAGED"],
    );
  });

  it("starts a new file when one is full, and its readers follow", async () => {
    const store = project.open();
    const reader = project.open();
    const long = "x".repeat(3 * 1024 * 1024);
    for (let n = 0; n < 7; n++) {
      await store.commit([newRun(`r${n}`, { long })]);
      assert.equal(await reader.count("run"), n + 1);
    }
    assert.equal(segments().length, 2);
    assert.deepEqual(await runIds(), ["r0", "r1", "r2", "r3", "r4", "r5", "r6"]);
  });
});

/** Every byte in the long version. */
const STEP = process.env["DATMO_SOAK"] ? 1 : 3;

function byBirth(a: string, b: string): number {
  return statSync(a).birthtimeMs - statSync(b).birthtimeMs || statSync(a).ino - statSync(b).ino;
}
