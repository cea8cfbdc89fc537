import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { appendFileSync, readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import { openCollector } from "../../../src/store/snapshots/collect/collector.ts";
import { systemFiles } from "../../../src/store/snapshots/files/file-system.ts";
import { applyDelta } from "../../../src/store/snapshots/objects/delta.ts";
import { withDeltas } from "../../../src/store/snapshots/objects/delta-chains.ts";
import { encodeDelta } from "../../../src/store/snapshots/objects/delta-encode.ts";
import { toHex } from "../../../src/store/snapshots/objects/object-id.ts";
import { ObjectStore } from "../../../src/store/snapshots/objects/object-store.ts";
import { decodeHeader, encodeDeltaEntry } from "../../../src/store/snapshots/objects/pack-entry.ts";
import { encodeTree } from "../../../src/store/snapshots/objects/tree-format.ts";
import { describeFiles, SnapshotProject, takeSnapshot } from "../../helpers/snapshot-project.ts";
import { seeded, sourceText, writeSourceTree } from "../../helpers/source-tree.ts";

describe("deltas", () => {
  it("make the target of the base again, whatever was edited", () => {
    const random = seeded(5);
    const pick = (most: number): number => Math.floor(random() * most);
    for (let round = 0; round < 400; round++) {
      const base = Buffer.from(sourceText(random, 1 + pick(9000)));
      let target = Buffer.from(base);
      for (let edit = 0; edit < pick(6); edit++) {
        const at = pick(target.length + 1);
        const cut = pick(300);
        const put =
          random() < 0.3 ? randomBytes(pick(200)) : base.subarray(pick(base.length), pick(base.length));
        target = Buffer.concat([target.subarray(0, at), put, target.subarray(at + cut)]);
      }
      const delta = encodeDelta(base, target, Number.POSITIVE_INFINITY);
      if (target.length < 16 || base.length < 16) assert.equal(delta, undefined);
      else assert.deepEqual(applyDelta(base, delta as Buffer), target, `round ${round}`);
    }
  });

  it("are small where little changed: one line, one entry of a tree, something moved, something long", () => {
    const base = Buffer.from(sourceText(seeded(1), 40_000));
    const line = Buffer.concat([base.subarray(0, 20_000), Buffer.from("one line\n"), base.subarray(20_000)]);
    const moved = Buffer.concat([base.subarray(30_000), base.subarray(0, 30_000)]);
    const long = Buffer.concat([Buffer.alloc(300_000, "ab"), base, Buffer.alloc(200_000, "cd")]);
    const entries = Array.from({ length: 30 }, (_, i) => ({
      name: `file${i}.py`,
      mode: "100644" as const,
      id: randomBytes(20).toString("hex"),
    }));
    const tree = encodeTree(entries);
    const edited = encodeTree(
      entries.map((entry, i) => (i === 9 ? { ...entry, id: "ab".repeat(20) } : entry)),
    );
    for (const [from, to, most] of [
      [base, line, 60],
      [base, moved, 60],
      [long, Buffer.concat([long, Buffer.from("end")]), 100],
      [tree, edited, 50],
      [edited, tree, 50],
    ] as const) {
      const delta = encodeDelta(from, to, Number.POSITIVE_INFINITY) as Buffer;
      assert.deepEqual(applyDelta(from, delta), to);
      assert.ok(delta.length <= most, `${delta.length} bytes`);
    }
  });

  it("are not made where they would be too long, and in little time of what repeats itself", () => {
    assert.equal(encodeDelta(randomBytes(5000), randomBytes(5000), 4000), undefined);
    const zeros = Buffer.alloc(3_000_000);
    const delta = encodeDelta(zeros, Buffer.concat([zeros, Buffer.from("x")]), 10_000);
    assert.deepEqual(applyDelta(zeros, delta as Buffer).length, 3_000_001);
  });
});

describe("a store whose garbage was collected", () => {
  let project: SnapshotProject;
  beforeEach(() => {
    project = new SnapshotProject();
  });
  afterEach(() => project.closeWhole());

  const collect = async (): Promise<void> => {
    const collector = openCollector({ datmoDirectory: project.datmo });
    await collector.collect({ dryRun: false, without: [], keptTrees: async () => [] });
    await collector.close();
  };
  const objectBytes = (): number => {
    const folder = join(project.git, "objects", "pack");
    return readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
  };

  it("holds old versions as deltas of new ones, gives all of them back, and goes on growing", async () => {
    const random = seeded(3);
    const paths = writeSourceTree(project.directory, 60);
    project.write("data.csv", sourceText(random, 300_000));
    project.link("link", "data.csv");
    const taken: { id: string; tree: string; files: Record<string, string> }[] = [];
    const store = project.open({ threads: 0 });
    const next = async (): Promise<void> => {
      for (let i = 0; i < 3; i++)
        appendFileSync(paths[(taken.length * 7 + i) % paths.length] as string, `# ${taken.length}\n`);
      appendFileSync(project.path("data.csv"), `row ${taken.length}\n`);
      taken.push({ ...(await takeSnapshot(store)), files: describeFiles(project.directory) });
    };
    const prove = async (): Promise<void> => {
      const fresh = project.open({ threads: 0 });
      for (const { id, tree, files } of taken) {
        const target = join(project.root, "out");
        assert.equal((await fresh.read(id)).codeTree, tree);
        await fresh.exportTree(tree, target);
        assert.deepEqual(describeFiles(target), files);
        rmSync(target, { recursive: true });
      }
      assert.deepEqual(await fresh.check(), []);
      project.fsck();
      await fresh.close();
    };
    for (let i = 0; i < 30; i++) await next();
    const before = objectBytes();
    await collect();
    assert.ok(objectBytes() < before / 5, `${objectBytes()} of ${before} bytes`);
    await prove();
    // Merging packs leaves the one with deltas alone, and the next collection takes it in.
    for (let i = 0; i < 55; i++) await next();
    await collect();
    assert.ok(objectBytes() < before / 5, `${objectBytes()} of ${before} bytes`);
    await prove();
  });

  it("is read by worker threads as well", async () => {
    const paths = writeSourceTree(project.directory, 1200);
    const store = project.open({ threads: 2 });
    const first = { ...(await takeSnapshot(store)), files: describeFiles(project.directory) };
    for (const path of paths.slice(0, 1100)) appendFileSync(path, "# more\n");
    await takeSnapshot(store);
    await collect();
    const target = join(project.root, "out");
    await project.open({ threads: 2 }).exportTree(first.tree, target);
    assert.deepEqual(describeFiles(target), first.files);
  });
});

describe("packs with deltas", () => {
  it("never hold two that are made from each other, nor one without its end", async () => {
    const project = new SnapshotProject();
    try {
      const store = new ObjectStore({ fs: systemFiles, gitDirectory: project.git, threads: 0 });
      const turn = (): undefined => undefined;
      const snapshots = project.open({ threads: 0 });
      for (const text of ["old", "new"]) {
        project.write("file", `${text}\n${sourceText(seeded(1), 5000)}`);
        await takeSnapshot(snapshots);
      }
      store.packs.refresh();
      const objects = store.packs.all.flatMap((pack) =>
        Array.from({ length: pack.index.count }, (_, position) => {
          const { start, end } = pack.index.placeAt(position, pack.bytes);
          const data = store.packs.read(pack, start, end) as Buffer;
          return { id: toHex(pack.index.idAt(position)), crc: pack.index.crcAt(position), data };
        }),
      );
      const small = await withDeltas(store.reader, objects, turn);
      const isDelta = ({ data }: { data: Uint8Array }): boolean => decodeHeader(data).type === "delta";
      const deltas = small.filter(isDelta);
      assert.ok(deltas.length > 0);
      // Once more: what is a delta stays the same one.
      assert.deepEqual((await withDeltas(store.reader, small, turn)).filter(isDelta), deltas);
      // Only the older one as a delta that is given: the newer one is not made from it.
      const given = objects.map((object) => deltas.find(({ id }) => id === object.id) ?? object);
      const again = await withDeltas(store.reader, given, turn);
      assert.deepEqual(
        again
          .filter(isDelta)
          .map(({ id }) => id)
          .sort(),
        deltas.map(({ id }) => id).sort(),
      );
      // A base that is missing, and a circle, are refused before anything is written.
      const [delta] = deltas;
      assert.ok(delta);
      await assert.rejects(withDeltas(store.reader, [delta], turn), /has no end/);
      const own = encodeDeltaEntry(delta.id, Buffer.from([1, 1, 1, 65]));
      await assert.rejects(withDeltas(store.reader, [{ id: delta.id, ...own }], turn), /has no end/);
      await store.close();
    } finally {
      await project.close();
    }
  });
});
