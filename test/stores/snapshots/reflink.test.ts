import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, statfsSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it, type TestContext } from "node:test";
import { describeFiles, SnapshotProject, settle, takeSnapshot } from "../../helpers/snapshot-project.ts";

const MIB = 1024 * 1024;
const BIG = 48 * MIB;

/** The file system of `kind` on a disk of its own; undefined, and the test skipped, where that cannot be made. */
function mountDisk(t: TestContext, kind: string, get: string): string | undefined {
  const folder = mkdtempSync(join(tmpdir(), "datmo-disk-"));
  const image = join(folder, "image");
  const mount = join(folder, "mount");
  mkdirSync(mount);
  writeFileSync(image, "");
  truncateSync(image, 512 * MIB);
  t.after(() => {
    spawnSync("umount", ["-l", mount]);
    rmSync(folder, { recursive: true, force: true });
  });
  const made = spawnSync(`mkfs.${kind}`, ["-q", image], {
    env: { ...process.env, PATH: `${process.env["PATH"]}:/usr/sbin:/sbin` },
  });
  const mounted = made.status === 0 && spawnSync("mount", ["-o", "loop", image, mount]).status === 0;
  if (mounted) return mount;
  assert.notEqual(process.env["DATMO_TEST_REQUIRE"], "all", `a ${kind} disk cannot be made and mounted`);
  t.skip(`a ${kind} disk cannot be made and mounted here (needs root and ${get})`);
  return undefined;
}

function usedBytes(mount: string): number {
  spawnSync("sync", ["-f", mount]);
  const { blocks, bfree, bsize } = statfsSync(mount);
  return (blocks - bfree) * bsize;
}

describe("on a file system that shares blocks", () => {
  for (const [kind, get] of [
    ["btrfs", "btrfs-progs"],
    ["xfs", "xfsprogs"],
  ] as const) {
    it(`${kind}: a big file takes its space once, in the project, the store and an export`, async (t) => {
      const mount = mountDisk(t, kind, get);
      if (mount === undefined) return;
      const project = new SnapshotProject(mount);
      try {
        const content = randomBytes(BIG);
        project.write("model.bin", content);
        const before = usedBytes(mount);
        const store = project.open({ threads: 0 });
        const { id, tree } = await takeSnapshot(store);
        const target = join(project.root, "export");
        await store.exportTree(tree, target);
        assert.ok(usedBytes(mount) - before < BIG / 4, `${usedBytes(mount) - before} bytes more`);
        assert.deepEqual(describeFiles(target), describeFiles(project.directory));
        // The user's own file is written in place: the stored version must not notice.
        const saved = describeFiles(project.directory);
        await settle();
        writeFileSync(project.path("model.bin"), Buffer.alloc(BIG, 7), { flag: "r+" });
        const held = await takeSnapshot(store);
        assert.deepEqual(await store.check(), []);
        await store.restore({
          targetTree: tree,
          targetId: id,
          heldTree: held.tree,
          heldId: held.id,
          displace: false,
        });
        assert.deepEqual(describeFiles(project.directory), saved);
        project.fsck();
      } finally {
        await project.close();
      }
    });
  }
});
