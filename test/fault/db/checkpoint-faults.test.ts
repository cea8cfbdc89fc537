import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import { Clock } from "../../../src/domain/clock.ts";
import type { RecordStore, StoreProblem } from "../../../src/services/ports/records.ts";
import { type CheckpointResult, checkpoint } from "../../../src/store/db/checkpoint.ts";
import { nodeFiles, READ } from "../../../src/store/db/files.ts";
import { snapshotFile } from "../../../src/store/db/layout.ts";
import { ProblemLog } from "../../../src/store/db/problems.ts";
import { View } from "../../../src/store/db/view.ts";
import { failing, SmallDisk, systemError, watched } from "../../helpers/faulty-files.ts";
import { dump, freshDump, newRun, TempProject } from "../../helpers/record-stores.ts";

describe("checkpoints on a disk that fails", () => {
  let project: TempProject;
  let store: RecordStore;
  beforeEach(async () => {
    project = await TempProject.create();
    store = project.open();
    await store.commit([newRun("a"), newRun("b")]);
  });
  afterEach(() => project.remove());

  const snapshots = (): string[] => readdirSync(join(project.directory, "snap")).sort();

  it("keeps everything whatever step fails, and works again afterwards", async () => {
    await store.sync();
    for (let step = 1; ; step++) {
      await store.commit([newRun(`step${step}`)]);
      const expected = await freshDump(project);
      let failed = "";
      const files = watched((name, count) => {
        if (count !== step) return;
        failed = name;
        throw systemError("EIO");
      });
      const weak = project.open({ files });
      await weak.sync().catch((error) => assert.equal(error.kind, "INDEX_NOT_REFRESHED"));
      assert.equal(await dump(weak), expected, `step ${step}, ${failed}`);
      assert.equal(await freshDump(project), expected, `step ${step}, ${failed}`);
      if (failed === "") {
        assert.ok(step > 8, `${step} steps`);
        break;
      }
    }
    await store.sync();
    assert.deepEqual(await store.check(), []);
  });

  it("tells a full disk once, keeps the journal going, and waits ten minutes", async () => {
    let now = Date.now();
    const disk = new SmallDisk();
    const problems: StoreProblem[] = [];
    const full = project.open({ files: disk.files, now: () => now, onProblem: (p) => problems.push(p) });
    await full.commit([newRun("c", { long: "x".repeat(100_000) })]);
    assert.equal(await full.count("run"), 3);
    disk.room = 20_000;
    const message = "The project's index was not refreshed (disk full).";
    await assert.rejects(full.sync(), { kind: "INDEX_NOT_REFRESHED", message });
    await assert.rejects(full.sync(), { kind: "INDEX_NOT_REFRESHED" });
    assert.deepEqual(
      problems.map((p) => p.message),
      [message],
    );
    assert.deepEqual(snapshots(), []);
    // What had been written of the snapshot is free again.
    disk.room = 5000;
    await full.commit([newRun("d")]);
    disk.room = Number.POSITIVE_INFINITY;
    // Not yet: a clean exit leaves it as well.
    await full.close();
    assert.deepEqual(snapshots(), []);
    now += 11 * 60_000;
    const later = project.open({ now: () => now });
    assert.equal(await later.count("run"), 4);
    await later.close();
    assert.deepEqual(snapshots(), [snapshotFile(1)]);
  });

  it("is not told to those who may only read", async () => {
    await store.commit([newRun("c", { long: "x".repeat(100_000) })]);
    const files = {
      ...nodeFiles,
      openSync: (path: string, flags: number, mode?: number): number => {
        if (flags !== READ) throw systemError("EROFS");
        return nodeFiles.openSync(path, flags, mode);
      },
    };
    const reader = project.open({ files });
    assert.equal(await reader.count("run"), 3);
    await assert.rejects(reader.sync(), { kind: "READ_ONLY" });
    await reader.close();
    assert.deepEqual(reader.problems, []);
    assert.deepEqual(snapshots(), []);
  });

  it("claims numbers with exclusive files where there are no hard links", async () => {
    for (const code of ["EPERM", "ENOTSUP"]) {
      const files = failing("linkSync", code);
      const before = snapshots().filter((name) => name.endsWith(".sqlite")).length;
      const exfat = project.open({ files });
      await exfat.commit([newRun(code)]);
      const { generation } = await exfat.sync();
      assert.equal(generation, before + 1);
    }
    // The claim of a process that died before it renamed costs one number.
    writeFileSync(join(project.directory, "snap", "00000003.claim"), "");
    const exfat = project.open({ files: failing("linkSync", "EPERM") });
    await exfat.commit([newRun("after a dead claim")]);
    assert.equal((await exfat.sync()).generation, 4);
    assert.deepEqual(snapshots(), ["00000002.sqlite", "00000004.sqlite"]);
    assert.equal(await project.open().count("run"), 5);
  });

  it("keeps the old copy while it cannot be replaced", async () => {
    const copy = join(project.directory, "datmo.sqlite");
    await store.sync();
    const old = readFileSync(copy);
    assert.equal(statSync(copy).mode & 0o777, 0o444);
    await store.commit([newRun("c")]);
    const busy = project.open({
      files: {
        ...nodeFiles,
        renameSync: (from, to) => {
          if (to === copy) throw systemError("EBUSY");
          nodeFiles.renameSync(from, to);
        },
      },
    });
    assert.equal((await busy.sync()).generation, 2);
    assert.deepEqual(readFileSync(copy), old);
    assert.deepEqual(busy.problems, []);
    writeFileSync(`${copy}-wal`, "");
    await store.sync();
    assert.deepEqual(readFileSync(copy), old);
    assert.match(store.problems[0]!.message, /close the other program using datmo\.sqlite to refresh it/);
    nodeFiles.unlinkSync(`${copy}-wal`);
    await store.sync();
    assert.deepEqual(readFileSync(copy), readFileSync(join(project.directory, "snap", snapshotFile(2))));
    assert.ok(!snapshots().some((name) => name.startsWith("tmp-")));
  });

  it("gives up a number that went to another engine", async () => {
    await store.sync();
    const result = await stalled(async () => {
      await store.commit([newRun("c")]);
      await store.sync();
    });
    assert.equal(result.outcome, "lost");
    assert.deepEqual(snapshots(), [snapshotFile(1), snapshotFile(2)]);
    assert.equal(await project.open().count("run"), 4);
  });

  it("withdraws a snapshot based on one that is three generations old", async () => {
    await store.sync();
    const result = await stalled(async () => {
      for (const name of ["c", "d", "e"]) {
        // Each of them a process of its own, whose segments are sealed, covered and removed.
        const other = project.open();
        await other.commit([newRun(name)]);
        await other.close();
        await store.commit([newRun(`${name}2`)]);
        await store.sync();
      }
    });
    assert.equal(result.outcome, "lost");
    assert.deepEqual(snapshots(), [snapshotFile(3), snapshotFile(4)]);
    const ids = (await project.open().list("run")).map((record) => record.id).sort();
    assert.deepEqual(ids, ["a", "b", "c", "c2", "d", "d2", "e", "e2", "mine"]);
  });

  /** A checkpoint that stands still between reading and publishing while `meanwhile` happens. */
  async function stalled(meanwhile: () => Promise<void>): Promise<CheckpointResult> {
    await store.commit([newRun("mine")]);
    const problems = new ProblemLog();
    const now = Date.now;
    const common = { files: nodeFiles, directory: project.directory, problems, now, patient: false };
    const view = new View({ ...common, clock: new Clock("", now) });
    await view.refresh();
    const fold = view.fold.bind(view);
    view.fold = async () => {
      await meanwhile();
      return fold();
    };
    const result = await checkpoint(view, common);
    view.drop();
    return result;
  }

  it("removes segments and snapshots one generation late, and old copies of nothing else", async () => {
    const folder = join(project.directory, "seg");
    await store.close();
    const [sealed] = readdirSync(folder);
    const next = project.open();
    await next.commit([newRun("c")]);
    await next.sync();
    assert.ok(existsSync(join(folder, sealed!)));
    await next.commit([newRun("d")]);
    await next.sync();
    assert.ok(!existsSync(join(folder, sealed!)));
    assert.ok(existsSync(join(folder, "collected-00000001")));
    await next.commit([newRun("e")]);
    await next.sync();
    assert.deepEqual(snapshots(), [snapshotFile(2), snapshotFile(3)]);
    assert.equal(await project.open().count("run"), 5);
  });

  it("folds a long tail at a clean exit, but not when another engine did so lately", async () => {
    const long = { long: "x".repeat(70_000) };
    const first = project.open();
    await first.commit([newRun("c", long)]);
    await first.count("run");
    await first.close();
    assert.deepEqual(snapshots(), [snapshotFile(1)]);
    const second = project.open();
    await second.commit([newRun("d", long)]);
    await second.close();
    assert.deepEqual(snapshots(), [snapshotFile(1)]);
    const writer = project.open({ now: () => Date.now() + 60_000 });
    await writer.commit([newRun("e", long)]);
    await writer.close();
    assert.deepEqual(snapshots(), [snapshotFile(1), snapshotFile(2)]);
  });
});
