import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import {
  appendFileSync,
  chmodSync,
  closeSync,
  existsSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import type { SnapshotStore } from "../../../src/services/ports/snapshots.ts";
import {
  encodePointer,
  looksLikePointer,
  parsePointer,
} from "../../../src/store/snapshots/lfs/lfs-pointer.ts";
import { watchedFiles } from "../../helpers/snapshot-files.ts";
import {
  canRun,
  cleanEnvironment,
  describeFiles,
  SnapshotProject,
  settle,
  takeSnapshot,
} from "../../helpers/snapshot-project.ts";

const MIB = 1024 * 1024;
const sha256 = (content: Uint8Array): string => createHash("sha256").update(content).digest("hex");

describe("big files", () => {
  let project: SnapshotProject;
  let store: SnapshotStore;
  beforeEach(() => {
    project = new SnapshotProject();
    store = project.open({ threads: 0 });
  });
  afterEach(() => project.closeWhole());

  const objects = (): string[] =>
    Object.keys(describeFiles(join(project.git, "lfs", "objects")))
      .map((path) => path.split("/").at(-1) as string)
      .sort();

  it("go to the git-lfs store by size, or by half of it and a zero byte", async () => {
    const text = Buffer.alloc(4 * MIB, "line\n");
    const binary = Buffer.alloc(MIB, "x");
    binary[7000] = 0;
    project.write("text-below", text.subarray(1));
    project.write("text-at", text);
    project.write("binary-below", binary.subarray(1));
    project.write("binary-at", binary);
    const { tree } = await takeSnapshot(store);
    const listed = new Map((await store.listTree(tree)).map((file) => [file.path, file]));
    assert.equal(listed.get("text-below")?.lfsSha256, undefined);
    assert.equal(listed.get("binary-below")?.lfsSha256, undefined);
    assert.deepEqual(objects(), [sha256(text), sha256(binary)].sort());
    for (const [path, content] of [
      ["text-at", text],
      ["binary-at", binary],
    ] as const) {
      const file = listed.get(path);
      assert.equal(file?.lfsSha256, sha256(content));
      assert.equal(file?.bytes, content.length);
      assert.deepEqual(await store.readFile(file?.blobId ?? ""), content);
      assert.equal(statSync((await store.storedFile(file?.blobId ?? "")) ?? "").size, content.length);
      const pointer = parsePointer(Buffer.from(project.stockGit("cat-file", "blob", file?.blobId ?? "")));
      assert.deepEqual(pointer, { sha256: sha256(content), bytes: content.length });
    }
    assert.equal(await store.storedFile(listed.get("text-below")?.blobId ?? ""), undefined);
    project.fsck();
    assert.deepEqual(await store.check(), []);
  });

  it("are stored once, and not read again while they look the same", async () => {
    const content = randomBytes(5 * MIB);
    project.write("a.bin", content);
    project.write("b.bin", content);
    await takeSnapshot(store);
    assert.equal(objects().length, 1);
    await settle();
    const opened: string[] = [];
    const fs = watchedFiles((name, [path]) => {
      if (name === "openSync" && String(path).endsWith(".bin")) opened.push(String(path));
    });
    const other = project.open({ fs });
    assert.equal((await other.captureCode()).unchanged, true);
    assert.deepEqual(opened, []);
    const later = new Date(Date.now() - 5000);
    utimesSync(project.path("a.bin"), later, later);
    assert.equal((await other.captureCode()).unchanged, true);
    assert.deepEqual(opened, [project.path("a.bin")], "touched: hashed, not copied");
    assert.equal(objects().length, 1);
    assert.deepEqual(readdirSync(join(project.git, "lfs", "tmp")), []);
  });

  it("are stored again when their object has gone", async () => {
    project.write("a.bin", randomBytes(5 * MIB));
    const { tree } = await takeSnapshot(store);
    await settle();
    const [name] = objects();
    const object = join(
      project.git,
      "lfs",
      "objects",
      name?.slice(0, 2) ?? "",
      name?.slice(2, 4) ?? "",
      name ?? "",
    );
    rmSync(object);
    assert.match((await store.check())[0]?.problem ?? "", /big file.*missing/);
    assert.equal((await store.captureCode()).treeId, tree);
    assert.ok(existsSync(object));
    rmSync(object);
    assert.equal((await project.open({ threads: 0 }).captureCode()).treeId, tree);
    assert.deepEqual(await store.check(), []);
  });

  it("keep their holes, in the store and on the way back", async () => {
    const path = project.path("sparse.bin");
    const fd = openSync(path, "w");
    writeSync(fd, Buffer.from("head"), 0, 4, 0);
    writeSync(fd, Buffer.from("tail"), 0, 4, 48 * MIB);
    closeSync(fd);
    truncateSync(path, 64 * MIB);
    const { tree } = await takeSnapshot(store);
    const [name = ""] = objects();
    const stored = statSync(join(project.git, "lfs", "objects", name.slice(0, 2), name.slice(2, 4), name));
    assert.equal(stored.size, 64 * MIB);
    assert.ok(stored.blocks * 512 < 8 * MIB, `${stored.blocks} blocks`);
    const target = join(project.root, "export");
    await store.exportTree(tree, target);
    const restored = statSync(join(target, "sparse.bin"));
    assert.equal(restored.size, 64 * MIB);
    assert.ok(restored.blocks * 512 < 8 * MIB, `${restored.blocks} blocks`);
    assert.deepEqual(describeFiles(target), describeFiles(project.directory));
  });

  it("a user's own pointers come back as they were", async () => {
    const canonical = encodePointer({ sha256: "a".repeat(64), bytes: 12_345 });
    const lenient = Buffer.from("version https://git-lfs.github.com/spec/v1\r\noid sha256:abc\r\nsize 1\r\n");
    project.write("mine.bin", canonical);
    project.write("other.bin", lenient);
    project.write("harmless.txt", "version 2 of the text about oid and size\n");
    const before = describeFiles(project.directory);
    const { tree } = await takeSnapshot(store);
    assert.deepEqual(objects(), [sha256(canonical), sha256(lenient)].sort());
    const target = join(project.root, "export");
    await store.exportTree(tree, target);
    assert.deepEqual(describeFiles(target), before);
  });

  it("that change while they are read are marked, small ones too", async () => {
    project.write("growing.log", "begin\n");
    project.write("growing.bin", Buffer.alloc(5 * MIB, 1));
    project.write("calm.txt", "calm");
    await settle();
    const fs = watchedFiles((name, [fd]) => {
      if (name !== "readSync") return;
      const path = openFile(fd as number);
      if (/growing\.(log|bin)$/.test(path)) appendFileSync(path, "more\n");
    });
    const changing = project.open({ fs });
    const { unstable } = await changing.captureCode();
    assert.deepEqual([...unstable].sort(), ["growing.bin", "growing.log"]);
    const calm = project.open({ threads: 0 });
    assert.deepEqual((await calm.captureCode()).unstable, []);
    await takeSnapshot(changing);
    assert.deepEqual(await changing.check(), [], "what was recorded is whole");
  });

  it("that shrink, or are replaced, while they are read are marked or taken as they are now", async () => {
    for (const act of ["truncate", "replace"]) {
      project.write("changing.bin", Buffer.alloc(5 * MIB, 1));
      await settle();
      let done = false;
      const fs = watchedFiles((name, [fd]) => {
        if (name !== "readSync" || done || !openFile(fd as number).endsWith("/changing.bin")) return;
        done = true;
        if (act === "truncate") truncateSync(project.path("changing.bin"), 4 * MIB + 1);
        else {
          project.write("other", Buffer.alloc(6 * MIB, 2));
          renameSync(project.path("other"), project.path("changing.bin"));
        }
      });
      const changing = project.open({ fs });
      const { tree } = await takeSnapshot(changing);
      assert.ok(done);
      const [file] = await changing.listTree(tree);
      const content = await changing.readFile(file?.blobId ?? "");
      // One moment of it: all of the old, or all of the new, never a mixture.
      assert.equal(new Set(content).size, 1);
      assert.equal(content.length, file?.bytes);
      assert.equal(
        (await takeSnapshot(changing)).tree,
        (await project.open({ threads: 0 }).captureCode()).treeId,
      );
      assert.deepEqual(await changing.check(), []);
    }
  });

  it("are refused with the missing amount when the disk has no room", async () => {
    project.write("a.bin", randomBytes(5 * MIB));
    const fs = watchedFiles(() => {});
    const full = project.open({ fs: { ...fs, statfsSync: (() => ({ bavail: 1, bsize: 4096 })) as never } });
    await assert.rejects(full.captureCode(), (error: { kind: string; message: string }) => {
      assert.equal(error.kind, "DISK_FULL");
      assert.match(error.message, /big files \(\d+\.\d MB are needed, \d+\.\d MB are free\)/);
      return true;
    });
    assert.deepEqual(objects(), []);
  });

  it("refuse to be read into memory above the limit", async () => {
    project.write("a.bin", randomBytes(5 * MIB));
    const { tree } = await takeSnapshot(store);
    const [file] = await store.listTree(tree);
    await assert.rejects(store.readFile(file?.blobId ?? "", MIB), { kind: "PATH_INVALID" });
    assert.equal((await store.readFile(file?.blobId ?? "", 5 * MIB)).length, 5 * MIB);
  });

  it("damaged ones are found before anything is handed out", async () => {
    project.damaged = true;
    project.write("a.bin", randomBytes(5 * MIB));
    const { id, tree } = await takeSnapshot(store);
    const [file] = await store.listTree(tree);
    const object = (await store.storedFile(file?.blobId ?? "")) ?? "";
    chmodSync(object, 0o600);
    const bytes = readFileSync(object);
    bytes[1000] = (bytes[1000] ?? 0) ^ 1;
    writeFileSync(object, bytes);
    await assert.rejects(store.readFile(file?.blobId ?? ""), { kind: "SNAPSHOT_CORRUPT" });
    const target = join(project.root, "export");
    await assert.rejects(store.exportTree(tree, target), { kind: "SNAPSHOT_CORRUPT" });
    assert.equal(existsSync(target), false);
    const [problem] = await store.check();
    assert.deepEqual(problem?.snapshots, [id]);
    assert.equal(problem?.path, "a.bin");
  });
});

describe("a checkout by stock git and git-lfs", () => {
  const hasLfs = canRun("git", "lfs", "version");

  it(
    "gives the same bytes whatever .gitattributes says",
    { skip: hasLfs ? false : "git-lfs is not installed" },
    async () => {
      const project = new SnapshotProject();
      try {
        project.write(
          ".gitattributes",
          "* text=auto eol=crlf\n*.c ident\n*.txt working-tree-encoding=UTF-16\n*.dat filter=evil\n",
        );
        project.write("sub/.gitattributes", "* eol=crlf text\n");
        project.write("a.c", "$Id$\nint x;\n");
        project.write("a.txt", "text\n");
        project.write("crlf.txt", "text\r\n");
        project.write("sub/mixed", "one\r\ntwo\n");
        project.write("x.dat", "filtered?");
        const odd = [
          "models/w.bin",
          "with space.bin",
          "star*[x]?.bin",
          'quo"te.bin',
          "new\nline.bin",
          "#hash.bin",
          "back\\slash.bin",
          "ümlaut.bin",
        ];
        for (const name of odd) project.write(name, randomBytes(MIB + 4096));
        project.write("mine.ptr", encodePointer({ sha256: "b".repeat(64), bytes: 99 }));
        const store = project.open();
        await takeSnapshot(store);
        project.fsck();
        const target = join(project.root, "checkout");
        mkdirSync(target);
        const environment = { ...cleanEnvironment(), GIT_INDEX_FILE: join(project.root, "index") };
        const where = ["--git-dir", project.git, "--work-tree", target];
        execFileSync("git", [...where, "read-tree", "-u", "--reset", "refs/heads/datmo"], {
          cwd: target,
          env: environment,
          stdio: "pipe",
        });
        assert.deepEqual(describeFiles(target), describeFiles(project.directory));
        execFileSync("git", [...where, "lfs", "fsck"], { cwd: target, env: environment, stdio: "pipe" });
        assert.equal(lstatSync(join(target, "models/w.bin")).size, MIB + 4096);
      } finally {
        await project.close();
      }
    },
  );
});

describe("pointers", () => {
  it("have exactly one valid form", () => {
    const pointer = { sha256: "0123456789abcdef".repeat(4), bytes: 42 };
    const text = encodePointer(pointer).toString();
    assert.deepEqual(parsePointer(Buffer.from(text)), pointer);
    for (const other of [
      text.replace("\n", "\r\n"),
      text.trimEnd(),
      `${text}\n`,
      text.replace("size 42", "size 042"),
      text.replace("size 42", "size -1"),
      text.replace("0123", "ABCD"),
      text.replace("v1", "v2"),
      ` ${text}`,
    ]) {
      assert.equal(parsePointer(Buffer.from(other)), undefined, JSON.stringify(other));
    }
    assert.equal(looksLikePointer(Buffer.from(text)), true);
    assert.equal(looksLikePointer(Buffer.from("plain")), false);
  });
});

function openFile(fd: number): string {
  return readlinkSync(`/proc/self/fd/${fd}`);
}
