import assert from "node:assert/strict";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import { randomId } from "../../../src/domain/ids.ts";
import type { SnapshotStore } from "../../../src/services/ports/snapshots.ts";
import {
  describeFiles,
  publishRequest,
  SnapshotProject,
  settle,
  takeSnapshot,
} from "../../helpers/snapshot-project.ts";
import { writeSourceTree } from "../../helpers/source-tree.ts";

describe("publishing", () => {
  let project: SnapshotProject;
  let store: SnapshotStore;
  beforeEach(() => {
    project = new SnapshotProject();
    store = project.open();
    project.write("train.py", "print(1)\n");
  });
  afterEach(() => project.closeWhole());

  it("touches nothing before the first capture", async () => {
    assert.equal(await store.exists(randomId()), false);
    assert.deepEqual(await store.ids(), []);
    assert.equal(await store.interruptedRestore(), undefined);
    assert.equal(existsSync(project.git), false);
  });

  it("writes a snapshot that stock git and we can read", async () => {
    const { treeId } = await store.captureCode();
    project.write("model.txt", "weights");
    const files = await store.captureFiles([{ name: "out/model.txt", source: project.path("model.txt") }]);
    const manifest = { v: 1, message: "naïve \u{1F600}", config: { lr: 0.1 } };
    const request = publishRequest(treeId, {
      message: "first line\n\nmore \0 text",
      filesTree: files.treeId,
      environment: [
        { path: "requirements.txt", content: "numpy==2.0\n" },
        { path: "definition/uv.lock", content: "locked\n" },
      ],
      manifest,
    });
    const { commitId, codeCommitId } = await store.publish(request);
    project.fsck();
    const ref = `refs/datmo/snapshots/${request.id}`;
    assert.equal(project.stockGit("rev-parse", ref).trim(), commitId);
    assert.equal(project.stockGit("rev-parse", `${ref}^1`).trim(), codeCommitId);
    assert.equal(project.stockGit("rev-parse", "refs/heads/datmo").trim(), codeCommitId);
    assert.equal(project.stockGit("rev-parse", `${codeCommitId}^{tree}`).trim(), treeId);
    assert.equal(project.stockGit("rev-parse", `${ref}:files`).trim(), files.treeId);
    assert.equal(project.stockGit("show", `${ref}:environment/definition/uv.lock`), "locked\n");
    assert.deepEqual(JSON.parse(project.stockGit("show", `${ref}:manifest.json`)), manifest);
    assert.equal(project.stockGit("log", "-1", "--format=%B%aI", ref).includes("first line"), true);
    assert.equal(
      project.stockGit("log", "-1", "--format=%at", ref).trim(),
      String(Date.parse(request.createdAt) / 1000),
    );
    const read = await store.read(request.id);
    assert.deepEqual(read.manifest, manifest);
    assert.equal(read.codeTree, treeId);
    assert.equal(read.filesTree, files.treeId);
    assert.deepEqual(
      (await store.listTree(read.environmentTree ?? "")).map(({ path }) => path),
      ["definition/uv.lock", "requirements.txt"],
    );
    assert.deepEqual(await project.open().read(request.id), read);
  });

  it("gives snapshots of equal code one code commit", async () => {
    const first = await store.publish(publishRequest((await store.captureCode()).treeId));
    const second = await store.publish(publishRequest((await store.captureCode()).treeId));
    assert.equal(second.codeCommitId, first.codeCommitId);
    assert.notEqual(second.commitId, undefined);
    project.write("train.py", "print(2)\n");
    const third = await store.publish(publishRequest((await store.captureCode()).treeId));
    assert.equal(project.stockGit("rev-parse", `${third.codeCommitId}^1`).trim(), first.codeCommitId);
    assert.equal(project.stockGit("rev-list", "--count", "refs/heads/datmo").trim(), "2");
  });

  it("brings all of a small snapshot to the disk in one pack", async () => {
    await takeSnapshot(store);
    const packs = (): string[] =>
      readdirSync(join(project.git, "objects", "pack")).filter((name) => name.endsWith(".pack"));
    assert.equal(packs().length, 1);
    project.write("train.py", "print(2)\n");
    await store.captureCode();
    assert.equal(packs().length, 1, "a capture by itself writes nothing");
    await takeSnapshot(store);
    assert.equal(packs().length, 2);
    assert.deepEqual(readdirSync(join(project.git, "datmo", "active")), []);
    assert.deepEqual(readdirSync(join(project.git, "datmo", "tmp")), []);
  });

  it("keeps the folder for the user alone", async () => {
    await takeSnapshot(store);
    for (const name of ["", "config", "objects", "refs/datmo/snapshots", "datmo"]) {
      assert.equal(statSync(join(project.git, name)).mode & 0o077, 0, name);
    }
    for (const name of readdirSync(join(project.git, "objects", "pack"))) {
      assert.equal(statSync(join(project.git, "objects", "pack", name)).mode & 0o777, 0o400, name);
    }
  });

  it("refuses an id that is taken, and one that is none", async () => {
    const { id, tree } = await takeSnapshot(store);
    await assert.rejects(store.publish(publishRequest(tree, { id })), { kind: "GIT_STORE_IO" });
    await assert.rejects(store.publish(publishRequest(tree, { id: "../../../../evil" })), {
      kind: "GIT_STORE_IO",
    });
    assert.deepEqual(await store.ids(), [id]);
  });

  it("refuses a tree that is not there, and writes nothing", async () => {
    await takeSnapshot(store);
    const before = describeFiles(join(project.git, "refs"));
    await assert.rejects(store.publish(publishRequest("1".repeat(40))), { kind: "SNAPSHOT_CORRUPT" });
    assert.deepEqual(describeFiles(join(project.git, "refs")), before);
  });

  it("refuses environment files with bad or double names", async () => {
    const { treeId } = await store.captureCode();
    const environment = (...paths: string[]) => ({
      environment: paths.map((path) => ({ path, content: "x" })),
    });
    for (const path of ["../out", "/abs", "", "a//b", "a/../b", ".git/config"]) {
      await assert.rejects(store.publish(publishRequest(treeId, environment(path))), {
        kind: "PATH_INVALID",
      });
    }
    await assert.rejects(store.publish(publishRequest(treeId, environment("a", "a"))), {
      kind: "PATH_DUPLICATE",
    });
    await assert.rejects(store.publish(publishRequest(treeId, environment("a", "a/b"))), {
      kind: "PATH_DUPLICATE",
    });
  });

  it("takes a tree that a store over an isolated copy has captured", async () => {
    const copy = join(project.root, "copy");
    mkdirSync(copy);
    writeFileSync(join(copy, "train.py"), "print('in the copy')\n");
    const separate = project.open({ projectDirectory: copy, separate: true });
    const { treeId } = await separate.captureCode();
    const request = publishRequest(treeId);
    await store.publish(request);
    assert.equal((await store.read(request.id)).codeTree, treeId);
    project.fsck();
    assert.equal(
      existsSync(join(project.git, "datmo", "stat")),
      false,
      "the copy leaves no memory of itself",
    );
    assert.equal((await store.captureCode()).treeId, project.nativeTree());
  });

  it("completes a git directory that was begun", async () => {
    mkdirSync(join(project.git, "datmo", "keys"), { recursive: true });
    await Promise.all([takeSnapshot(store), takeSnapshot(project.open())]);
    project.fsck();
    assert.equal((await store.ids()).length, 2);
  });

  it("says so when the project's folder has gone", async () => {
    await takeSnapshot(store);
    renameSync(project.directory, join(project.root, "away"));
    await assert.rejects(store.captureCode(), { kind: "DIRECTORY_NOT_FOUND" });
  });

  it("begins a new chain when the tip cannot be read", async () => {
    await takeSnapshot(store);
    writeFileSync(join(project.git, "refs", "heads", "datmo"), `${"2".repeat(40)}\n`);
    project.write("train.py", "print(2)\n");
    const { id } = await takeSnapshot(project.open());
    assert.equal(project.stockGit("rev-list", "--count", "refs/heads/datmo").trim(), "1");
    assert.equal((await store.read(id)).id, id);
    project.fsck();
  });

  it("refuses work after it was closed", async () => {
    await store.close();
    await assert.rejects(store.captureCode(), { kind: "STORE_CLOSED" });
    await assert.rejects(store.ids(), { kind: "STORE_CLOSED" });
  });

  it("takes captures and publications at once in turn", async () => {
    writeSourceTree(project.directory, 60);
    const taken = await Promise.all(Array.from({ length: 8 }, () => takeSnapshot(store)));
    assert.equal(new Set(taken.map(({ tree }) => tree)).size, 1);
    assert.equal((await store.ids()).length, 8);
    project.fsck();
  });
});

describe("a user's own git at work in the hidden directory", () => {
  let project: SnapshotProject;
  let store: SnapshotStore;
  beforeEach(() => {
    project = new SnapshotProject();
    store = project.open();
  });
  afterEach(() => project.closeWhole());

  it("may repack everything into deltas and pack the references", async () => {
    writeSourceTree(project.directory, 40);
    const states = [];
    for (let i = 0; i < 6; i++) {
      project.write("log.txt", Array.from({ length: 400 + i }, (_, n) => `line ${n}\n`).join(""));
      const { id, tree } = await takeSnapshot(store);
      states.push({ id, tree, files: describeFiles(project.directory) });
    }
    project.stockGit("gc", "--quiet", "--aggressive", "--prune=now");
    assert.ok(existsSync(join(project.git, "packed-refs")));
    const [index, ...more] = readdirSync(join(project.git, "objects", "pack")).filter((name) =>
      name.endsWith(".idx"),
    );
    assert.deepEqual(more, []);
    const listing = project.stockGit("verify-pack", "-v", join(project.git, "objects", "pack", index ?? ""));
    assert.match(listing, /chain length = [1-9]/, "there are deltas to read");
    const fresh = project.open();
    assert.deepEqual(await fresh.ids(), states.map(({ id }) => id).sort());
    for (const reader of [store, fresh]) {
      for (const [i, { id, tree, files }] of states.entries()) {
        assert.equal((await reader.read(id)).codeTree, tree);
        const target = join(project.root, `export-${i}`);
        await reader.exportTree(tree, target);
        assert.deepEqual(describeFiles(target), files);
        rmSync(target, { recursive: true });
      }
    }
    assert.deepEqual(await fresh.check(), []);
    project.write("log.txt", "short\n");
    await takeSnapshot(fresh);
    project.fsck();
    assert.equal((await fresh.ids()).length, 7);
  });

  it("may drop what no snapshot names: it is written again", async () => {
    project.write("kept.txt", "kept");
    await takeSnapshot(store);
    project.write("dropped.txt", "a file of a snapshot that is deleted");
    const { id } = await takeSnapshot(store);
    // Old enough to be remembered without being read again.
    await settle();
    await store.captureCode();
    await store.deleteRef(id);
    project.stockGit("update-ref", "refs/heads/datmo", "refs/heads/datmo~1");
    project.stockGit("gc", "--quiet", "--prune=now");
    for (const engine of [store, project.open()]) {
      await takeSnapshot(engine);
      project.fsck();
      assert.deepEqual(await engine.check(), []);
    }
  });

  it("may pack the references: deleting a snapshot takes it out there too", async () => {
    project.write("a", "a");
    const first = await takeSnapshot(store);
    const second = await takeSnapshot(store);
    project.stockGit("pack-refs", "--all");
    await store.deleteRef(first.id);
    assert.deepEqual(await project.open().ids(), [second.id]);
    assert.equal(project.stockGit("for-each-ref", "refs/datmo").split("\n").filter(Boolean).length, 1);
    assert.doesNotMatch(readFileSync(join(project.git, "packed-refs"), "utf8"), new RegExp(first.id));
    await assert.rejects(store.deleteRef(first.id), { kind: "SNAPSHOT_NOT_FOUND" });
    project.fsck();
  });
});
