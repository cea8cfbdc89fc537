import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { isDatmoError } from "../../../src/protocol/errors.ts";
import { openDataContents } from "../../../src/store/data/data-contents.ts";

const LIMIT = { mostBytes: 1e9 };
const LONG_AGO = new Date("2026-01-01T00:00:00Z");

function place(t: TestContext) {
  const root = mkdtempSync(join(tmpdir(), "datmo-data-"));
  t.after(() => rmSync(root, { recursive: true, force: true }));
  const folder = join(root, "train");
  mkdirSync(folder);
  const contents = openDataContents({ datmoDirectory: join(root, ".datmo") });
  return {
    root,
    folder,
    contents,
    /** Written long ago, so that what was read of it is remembered. */
    write(path: string, content: string | Buffer): void {
      mkdirSync(join(folder, path, ".."), { recursive: true });
      writeFileSync(join(folder, path), content);
      utimesSync(join(folder, path), LONG_AGO, LONG_AGO);
    },
  };
}

test("a folder is told by its files' contents, and which of them changed", async (t) => {
  const { folder, contents, write } = place(t);
  write("b.csv", "1,2\n");
  write("deep/a.csv", "3\n");
  const before = await contents.measure(folder, LIMIT);
  assert.deepEqual({ ...before, sha256: "" }, { kind: "folder", files: 2, bytes: 6, sha256: "" });
  assert.equal((await contents.measure(folder, LIMIT)).sha256, before.sha256);
  write("deep/a.csv", "4\n");
  write("c.csv", "");
  rmSync(join(folder, "b.csv"));
  const after = await contents.measure(folder, LIMIT);
  const changes = await contents.changes(before.sha256 as string, after.sha256 as string);
  assert.deepEqual(
    changes?.map(({ path, a, b }) => [path, a?.bytes, b?.bytes]),
    [
      ["b.csv", 4, undefined],
      ["c.csv", undefined, 0],
      ["deep/a.csv", 2, 2],
    ],
  );
  assert.equal(await contents.changes(before.sha256 as string, "0".repeat(64)), undefined);
  assert.deepEqual(
    (await contents.lists()).map(({ sha256 }) => sha256).sort(),
    [before.sha256, after.sha256].sort(),
  );
});

test("a single file is told by its own hash", async (t) => {
  const { folder, contents, write } = place(t);
  write("one.bin", "hello");
  const state = await contents.measure(join(folder, "one.bin"), LIMIT);
  const sha256 = createHash("sha256").update("hello").digest("hex");
  assert.deepEqual(state, { kind: "file", files: 1, bytes: 5, sha256 });
  assert.deepEqual(await contents.lists(), []);
});

test("what looks as it did is not read again; another content with the same size and time is", async (t) => {
  const { root, folder, contents, write } = place(t);
  const later = openDataContents({
    datmoDirectory: join(root, ".datmo"),
    now: () => Date.now() + 60_000,
  });
  const reads = async (of: typeof later): Promise<string[]> => {
    const told: string[] = [];
    await of.measure(folder, LIMIT, { progress: ({ message }) => told.push(message) });
    return told;
  };
  write("a.bin", "aaaa");
  const first = await contents.measure(folder, LIMIT);
  // Its change time is of now, so it may change again unseen: it is read until it has come of age.
  assert.deepEqual(await reads(later), ["Reading the data train"]);
  assert.deepEqual(await reads(contents), []);
  write("a.bin", "bbbb");
  assert.deepEqual(await reads(later), ["Reading the data train"]);
  assert.notEqual((await contents.measure(folder, LIMIT)).sha256, first.sha256);
});

test("many and big files are read in threads, and a cancelled reading ends", async (t) => {
  const { folder, contents, write } = place(t);
  for (let n = 0; n < 600; n++) write(`many/${n}.txt`, `${n}`);
  write("big.bin", Buffer.alloc(9 << 20, 7));
  let told = 0;
  const state = await contents.measure(folder, LIMIT, {
    progress: ({ done = 0 }) => {
      told = done;
    },
  });
  assert.equal(state.files, 601);
  assert.equal(told, state.bytes);
  const alone = await contents.measure(join(folder, "big.bin"), LIMIT);
  assert.equal(
    alone.sha256,
    createHash("sha256")
      .update(Buffer.alloc(9 << 20, 7))
      .digest("hex"),
  );
  write("many/7.txt", "8");
  const stop = new AbortController();
  const cancelled = contents.measure(folder, LIMIT, { signal: stop.signal, progress: () => stop.abort() });
  await assert.rejects(cancelled, (error) => isDatmoError(error) && error.kind === "CANCELLED");
});

test("what cannot be told has a reason: too big, a pipe, nothing at all", async (t) => {
  const { folder, contents, write } = place(t);
  write("a.bin", "aaaa");
  const big = await contents.measure(folder, { mostBytes: 3 });
  assert.deepEqual(big, {
    kind: "folder",
    files: 1,
    bytes: 4,
    reason: "it has 4 bytes, and 3 bytes are read at most",
  });
  const odd = await contents.measure("/dev/null", LIMIT);
  assert.match(odd.reason ?? "", /pipe, socket or device/);
  assert.equal(odd.sha256, undefined);
});

test("links are followed; one that leads nowhere, or back up, is no endless way", async (t) => {
  const { root, folder, contents, write } = place(t);
  mkdirSync(join(root, "elsewhere"));
  writeFileSync(join(root, "elsewhere", "x"), "x");
  symlinkSync(join(root, "elsewhere"), join(folder, "linked"));
  write("deep/a", "a");
  symlinkSync("..", join(folder, "deep", "up"));
  symlinkSync("nowhere", join(folder, "dangling"));
  const before = await contents.measure(folder, LIMIT);
  assert.deepEqual([before.reason, before.files], [undefined, 2]);
  writeFileSync(join(root, "elsewhere", "x"), "y");
  const after = await contents.measure(folder, LIMIT);
  const changes = await contents.changes(before.sha256 as string, after.sha256 as string);
  assert.deepEqual(
    changes?.map(({ path }) => path),
    ["linked/x"],
  );
});

test("what datmo itself keeps is no data, wherever its folder is met", async (t) => {
  const { root, folder, contents, write } = place(t);
  write("a.csv", "1\n");
  mkdirSync(join(root, ".datmo"), { recursive: true });
  symlinkSync("..", join(folder, "up"));
  const before = await contents.measure(root, LIMIT);
  writeFileSync(join(root, ".datmo", "of-a-run"), "new");
  const after = await contents.measure(root, LIMIT);
  assert.deepEqual([before.files, before.bytes], [1, 2]);
  assert.deepEqual(after, before);
});

test("of a copy that goes with its run nothing is remembered", async (t) => {
  const { root, contents } = place(t);
  const copy = join(root, ".datmo", "isolated", "a", "project", "train");
  mkdirSync(copy, { recursive: true });
  writeFileSync(join(copy, "a.csv"), "1\n");
  const { files, sha256 } = await contents.measure(copy, LIMIT);
  assert.deepEqual([files, sha256?.length], [1, 64]);
  assert.equal(existsSync(join(root, ".datmo", "cache")), false);
});
