/* What an export may write, and what it leaves alone. */
import assert from "node:assert/strict";
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import { isDatmoError } from "../../src/protocol/errors.ts";
import { type ExportFolder, openExportFolder } from "../../src/services/export/export-folder.ts";
import { temporaryFolder } from "../helpers/engine.ts";

describe("the folder of an export", () => {
  let outer: string;
  let directory: string;
  beforeEach(async () => {
    outer = await temporaryFolder();
    directory = join(outer, "out");
  });
  afterEach(() => rm(outer, { recursive: true, force: true }));

  /** One export of these files; the kind of its error, else what it counted. */
  async function exported(files: Readonly<Record<string, string>>, force = false): Promise<unknown> {
    const folder = await openExportFolder(directory, { format: "test", force });
    try {
      const group = folder.group();
      for (const [path, text] of Object.entries(files)) await folder.write(path, "create", Buffer.from(text));
      await group.complete();
      return { ...folder.written };
    } catch (error) {
      if (!isDatmoError(error)) throw error;
      return error.kind;
    } finally {
      await folder.close();
    }
  }
  const read = (path: string): string => readFileSync(join(directory, path), "utf8");

  it("is brought up to date: what is the same is not touched", async () => {
    assert.deepEqual(await exported({ "a/b.txt": "1", "c.txt": "2" }), { files: 2, unchanged: 0, bytes: 2 });
    assert.deepEqual(await exported({ "a/b.txt": "1", "c.txt": "3" }), { files: 1, unchanged: 1, bytes: 2 });
    assert.deepEqual([read("a/b.txt"), read("c.txt")], ["1", "3"]);
  });

  it("keeps files that no export wrote, and those that were changed since", async () => {
    mkdirSync(directory);
    writeFileSync(join(directory, "mine.txt"), "mine");
    assert.equal(await exported({ "mine.txt": "theirs" }), "EXPORT_IN_THE_WAY");
    assert.equal(read("mine.txt"), "mine");
    await exported({ "ours.txt": "1" });
    writeFileSync(join(directory, "ours.txt"), "changed");
    assert.equal(await exported({ "ours.txt": "2" }), "EXPORT_IN_THE_WAY");
    assert.equal(read("ours.txt"), "changed");
    assert.deepEqual(await exported({ "ours.txt": "2", "mine.txt": "x" }, true), {
      files: 2,
      unchanged: 0,
      bytes: 2,
    });
    assert.deepEqual(await exported({ "ours.txt": "3" }), { files: 1, unchanged: 0, bytes: 1 });
  });

  it("knows its own after an export that was cut off between saying and doing", async () => {
    await exported({ "a.txt": "1" });
    const ledger = join(directory, ".datmo-export.jsonl");
    const said = JSON.stringify({ path: "a.txt", sha256: "0".repeat(64) });
    writeFileSync(ledger, `${readFileSync(ledger, "utf8")}${said}\n{"path": "a.t`);
    assert.deepEqual(await exported({ "a.txt": "2" }), { files: 1, unchanged: 0, bytes: 1 });
    assert.equal(read("a.txt"), "2");
  });

  it("is never left, by name or by link", async () => {
    const bad = [
      "../x",
      "/x",
      "a/../../x",
      "a//x",
      "./x",
      "",
      "a/",
      "a\\x",
      "a\nx",
      ".git/x",
      "a/.GIT/x",
      ".datmo/x",
      ".datmo-export.jsonl",
      "x".repeat(256),
    ];
    for (const path of bad) assert.equal(await exported({ [path]: "x" }), "PATH_INVALID", path);
    mkdirSync(join(outer, "elsewhere"));
    symlinkSync(join(outer, "elsewhere"), join(directory, "link"));
    assert.equal(await exported({ "link/x": "x" }, true), "EXPORT_IN_THE_WAY");
    writeFileSync(join(outer, "target.txt"), "kept");
    symlinkSync(join(outer, "target.txt"), join(directory, "file-link"));
    assert.equal(await exported({ "file-link": "x" }), "EXPORT_IN_THE_WAY");
    assert.equal(readFileSync(join(outer, "target.txt"), "utf8"), "kept");
    assert.deepEqual(readdirSync(join(outer, "elsewhere")), []);
    assert.equal(existsSync(join(outer, "x")), false);
  });

  it("leaves nothing half done", async () => {
    const folder: ExportFolder = await openExportFolder(directory, { format: "test", force: false });
    folder.group();
    await folder.write("begun.txt", "create", Buffer.from("a"));
    await assert.rejects(folder.write("begun.txt", "create", Buffer.from("b")), /begun twice/);
    await assert.rejects(folder.write("other.txt", "append", Buffer.from("b")), /not begun/);
    await folder.close();
    assert.deepEqual(readdirSync(directory), []);
  });

  it("takes more files at once than may be open", async () => {
    const files = Object.fromEntries(Array.from({ length: 200 }, (_, i) => [`${i % 7}/${i}`, `${i}`]));
    const folder = await openExportFolder(directory, { format: "test", force: false });
    const group = folder.group();
    for (const path of Object.keys(files)) await folder.write(path, "create", Buffer.from("<"));
    for (const [path, text] of Object.entries(files)) await folder.write(path, "append", Buffer.from(text));
    await group.complete();
    await folder.close();
    for (const [path, text] of Object.entries(files)) assert.equal(read(path), `<${text}`);
  });
});
