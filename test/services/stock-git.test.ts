import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { lstatSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { after, before, describe, it } from "node:test";
import { openTestEngine, removeTestEngine, type TestEngine, temporaryFolder } from "../helpers/engine.ts";
import { canRun, cleanEnvironment, describeFiles, git } from "../helpers/snapshot-project.ts";

/* What stock git sees of snapshots, and what snapshots leave alone of the user's own repository. */

let engine: TestEngine;
const write = (path: string, content: string | Uint8Array): void => {
  mkdirSync(dirname(join(engine.directory, path)), { recursive: true });
  writeFileSync(join(engine.directory, path), content);
};

before(async () => {
  engine = await openTestEngine();
  git(["init", "-q"], engine.directory);
  write(".gitignore", "models/\n");
  write(".gitattributes", "* text=auto eol=crlf\n*.c ident\n*.dat filter=evil\n");
  write("a.c", "$Id$\nint x;\n");
  write("crlf.txt", "text\r\n");
  write("models/.gitattributes", "* eol=crlf ident filter=evil\n");
  write("models/big.bin", randomBytes(2 * 1024 * 1024));
  write("models/small.c", "$Id$\n");
  git(["add", "-A"], engine.directory);
  git(["commit", "-q", "-m", "mine"], engine.directory);
});
after(() => removeTestEngine(engine));

/** Every file with its bytes and its times. */
function picture(folder: string): [path: string, facts: string, content: string][] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
    .sort()
    .map((path) => {
      const { mode, size, mtimeMs } = lstatSync(path);
      const content = lstatSync(path).isFile() ? readFileSync(path).toString("base64") : "";
      return [path, `${mode} ${size} ${mtimeMs}`, content];
    });
}

describe("snapshots beside the user's own repository", () => {
  it("leave every byte of it as it is, whatever is taken and brought back", async () => {
    const own = join(engine.directory, ".git");
    const before = picture(own);
    const one = await engine.call("snapshot.create", { message: "one", paths: ["models"] });
    write("a.c", "changed\n");
    write("models/small.c", "changed\n");
    await engine.call("project.status", {});
    await engine.call("snapshot.checkout", { id: one.snapshot.id, force: true });
    await engine
      .call("run.start", { command: "true" })
      .then(({ run }) => engine.call("run.wait", { id: run.id }));
    const target = join(await temporaryFolder(), "out");
    await engine.call("snapshot.export", { id: one.snapshot.id, directory: target });
    assert.deepEqual(picture(own), before);
    rmSync(dirname(target), { recursive: true });
    assert.equal(git(["status", "--porcelain"], engine.directory), "");
  });

  it(
    "are checked out by stock git and git-lfs byte for byte, kept files too",
    { skip: canRun("git", "lfs", "version") ? false : "git-lfs is not installed" },
    async () => {
      const { snapshot } = await engine.call("snapshot.create", {
        message: "stock",
        paths: ["models>weights"],
      });
      const out = await temporaryFolder();
      const target = join(out, "checkout");
      mkdirSync(target);
      const store = join(engine.directory, ".datmo/git");
      const where = ["--git-dir", store, "--work-tree", target];
      const env = { ...cleanEnvironment(), GIT_INDEX_FILE: join(out, "index") };
      const options = { cwd: target, env, stdio: "pipe" } as const;
      execFileSync(
        "git",
        [...where, "read-tree", "-u", "--reset", `refs/datmo/snapshots/${snapshot.id}`],
        options,
      );
      assert.deepEqual(
        describeFiles(join(target, "files", "weights")),
        describeFiles(join(engine.directory, "models")),
      );
      execFileSync("git", [...where, "lfs", "fsck"], options);
      execFileSync("git", ["--git-dir", store, "fsck", "--full", "--strict"], options);
      rmSync(out, { recursive: true });
    },
  );
});
