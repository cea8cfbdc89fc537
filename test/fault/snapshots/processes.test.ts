import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { after, before, describe, it } from "node:test";
import { build } from "esbuild";
import { SnapshotProject, takeSnapshot } from "../../helpers/snapshot-project.ts";
import { writeSourceTree } from "../../helpers/source-tree.ts";

const PROCESSES = 3;
const EACH = process.env["DATMO_SOAK"] ? 40 : 10;
const KILLS = process.env["DATMO_SOAK"] ? 100 : 8;

/** Lets the time pass for which merged packs are kept. */
function age(folder: string): void {
  const old = new Date(Date.now() - 61_000);
  for (const name of existsSync(folder) ? readdirSync(folder) : []) {
    try {
      utimesSync(join(folder, name), old, old);
    } catch {
      // Removed meanwhile.
    }
  }
}

describe("processes at work in one project", () => {
  let program: string;
  before(async () => {
    const outdir = mkdtempSync(join(tmpdir(), "datmo-taker-"));
    const entry = "test/fixtures/store/snapshot-taker.ts";
    const entryPoints = [entry, "src/store/snapshots/workers/snapshot-worker.ts"];
    const banner = {
      js: 'import{createRequire as __cr}from"node:module";const require=__cr(import.meta.url);',
    };
    await build({
      entryPoints,
      outdir,
      bundle: true,
      splitting: true,
      format: "esm",
      platform: "node",
      banner,
      entryNames: "[name]",
      outExtension: { ".js": ".mjs" },
      logLevel: "error",
    });
    program = join(outdir, basename(entry).replace(".ts", ".mjs"));
    mkdirSync(outdir, { recursive: true });
  });
  after(() => rmSync(join(program, ".."), { recursive: true, force: true }));

  /** Runs the program; resolves with the ids that it told, also when it was killed. */
  function run(
    project: SnapshotProject,
    count: number,
    kill?: { readonly afterTold: number; readonly thenMs: number },
  ): Promise<string[]> {
    return new Promise((resolve, reject) => {
      const child = spawn(process.execPath, [program, project.directory, String(count)], {
        stdio: ["ignore", "pipe", "pipe"],
      });
      let text = "";
      let errors = "";
      child.stdout.on("data", (chunk) => {
        text += chunk;
        if (kill && text.split("\n").length > kill.afterTold)
          setTimeout(() => child.kill("SIGKILL"), kill.thenMs);
      });
      child.stderr.on("data", (chunk) => {
        errors += chunk;
      });
      child.once("error", reject);
      child.once("close", (code, signal) => {
        if (code !== 0 && signal !== "SIGKILL") reject(new Error(errors));
        // A line that was cut off by the kill was not told.
        else resolve(text.split("\n").slice(0, -1));
      });
    });
  }

  it(`lose none of ${PROCESSES} × ${EACH} snapshots`, async () => {
    const project = new SnapshotProject();
    try {
      writeSourceTree(project.directory, 100);
      const told = (await Promise.all(Array.from({ length: PROCESSES }, () => run(project, EACH)))).flat();
      assert.equal(new Set(told).size, PROCESSES * EACH);
      const store = project.open({ threads: 0 });
      assert.deepEqual(await store.ids(), [...told].sort());
      for (const id of told) assert.ok((await store.read(id)).codeTree);
      assert.deepEqual(await store.check(), []);
      project.fsck();
    } finally {
      await project.close();
    }
  });

  it("take snapshots while they merge packs, each the others', and remove them at once: nothing is lost", async () => {
    const project = new SnapshotProject();
    try {
      writeSourceTree(project.directory, 50);
      const store = project.open({ threads: 0 });
      const early: string[] = [];
      // Packs enough that every process merges some from its first snapshot on.
      for (let i = 0; i < 48; i++) {
        project.write("file", `${i}`);
        early.push((await takeSnapshot(store)).id);
      }
      const aging = setInterval(() => age(join(project.git, "datmo", "retired")), 5);
      const told = (
        await Promise.all(Array.from({ length: PROCESSES }, () => run(project, EACH * 3)))
      ).flat();
      clearInterval(aging);
      const fresh = project.open({ threads: 0 });
      assert.deepEqual(await fresh.ids(), [...early, ...told].sort());
      for (const id of [...early, ...told]) assert.ok((await fresh.read(id)).codeTree);
      assert.deepEqual(await fresh.check(), []);
      project.fsck();
      const packs = readdirSync(join(project.git, "objects", "pack")).filter((name) =>
        name.endsWith(".pack"),
      );
      assert.ok(packs.length < 60, `${packs.length} packs are left of ${48 + told.length}`);
    } finally {
      await project.close();
    }
  });

  it(`survive ${KILLS} kills at random moments: what was told is there`, async () => {
    const project = new SnapshotProject();
    try {
      writeSourceTree(project.directory, 100);
      const told: string[] = [];
      for (let i = 0; i < KILLS; i++) {
        told.push(...(await run(project, 1000, { afterTold: 1 + (i % 3), thenMs: (i * 1.7) % 13 })));
      }
      const store = project.open({ threads: 0 });
      const ids = await store.ids();
      assert.ok(told.length >= KILLS, `${told.length} snapshots were told`);
      for (const id of told) assert.ok(ids.includes(id), id);
      assert.deepEqual(await store.check(), []);
      await takeSnapshot(store);
      project.fsck();
      assert.ok(readdirSync(join(project.git, "datmo", "active")).length <= KILLS);
    } finally {
      await project.close();
    }
  });
});
