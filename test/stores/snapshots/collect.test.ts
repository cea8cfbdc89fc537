import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { existsSync, lstatSync, mkdirSync, readdirSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import type { Collector, CollectReport } from "../../../src/services/ports/collecting.ts";
import type { SnapshotStore } from "../../../src/services/ports/snapshots.ts";
import { openCollector } from "../../../src/store/snapshots/collect/collector.ts";
import { systemFiles } from "../../../src/store/snapshots/files/file-system.ts";
import { processMark } from "../../../src/util/process-identity.ts";
import { watchedFiles } from "../../helpers/snapshot-files.ts";
import { canRun, publishRequest, SnapshotProject, takeSnapshot } from "../../helpers/snapshot-project.ts";

const BIG = 4 * 1024 * 1024;
const HOUR = 3_600_000;

let project: SnapshotProject;
let store: SnapshotStore;
let collector: Collector;

beforeEach(() => {
  project = new SnapshotProject();
  store = project.open({ threads: 0 });
  collector = openCollector({ datmoDirectory: project.datmo, patienceMs: 100 });
});
afterEach(async () => {
  await collector.close();
  await project.close();
});

function collect(dryRun = false, trees: readonly string[] = []): Promise<CollectReport> {
  return collector.collect({ dryRun, without: [], keptTrees: async () => trees });
}

/** Bytes of all files below a folder. */
function bytesIn(folder: string): number {
  return readdirSync(folder, { withFileTypes: true }).reduce((sum, entry) => {
    const path = join(folder, entry.name);
    return sum + (entry.isDirectory() ? bytesIn(path) : lstatSync(path).size);
  }, 0);
}

function freed(report: CollectReport): number {
  return Object.values(report.kinds).reduce((sum, { bytes }) => sum + bytes, 0);
}

function age(path: string, milliseconds = 2 * HOUR): void {
  const old = new Date(Date.now() - milliseconds);
  utimesSync(path, old, old);
}

function lfsPath(content: Buffer): string {
  const sha256 = createHash("sha256").update(content).digest("hex");
  return join(project.git, "lfs", "objects", sha256.slice(0, 2), sha256.slice(2, 4), sha256);
}

/** Announces work as the process with this mark would. */
function announce(mark: object, name = "feedfeedfeedfeed"): string {
  const path = join(project.git, "datmo", "active", name);
  writeFileSync(path, JSON.stringify(mark));
  return path;
}

async function sound(): Promise<void> {
  assert.deepEqual(await collector.check(), []);
  project.fsck();
  if (canRun("git-lfs", "version")) {
    const lfs = spawnSync("git", ["--git-dir", project.git, "lfs", "fsck"], { encoding: "utf8" });
    assert.equal(lfs.status, 0, lfs.stdout + lfs.stderr);
  }
}

describe("collecting", () => {
  it("does nothing where there is nothing", async () => {
    assert.equal(freed(await collect()), 0);
    assert.equal(existsSync(project.git), false);
  });

  it("frees what the dry run says, to the byte, and the dry run frees nothing", async () => {
    project.write("kept", "kept");
    const kept = await takeSnapshot(store);
    for (let i = 0; i < 3; i++) {
      project.write("more", randomBytes(20_000).toString("hex"));
      await store.deleteRef((await takeSnapshot(store)).id);
    }
    project.write("pack", "old");
    age(lfsWith(randomBytes(BIG)));
    writeFileSync(join(project.git, "objects", "pack", "tmp_pack_dead"), "half");
    age(join(project.git, "objects", "pack", "tmp_pack_dead"));
    const before = bytesIn(project.git);
    const dry = await collect(true);
    assert.equal(bytesIn(project.git), before);
    const real = await collect();
    assert.deepEqual(real, dry);
    assert.equal(before - bytesIn(project.git), freed(real));
    assert.ok(real.kinds.objects.count >= 6 && real.kinds.objects.bytes > 50_000);
    assert.deepEqual(real.kinds.bigFiles, { count: 1, bytes: BIG });
    assert.deepEqual(real.kinds.leftovers, { count: 1, bytes: 4 });
    assert.equal(freed(await collect()), 0);
    assert.equal((await store.read(kept.id)).codeTree, kept.tree);
    await sound();
    assert.equal((await takeSnapshot(store)).tree, project.nativeTree());
    await sound();
  });

  it("keeps big files of live snapshots, not those of code before them; and young ones, and what records keep", async () => {
    const [ancestor, live, young, run] = [1, 2, 3, 4].map(() => randomBytes(BIG)) as [
      Buffer,
      Buffer,
      Buffer,
      Buffer,
    ];
    project.write("model", ancestor);
    const first = await takeSnapshot(store);
    project.write("model", young);
    const second = await takeSnapshot(store);
    project.write("model", live);
    await takeSnapshot(store);
    project.write("elsewhere/run", run);
    const { treeId } = await store.captureFiles([{ name: "run", source: project.path("elsewhere", "run") }]);
    project.remove("elsewhere");
    await store.deleteRef(first.id);
    await store.deleteRef(second.id);
    await store.close();
    for (const content of [ancestor, live, run]) age(lfsPath(content));
    const report = await collect(false, [treeId]);
    assert.deepEqual(report.kinds.bigFiles, { count: 1, bytes: BIG });
    assert.equal(report.laterBytes, BIG);
    assert.deepEqual(
      [ancestor, live, young, run].map((content) => existsSync(lfsPath(content))),
      [false, true, true, true],
    );
    // The chain of code stays, as git log shows it.
    assert.equal(project.stockGit("log", "--oneline").trim().split("\n").length, 3);
    assert.deepEqual(await collector.check(), []);
    assert.equal((await collect()).kinds.bigFiles.count, 1, "nothing keeps the run's file now");
    assert.equal(existsSync(lfsPath(run)), false);
  });

  it("moves the tip off deleted snapshots", async () => {
    project.write("a", "1");
    await takeSnapshot(store);
    const tip = project.stockGit("rev-parse", "refs/heads/datmo");
    project.write("a", "2");
    const last = await takeSnapshot(store);
    await store.deleteRef(last.id);
    await collect();
    assert.equal(project.stockGit("rev-parse", "refs/heads/datmo"), tip);
    for (const id of await store.ids()) await store.deleteRef(id);
    await collect();
    assert.deepEqual(readdirSync(join(project.git, "objects", "pack")), []);
    await takeSnapshot(store);
    await sound();
  });

  it("packs loose objects that are needed and drops old ones that are not", async () => {
    project.write("a", "1");
    const { tree } = await takeSnapshot(store);
    const loose = (text: string): string =>
      spawnSync("git", ["--git-dir", project.git, "hash-object", "-w", "--stdin"], {
        input: text,
        encoding: "utf8",
      }).stdout.trim();
    const [useless, young] = [loose("useless"), loose("young")];
    const path = (id: string): string => join(project.git, "objects", id.slice(0, 2), id.slice(2));
    age(path(useless));
    const commit = project.stockGit("commit-tree", tree, "-m", "by hand").trim();
    project.stockGit("update-ref", "refs/heads/by-hand", commit);
    const before = bytesIn(project.git);
    const dry = await collect(true);
    assert.deepEqual(await collect(), dry);
    assert.equal(before - bytesIn(project.git), freed(dry));
    assert.deepEqual(
      [useless, commit, young].map((id) => existsSync(path(id))),
      [false, false, true],
    );
    await sound();
  });

  it("keeps deltas that a repacking git made readable", async () => {
    for (let i = 0; i < 4; i++) {
      project.write("text", `${"line of text\n".repeat(3000)}${i}`);
      await takeSnapshot(store);
    }
    project.stockGit("-c", "pack.window=10", "repack", "-adfq");
    const [first] = await store.ids();
    await store.deleteRef(first ?? "");
    project.write("text", "other");
    await takeSnapshot(store);
    await store.deleteRef((await store.ids())[1] ?? "");
    await collect();
    for (const id of await store.ids())
      assert.ok((await store.listTree((await store.read(id)).codeTree)).length > 0);
    await sound();
  });

  it("is not held up by what a dead process announced; waits for nobody who lives, and says what comes later", async () => {
    project.write("a", randomBytes(5000).toString("hex"));
    const { id } = await takeSnapshot(store);
    project.write("a", "2");
    await takeSnapshot(store);
    project.write("b", randomBytes(BIG));
    const big = await takeSnapshot(store);
    await store.deleteRef(id);
    await store.deleteRef(big.id);
    const model = join(project.git, "lfs", "objects");
    const old = spawnSync("find", [model, "-type", "f"], { encoding: "utf8" }).stdout.trim();
    age(old);
    const mark = announce(processMark());
    age(mark, 3 * HOUR);
    const held = await collect();
    assert.deepEqual([held.kinds.objects.count, held.kinds.bigFiles.count], [0, 0]);
    assert.ok(held.laterBytes > BIG);
    await sound();
    announce({ ...processMark(), startTime: "1" });
    const after = await collect();
    assert.equal(after.kinds.bigFiles.count, 1);
    assert.ok(after.kinds.objects.count > 0);
    assert.equal(after.kinds.leftovers.count, 1, "the announcement itself");
    await sound();
  });

  it("sees a capture that relies on a big file while it is being removed", async () => {
    const content = randomBytes(BIG);
    project.write("model", content);
    const { id } = await takeSnapshot(store);
    await store.deleteRef(id);
    age(lfsPath(content));
    let taken: Promise<{ id: string }> | undefined;
    const other = project.open({ threads: 0 });
    const capture = await other.captureCode();
    await other.close();
    const fs = watchedFiles((name, args) => {
      if (name !== "renameSync" || args[0] !== lfsPath(content) || taken) return;
      // Just before it is moved aside.
      taken = takeSnapshot(project.open({ threads: 0 }));
    });
    age(lfsPath(content));
    const mine = openCollector({ datmoDirectory: project.datmo, fs });
    await mine.collect({ dryRun: false, without: [], keptTrees: async () => [] });
    await mine.close();
    const snapshot = await taken;
    assert.ok(snapshot);
    assert.equal((await store.read(snapshot.id)).codeTree, capture.treeId);
    assert.equal(statSync(lfsPath(content)).size, BIG);
    await sound();
  });

  it("rescues what becomes needed between the scan and the removal", async () => {
    project.write("a", randomBytes(9000).toString("hex"));
    const { id, tree } = await takeSnapshot(store);
    await store.deleteRef(id);
    let asked = 0;
    let named = "";
    const late = openCollector({ datmoDirectory: project.datmo });
    await late.collect({
      dryRun: false,
      without: [],
      keptTrees: async () => {
        // The second time: the packs are marked, and work that began before has named its tree.
        if (++asked === 2) {
          const commit = project.stockGit("commit-tree", tree, "-m", "late").trim();
          named = project.stockGit("commit-tree", tree, "-p", commit, "-m", "late").trim();
          project.stockGit("update-ref", `refs/datmo/snapshots/${publishRequest(tree).id}`, named);
        }
        return [];
      },
    });
    await late.close();
    assert.equal(asked, 2);
    project.fsck();
    assert.match(project.stockGit("ls-tree", named), /\ta\n/);
  });

  it("lets a snapshot be taken of files whose pack is going to be removed", async () => {
    project.write("a", randomBytes(9000).toString("hex"));
    const { id } = await takeSnapshot(store);
    const [pack] = readdirSync(join(project.git, "objects", "pack"));
    mkdirSync(join(project.git, "datmo", "retired"), { recursive: true });
    writeFileSync(join(project.git, "datmo", "retired", (pack ?? "").replace(/\.\w+$/, "")), "");
    await store.deleteRef(id);
    await takeSnapshot(project.open({ threads: 0 }));
    // The engine that has it all in memory too.
    await takeSnapshot(store);
    await collect();
    assert.equal((await store.ids()).length, 2);
    await sound();
  });

  it("puts back what a killed collector had moved aside", async () => {
    const content = randomBytes(BIG);
    project.write("model", content);
    await takeSnapshot(store);
    const aside = join(project.git, "lfs", "aside");
    mkdirSync(aside);
    systemFiles.renameSync(lfsPath(content), join(aside, createHash("sha256").update(content).digest("hex")));
    assert.equal((await collector.check()).length, 1);
    await collect();
    await sound();
  });

  it("can be cancelled", async () => {
    project.write("a", "1");
    await takeSnapshot(store);
    const abort = new AbortController();
    abort.abort();
    for (let i = 0; i < 400; i++) project.write(`d${i}/f`, `${i}`);
    await takeSnapshot(store);
    const request = { dryRun: false, without: [], keptTrees: async () => sleepy() };
    await assert.rejects(collector.collect(request, { signal: abort.signal }), { kind: "CANCELLED" });
    await sound();
  });
});

async function sleepy(): Promise<string[]> {
  await new Promise((resolve) => setTimeout(resolve, 30));
  return [];
}

/** A big file that nothing names. */
function lfsWith(content: Buffer): string {
  const path = lfsPath(content);
  mkdirSync(join(path, ".."), { recursive: true });
  writeFileSync(path, content);
  return path;
}

describe("sizes of snapshots", () => {
  it("say what deleting one alone frees", async () => {
    project.write("shared", randomBytes(8000).toString("hex"));
    const big = randomBytes(BIG);
    project.write("model", big);
    const first = await takeSnapshot(store);
    project.remove("model");
    project.write("own", randomBytes(30_000).toString("hex"));
    const second = await takeSnapshot(store);
    const sizes = new Map((await collector.usage([])).map((size) => [size.id, size]));
    // Its code is before the second one's: only the big file and its own tree go.
    assert.ok(Math.abs((sizes.get(first.id)?.ownBytes ?? 0) - BIG) < 1000);
    assert.ok((sizes.get(first.id)?.fullBytes ?? 0) > BIG + 16_000);
    const own = sizes.get(second.id)?.ownBytes ?? 0;
    assert.ok(own > 25_000 && own < 62_000, String(own));
    await store.deleteRef(second.id);
    const { kinds } = await collect(true);
    assert.equal(kinds.objects.bytes, own);
  });
});
