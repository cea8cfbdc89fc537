import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { cpSync, mkdtempSync, readdirSync, rmSync, utimesSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { build } from "esbuild";
import type { Collector } from "../../../src/services/ports/collecting.ts";
import { openCollector } from "../../../src/store/snapshots/collect/collector.ts";
import { type FileSystem, systemFiles } from "../../../src/store/snapshots/files/file-system.ts";
import { CHANGING, watchedFiles } from "../../helpers/snapshot-files.ts";
import { publishRequest, SnapshotProject, settle, takeSnapshot } from "../../helpers/snapshot-project.ts";

/** Every how many steps one is cut off; 1 with `DATMO_SOAK=1`. */
const STRIDE = process.env["DATMO_SOAK"] ? 1 : 9;
const PROCESSES = 3;
const EACH = process.env["DATMO_SOAK"] ? 40 : 8;
/** A user's own file of this form is kept as a big file, however small it is. */
const SMALL_BIG_FILE = "version https://git-lfs.github.com/spec/v1\noid sha256:";

/** A file system on which this process dies at call number `at`. */
function dyingAt(at: number): { fs: FileSystem; died: () => boolean } {
  let calls = 0;
  const fs = watchedFiles((name, args) => {
    calls++;
    if (calls < at) return;
    const [fd, bytes, offset, length] = args as [number, Uint8Array, number, number];
    if (calls === at && name === "writeSync") systemFiles.writeSync(fd, bytes, offset, length >> 1);
    throw Object.assign(new Error("the process was killed"), { code: "EKILLED" });
  }, CHANGING);
  return { fs, died: () => calls >= at };
}

interface Scene {
  readonly project: SnapshotProject;
  readonly live: readonly { readonly id: string; readonly tree: string }[];
}

/** Snapshots of which some were deleted, old big files, loose objects, and a secret in code and files. */
async function prepare(): Promise<Scene> {
  const project = new SnapshotProject();
  const store = project.open({ threads: 0 });
  const live: { id: string; tree: string }[] = [];
  for (let i = 0; i < 6; i++) {
    project.write("src/code", `${i}`);
    project.write("noise", randomBytes(500).toString("hex"));
    project.write("model", `${SMALL_BIG_FILE}${i}`);
    if (i === 2) project.write("src/secret", "TOPSECRET");
    if (i === 3) project.write("secret-model", `${SMALL_BIG_FILE} TOPSECRET`);
    const { treeId } = await store.captureCode();
    const files = await store.captureFiles([{ name: "kept", source: project.path("src") }]);
    const manifest = { v: 1, code: { tree: treeId }, files: [] };
    const request = publishRequest(treeId, { filesTree: files.treeId, manifest });
    await store.publish(request);
    live.push({ id: request.id, tree: treeId });
  }
  for (const { id } of live.splice(4)) await store.deleteRef(id);
  for (const { id } of live.splice(0, 1)) await store.deleteRef(id);
  await store.close();
  for (const [name, text] of [["a", "loose"]] as const) project.write(`.datmo/${name}`, text);
  project.stockGit("hash-object", "-w", join(project.datmo, "a"));
  const old = new Date(Date.now() - 7_200_000);
  const objects = join(project.git, "lfs", "objects");
  for (const entry of readdirSync(objects, { recursive: true, withFileTypes: true })) {
    if (entry.isFile()) utimesSync(join(entry.parentPath ?? entry.path, entry.name), old, old);
  }
  await settle();
  return { project, live };
}

async function cutOffEverywhere(
  work: (collector: Collector) => Promise<unknown>,
  changesTrees: boolean,
): Promise<number> {
  const { project, live } = await prepare();
  const pristine = join(project.root, "pristine");
  cpSync(project.datmo, pristine, { recursive: true, preserveTimestamps: true });
  try {
    for (let step = 1; ; step += STRIDE) {
      rmSync(project.datmo, { recursive: true });
      cpSync(pristine, project.datmo, { recursive: true, preserveTimestamps: true });
      const dying = dyingAt(step);
      const cut = openCollector({ datmoDirectory: project.datmo, fs: dying.fs, patienceMs: 0 });
      await work(cut).catch((error) => {
        if (!dying.died()) throw error;
      });
      await cut.close().catch(() => undefined);
      const whole = openCollector({ datmoDirectory: project.datmo, patienceMs: 0 });
      assert.deepEqual(await whole.check(), [], `step ${step}`);
      const store = project.open({ threads: 0 });
      for (const { id, tree } of live) {
        const read = await store.read(id);
        if (!changesTrees) assert.equal(read.codeTree, tree);
      }
      const taken = await takeSnapshot(store);
      assert.equal(taken.tree, (await store.read(taken.id)).codeTree);
      await store.close();
      await work(whole);
      assert.deepEqual(await whole.check(), [], `step ${step}, again`);
      if (step % 10 === 1) project.fsck();
      await whole.close();
      if (!dying.died()) return step;
    }
  } finally {
    await project.close();
  }
}

describe("cut off at every change on disk", () => {
  it("a collector leaves a whole store, and the next one finishes", async () => {
    const request = { dryRun: false, without: [], keptTrees: async () => [] };
    const steps = await cutOffEverywhere((collector) => collector.collect(request), false);
    assert.ok(steps > 30, `${steps} steps`);
  });

  it("a removal for good leaves a whole store, and the next one finishes", async () => {
    const steps = await cutOffEverywhere(async (collector) => {
      const { blobs } = await collector.find({
        matches: (path) => path.includes("secret"),
        snapshots: [],
        keptTrees: [],
      });
      await collector.purge({ blobs, keptTrees: [], planned: async () => undefined });
      assert.deepEqual(await collector.stored(blobs), []);
      assert.deepEqual(await collector.holders(blobs), []);
    }, true);
    assert.ok(steps > 30, `${steps} steps`);
  });
});

describe("a collector beside processes at work", () => {
  it(`loses none of ${PROCESSES} × ${EACH} snapshots, while others are deleted and collected`, async () => {
    const outdir = mkdtempSync(join(tmpdir(), "datmo-collect-"));
    const project = new SnapshotProject();
    try {
      await build({
        entryPoints: [
          "test/fixtures/store/snapshot-taker.ts",
          "src/store/snapshots/workers/snapshot-worker.ts",
        ],
        outdir,
        bundle: true,
        splitting: true,
        format: "esm",
        platform: "node",
        banner: { js: 'import{createRequire as __cr}from"node:module";const require=__cr(import.meta.url);' },
        entryNames: "[name]",
        outExtension: { ".js": ".mjs" },
        logLevel: "error",
      });
      const store = project.open({ threads: 0 });
      for (let i = 0; i < 20; i++) {
        project.write(`file-${i % 3}`, randomBytes(200).toString("hex"));
        const { id } = await takeSnapshot(store);
        await store.deleteRef(id);
      }
      let working = true;
      const collecting = [0, 1].map(async () => {
        let rounds = 0;
        while (working) {
          const collector = openCollector({ datmoDirectory: project.datmo, patienceMs: 200 });
          await collector.collect({ dryRun: false, without: [], keptTrees: async () => [] });
          await collector.close();
          rounds++;
        }
        return rounds;
      });
      const runs = Array.from({ length: PROCESSES }, () => run(join(outdir, "snapshot-taker.mjs"), project));
      const told = (await Promise.all(runs)).flat();
      working = false;
      const rounds = await Promise.all(collecting);
      assert.ok(rounds.every((count) => count > 0));
      const fresh = project.open({ threads: 0 });
      assert.deepEqual(await fresh.ids(), told.sort());
      assert.deepEqual(await fresh.check(), []);
      project.fsck();
    } finally {
      await project.close();
      rmSync(outdir, { recursive: true, force: true });
    }
  });
});

function run(program: string, project: SnapshotProject): Promise<string[]> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [program, project.directory, String(EACH)], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    let text = "";
    child.stdout.on("data", (chunk) => {
      text += chunk;
    });
    child.once("error", reject);
    child.once("close", (code) => {
      if (code === 0) resolve(text.split("\n").slice(0, -1));
      else reject(new Error(`it ended with ${code}`));
    });
  });
}
