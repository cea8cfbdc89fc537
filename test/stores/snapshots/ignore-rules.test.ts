import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "node:test";
import type { SnapshotStore } from "../../../src/services/ports/snapshots.ts";
import { git, SnapshotProject, settle } from "../../helpers/snapshot-project.ts";

describe("ignore rules", () => {
  let project: SnapshotProject;
  let store: SnapshotStore;
  beforeEach(() => {
    project = new SnapshotProject();
    store = project.open();
  });
  afterEach(() => project.closeWhole());

  async function taken(): Promise<string[]> {
    const { treeId } = await store.captureCode();
    await store.publish({
      id: "a".repeat(25) + "bcdefghijklmnopqrstuvwxyz"[round++],
      message: "",
      createdAt: "2026-01-01T00:00:00Z",
      codeTree: treeId,
      environment: [],
      manifest: {},
    });
    return (await store.listTree(treeId)).map(({ path }) => path).sort();
  }
  let round = 0;

  it("leave out what tools make again, and secrets", async () => {
    for (const path of [
      "__pycache__/a.pyc",
      "pkg/__pycache__/b.cpython-311.pyc",
      "old.pyc",
      ".venv/bin/python",
      "node_modules/x/index.js",
      ".ipynb_checkpoints/n.ipynb",
      ".mypy_cache/x",
      ".pytest_cache/x",
      ".ruff_cache/x",
      ".tox/x",
      ".DS_Store",
      "sub/.DS_Store",
      ".Rproj.user/x",
      ".env",
      ".env.local",
      "sub/.envrc",
      "myenv/pyvenv.cfg",
      "myenv/lib/site.py",
      "conda/conda-meta/history",
      "conda/bin/python",
    ]) {
      project.write(path, "x");
    }
    project.write("train.py", "x");
    project.write("venv/readme.txt", "no environment, only the name of one");
    assert.deepEqual(await taken(), ["train.py", "venv/readme.txt"]);
    const ignored = await store.ignoredPaths();
    for (const path of ["__pycache__", "pkg/__pycache__", ".venv", "myenv", "conda", ".env", "sub/.envrc"]) {
      assert.ok(ignored.includes(path), `${path} of ${ignored}`);
    }
    assert.ok(!ignored.some((path) => /\.(git|datmo)$/.test(path)));
  });

  it("can be lifted", async () => {
    project.write(".env.example", "x");
    project.write(".env", "x");
    project.write("node_modules/mine.js", "x");
    project.write("env/pyvenv.cfg", "x");
    project.write(".datmoignore", "!.env.example\n!node_modules/\n!env/\n");
    assert.deepEqual(await taken(), [
      ".datmoignore",
      ".env.example",
      "env/pyvenv.cfg",
      "node_modules/mine.js",
    ]);
  });

  it("follow a folder that becomes an environment, and one that is none any more", async () => {
    project.write("box/file.py", "x");
    assert.deepEqual(await taken(), ["box/file.py"]);
    await settle();
    project.write("box/pyvenv.cfg", "x");
    assert.deepEqual(await taken(), []);
    await settle();
    project.remove("box/pyvenv.cfg");
    assert.deepEqual(await taken(), ["box/file.py"]);
  });

  it("agree with git in nested folders, with negations and anchors", async () => {
    project.write(
      ".gitignore",
      "*.log\n/build/\nout/*\n!out/keep\ndata/**/tmp\n\\#odd\n*.o \n[ab].x\nlogs/\n",
    );
    project.write("sub/.gitignore", "!important.log\n/local\nlogs/deep\n");
    project.write("sub/deeper/.gitignore", "*\n!.gitignore\n!kept.log\n");
    for (const path of [
      "a.log",
      "build/x",
      "sub/build/x",
      "out/a",
      "out/keep",
      "data/x/y/tmp/f",
      "data/x/f",
      "#odd",
      "x.o",
      "a.x",
      "c.x",
      "logs/f",
      "sub/logs/f",
      "sub/important.log",
      "sub/other.log",
      "sub/local",
      "sub/deeper/local",
      "sub/deeper/kept.log",
      "sub/deeper/plain",
      "Upper.LOG",
    ]) {
      project.write(path, path);
    }
    assert.equal((await store.captureCode()).treeId, project.nativeTree());
  });

  it("keep a folder that deeper rules lift, as git does", async () => {
    project.write(".gitignore", "cache/\n*.bin\n");
    project.write("a/.gitignore", "!cache/\n");
    project.write("a/cache/x", "kept");
    project.write("a/cache/y.bin", "ignored");
    project.write("b/cache/x", "ignored");
    const paths = await taken();
    assert.ok(paths.includes("a/cache/x"));
    assert.ok(!paths.includes("b/cache/x"));
  });

  it("that change are applied at once, everywhere below", async () => {
    for (const path of ["one.dat", "sub/two.dat", "sub/deep/three.dat", "sub/deep/four.txt"])
      project.write(path, path);
    assert.equal((await taken()).length, 4);
    await settle();
    project.write(".gitignore", "*.dat\n");
    assert.deepEqual(await taken(), [".gitignore", "sub/deep/four.txt"]);
    await settle();
    project.write(".gitignore", "*.txt\n");
    assert.deepEqual(await taken(), [".gitignore", "one.dat", "sub/deep/three.dat", "sub/two.dat"]);
    await settle();
    project.write("sub/deep/.datmoignore", "!four.txt\n");
    assert.ok((await taken()).includes("sub/deep/four.txt"));
    await settle();
    project.remove("sub/deep/.datmoignore");
    assert.ok(!(await taken()).includes("sub/deep/four.txt"));
    await settle();
    project.remove(".gitignore");
    assert.equal((await taken()).length, 4);
    assert.equal((await store.captureCode()).treeId, project.nativeTree());
  });

  it("apply when their own file is ignored", async () => {
    project.write(".gitignore", ".gitignore\n*.dat\n");
    project.write("x.dat", "x");
    project.write("y.txt", "y");
    assert.deepEqual(await taken(), ["y.txt"]);
    await settle();
    project.write(".gitignore", ".gitignore\n*.txt\n");
    assert.deepEqual(await taken(), ["x.dat"]);
  });

  it("are not read through a link", async () => {
    project.write("elsewhere", "*.txt\n");
    project.link(".gitignore", "elsewhere");
    project.write("a.txt", "x");
    assert.ok((await taken()).includes("a.txt"));
  });

  it("leave out excluded paths whatever they say", async () => {
    project.write("data/a", "x");
    project.write("b", "x");
    project.write(".datmoignore", "!data/\n");
    const separate = project.open({ exclude: ["data"], separate: true });
    const { treeId } = await separate.captureCode();
    assert.deepEqual(
      (await separate.listTree(treeId)).map(({ path }) => path),
      [".datmoignore", "b"],
    );
    assert.deepEqual(await separate.ignoredPaths(), ["data"]);
    // The project's own memory knows nothing of it.
    assert.ok((await taken()).includes("data/a"));
  });

  it("honour .gitignore whether or not there is a repository", async () => {
    git(["init", "-q", project.directory], project.root);
    project.write(".gitignore", "*.dat\n");
    project.write("x.dat", "x");
    assert.deepEqual(await taken(), [".gitignore"]);
  });
});
