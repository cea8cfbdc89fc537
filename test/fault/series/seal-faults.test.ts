import assert from "node:assert/strict";
import { cpSync, mkdirSync } from "node:fs";
import { type TestContext, test } from "node:test";
import { openSeriesStore } from "../../../src/store/series/series-store.ts";
import { history, ramp, type SeriesProject, seriesProject } from "../../stores/series/series-fixture.ts";
import { faultFs, type Operation, systemError } from "./fault-fs.ts";

interface Prepared {
  readonly project: SeriesProject;
  /** A fresh copy of a project with a sealed file, a retired one and two series files. */
  copy(): { directory: string };
}

const POINTS = 40;

async function prepare(t: TestContext): Promise<Prepared> {
  const project = seriesProject(t);
  const [one, two] = [project.open(), project.open()];
  await one.append(project.run, ramp("a", 0, 10));
  await one.seal(project.run);
  await one.append(project.run, ramp("a", 10, 10));
  // A sealing that ended after it had renamed.
  const died = faultFs();
  died.fail = (operation) => (operation === "open" ? systemError("EIO") : undefined);
  await assert.rejects(openSeriesStore({ directory: project.directory, fs: died }).seal(project.run));
  await two.append(project.run, ramp("a", 20, 10));
  await one.append(project.run, ramp("a", 30, 10));
  await Promise.all([one.close(), two.close()]);
  assert.equal(project.files().length, 4);
  let copies = 0;
  return {
    project,
    copy() {
      const directory = project.path(`copy-${copies++}`);
      mkdirSync(directory);
      cpSync(project.path("series"), `${directory}/series`, { recursive: true });
      return { directory };
    },
  };
}

async function assertWhole(directory: string, run: string, count: number, what: string): Promise<void> {
  const store = openSeriesStore({ directory });
  const steps = (await history(store, run, "a")).map(([step]) => step);
  assert.deepEqual(
    steps,
    Array.from({ length: count }, (_, i) => i),
    what,
  );
  assert.equal((await store.summaries(run)).get("a")?.summary.count, count, what);
  await store.close();
}

async function sealCalls({ project, copy }: Prepared): Promise<Operation[]> {
  const fs = faultFs();
  const { directory } = copy();
  const store = openSeriesStore({ directory, fs });
  await store.seal(project.run);
  await assertWhole(directory, project.run, POINTS, "undisturbed");
  return fs.calls;
}

test("an engine that dies at any step of sealing: nothing is lost or doubled, and the next one finishes", async (t) => {
  const prepared = await prepare(t);
  const { run } = prepared.project;
  const calls = await sealCalls(prepared);
  for (const needed of ["rename", "write", "sync", "link", "syncDirectory", "unlink"] as const) {
    assert.ok(calls.includes(needed), needed);
  }
  for (let last = 0; last < calls.length; last++) {
    const what = `dead before call ${last}, ${calls[last]}`;
    const { directory } = prepared.copy();
    const fs = faultFs();
    fs.fail = (_, call) => (call >= last ? systemError("EIO") : undefined);
    const dying = openSeriesStore({ directory, fs });
    await dying.seal(run).catch(() => undefined);
    await assertWhole(directory, run, POINTS, what);
    const next = openSeriesStore({ directory });
    await next.append(run, ramp("a", POINTS, 5));
    await assertWhole(directory, run, POINTS + 5, what);
    await next.seal(run);
    await assertWhole(directory, run, POINTS + 5, what);
    const files = await filesOf(directory, run);
    assert.ok(files.length === 1 && /^\d{8}\.sealed$/.test(files[0]!), `${what}: ${files.join()}`);
    await next.close();
  }
});

test("any one call of sealing fails: the engine goes on, nothing is lost or doubled", async (t) => {
  const prepared = await prepare(t);
  const { run } = prepared.project;
  const calls = await sealCalls(prepared);
  for (let bad = 0; bad < calls.length; bad++) {
    const code = calls[bad] === "write" ? "ENOSPC" : "EIO";
    const what = `${code} of call ${bad}, ${calls[bad]}`;
    const { directory } = prepared.copy();
    const fs = faultFs();
    fs.fail = (_, call) => (call === bad ? systemError(code) : undefined);
    const store = openSeriesStore({ directory, fs });
    await store.seal(run).catch((error: { kind: string }) => {
      assert.equal(error.kind, code === "ENOSPC" ? "DISK_FULL" : "STORAGE_IO", what);
    });
    await assertWhole(directory, run, POINTS, what);
    await store.append(run, ramp("a", POINTS, 5));
    await store.seal(run);
    await assertWhole(directory, run, POINTS + 5, what);
    assert.deepEqual((await filesOf(directory, run)).length, 1, what);
    await store.close();
  }
});

async function filesOf(directory: string, run: string): Promise<string[]> {
  const { readdir } = await import("node:fs/promises");
  return readdir(`${directory}/series/${run}`);
}
