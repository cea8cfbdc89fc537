import assert from "node:assert/strict";
import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import type { SnapshotStore } from "../../../src/services/ports/snapshots.ts";
import { type FileSystem, systemFiles } from "../../../src/store/snapshots/files/file-system.ts";
import { watchedFiles } from "../../helpers/snapshot-files.ts";
import { SnapshotProject, settle, takeSnapshot } from "../../helpers/snapshot-project.ts";
import { seeded } from "../../helpers/source-tree.ts";

describe("what changed is seen", () => {
  let project: SnapshotProject;
  let store: SnapshotStore;
  let opened: string[];
  beforeEach(async () => {
    project = new SnapshotProject();
    opened = [];
    const fs = watchedFiles((name, [path]) => {
      if (name === "openSync" && String(path).includes("/project/") && !String(path).includes("/.datmo/")) {
        opened.push(String(path).slice(project.directory.length + 1));
      }
    });
    store = project.open({ fs });
    project.write("a.txt", "first");
    project.write("folder/b.txt", "second");
    project.write("folder/deep/c.txt", "third");
    await takeSnapshot(store);
    await settle();
    await takeSnapshot(store);
    opened = [];
  });
  afterEach(() => project.closeWhole());

  async function seesChange(): Promise<void> {
    const { treeId, unchanged } = await store.captureCode();
    assert.equal(unchanged, false);
    assert.equal(treeId, project.nativeTree());
    const fresh = await project.open().captureCode();
    assert.equal(fresh.treeId, treeId);
  }

  it("reads nothing when nothing changed, in this engine and the next", async () => {
    assert.equal((await store.captureCode()).unchanged, true);
    assert.deepEqual(opened, []);
    const reads: string[] = [];
    const fs = watchedFiles((name, [path]) => {
      if (name === "openSync" && /\.txt$/.test(String(path))) reads.push(String(path));
    });
    assert.equal((await project.open({ fs }).captureCode()).unchanged, true);
    assert.deepEqual(reads, []);
  });

  it("reads only the file that changed", async () => {
    project.write("folder/b.txt", "another");
    await seesChange();
    assert.deepEqual(opened, ["folder/b.txt"]);
  });

  it("an edit of the same size", async () => {
    project.write("a.txt", "FIRST");
    await seesChange();
  });

  it("an edit whose modification time was put back", async () => {
    const { atime, mtime } = statSync(project.path("a.txt"));
    project.write("a.txt", "FIRST");
    utimesSync(project.path("a.txt"), atime, mtime);
    await seesChange();
  });

  it("a file replaced by another of the same size and times", async () => {
    const { atime, mtime } = statSync(project.path("a.txt"));
    writeFileSync(project.path("new"), "FIRST");
    utimesSync(project.path("new"), atime, mtime);
    renameSync(project.path("new"), project.path("a.txt"));
    await seesChange();
  });

  it("only the executable bit", async () => {
    chmodSync(project.path("a.txt"), 0o755);
    await seesChange();
    assert.equal(statSync(project.path("a.txt")).mode & 0o777, 0o755);
  });

  it("every change of type", async () => {
    const makers: Record<string, (path: string) => void> = {
      file: (path) => writeFileSync(path, "now a file"),
      link: (path) => symlinkSync("folder/b.txt", path),
      folder: (path) => {
        mkdirSync(path);
        writeFileSync(join(path, "inside"), "x");
      },
      absent: () => {},
    };
    for (const from of Object.keys(makers)) {
      for (const to of Object.keys(makers)) {
        project.remove("changing");
        makers[from]?.(project.path("changing"));
        await store.captureCode();
        project.remove("changing");
        makers[to]?.(project.path("changing"));
        assert.equal((await store.captureCode()).treeId, project.nativeTree(), `${from} to ${to}`);
      }
    }
  });

  it("a folder replaced by a link to an equal folder", async () => {
    renameSync(project.path("folder"), join(project.root, "elsewhere"));
    symlinkSync(join(project.root, "elsewhere"), project.path("folder"));
    await seesChange();
  });

  it("names that come and go, deep down", async () => {
    project.write("folder/deep/new.txt", "new");
    await seesChange();
    project.remove("folder/deep/c.txt");
    await seesChange();
    project.remove("folder");
    await seesChange();
  });

  it("an edit at once after a capture, even when all times stay equal", async () => {
    // A coarse clock: whatever happens within the tick carries the same times.
    const frozen = new Map<string, ReturnType<typeof lstatSync>>();
    const real = systemFiles.lstatSync as (path: string, options?: object) => ReturnType<typeof lstatSync>;
    const fstat = systemFiles.fstatSync;
    const path = project.path("a.txt");
    project.write("a.txt", "fresh");
    frozen.set(path, real(path));
    const stopped = {
      ...systemFiles,
      lstatSync: ((name: string, options?: object) =>
        frozen.get(String(name)) ?? real(name, options)) as typeof lstatSync,
      fstatSync: ((fd: number) => {
        const facts = fstat(fd);
        return [...frozen.values()].find((other) => other?.ino === facts.ino) ?? facts;
      }) as typeof fstat,
    };
    const frozenStore = project.open({ fs: stopped });
    const first = (await takeSnapshot(frozenStore)).tree;
    project.write("a.txt", "FRESH");
    assert.notEqual((await frozenStore.captureCode()).treeId, first);
    const native = project.nativeTree();
    assert.equal((await project.open({ fs: stopped }).captureCode()).treeId, native);
  });

  it("edits after the clock was set back an hour, and after it was set right again", async () => {
    // Everything that changes from here on carries times from the past, the store's own files too.
    const since = Date.now() - 5;
    let back = 3_600_000;
    const shift = <T>(facts: T): T => {
      const times = facts as { mtimeMs?: number; ctimeMs?: number } | undefined;
      if (times?.ctimeMs === undefined || times.ctimeMs < since) return facts;
      return Object.assign(Object.create(Object.getPrototypeOf(times)), times, {
        mtimeMs: (times.mtimeMs ?? 0) - back,
        ctimeMs: times.ctimeMs - back,
      }) as T;
    };
    const fs = watchedFiles(() => {});
    const slow: FileSystem = {
      ...fs,
      lstatSync: ((...all: Parameters<typeof fs.lstatSync>) => shift(fs.lstatSync(...all))) as never,
      statSync: ((...all: Parameters<typeof fs.statSync>) => shift(fs.statSync(...all))) as never,
      fstatSync: ((...all: Parameters<typeof fs.fstatSync>) => shift(fs.fstatSync(...all))) as never,
    };
    for (const distance of [3_600_000, 0, 86_400_000]) {
      back = distance;
      const early = project.open({ fs: slow });
      for (const text of ["FIRST", "Second", "THIRD"]) {
        project.write("a.txt", text);
        project.write(`new-${distance}-${text}`, text);
        assert.equal((await early.captureCode()).treeId, project.nativeTree(), `${distance} ${text}`);
        await takeSnapshot(early);
        project.write("a.txt", text.toLowerCase());
        assert.equal(
          (await early.captureCode()).treeId,
          project.nativeTree(),
          `${distance} ${text}, same size`,
        );
      }
      await settle();
      const { treeId } = await early.captureCode();
      assert.equal((await project.open({ fs: slow, separate: true }).captureCode()).treeId, treeId);
    }
  });

  it("a damaged or missing memory costs time only", async () => {
    const cache = join(project.git, "datmo", "stat");
    const expected = project.nativeTree();
    for (const damage of [
      () => rmSync(cache),
      () => writeFileSync(cache, "rubbish"),
      () => {
        const bytes = Buffer.from(systemFiles.readFileSync(cache));
        bytes[100] = (bytes[100] ?? 0) ^ 1;
        writeFileSync(cache, bytes);
      },
    ]) {
      damage();
      const other = project.open();
      assert.equal((await other.captureCode()).treeId, expected);
      await takeSnapshot(other);
      assert.ok(existsSync(cache));
    }
  });

  it("a project that was copied with its memory", async () => {
    const copy = new SnapshotProject();
    rmSync(copy.directory, { recursive: true });
    cpSync(project.directory, copy.directory, { recursive: true, preserveTimestamps: true });
    copy.write("a.txt", "FIRST");
    assert.equal((await copy.open().captureCode()).treeId, copy.nativeTree());
    await copy.close();
  });

  it("what another engine has recorded meanwhile", async () => {
    const other = project.open();
    project.write("a.txt", "by the other");
    await takeSnapshot(other);
    const { treeId, unchanged } = await store.captureCode();
    assert.equal(treeId, project.nativeTree());
    assert.equal(unchanged, true, "the other engine has captured it");
    project.write("folder/b.txt", "by this one");
    await takeSnapshot(store);
    assert.equal((await other.captureCode()).treeId, project.nativeTree());
    project.fsck();
  });
});

describe("random edits", () => {
  // Native git knows nothing of .datmoignore; without it, all three must agree.
  for (const [seed, rules] of [
    [11, [".gitignore"]],
    [12, [".gitignore", ".datmoignore"]],
    [13, [".gitignore"]],
    [14, [".gitignore", ".datmoignore"]],
  ] as const) {
    it(`quick pass and full pass agree (${rules.join(", ")}, seed ${seed})`, async () => {
      const project = new SnapshotProject();
      const random = seeded(seed);
      const store = project.open();
      try {
        for (let round = 0; round < 25; round++) {
          for (let i = 0; i < 6; i++) editSomething(project.directory, random, rules);
          if (random() < 0.3) await settle();
          const quick = random() < 0.5 ? store : project.open();
          const { treeId } =
            random() < 0.5 ? await quick.captureCode() : { treeId: (await takeSnapshot(quick)).tree };
          const full = await project.open({ separate: true }).captureCode();
          assert.equal(treeId, full.treeId, `round ${round}`);
          if (rules.length === 1 && round % 4 === 0)
            assert.equal(treeId, project.nativeTree(), `round ${round}, native`);
        }
        project.fsck();
      } finally {
        await project.close();
      }
    });
  }
});

const NAMES = ["a", "b.txt", "b", "sub", "sub.d", "x.log", "é"];

function editSomething(root: string, random: () => number, rules: readonly string[]): void {
  const pick = <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)] as T;
  let folder = root;
  while (random() < 0.5) {
    const folders = readdirSync(folder, { withFileTypes: true }).filter(
      (entry) => entry.isDirectory() && entry.name !== ".datmo",
    );
    if (folders.length === 0) break;
    folder = join(folder, pick(folders).name);
  }
  const path = join(folder, pick(NAMES));
  const there = lstatSync(path, { throwIfNoEntry: false });
  const action = Math.floor(random() * 9);
  if (action === 0)
    writeFileSync(join(folder, pick(rules)), pick(["*.log\n", "sub/\n", "!x.log\n", "a\nb\n", ""]));
  else if (action === 1) rmSync(join(folder, pick(rules)), { force: true });
  else if (action === 2) rmSync(path, { recursive: true, force: true });
  else if (action === 3 && !there) mkdirSync(path);
  else if (action === 4 && !there) symlinkSync(pick(["a", "/etc", "b.txt"]), path);
  else if (action === 5 && there?.isFile()) chmodSync(path, pick([0o644, 0o755]));
  else if (action === 6 && there && !existsSync(`${path}.moved`))
    renameSync(path, join(root, `moved-${Math.floor(random() * 1e6)}`));
  else if (action === 7 && there?.isFile()) copyFileSync(path, join(root, pick(["copy1", "copy2"])));
  else if (!there || there.isFile()) writeFileSync(path, `${Math.floor(random() * 1000)}`.padStart(3, "0"));
}
