import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import type { SeriesFs } from "../../../src/store/series/series-fs.ts";
import { systemFs } from "../../../src/store/series/series-fs.ts";
import {
  history,
  ramp,
  type SeriesProject,
  type SpoolRecord,
  seriesProject,
  writeSpool,
} from "../../stores/series/series-fixture.ts";
import { faultFs, systemError } from "./fault-fs.ts";

async function steps(project: SeriesProject, name = "a"): Promise<number[]> {
  return (await history(project.open(), project.run, name)).map(([step]) => step);
}

function upTo(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i);
}

/** A disk that takes `left` more bytes. */
function smallDisk(left: number): SeriesFs & { left: number; refusals: number } {
  const disk = {
    ...systemFs,
    left,
    refusals: 0,
    async write(file: number, bytes: Uint8Array, offset: number, length: number): Promise<number> {
      if (disk.left === 0) {
        disk.refusals += 1;
        throw systemError("ENOSPC");
      }
      const written = await systemFs.write(file, bytes, offset, Math.min(length, disk.left));
      disk.left -= written;
      return written;
    },
  };
  return disk;
}

test("a disk that is full at any byte of a batch: refused whole, taken when there is space", async (t) => {
  // The batch is one write of two definitions and a chunk.
  const probe = seriesProject(t);
  const whole = smallDisk(Number.MAX_SAFE_INTEGER);
  await probe.open({ fs: whole }).append(probe.run, ramp("a", 0, 3));
  const batch = Number.MAX_SAFE_INTEGER - whole.left;
  assert.ok(batch > 100);
  for (let k = 0; k < batch; k += k < 40 ? 1 : 7) {
    const project = seriesProject(t);
    const disk = smallDisk(k);
    const store = project.open({ fs: disk, limits: { fullPatienceMs: 0 } });
    await assert.rejects(store.append(project.run, ramp("a", 0, 3)), { kind: "DISK_FULL" }, `byte ${k}`);
    assert.deepEqual(await steps(project), []);
    assert.equal(store.ownSummaries(project.run).size, 0);
    disk.left = 1 << 20;
    await store.append(project.run, ramp("a", 0, 3));
    disk.left = k;
    await assert.rejects(store.append(project.run, ramp("a", 3, 30)), { kind: "DISK_FULL" });
    disk.left = 1 << 20;
    await store.append(project.run, ramp("a", 3, 30));
    await store.close();
    assert.deepEqual(await steps(project), upTo(33), `byte ${k}`);
    assert.equal(project.files().length, 1);
  }
  assert.equal((await steps(probe)).length, 3);
});

test("points wait for space, within bounds, and are then written in order", async (t) => {
  const project = seriesProject(t);
  const disk = smallDisk(3000);
  const store = project.open({ fs: disk, limits: { bufferBytes: 100_000, fullPatienceMs: 60_000 } });
  const waiting = [store.append(project.run, ramp("a", 0, 500))];
  // Tried again: the store knows by now that the disk is full.
  while (disk.refusals < 2) await new Promise((resolve) => setTimeout(resolve, 5));
  let appended = 500;
  let refused = 0;
  while (refused === 0 && appended < 1e6) {
    const work = store.append(project.run, ramp("a", appended, 100));
    await Promise.race([work, new Promise((resolve) => setImmediate(resolve))]).then(
      () => {
        waiting.push(work);
        appended += 100;
      },
      (error: { kind: string }) => {
        assert.equal(error.kind, "DISK_FULL");
        refused += 1;
      },
    );
  }
  assert.ok(appended > 1000 && appended * 28 <= 100_000, `${appended} points were held`);
  disk.left = 1 << 24;
  await Promise.all(waiting);
  assert.deepEqual(await steps(project), upTo(appended));
});

test("flushing and closing do not wait for space", async (t) => {
  const project = seriesProject(t);
  const disk = smallDisk(1 << 20);
  const store = project.open({ fs: disk, limits: { fullPatienceMs: 3_600_000 } });
  await store.append(project.run, ramp("a", 0, 10));
  disk.left = 0;
  const held = assert.rejects(store.append(project.run, ramp("a", 10, 10)), { kind: "DISK_FULL" });
  await assert.rejects(store.flush(project.run), { kind: "DISK_FULL" });
  await held;
  const last = assert.rejects(store.append(project.run, ramp("a", 10, 10)), { kind: "DISK_FULL" });
  await assert.rejects(store.close(), { kind: "DISK_FULL" });
  await last;
  assert.deepEqual(await steps(project), upTo(10));
});

test("short writes are finished", async (t) => {
  const project = seriesProject(t);
  const store = project.open({
    fs: {
      ...systemFs,
      write: (file, bytes, offset, length) => systemFs.write(file, bytes, offset, Math.min(length, 7)),
    },
  });
  for (let i = 0; i < 5; i++) await store.append(project.run, ramp("a", i * 20, 20));
  assert.deepEqual(await steps(project), upTo(100));
  assert.equal(project.files().length, 1);
});

test("an I/O error of a write refuses that batch only; the file is given up", async (t) => {
  for (const truncateFails of [false, true]) {
    const project = seriesProject(t);
    const fs = faultFs({
      async write(file, bytes, offset, length) {
        if (!broken) return systemFs.write(file, bytes, offset, length);
        broken = false;
        await systemFs.write(file, bytes, offset, length >> 1);
        throw systemError("EIO");
      },
    });
    let broken = false;
    const store = project.open({ fs });
    await store.append(project.run, ramp("a", 0, 10));
    broken = true;
    fs.fail = (operation) => (truncateFails && operation === "truncate" ? systemError("EIO") : undefined);
    await assert.rejects(store.append(project.run, ramp("a", 10, 10)), { kind: "STORAGE_IO" });
    await store.append(project.run, ramp("a", 10, 10));
    await store.flush();
    assert.deepEqual(await steps(project), upTo(20));
    assert.equal(project.files().length, 2);
    assert.equal(store.ownSummaries(project.run).get("a")?.count, 20);
    assert.deepEqual(project.problems, []);
  }
});

test("a disk that cannot be written says why", async (t) => {
  for (const [operation, code, kind] of [
    ["open", "EROFS", "READ_ONLY"],
    ["open", "EACCES", "READ_ONLY"],
    ["makeDirectory", "EROFS", "READ_ONLY"],
    ["write", "EDQUOT", "READ_ONLY"],
    ["open", "ENOSPC", "DISK_FULL"],
    ["makeDirectory", "ENOSPC", "DISK_FULL"],
    ["open", "EMFILE", "STORAGE_IO"],
    ["stat", "EIO", "STORAGE_IO"],
  ] as const) {
    const project = seriesProject(t);
    const fs = faultFs();
    const store = project.open({ fs, limits: { fullPatienceMs: 0 } });
    fs.fail = (called) => (called === operation ? systemError(code) : undefined);
    await assert.rejects(store.append(project.run, ramp("a", 0, 3)), { kind }, `${operation} ${code}`);
    fs.fail = () => undefined;
    await store.append(project.run, ramp("a", 0, 3));
    assert.deepEqual(await steps(project), upTo(3));
  }
});

test("a project that was deleted does not come back half", async (t) => {
  const project = seriesProject(t);
  const store = project.open({ directory: project.path("gone", ".datmo") });
  await assert.rejects(store.append(project.run, ramp("a", 0, 3)), { kind: "STORAGE_IO" });
});

test("a disk that cannot sync: the points go to a new file, once, and only then count as durable", async (t) => {
  const project = seriesProject(t);
  const fs = faultFs();
  const store = project.open({ fs });
  await store.append(project.run, ramp("a", 0, 10));
  await store.flush();
  await store.append(project.run, ramp("a", 10, 10));
  await store.append(project.run, ramp("b", 0, 10));
  let refusals = 1;
  fs.fail = (operation) => (operation === "dataSync" && refusals-- > 0 ? systemError("EIO") : undefined);
  await store.flush();
  assert.equal(project.files().length, 2);
  assert.deepEqual(await steps(project), upTo(20));
  assert.deepEqual(await steps(project, "b"), upTo(10));
  assert.deepEqual(project.problems, []);
  assert.equal(store.ownSummaries(project.run).get("a")?.count, 20);
  // The new file alone holds what was not synced: nobody knows what became of it in the first one.
  const { unlink } = systemFs;
  await unlink(project.path("series", project.run, project.files()[0]!));
  assert.deepEqual(
    await steps(project),
    upTo(10).map((i) => i + 10),
  );
});

test("a disk that never syncs is told, by flush and as a problem", async (t) => {
  const project = seriesProject(t);
  const fs = faultFs();
  const store = project.open({ fs });
  await store.append(project.run, ramp("a", 0, 10));
  fs.fail = (operation) => (operation === "dataSync" ? systemError("EIO") : undefined);
  await assert.rejects(store.flush(), { kind: "STORAGE_IO" });
  assert.ok(project.problems.some(({ kind }) => kind === "STORAGE_IO"));
  assert.deepEqual(await steps(project), upTo(10));
});

test("folders that cannot be synced keep the points from counting as durable", async (t) => {
  const project = seriesProject(t);
  const fs = faultFs();
  const store = project.open({ fs });
  await store.append(project.run, ramp("a", 0, 10));
  fs.fail = (operation) => (operation === "syncDirectory" ? systemError("EIO") : undefined);
  await assert.rejects(store.flush(), { kind: "STORAGE_IO" });
});

test("a spool counts as durable only after a sync that worked; the next call takes it in anew", async (t) => {
  const project = seriesProject(t);
  const fs = faultFs();
  const store = project.open({ fs });
  const path = project.path("spool.bin");
  const records: SpoolRecord[] = [["name", 0, "a"]];
  for (let i = 0; i < 50; i++) records.push(["point", 0, i, i, i]);
  const end = writeSpool(path, { run: project.run, spool: "00000000000000ab", records });
  const half = 64 + 32 * 27;
  assert.deepEqual(await store.appendSpool(project.run, { path, from: 0, to: half }), {
    durableTo: half,
    points: 25,
  });
  fs.fail = (operation) => (operation === "dataSync" ? systemError("EIO") : undefined);
  await assert.rejects(store.appendSpool(project.run, { path, from: half }), { kind: "STORAGE_IO" });
  fs.fail = () => undefined;
  const answer = await store.appendSpool(project.run, { path, from: 0 });
  assert.deepEqual(answer, { durableTo: end, points: 50 });
  assert.deepEqual(await steps(project), upTo(50));
  await store.seal(project.run);
  assert.deepEqual(await steps(project), upTo(50));
});

test("points of a spool that are lost before its own sync do not count as durable", async (t) => {
  const project = seriesProject(t);
  const path = project.path("spool.bin");
  const records: SpoolRecord[] = [["name", 0, "a"]];
  for (let i = 0; i < 5000; i++) records.push(["point", 0, i, i, i]);
  const end = writeSpool(path, { run: project.run, spool: "00000000000000ad", records, reserve: 1 << 18 });
  let refusals = 0;
  const fs = faultFs({
    async read(file, bytes, offset, length, position) {
      // The second window is read only after the first was given up: refused three times by the disk.
      if (position > 60_000 && project.problems.length === 0) {
        refusals = 3;
        while (project.problems.length === 0) await new Promise((resolve) => setTimeout(resolve, 1));
      }
      return systemFs.read(file, bytes, offset, length, position);
    },
  });
  fs.fail = (operation) => (operation === "dataSync" && refusals-- > 0 ? systemError("EIO") : undefined);
  const store = project.open({ fs, limits: { syncDelayMs: 1 } });
  await assert.rejects(store.appendSpool(project.run, { path, from: 0 }), { kind: "STORAGE_IO" });
  assert.deepEqual(await store.appendSpool(project.run, { path, from: 0 }), { durableTo: end, points: 5000 });
  assert.deepEqual(await steps(project), upTo(5000));
});

test("a disk that fills while a spool is taken in: refused, then taken without doubles", async (t) => {
  const project = seriesProject(t);
  const path = project.path("spool.bin");
  const records: SpoolRecord[] = [["name", 0, "a"]];
  for (let i = 0; i < 5000; i++) records.push(["point", 0, i, i, i]);
  writeSpool(path, { run: project.run, spool: "00000000000000ac", records, reserve: 1 << 18 });
  const disk = smallDisk(50_000);
  const store = project.open({ fs: disk, limits: { fullPatienceMs: 0 } });
  await assert.rejects(store.appendSpool(project.run, { path, from: 0 }), { kind: "DISK_FULL" });
  assert.ok((await steps(project)).length > 1000, "what fitted is kept");
  disk.left = 1 << 24;
  assert.equal((await store.appendSpool(project.run, { path, from: 0 })).durableTo, 64 + 32 * 5002);
  assert.deepEqual(await steps(project), upTo(5000));
});

const canMount = spawnSync("unshare", ["-rm", "mount", "-t", "tmpfs", "none", "/mnt"]).status === 0;

test(
  "a real disk that is full: what was acknowledged stays, and the engine goes on when there is space",
  {
    skip: canMount ? false : "needs `unshare -rm` and tmpfs",
  },
  (t: TestContext) => {
    const project = seriesProject(t);
    const script = fileURLToPath(new URL("../../fixtures/series/fill-disk.ts", import.meta.url));
    const tsx = import.meta.resolve("tsx");
    const command = 'mount -t tmpfs -o size=1m none "$3" && exec "$0" --import "$1" "$2" "$3"';
    const words = ["-rm", "sh", "-c", command, process.execPath, tsx, script, project.directory];
    const done = spawnSync("unshare", words, { encoding: "utf8" });
    assert.equal(done.status, 0, done.stderr);
    const { acknowledged, refused, found, after } = JSON.parse(done.stdout);
    assert.ok(acknowledged > 10_000 && refused > 0);
    assert.equal(found, acknowledged);
    assert.equal(after, acknowledged + 1000);
  },
);
