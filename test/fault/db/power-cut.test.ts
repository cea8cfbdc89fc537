import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { openRecordStore } from "../../../src/store/db/record-store.ts";
import { bundlePrograms } from "../../helpers/bundle-program.ts";
import { LineChild } from "../../helpers/child-lines.ts";
import { TempProject } from "../../helpers/record-stores.ts";

const CUTS = 12;

/*
 * A power cut, simulated: writers on a file system of their own are frozen, the block image is copied as it is
 * at that moment (what only the page cache holds is not in it), and the copy is mounted and opened.
 */
describe("power cuts", { skip: cannot() }, () => {
  let programs: string;
  let root: string;
  before(async () => {
    programs = await bundlePrograms("test/fixtures/store/store-child.ts");
    root = mkdtempSync(join(tmpdir(), "datmo-power-"));
  });
  after(async () => {
    await rm(programs, { recursive: true, force: true });
    rmSync(root, { recursive: true, force: true });
  });

  for (const fileSystem of ["ext4", "xfs", "btrfs"]) {
    it(`${fileSystem}: everything acknowledged is there after each of ${CUTS} cuts`, async (t) => {
      if (!hasMaker(fileSystem)) return t.skip(`no mkfs.${fileSystem}`);
      const { acked, lost } = await cutPower(fileSystem, "write");
      t.diagnostic(`${acked} acknowledged`);
      assert.ok(acked > CUTS * 20, `${acked} acknowledged`);
      assert.equal(lost, 0);
    });
  }

  it("without syncs the same test finds losses", async () => {
    const { acked, lost } = await cutPower("ext4", "write-unsynced");
    assert.ok(lost > 0, `${lost} of ${acked} lost`);
  });

  async function cutPower(fileSystem: string, mode: string): Promise<{ acked: number; lost: number }> {
    const image = join(root, `${fileSystem}-${mode}.img`);
    const mountPoint = join(root, `${fileSystem}-${mode}`);
    makeFileSystem(fileSystem, image, mountPoint);
    let lost = 0;
    let acked: string[] = [];
    try {
      const project = await TempProject.create(mountPoint);
      execFileSync("sync", ["-f", mountPoint]);
      const modes = mode === "write" ? [mode, mode, "checkpoint"] : [mode];
      for (let cut = 0; cut < CUTS; cut++) {
        const children = modes.map(
          (one, n) =>
            new LineChild(join(programs, "store-child.js"), [one, project.directory, `c${cut}n${n}`]),
        );
        await Promise.all(children.map((child) => child.until(10)));
        await sleep(Math.random() * 300);
        for (const child of children) child.process.kill("SIGSTOP");
        copyFileSync(image, `${image}.cut`);
        await Promise.all(children.map((child) => child.kill()));
        acked = [...acked, ...children.flatMap((child) => child.lines)];
        lost += await lostIn(`${image}.cut`, project.directory.slice(mountPoint.length), acked);
      }
    } finally {
      execFileSync("umount", ["-l", mountPoint]);
    }
    return { acked: acked.length, lost };
  }

  /** Mounts what the cut left, and counts acknowledged runs that are not in it. */
  async function lostIn(image: string, directory: string, acked: readonly string[]): Promise<number> {
    const mountPoint = join(root, "after");
    mkdirSync(mountPoint, { recursive: true });
    execFileSync("mount", ["-o", "loop", image, mountPoint]);
    try {
      const store = openRecordStore({ directory: join(mountPoint, directory), readonly: true });
      const seen = new Set((await store.list("run").catch(() => [])).map((record) => record.id));
      await store.close();
      return acked.filter((id) => !seen.has(id)).length;
    } finally {
      execFileSync("umount", [mountPoint]);
    }
  }
});

function makeFileSystem(fileSystem: string, image: string, mountPoint: string): void {
  execFileSync("truncate", ["-s", "400M", image]);
  execFileSync(`mkfs.${fileSystem}`, ["-q", image], { stdio: "ignore" });
  mkdirSync(mountPoint);
  execFileSync("mount", ["-o", "loop", image, mountPoint]);
}

function hasMaker(fileSystem: string): boolean {
  try {
    execFileSync("which", [`mkfs.${fileSystem}`], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

/** Why this cannot run here, or false. */
function cannot(): string | false {
  if (!process.env["DATMO_SOAK"]) return "long: set DATMO_SOAK=1";
  if (process.getuid?.() !== 0) return "mounting needs root";
  try {
    execFileSync("losetup", ["-f"], { stdio: "ignore" });
    return false;
  } catch {
    return "no loop devices here";
  }
}
