import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { afterEach, beforeEach, describe, it } from "node:test";
import { watchedFiles } from "../../helpers/snapshot-files.ts";
import { describeFiles, git, publishRequest, SnapshotProject } from "../../helpers/snapshot-project.ts";
import { writeSourceTree } from "../../helpers/source-tree.ts";

describe("tree ids equal native git's", () => {
  let project: SnapshotProject;
  beforeEach(() => {
    project = new SnapshotProject();
  });
  afterEach(() => project.closeWhole());

  /** Captures, compares with git, publishes, and has git and our own export confirm it. */
  async function sameAsGit(): Promise<void> {
    const store = project.open();
    const expected = project.nativeTree();
    const { treeId, skipped } = await store.captureCode();
    assert.deepEqual(skipped, []);
    assert.equal(treeId, expected);
    await store.publish(publishRequest(treeId));
    project.fsck();
    const target = `${project.root}/export`;
    await store.exportTree(treeId, target);
    assert.deepEqual(describeFiles(target), describeFiles(project.directory));
    assert.deepEqual(await store.check(), []);
  }

  it("for an empty project", sameAsGit);

  it("for 3,000 source files", async () => {
    writeSourceTree(project.directory, 3000);
    await sameAsGit();
  });

  it("for empty files and empty folders", async () => {
    project.write("empty", "");
    project.write("folder/empty", "");
    mkdirSync(project.path("nothing/inside/here"), { recursive: true });
    await sameAsGit();
  });

  it("for every kind of permission: only the owner's x counts", async () => {
    for (const mode of [0o644, 0o755, 0o654, 0o745, 0o700, 0o600, 0o611, 0o444, 0o555]) {
      project.write(`mode-${mode.toString(8)}`, `${mode}`, mode);
    }
    await sameAsGit();
  });

  it("for links: dangling, to folders, out of the project, with a backslash", async () => {
    project.write("folder/file", "content");
    project.link("to-file", "folder/file");
    project.link("to-folder", "folder");
    project.link("dangling", "no/such/thing");
    project.link("outside", "/etc");
    project.link("backslash", "a\\b");
    project.link("folder/up", "..");
    await sameAsGit();
  });

  it("for names with special characters", async () => {
    for (const name of [
      "new\nline",
      "tab\there",
      'quo"te',
      "quo'te",
      "back\\slash",
      " space ",
      "-dash",
      "a:b",
      "*?[",
    ]) {
      project.write(name, name);
    }
    project.write(`${"x".repeat(255)}`, "long");
    project.write("control\u0001\u007f", "control");
    await sameAsGit();
  });

  it("for names whose order depends on bytes", async () => {
    // U+FFEE is below the emoji in UTF-8 and above it in UTF-16.
    for (const name of ["\uFFEE", "\u{1F600}", "\uE000", "é", "e\u0301", "z", "Z", "_"])
      project.write(name, name);
    await sameAsGit();
  });

  it("for a folder beside files of the same beginning", async () => {
    for (const name of ["a.b", "a-b", "a0", "a"]) project.write(name, name);
    project.remove("a");
    project.write("a/inside", "folder");
    project.write("a.c/inside", "folder");
    project.write("ab/a", "x");
    project.write("ab.txt", "x");
    await sameAsGit();
  });

  it("for names that are not UTF-8", async () => {
    const folder = Buffer.concat([Buffer.from(`${project.directory}/`), Buffer.from([0x66, 0xf6, 0x6f])]);
    mkdirSync(folder);
    writeFileSync(Buffer.concat([folder, Buffer.from("/"), Buffer.from([0xff, 0xfe])]), "raw");
    writeFileSync(Buffer.concat([folder, Buffer.from("/plain")]), "plain");
    writeFileSync(Buffer.concat([Buffer.from(`${project.directory}/`), Buffer.from([0xc3])]), "cut");
    // A name that holds the replacement character itself is another name.
    project.write("\uFFFD", "replacement");
    await sameAsGit();
  });

  it("for content that looks like text of another system", async () => {
    project.write("crlf.txt", "one\r\ntwo\r\n");
    project.write("mixed.txt", "one\r\ntwo\n");
    project.write("utf16.txt", Buffer.from("\uFEFFtext", "utf16le"));
    project.write("ident.c", "$Id$\n");
    await sameAsGit();
  });

  it("for sizes around the limits of blocks and headers", async () => {
    for (const size of [1, 15, 16, 17, 2047, 2048, 65_535, 65_536, 65_537, 1_048_575]) {
      project.write(`size-${size}`, Buffer.alloc(size, "ab"));
    }
    project.write("random", execFileSync("head", ["-c", "300000", "/dev/urandom"]));
    await sameAsGit();
  });
});

describe("what git cannot hold, or holds otherwise", () => {
  let project: SnapshotProject;
  beforeEach(() => {
    project = new SnapshotProject();
  });
  afterEach(() => project.closeWhole());

  it("takes the files of a nested repository and leaves its .git alone", async () => {
    project.write("nested/file", "inside");
    git(["init", "-q", project.path("nested")], project.root);
    git(["add", "."], project.path("nested"));
    git(["commit", "-q", "-m", "nested"], project.path("nested"));
    project.write("worktree/.git", "gitdir: /elsewhere\n");
    project.write("worktree/file", "inside");
    project.write("nested/.datmo/format", "{}");
    const { treeId } = await project.open().captureCode();
    for (const path of ["nested/.git", "worktree/.git", "nested/.datmo"]) project.remove(path);
    assert.equal(treeId, project.nativeTree());
  });

  it("skips pipes and sockets and tells of them", async () => {
    project.write("file", "content");
    execFileSync("mkfifo", [project.path("pipe")]);
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(project.path("socket"), resolve));
    try {
      const store = project.open();
      for (let round = 0; round < 2; round++) {
        const { treeId, skipped } = await store.captureCode();
        assert.equal(treeId, project.nativeTree());
        assert.deepEqual(skipped.map(({ path }) => path).sort(), ["pipe", "socket"]);
        assert.match(skipped[0]?.reason ?? "", /pipe, socket or device/);
      }
    } finally {
      await new Promise((resolve) => server.close(resolve));
    }
  });

  it("refuses names that could become .git or .datmo somewhere, and tells of them", async () => {
    project.write("fine", "content");
    const expected = project.nativeTree();
    const names = [
      ".GIT",
      ".Git.",
      ".git ",
      ".git::$INDEX",
      "git~1",
      "GIT~2",
      ".g\u200cit",
      "x\\.git",
      ".Datmo",
      "datmo~1",
    ];
    for (const name of names) project.write(`${name}/file`, "hostile");
    const store = project.open();
    const { treeId, skipped } = await store.captureCode();
    assert.equal(treeId, expected);
    assert.deepEqual(skipped.map(({ path }) => path).sort(), [...names].sort());
    const again = await store.captureCode();
    assert.deepEqual(again.skipped, skipped);
  });

  it("refuses a link that git refuses", async () => {
    project.link(".gitmodules", "elsewhere");
    const { skipped } = await project.open().captureCode();
    assert.deepEqual(skipped, [{ path: ".gitmodules", reason: "git refuses a link of this name" }]);
  });

  it("takes what may not be read as skipped, and takes it as soon as it may", async () => {
    project.write("secret", "content");
    project.write("closed/file", "content");
    // Root may read everything, so the refusal is made here.
    let refusing = true;
    const refuse = (path: unknown): void => {
      const refused = refusing && /(secret|closed\/?)$/.test(String(path));
      if (refused) throw Object.assign(new Error("EACCES: permission denied"), { code: "EACCES" });
    };
    const store = project.open({
      fs: watchedFiles((name, args) => {
        if (name === "openSync" || name === "readdirSync") refuse(args[0]);
      }),
    });
    for (let round = 0; round < 2; round++) {
      const { skipped } = await store.captureCode();
      assert.deepEqual(skipped.map(({ path }) => path).sort(), ["closed", "secret"]);
    }
    refusing = false;
    const { treeId, skipped } = await store.captureCode();
    assert.deepEqual(skipped, []);
    assert.equal(treeId, project.nativeTree());
  });

  it("leaves the user's own repository untouched", async () => {
    project.write("file", "content");
    git(["init", "-q", project.directory], project.root);
    git(["add", "."], project.directory);
    git(["commit", "-q", "-m", "mine"], project.directory);
    project.write("file", "changed");
    // `git status` may write its index.
    const status = git(["status", "--porcelain"], project.directory);
    const before = describeFiles(project.path(".git"));
    const store = project.open();
    const { treeId } = await store.captureCode();
    await store.publish(publishRequest(treeId));
    assert.deepEqual(describeFiles(project.path(".git")), before);
    assert.equal(git(["status", "--porcelain"], project.directory), status);
    rmSync(project.path(".git"), { recursive: true });
    assert.equal(treeId, project.nativeTree());
  });
});
