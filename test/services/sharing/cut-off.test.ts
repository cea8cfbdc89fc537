import assert from "node:assert/strict";
import { cpSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import type { OpenProject } from "../../../src/services/project/open-project.ts";
import { pullProject } from "../../../src/services/sharing/pull.ts";
import { pushProject } from "../../../src/services/sharing/push.ts";
import { createStoreLayout } from "../../../src/store/db/layout.ts";
import { openRecordStore } from "../../../src/store/db/record-store.ts";
import { openRuns } from "../../../src/store/journal/open-runs.ts";
import { openSeriesImages } from "../../../src/store/series/series-images.ts";
import { openSeriesStore } from "../../../src/store/series/series-store.ts";
import { openShareStore } from "../../../src/store/snapshots/share/share-store.ts";
import { openSnapshotStore } from "../../../src/store/snapshots/snapshot-store.ts";
import { openTransport } from "../../../src/store/snapshots/transfer/transport.ts";
import { recordRun, sharedRecords, sharing } from "./sharing-fixture.ts";

/* A push or pull that is cut off at any of its steps, before or after it took effect, and is repeated. */

/** Counts the steps; the one with this number ends in an error. */
interface Cut {
  step: number;
  readonly at: number;
  readonly after: boolean;
}

/** Every step in full counts; else some of them, others before than after. */
const STRIDE = process.env["DATMO_SOAK"] === "1" ? 1 : 4;

class CutOff extends Error {}

for (const after of [false, true]) {
  test(`a pull that is cut off ${after ? "after" : "before"} any step is repeated`, async (t) => {
    const { peer, remote, root } = sharing(t);
    const a = await peer("a");
    await a.call("snapshot.create", { message: "one" });
    const run = await recordRun(a, [1, 2, 3]);
    await a.call("store.push", { remote });
    const wanted = await sharedRecords(a.directory);
    let cuts = 0;
    for (let at = after ? 0 : 2; ; at += STRIDE) {
      const directory = join(root, `pull-${at}`);
      await mkdir(directory);
      await createStoreLayout(join(directory, ".datmo"));
      const wasCut = await cutOff(directory, { step: 0, at, after }, (project) =>
        pullProject(project, remote, directory, {}),
      );
      cuts += wasCut ? 1 : 0;
      await cutOff(directory, undefined, async (project) => {
        await pullProject(project, remote, directory, {});
        assert.equal((await project.series.history(run, "loss")).step.length, 3, `step ${at}`);
        assert.equal((await pullProject(project, remote, directory, {})).nothingNew, true);
      });
      assert.deepEqual(await sharedRecords(directory), wanted, `step ${at}`);
      if (!wasCut) break;
    }
    assert.ok(cuts * STRIDE > 15, `${cuts} steps`);
  });

  test(`a push that is cut off ${after ? "after" : "before"} any step is repeated`, async (t) => {
    const { peer, remote, root } = sharing(t);
    const a = await peer("a");
    await a.call("snapshot.create", { message: "one" });
    await recordRun(a, [1, 2, 3]);
    const wanted = await sharedRecords(a.directory);
    let cuts = 0;
    for (let at = after ? 0 : 2; ; at += STRIDE) {
      const directory = join(root, `push-${at}`);
      const target = join(root, `remote-${at}.git`);
      cpSync(a.directory, directory, { recursive: true });
      cpSync(remote, target, { recursive: true });
      const wasCut = await cutOff(directory, { step: 0, at, after }, (project) =>
        pushProject(project, target, directory, {}),
      );
      cuts += wasCut ? 1 : 0;
      await cutOff(directory, undefined, async (project) => {
        await pushProject(project, target, directory, {});
        assert.equal((await pushProject(project, target, directory, {})).nothingNew, true);
      });
      const other = join(root, `other-${at}`);
      await mkdir(other);
      await createStoreLayout(join(other, ".datmo"));
      await cutOff(other, undefined, (project) => pullProject(project, target, other, {}));
      assert.deepEqual(await sharedRecords(other), wanted, `step ${at}`);
      if (!wasCut) break;
    }
    assert.ok(cuts * STRIDE > 15, `${cuts} steps`);
  });
}

/** Works on a project whose parts fail at one step. True when they did. */
async function cutOff(
  directory: string,
  cut: Cut | undefined,
  work: (project: OpenProject) => Promise<unknown>,
): Promise<boolean> {
  const datmo = join(directory, ".datmo");
  const records = openRecordStore({ directory: datmo });
  const series = openSeriesStore({ directory: datmo });
  const snapshots = openSnapshotStore({ projectDirectory: directory, datmoDirectory: datmo });
  const failing = <T extends object>(part: T): T => (cut ? cutAt(part, cut) : part);
  const project = {
    directory,
    datmo,
    records: Object.assign(Object.create(records), {
      sharing: failing(records.sharing),
      get: records.get.bind(records),
      list: records.list.bind(records),
    }),
    series: failing(series),
    snapshots: failing(snapshots),
    openRuns: openRuns(join(datmo, "open")),
    share: {
      store: failing(openShareStore({ datmoDirectory: datmo })),
      images: failing(openSeriesImages({ directory: datmo })),
      transport: failing(openTransport({ datmoDirectory: datmo, environment: process.env })),
    },
  } as unknown as OpenProject;
  try {
    await work(project);
    return false;
  } catch (error) {
    if (error instanceof CutOff) return true;
    throw error;
  } finally {
    await series.close();
    await snapshots.close();
    await records.close();
  }
}

function cutAt<T extends object>(part: T, cut: Cut): T {
  return new Proxy(part, {
    get(target, name) {
      const value = Reflect.get(target, name) as unknown;
      if (typeof value !== "function") return value;
      return async (...args: unknown[]) => {
        const isNow = cut.step++ === cut.at;
        if (isNow && !cut.after) throw new CutOff();
        const result: unknown = await value.apply(target, args);
        if (isNow) throw new CutOff();
        return result;
      };
    },
  });
}
