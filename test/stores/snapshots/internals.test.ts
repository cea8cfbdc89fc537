import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { systemFiles } from "../../../src/store/snapshots/files/file-system.ts";
import {
  compareNames,
  decodeName,
  encodeName,
  refuseName,
} from "../../../src/store/snapshots/files/names.ts";
import { attributeLine } from "../../../src/store/snapshots/lfs/lfs-attributes.ts";
import { decodeHeader, encodeEntry, inflateEntry } from "../../../src/store/snapshots/objects/pack-entry.ts";
import { encodeIndex, PackIndex } from "../../../src/store/snapshots/objects/pack-index.ts";
import { encodeTree, parseTree } from "../../../src/store/snapshots/objects/tree-format.ts";
import { systemError, watchedFiles } from "../../helpers/snapshot-files.ts";
import { describeFiles, SnapshotProject, takeSnapshot } from "../../helpers/snapshot-project.ts";
import { seeded } from "../../helpers/source-tree.ts";

describe("names", () => {
  it("keep every byte on the way there and back, each its own string", () => {
    const random = seeded(3);
    const seen = new Map<string, string>();
    for (let i = 0; i < 5000; i++) {
      const bytes = Buffer.from(
        Array.from({ length: 1 + Math.floor(random() * 6) }, () => Math.floor(random() * 256)),
      );
      const name = decodeName(bytes);
      assert.deepEqual(encodeName(name), bytes);
      const other = seen.get(name);
      assert.ok(other === undefined || other === bytes.toString("hex"));
      seen.set(name, bytes.toString("hex"));
    }
    for (const text of ["plain", "é", "\u{1F600}", "\uFFFD", "a\u{10FFFF}b"])
      assert.equal(decodeName(Buffer.from(text)), text);
  });

  it("are ordered by their bytes", () => {
    const random = seeded(4);
    const pool = ["a", "z", "é", "\uE000", "\uFFEE", "\u{1F600}", "\u{10000}", "/", ".", "\uDC80", "\uDCFF"];
    const name = (): string =>
      Array.from(
        { length: 1 + Math.floor(random() * 3) },
        () => pool[Math.floor(random() * pool.length)],
      ).join("");
    for (let i = 0; i < 3000; i++) {
      const [a, b] = [name(), name()];
      assert.equal(
        Math.sign(compareNames(a, b)),
        Buffer.compare(encodeName(a), encodeName(b)),
        JSON.stringify([a, b]),
      );
    }
  });

  it("that could become .git or .datmo are refused, others are not", () => {
    for (const name of [
      "",
      ".",
      "..",
      ".git",
      ".GiT",
      ".git ",
      ".git.",
      ".git . .",
      ".git:x",
      "git~1",
      "GIT~23",
      ".git~1",
      "a\\.git",
      "\u200c.git",
      ".datmo",
      ".DATMO.",
      "datmo~1",
      "a/b",
      "a\0",
    ]) {
      assert.notEqual(refuseName(name, false), undefined, JSON.stringify(name));
    }
    for (const name of [
      ".gitignore",
      ".gitattributes",
      ".gitmodules",
      "git",
      "a.git",
      ".github",
      "git~",
      "~1",
      ".datmoignore",
      "datmo",
      "...",
      ". ",
      "x:y",
      "a\\b",
    ]) {
      assert.equal(refuseName(name, false), undefined, JSON.stringify(name));
    }
    assert.notEqual(refuseName(".gitmodules", true), undefined);
  });
});

describe("the formats of git", () => {
  it("entries of a pack come back, whatever their size", () => {
    for (const size of [0, 1, 15, 16, 2047, 2048, 70_000, 300_000]) {
      const body = Buffer.alloc(size, "abc");
      const { data } = encodeEntry("blob", body);
      const header = decodeHeader(data);
      assert.deepEqual([header.type, header.size], ["blob", size]);
      assert.deepEqual(inflateEntry(data, header), body);
    }
  });

  it("an entry never gives more than its header promises", () => {
    const { data } = encodeEntry("blob", Buffer.alloc(100_000));
    const small = encodeEntry("blob", Buffer.alloc(10)).data;
    const header = decodeHeader(small);
    const bomb = Buffer.concat([small.subarray(0, header.length), data.subarray(decodeHeader(data).length)]);
    assert.throws(() => inflateEntry(bomb, decodeHeader(bomb)));
  });

  it("an index finds what is in it, above 2 GiB too", () => {
    const random = seeded(9);
    const rows = Array.from({ length: 300 }, (_, i) => ({
      id: Array.from({ length: 40 }, () => Math.floor(random() * 16).toString(16)).join(""),
      crc: Math.floor(random() * 2 ** 32),
      offset: i < 150 ? 12 + i * 100 : 3 * 2 ** 30 + i * 100,
    }));
    const index = PackIndex.of(Buffer.concat([encodeIndex(rows, Buffer.alloc(20, 7)), Buffer.alloc(20)]));
    const end = 4 * 2 ** 30;
    for (const row of rows) {
      const position = index.find(Buffer.from(row.id, "hex"));
      assert.equal(index.crcAt(position), row.crc);
      const { start, end: next } = index.placeAt(position, end);
      assert.equal(start, row.offset);
      const after = rows.map(({ offset }) => offset).filter((offset) => offset > row.offset);
      assert.equal(next, after.length > 0 ? Math.min(...after) : end - 20);
    }
    assert.equal(index.find(Buffer.alloc(20, 1)), -1);
    assert.deepEqual(index.packChecksum(), Buffer.alloc(20, 7));
    assert.throws(() => PackIndex.of(Buffer.alloc(2000)));
    assert.throws(() => PackIndex.of(encodeIndex(rows, Buffer.alloc(20)).subarray(0, 3000)));
  });

  it("damaged trees are refused", () => {
    const tree = encodeTree([{ name: "a", mode: "100644", id: "1".repeat(40) }]);
    assert.equal(parseTree(tree)[0]?.name, "a");
    for (const bad of [
      tree.subarray(0, -1),
      Buffer.from("100644"),
      Buffer.from("160000 a\0".padEnd(29, "x")),
    ]) {
      assert.throws(() => parseTree(Buffer.from(bad)));
    }
  });

  it("attribute lines quote what has a meaning", () => {
    const line = (path: string): string =>
      attributeLine(path).replace(" filter=lfs diff=lfs merge=lfs -text", "");
    assert.equal(line("models/w.bin"), "/models/w.bin");
    assert.equal(line("a b"), '"/a b"');
    assert.equal(line("x[1]*?"), "/x[[]1][*][?]");
    assert.equal(line('q"\n'), '"/q\\"\\012"');
  });
});

describe("a project over several file systems", () => {
  it("is restored where renaming from .datmo is not possible", async () => {
    const project = new SnapshotProject();
    try {
      const real = systemFiles.renameSync;
      const fs = {
        ...watchedFiles(() => {}),
        renameSync: (from: string | Buffer, to: string | Buffer): void => {
          const out = String(from).includes(".datmo/git/datmo/tmp/") && !String(to).includes(".datmo/");
          const aside = String(to).includes(".datmo/displaced/");
          if (out || aside) throw systemError("EXDEV");
          real(from, to);
        },
      };
      const store = project.open({ fs: fs as typeof systemFiles });
      project.write("deep/file", "target");
      project.link("link", "target");
      project.write("new", "target");
      const target = { ...(await takeSnapshot(store)), files: describeFiles(project.directory) };
      project.write("deep/file", "held");
      for (const name of ["link", "new"]) project.remove(name);
      project.link("link", "held");
      const held = await takeSnapshot(store);
      project.write("new/inside", "in the way");
      const ids = { targetId: target.id, heldId: held.id };
      const report = await store.restore({
        targetTree: target.tree,
        heldTree: held.tree,
        ...ids,
        displace: true,
      });
      assert.deepEqual(report.displaced, ["new/inside"]);
      assert.deepEqual(describeFiles(project.directory), target.files);
      assert.equal(
        readFileSync(join(project.datmo, "displaced", target.id, "new/inside"), "utf8"),
        "in the way",
      );
    } finally {
      await project.close();
    }
  });
});
