import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import type { RestoreReport, SnapshotStore } from "../../../src/services/ports/snapshots.ts";
import { watchedFiles } from "../../helpers/snapshot-files.ts";
import {
  describeFiles,
  describeTree,
  SnapshotProject,
  settle,
  takeSnapshot,
} from "../../helpers/snapshot-project.ts";
import { seeded, writeSourceTree } from "../../helpers/source-tree.ts";

interface State {
  readonly id: string;
  readonly tree: string;
  readonly files: Record<string, string>;
}

describe("restoring", () => {
  let project: SnapshotProject;
  let store: SnapshotStore;
  beforeEach(() => {
    project = new SnapshotProject();
    store = project.open({ threads: 0 });
  });
  afterEach(() => project.closeWhole());

  async function take(from = store): Promise<State> {
    return { ...(await takeSnapshot(from)), files: describeFiles(project.directory) };
  }

  function restore(target: State, held: State, displace = false, from = store): Promise<RestoreReport> {
    const ids = { targetId: target.id, heldId: held.id };
    return from.restore({ targetTree: target.tree, heldTree: held.tree, ...ids, displace });
  }

  /** Restores and holds the result against what was there when the target was taken. */
  async function goTo(target: State, held: State): Promise<RestoreReport> {
    const report = await restore(target, held);
    assert.deepEqual(describeFiles(project.directory), target.files);
    assert.equal((await store.captureCode()).treeId, target.tree);
    assert.equal((await project.open({ separate: true, threads: 0 }).captureCode()).treeId, target.tree);
    assert.equal(await store.interruptedRestore(), undefined);
    assert.deepEqual(readdirSync(join(project.git, "datmo", "tmp")), []);
    return report;
  }

  it("brings back changed, removed and added files, and leaves the rest alone", async () => {
    project.write("same", "same");
    project.write("changed", "before");
    project.write("removed/deep/file", "here");
    project.write("run.sh", "#!/bin/sh\n", 0o755);
    const first = await take();
    project.write("changed", "after");
    project.remove("removed");
    project.write("added/deep/file", "new");
    chmodSync(project.path("run.sh"), 0o644);
    const second = await take();
    const same = statSync(project.path("same"));
    assert.deepEqual(await goTo(first, second), { written: 3, removed: 1, displaced: [] });
    assert.equal(existsSync(project.path("added")), false, "the folder that became empty is gone");
    assert.deepEqual(await goTo(second, first), { written: 3, removed: 1, displaced: [] });
    assert.equal(statSync(project.path("same")).mtimeMs, same.mtimeMs);
    assert.deepEqual(await restore(second, second), { written: 0, removed: 0, displaced: [] });
  });

  it("changes any kind of thing into any other", async () => {
    const kinds: Record<string, (path: string) => void> = {
      file: (path) => writeFileSync(path, "a file", { mode: 0o644 }),
      other: (path) => writeFileSync(path, "another file", { mode: 0o644 }),
      executable: (path) => writeFileSync(path, "a file", { mode: 0o755 }),
      link: (path) => symlinkSync("target", path),
      otherLink: (path) => symlinkSync("/etc", path),
      folder: (path) => {
        mkdirSync(join(path, "deep"), { recursive: true });
        writeFileSync(join(path, "deep", "inside"), "x");
        symlinkSync("deep", join(path, "link"));
      },
      absent: () => {},
    };
    for (const from of Object.keys(kinds)) {
      for (const to of Object.keys(kinds)) {
        project.clear();
        project.write("keep", "keep");
        kinds[to]?.(project.path("it"));
        const target = await take();
        project.remove("it");
        kinds[from]?.(project.path("it"));
        const held = await take();
        await goTo(target, held).catch((error) => {
          throw new Error(`${from} to ${to}: ${error.message}`, { cause: error });
        });
      }
    }
    assert.ok(existsSync("/etc/passwd"));
  });

  it("refuses while something that no snapshot holds is in the way, and changes nothing", async () => {
    project.write(".gitignore", "ignored*\nbuild/\n");
    project.write("file", "1");
    project.write("new", "in the target only");
    project.write("folder/x", "in the target only");
    project.write("place", "a file in the target");
    const target = await take();
    for (const path of ["new", "folder", "place"]) project.remove(path);
    project.write("file", "2");
    const held = await take();
    project.write("new", "untracked, in the way");
    project.write("folder", "untracked, where the target has a folder");
    project.write("place/inside/mine", "untracked, where the target has a file");
    project.write("file", "edited since the snapshot");
    const before = describeTree(project.directory);
    await assert.rejects(restore(target, held), (error: { kind: string; details: { paths: string[] } }) => {
      assert.equal(error.kind, "PATH_IN_THE_WAY");
      assert.deepEqual(error.details.paths, ["file", "folder", "new", "place/inside"]);
      return true;
    });
    assert.deepEqual(describeTree(project.directory), before);
    assert.equal(await store.interruptedRestore(), undefined);
  });

  it("moves what is in the way aside when told to, and never twice to the same place", async () => {
    project.write("new", "in the target only");
    project.write("place", "a file in the target");
    project.write("below/x", "in the target only");
    const target = await take();
    project.clear();
    project.write("other", "x");
    const held = await take();
    for (let round = 1; round <= 2; round++) {
      project.write("new", `mine ${round}`);
      project.write("place/deep/mine", `deep ${round}`);
      project.link("below", "/etc");
      const report = await restore(target, held, true);
      assert.deepEqual(report.displaced, ["below", "new", "place/deep"]);
      assert.deepEqual(describeFiles(project.directory), target.files);
      const aside = join(project.datmo, "displaced", round === 1 ? target.id : `${target.id}.2`);
      assert.equal(readFileSync(join(aside, "new"), "utf8"), `mine ${round}`);
      assert.equal(readFileSync(join(aside, "place/deep/mine"), "utf8"), `deep ${round}`);
      assert.equal(readlinkSync(join(aside, "below")), "/etc");
      await restore(held, target);
    }
  });

  it("keeps ignored and untracked files that are not in the way", async () => {
    project.write(".gitignore", "*.log\ndata/\n");
    project.write("src/a.py", "a");
    const target = await take();
    project.write("src/b.py", "b");
    const held = await take();
    project.write("src/run.log", "precious");
    project.write("data/big.csv", "precious");
    project.write("untracked.py", "new since the snapshot");
    await restore(target, held);
    assert.deepEqual(Object.keys(describeFiles(project.directory)).sort(), [
      ".gitignore",
      "data/big.csv",
      "src/a.py",
      "src/run.log",
      "untracked.py",
    ]);
  });

  it("removes a held folder only as far as it is held", async () => {
    project.write("a", "a");
    const target = await take();
    project.write(".gitignore", "*.log\n");
    project.write("out/result", "held");
    const held = await take();
    project.write("out/run.log", "precious");
    await restore(target, held);
    assert.deepEqual(Object.keys(describeFiles(project.directory)), ["a", "out/run.log"]);
  });

  it("leaves a file alone that is ignored, but is what the target has", async () => {
    project.write("data.csv", "1");
    const target = await take();
    project.write(".gitignore", "data.csv\n");
    const held = await take();
    assert.deepEqual(await restore(target, held), { written: 0, removed: 1, displaced: [] });
    assert.equal(readFileSync(project.path("data.csv"), "utf8"), "1");
  });

  it("never writes through a link that stands where a folder was", async () => {
    const elsewhere = join(project.root, "elsewhere");
    mkdirSync(elsewhere);
    project.write("data/file", "in the target");
    project.write("data/sub/file", "in the target");
    const target = await take();
    project.remove("data");
    symlinkSync(elsewhere, project.path("data"));
    const held = await take();
    await goTo(target, held);
    assert.deepEqual(readdirSync(elsewhere), []);
    // The same, with a link that is ignored and so held by nothing.
    project.remove("data");
    project.write(".datmoignore", "data\n");
    const without = await take();
    symlinkSync(elsewhere, project.path("data"));
    await assert.rejects(restore(target, without), {
      kind: "PATH_IN_THE_WAY",
      details: { count: 1, list: "data", paths: ["data"] },
    });
    assert.deepEqual(readdirSync(elsewhere), []);
  });

  it("replaces files that are read-only", async () => {
    project.write("locked", "before", 0o444);
    const target = await take();
    chmodSync(project.path("locked"), 0o644);
    project.write("locked", "after", 0o444);
    const held = await take();
    await goTo(target, held);
  });

  it("brings back names that are not UTF-8", async () => {
    const name = Buffer.concat([Buffer.from(`${project.directory}/`), Buffer.from([0xe9, 0x2e])]);
    writeFileSync(name, "raw");
    project.write("x", "x");
    const target = await take();
    rmSync(name);
    const held = await take();
    await goTo(target, held);
    assert.equal(readFileSync(name, "utf8"), "raw");
    await goTo(held, target);
  });

  it("brings back big files in one step", async () => {
    const big = randomBytes(5 * 1024 * 1024);
    project.write("model.bin", big);
    project.write("small", "1");
    const target = await take();
    project.write("model.bin", randomBytes(5 * 1024 * 1024));
    const held = await take();
    await goTo(target, held);
    project.remove("model.bin");
    const without = await take();
    await goTo(target, without);
    assert.deepEqual(readFileSync(project.path("model.bin")), big);
  });

  it("stops before the first change when an object or a big file is missing", async () => {
    project.damaged = true;
    project.write("model.bin", randomBytes(5 * 1024 * 1024));
    project.write("small", "1");
    const target = await take();
    const [file] = (await store.listTree(target.tree)).filter(({ path }) => path === "model.bin");
    const object = (await store.storedFile(file?.blobId ?? "")) ?? "";
    project.remove("model.bin");
    project.write("small", "2");
    const held = await take();
    renameSync(object, `${object}.away`);
    await assert.rejects(restore(target, held), {
      kind: "SNAPSHOT_CORRUPT",
      message: /model\.bin\) is missing/,
    });
    assert.deepEqual(describeFiles(project.directory), held.files);
    renameSync(`${object}.away`, object);
    const packs = join(project.git, "objects", "pack");
    for (const name of readdirSync(packs)) renameSync(join(packs, name), join(project.root, name));
    const fresh = project.open({ threads: 0 });
    await assert.rejects(restore(target, held, false, fresh), { kind: "SNAPSHOT_CORRUPT" });
    assert.deepEqual(describeFiles(project.directory), held.files);
    assert.equal(await fresh.interruptedRestore(), undefined);
  });

  it("stops before the first change when there is no room", async () => {
    project.write("file", "x".repeat(5000));
    const target = await take();
    project.write("file", "2");
    const held = await take();
    const fs = { ...watchedFiles(() => {}), statfsSync: (() => ({ bavail: 0, bsize: 4096 })) as never };
    await assert.rejects(restore(target, held, false, project.open({ fs })), { kind: "DISK_FULL" });
    assert.deepEqual(describeFiles(project.directory), held.files);
  });

  it("remembers what it wrote: the next capture reads nothing", async () => {
    writeSourceTree(project.directory, 50);
    const target = await take();
    project.clear();
    const held = await take();
    await restore(target, held);
    await settle();
    await store.captureCode();
    const reads: string[] = [];
    const fs = watchedFiles((name, [path]) => {
      if (name === "openSync" && String(path).endsWith(".py")) reads.push(String(path));
    });
    const other = project.open({ fs });
    assert.equal((await other.captureCode()).treeId, target.tree);
    assert.ok(reads.length < 50, `${reads.length} files were read`);
  });

  it("can be cancelled and then finished", async () => {
    writeSourceTree(project.directory, 300);
    const target = await take();
    project.clear();
    const held = await take();
    const stop = new AbortController();
    const work = { signal: stop.signal, progress: () => stop.abort() };
    const ids = { targetId: target.id, heldId: held.id };
    await assert.rejects(
      store.restore({ targetTree: target.tree, heldTree: held.tree, ...ids, displace: false }, work),
      {
        kind: "CANCELLED",
      },
    );
    assert.deepEqual(await store.interruptedRestore(), ids);
    await goTo(target, held);
  });

  it("goes there and back through random states", async () => {
    const random = seeded(5);
    const states: State[] = [];
    for (let i = 0; i < 8; i++) {
      for (let edits = 0; edits < 6; edits++) randomEdit(project, random);
      states.push(await take());
    }
    let at = states.at(-1) as State;
    for (let i = 0; i < 16; i++) {
      const target = states[Math.floor(random() * states.length)] as State;
      await goTo(target, at);
      at = target;
    }
    project.fsck();
  });
});

function randomEdit(project: SnapshotProject, random: () => number): void {
  const names = ["a", "b", "c/d", "c/e", "c", "f/g/h", "f/g", "f"];
  const name = names[Math.floor(random() * names.length)] as string;
  const kind = Math.floor(random() * 4);
  const parents = name.split("/").slice(0, -1);
  for (let i = 1; i <= parents.length; i++) {
    const above = parents.slice(0, i).join("/");
    if (lstatSync(project.path(above), { throwIfNoEntry: false })?.isDirectory() === false)
      project.remove(above);
  }
  project.remove(name);
  if (kind === 0) project.write(name, `${random()}`);
  if (kind === 1) project.write(name, `${random()}`, 0o755);
  if (kind === 2) project.link(name, `${Math.floor(random() * 5)}`);
}
