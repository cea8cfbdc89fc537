import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { cpSync, readdirSync, readFileSync, rmSync, truncateSync, unlinkSync, writeFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { after, afterEach, before, beforeEach, describe, it } from "node:test";
import { snapshotFile } from "../../../src/store/db/layout.ts";
import { openRecordStore } from "../../../src/store/db/record-store.ts";
import { bundlePrograms } from "../../helpers/bundle-program.ts";
import { LineChild } from "../../helpers/child-lines.ts";
import { dump, freshDump, newRun, TempProject } from "../../helpers/record-stores.ts";

describe("snapshots that are damaged or gone", () => {
  let project: TempProject;
  let expected: string;
  beforeEach(async () => {
    project = await TempProject.create();
    // Two generations, with segments collected in between.
    for (const name of ["a", "b", "c", "d"]) {
      const store = project.open();
      await store.commit([newRun(name, { note: `note of ${name}`.repeat(50) })]);
      await store.close();
      await project.open().sync();
    }
    await project.open().commit([newRun("e")]);
    expected = await freshDump(project);
  });
  afterEach(() => project.remove());

  const path = (number: number): string => join(project.directory, "snap", snapshotFile(number));
  const numbers = (): number[] =>
    readdirSync(join(project.directory, "snap"))
      .map((name) => Number.parseInt(name, 10))
      .sort((a, b) => a - b);

  const spoilers: Record<string, (file: string) => void> = {
    "cut short": (file) => truncateSync(file, 20_000),
    emptied: (file) => truncateSync(file, 0),
    "with one bit flipped": (file) => {
      const bytes = readFileSync(file);
      bytes[bytes.length - 500]! ^= 4;
      writeFileSync(file, bytes);
    },
    "with another program's database": (file) => {
      const bytes = readFileSync(file);
      bytes.writeUInt32BE(0, 60);
      writeFileSync(file, bytes);
    },
  };
  for (const [how, spoil] of Object.entries(spoilers)) {
    it(`the newest one ${how}: the one before and the segments give the same, and it is rewritten`, async () => {
      const newest = numbers().at(-1)!;
      spoil(path(newest));
      const store = project.open();
      assert.equal(await dump(store), expected);
      const file = `snap/${snapshotFile(newest)}`;
      assert.deepEqual(
        store.problems.map((p) => [p.kind, p.details]),
        [["SNAPSHOT_BAD", { file }]],
      );
      assert.match(store.problems[0]!.message, /rebuilt from the one before; no data is lost/);
      assert.deepEqual(
        (await store.check()).map((p) => p.kind),
        ["SNAPSHOT_BAD"],
      );
      await store.commit([newRun("f")]);
      assert.equal((await store.sync()).generation, newest + 1);
      assert.deepEqual(numbers(), [newest - 1, newest + 1]);
      const fresh = project.open();
      assert.equal(await fresh.count("run"), 6);
      assert.deepEqual(fresh.problems, []);
    });
  }

  it("the newest one deleted: the same", async () => {
    unlinkSync(path(numbers().at(-1)!));
    const store = project.open();
    assert.equal(await dump(store), expected);
    await store.sync();
    assert.equal(await freshDump(project), expected);
    assert.deepEqual(store.problems, []);
  });

  it("both bad: what the segments hold is shown, and nothing is written", async () => {
    for (const number of numbers()) truncateSync(path(number), 100);
    const store = project.open();
    const ids = (await store.list("run")).map((record) => record.id);
    assert.ok(ids.includes("e") && !ids.includes("a"), ids.join(" "));
    assert.deepEqual(
      store.problems.map((p) => p.kind),
      ["PROJECT_DAMAGED"],
    );
    await assert.rejects(store.commit([newRun("f")]), { kind: "READ_ONLY" });
    await assert.rejects(store.sync(), { kind: "READ_ONLY" });
    assert.ok((await store.check()).length >= 2);
    await store.close();
    assert.equal(numbers().length, 2);
  });

  it("a first snapshot that is bad costs nothing, since nothing was removed yet", async () => {
    const young = await TempProject.create();
    try {
      const store = young.open();
      await store.commit([newRun("a")]);
      await store.sync();
      truncateSync(join(young.directory, "snap", snapshotFile(1)), 10);
      const again = young.open();
      assert.equal(await again.count("run"), 1);
      assert.deepEqual(
        again.problems.map((p) => p.kind),
        ["SNAPSHOT_BAD"],
      );
      await again.commit([newRun("b")]);
      assert.equal((await again.sync()).generation, 2);
    } finally {
      await young.remove();
    }
  });

  it("all deleted: told as a gap, since it looks like a copy without them", async () => {
    for (const number of numbers()) unlinkSync(path(number));
    const store = project.open();
    await store.list("run");
    const kinds = new Set(store.problems.map((p) => p.kind));
    assert.deepEqual([...kinds], ["JOURNAL_GAP"]);
  });
});

describe("a project copied while in use", () => {
  let programs: string;
  before(async () => {
    programs = await bundlePrograms("test/fixtures/store/store-child.ts");
  });
  after(() => rm(programs, { recursive: true, force: true }));

  it("whose snapshots were copied before segments went into newer ones says what is missing", async () => {
    const project = await TempProject.create();
    const target = join(project.directory, "..", "copy");
    try {
      await project.open().commit([newRun("first")]);
      await project.open().sync();
      const short = project.open();
      await short.commit([newRun("between")]);
      await short.close();
      cpSync(join(project.directory, "format"), join(target, "format"));
      cpSync(join(project.directory, "snap"), join(target, "snap"), { recursive: true });
      for (const name of ["second", "third"]) {
        await project.open().commit([newRun(name)]);
        await project.open().sync();
      }
      cpSync(join(project.directory, "seg"), join(target, "seg"), { recursive: true });
      const copied = openRecordStore({ directory: target });
      // Its segment is in snapshots that were not copied.
      assert.equal(await copied.get("run", "between"), undefined);
      assert.deepEqual(
        copied.problems.map((p) => p.message),
        ["The record file snap/00000002.sqlite is missing; was .datmo copied while in use?"],
      );
      assert.deepEqual(
        (await copied.check()).map((p) => p.kind),
        ["JOURNAL_GAP"],
      );
      await copied.close();
    } finally {
      await project.remove();
    }
  });

  const copiers: Record<string, (from: string, to: string) => void> = {
    "cp -r": (from, to) => execFileSync("cp", ["-r", from, to], { stdio: "ignore" }),
    "segments first": (from, to) => copyParts(from, to, ["format", "seg", "snap"]),
    "snapshots first": (from, to) => copyParts(from, to, ["format", "snap", "seg"]),
  };
  for (const [how, copy] of Object.entries(copiers)) {
    it(`(${how}) opens with all that was acknowledged before, or says that something is missing`, async () => {
      const project = await TempProject.create();
      const modes = ["write", "checkpoint"];
      const children = modes.map(
        (mode) => new LineChild(join(programs, "store-child.js"), [mode, project.directory, mode]),
      );
      try {
        await Promise.all(children.map((child) => child.until(5)));
        for (let n = 0; n < COPIES; n++) {
          const acked = children.flatMap((child) => child.lines);
          const target = join(project.directory, "..", `copy${n}`);
          try {
            copy(project.directory, target);
          } catch {
            // The copier itself complained about a file that went away.
            continue;
          }
          const copied = openRecordStore({ directory: target, readonly: true });
          const seen = new Set((await copied.list("run")).map((record) => record.id));
          const lost = acked.filter((id) => !seen.has(id));
          const gap = copied.problems.some((p) => p.kind === "JOURNAL_GAP");
          assert.ok(lost.length === 0 || gap, `${lost.length} missing, unsaid`);
          await copied.close();
          rmSync(target, { recursive: true });
          await Promise.all(children.map((child) => child.until(child.lines.length + 3)));
        }
      } finally {
        await Promise.all(children.map((child) => child.kill()));
        await project.remove();
      }
    });
  }
});

const COPIES = process.env["DATMO_SOAK"] ? 40 : 4;

/** Copies file by file, others going on in between; a file that goes away is left out. */
function copyParts(from: string, to: string, parts: readonly string[]): void {
  for (const part of parts) {
    const names = part === "format" ? [""] : readdirSync(join(from, part));
    for (const name of names) {
      try {
        cpSync(join(from, part, name), join(to, part, name), { recursive: true });
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
      }
    }
    // A slow copier: several generations go by before the next folder.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 250);
  }
}
