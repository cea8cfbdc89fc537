import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import type { SnapshotStore } from "../../../src/services/ports/snapshots.ts";
import { watchedFiles } from "../../helpers/snapshot-files.ts";
import { publishRequest, SnapshotProject, settle } from "../../helpers/snapshot-project.ts";

const sha256 = (content: string | Uint8Array): string => createHash("sha256").update(content).digest("hex");

describe("files kept with a snapshot", () => {
  let project: SnapshotProject;
  let store: SnapshotStore;
  let outside: string;
  beforeEach(() => {
    project = new SnapshotProject();
    store = project.open({ threads: 0 });
    outside = join(project.root, "outside");
    mkdirSync(join(outside, "sub"), { recursive: true });
    writeFileSync(join(outside, "model.txt"), "weights");
    writeFileSync(join(outside, "sub", "run.sh"), "#!/bin/sh\n", { mode: 0o755 });
    symlinkSync("model.txt", join(outside, "sub", "latest"));
  });
  afterEach(() => project.closeWhole());

  it("come from files and folders anywhere", async () => {
    project.write("inside.csv", "1,2\n");
    const { treeId, files } = await store.captureFiles([
      { name: "deep/er/data.csv", source: project.path("inside.csv") },
      { name: "out", source: outside },
    ]);
    assert.deepEqual(files, [
      { path: "deep/er/data.csv", bytes: 4, sha256: sha256("1,2\n"), source: "inside.csv" },
      { path: "out/model.txt", bytes: 7, sha256: sha256("weights") },
      { path: "out/sub/latest", bytes: 9, sha256: sha256("model.txt") },
      { path: "out/sub/run.sh", bytes: 10, sha256: sha256("#!/bin/sh\n") },
    ]);
    const listed = await project.open().listTree(treeId);
    assert.deepEqual(
      listed.map(({ path, mode }) => `${mode} ${path}`),
      ["file deep/er/data.csv", "file out/model.txt", "link out/sub/latest", "executable out/sub/run.sh"],
    );
  });

  it("are put over a base, which is described with them", async () => {
    const base = await store.captureFiles([
      { name: "a/one", source: join(outside, "model.txt") },
      { name: "a/two", source: join(outside, "model.txt") },
      { name: "b", source: join(outside, "model.txt") },
      { name: "c/x", source: join(outside, "model.txt") },
    ]);
    writeFileSync(join(outside, "new"), "new");
    const over = await project.open().captureFiles(
      [
        { name: "a/one", source: join(outside, "new") },
        { name: "b/inside", source: join(outside, "new") },
        { name: "c", source: join(outside, "new") },
      ],
      { base: base.treeId },
    );
    assert.deepEqual(
      over.files.map(({ path, sha256: hash }) => `${path} ${hash === sha256("new") ? "new" : "old"}`),
      ["a/one new", "a/two old", "b/inside new", "c new"],
    );
    assert.equal(over.files[1]?.sha256, sha256("weights"));
  });

  it("are safe when they are taken, before any snapshot", async () => {
    const { treeId } = await store.captureFiles([{ name: "m", source: join(outside, "model.txt") }]);
    assert.equal(project.stockGit("show", `${treeId}:m`), "weights");
    // Whoever asked has not named them yet; until then they are announced.
    assert.equal(readdirSync(join(project.git, "datmo", "active")).length, 1);
    await store.close();
    assert.deepEqual(readdirSync(join(project.git, "datmo", "active")), []);
    store = project.open();
  });

  it("big ones go to the big-file store, and are not read again while they look the same", async () => {
    const content = randomBytes(5 * 1024 * 1024);
    writeFileSync(join(outside, "model.bin"), content);
    await settle();
    const source = join(outside, "model.bin");
    const first = await store.captureFiles([{ name: "model.bin", source }]);
    assert.deepEqual(first.files, [{ path: "model.bin", bytes: content.length, sha256: sha256(content) }]);
    let reads = 0;
    const fs = watchedFiles((name, [path]) => {
      if (name === "openSync" && path === source) reads++;
    });
    const again = await project.open({ fs }).captureFiles([{ name: "model.bin", source }]);
    assert.equal(again.treeId, first.treeId);
    assert.equal(reads, 0);
    writeFileSync(source, randomBytes(5 * 1024 * 1024));
    assert.notEqual(
      (await project.open({ fs }).captureFiles([{ name: "model.bin", source }])).treeId,
      first.treeId,
    );
    assert.equal(reads, 1);
    const { treeId } = await store.captureCode();
    await store.publish(publishRequest(treeId, { filesTree: first.treeId }));
    assert.match(
      project.stockGit("cat-file", "-p", `refs/datmo/snapshots/${(await store.ids())[0]}:files/model.bin`),
      /^version/,
    );
    project.fsck();
  });

  it("refuse what is not there, double names and names that lead out", async () => {
    const source = join(outside, "model.txt");
    const capture = (...names: string[]) => store.captureFiles(names.map((name) => ({ name, source })));
    await assert.rejects(store.captureFiles([{ name: "x", source: join(outside, "nothing") }]), {
      kind: "PATH_NOT_FOUND",
      message: /nothing/,
    });
    await assert.rejects(capture("x", "x"), { kind: "PATH_DUPLICATE" });
    await assert.rejects(capture("x/y", "x"), { kind: "PATH_DUPLICATE" });
    for (const name of ["", ".", "..", "../x", "/abs", "a/../b", "a//b", ".git/x", "x/.DATMO/y", "a\0b"]) {
      await assert.rejects(capture(name), { kind: "PATH_INVALID" }, name);
    }
    execFileSync("mkfifo", [join(outside, "pipe")]);
    await assert.rejects(store.captureFiles([{ name: "p", source: join(outside, "pipe") }]), {
      kind: "PATH_INVALID",
    });
    const { skipped, files } = await store.captureFiles([{ name: "o", source: outside }]);
    assert.deepEqual(
      skipped.map(({ path }) => path),
      ["o/pipe"],
    );
    assert.equal(files.length, 3);
  });

  it("follow a link that the user names, and none that a run left", async () => {
    symlinkSync(join(outside, "model.txt"), project.path("link"));
    const named = await store.captureFiles([{ name: "m", source: project.path("link") }]);
    assert.equal(named.files[0]?.sha256, sha256("weights"));
    const task = join(project.datmo, "tasks", "x");
    mkdirSync(task, { recursive: true });
    symlinkSync("/etc/passwd", join(task, "planted"));
    symlinkSync("/etc", join(task, "folder"));
    const left = await store.captureFiles([{ name: "planted", source: join(task, "planted") }]);
    assert.equal(left.files[0]?.sha256, sha256("/etc/passwd"));
    assert.equal((await store.listTree(left.treeId))[0]?.mode, "link");
    await assert.rejects(store.captureFiles([{ name: "p", source: join(task, "folder", "passwd") }]), {
      kind: "PATH_INVALID",
    });
  });

  it("may be none", async () => {
    const { treeId, files } = await store.captureFiles([]);
    assert.deepEqual(files, []);
    assert.deepEqual(await store.listTree(treeId), []);
    assert.ok(existsSync(project.git));
    rmSync(outside, { recursive: true });
  });
});
