import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { closeSync, mkdtempSync, openSync, rmSync, unlinkSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { newRun, TempProject } from "../../helpers/record-stores.ts";

describe("a real file system of 8 MB that fills up", () => {
  let mountPoint: string | undefined;
  before(() => {
    mountPoint = mountSmall();
  });
  after(() => {
    if (!mountPoint) return;
    execFileSync("umount", ["-l", mountPoint]);
    rmSync(mountPoint, { recursive: true, force: true });
  });

  it("every acknowledged record stays, reads go on, and writes again when there is room", async (t) => {
    if (!mountPoint) return t.skip("cannot mount a tmpfs here (needs root)");
    const project = await TempProject.create(mountPoint);
    const store = project.open();
    const acked: string[] = [];
    const filler = join(mountPoint, "filler");
    try {
      let refused = 0;
      for (let round = 0; round < 3; round++) {
        fill(filler, round === 0 ? 5 : 8);
        for (let n = 0; refused < (round + 1) * 20; n++) {
          const id = `r${round}-${n}`;
          const done = await store.commit([newRun(id, { note: "x".repeat(20_000) })]).then(
            () => true,
            (error) => {
              assert.equal(error.kind, "DISK_FULL");
              return false;
            },
          );
          if (done) acked.push(id);
          else refused += 1;
        }
        const seen = new Set((await store.list("run")).map((record) => record.id));
        assert.deepEqual(
          acked.filter((id) => !seen.has(id)),
          [],
        );
        await assert.rejects(store.sync(), { kind: "INDEX_NOT_REFRESHED" });
        unlinkSync(filler);
        await store.commit([newRun(`free${round}`)]);
        acked.push(`free${round}`);
      }
      assert.ok(acked.length > 20);
      const fresh = project.open({ readonly: true });
      const seen = new Set((await fresh.list("run")).map((record) => record.id));
      assert.deepEqual(
        acked.filter((id) => !seen.has(id)),
        [],
      );
      assert.deepEqual(fresh.problems, []);
    } finally {
      await project.remove();
    }
  });
});

function mountSmall(): string | undefined {
  const target = mkdtempSync(join(tmpdir(), "datmo-small-"));
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=8m", "tmpfs", target], { stdio: "ignore" });
    return target;
  } catch {
    rmSync(target, { recursive: true, force: true });
    return undefined;
  }
}

/** Takes up to so many megabytes. */
function fill(path: string, megabytes: number): void {
  const fd = openSync(path, "w");
  try {
    for (let n = 0; n < megabytes * 16; n++) writeSync(fd, Buffer.alloc(65536));
  } catch (error) {
    assert.equal((error as NodeJS.ErrnoException).code, "ENOSPC");
  } finally {
    closeSync(fd);
  }
}
