import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { closeSync, openSync, rmSync, statSync, truncateSync, writeSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { bundlePrograms } from "../../helpers/bundle-program.ts";
import { SnapshotProject } from "../../helpers/snapshot-project.ts";

const MEGABYTES = process.env["DATMO_SOAK"] ? 5000 : 600;
const MOST_MEMORY = 150;

describe("a file larger than the memory", () => {
  let folder: string;
  before(async () => {
    folder = await bundlePrograms(
      "test/fixtures/store/snapshot-meter.ts",
      "src/store/snapshots/workers/snapshot-worker.ts",
    );
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it(`sparse, ${MEGABYTES} MB, under a heap limit of 256 MB: stored in constant memory, holes and all`, async () => {
    const project = new SnapshotProject();
    try {
      const path = project.path("sparse.bin");
      const file = openSync(path, "w");
      writeSync(file, Buffer.from("head"), 0, 4, 0);
      writeSync(file, Buffer.from("tail"), 0, 4, (MEGABYTES - 1) * 1024 * 1024);
      closeSync(file);
      truncateSync(path, MEGABYTES * 1024 * 1024);
      const meter = [join(folder, "snapshot-meter.js"), project.directory, "1", "publish"];
      const output = execFileSync(process.execPath, ["--max-old-space-size=256", ...meter], {
        encoding: "utf8",
      });
      const { peakMegabytes } = JSON.parse(output) as { peakMegabytes: number };
      assert.ok(peakMegabytes < MOST_MEMORY, `${peakMegabytes} MB`);
      const store = project.open({ threads: 0 });
      const [id = ""] = await store.ids();
      const { codeTree } = await store.read(id);
      const [stored] = await store.listTree(codeTree);
      assert.equal(stored?.bytes, MEGABYTES * 1024 * 1024);
      const target = join(project.root, "export");
      await store.exportTree(codeTree, target);
      const facts = statSync(join(target, "sparse.bin"));
      assert.equal(facts.size, MEGABYTES * 1024 * 1024);
      assert.ok(facts.blocks * 512 < 16 * 1024 * 1024, `${facts.blocks} blocks`);
      assert.deepEqual(await store.check(), []);
    } finally {
      await project.close();
    }
  });
});
