import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { cp, rm, utimes } from "node:fs/promises";
import { join } from "node:path";
import { after, afterEach, before, beforeEach, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { bundlePrograms } from "../../helpers/bundle-program.ts";
import { LineChild } from "../../helpers/child-lines.ts";
import { systemError, watched } from "../../helpers/faulty-files.ts";
import { dump, freshDump, newRun, TempProject } from "../../helpers/record-stores.ts";

const SOAK = Boolean(process.env["DATMO_SOAK"]);
const KILLS = SOAK ? 500 : 40;
const DAY = 24 * 3_600_000;

describe("kill -9", () => {
  let programs: string;
  let program: string;
  let project: TempProject;

  before(async () => {
    programs = await bundlePrograms("test/fixtures/store/store-child.ts");
    program = join(programs, "store-child.js");
  });
  after(() => rm(programs, { recursive: true, force: true }));
  beforeEach(async () => {
    project = await TempProject.create();
  });
  afterEach(() => project.remove());

  const start = (mode: string, argument = ""): LineChild =>
    new LineChild(program, [mode, project.directory, argument]);

  async function allIds(): Promise<Set<string>> {
    const store = project.open({ readonly: true });
    const ids = new Set((await store.list("run")).map((record) => record.id));
    const problems = store.problems.map((problem) => problem.kind).filter((kind) => kind !== "CLOCK_AHEAD");
    assert.deepEqual(problems, []);
    await store.close();
    return ids;
  }

  it(`loses nothing acknowledged: writers and checkpointers, ${KILLS} kills`, async () => {
    const acked: string[] = [];
    let started = 0;
    const lanes = ["write", "write", "checkpoint"].map(async (mode) => {
      while (started < KILLS) {
        const child = start(mode, `p${started++}`);
        await child.until(1);
        await sleep(Math.random() * 40);
        await child.kill();
        acked.push(...child.lines);
      }
    });
    let looks = 0;
    const looking = Promise.all(lanes).then(() => false);
    // Readers in the midst of it must see everything that was acknowledged before they began.
    while (await Promise.race([looking, sleep(50, true)])) {
      const sofar = acked.slice();
      const seen = await allIds();
      assert.deepEqual(
        sofar.filter((id) => !seen.has(id)),
        [],
        "lost to a reader",
      );
      looks += 1;
    }
    const seen = await allIds();
    assert.deepEqual(
      acked.filter((id) => !seen.has(id)),
      [],
    );
    assert.ok(acked.length > KILLS && looks > 2, `${acked.length} acknowledged, ${looks} looks`);
  });

  it("loses nothing when it strikes at any step of a commit", async () => {
    const acked: string[] = [];
    for (let step = 1; step <= 14; step++) {
      const child = start("commit-killed", String(step));
      assert.equal((await child.ended).signal, "SIGKILL");
      acked.push(...child.lines);
    }
    const seen = await allIds();
    assert.deepEqual(
      acked.filter((id) => !seen.has(id)),
      [],
    );
    assert.ok(acked.length > 10);
  });

  it("leaves a whole project when it strikes at any step of a checkpoint", async () => {
    await prepareForEveryStep();
    const expected = await freshDump(project);
    const original = project;
    let steps = 0;
    let struck = true;
    while (struck) {
      steps += 1;
      project = await TempProject.create();
      await cp(original.directory, project.directory, {
        recursive: true,
        preserveTimestamps: true,
        force: true,
      });
      // A process that may do nothing more leaves what a killed one leaves; some are killed in truth.
      struck = SOAK || steps % 6 === 0 ? await killedAt(steps) : await deadFrom(steps);
      const store = project.open({ now: () => Date.now() + 2 * DAY });
      assert.equal(await dump(store), expected, `struck at step ${steps}`);
      assert.deepEqual(await store.check(), [], `struck at step ${steps}`);
      await store.sync();
      assert.equal(await freshDump(project), expected, `struck at step ${steps}, synced again`);
      if (!struck) assertCollected();
      await project.remove();
    }
    project = original;
    // Snapshot, copy, marker, removals, retirement: each takes some steps.
    assert.ok(steps > 18, `${steps} steps`);
  });

  async function killedAt(step: number): Promise<boolean> {
    return (await start("sync-killed", String(step)).ended).signal === "SIGKILL";
  }

  async function deadFrom(step: number): Promise<boolean> {
    let dead = false;
    const files = watched((_name, count) => {
      dead ||= count >= step;
      if (dead) throw systemError("EIO");
    });
    const store = project.open({ files, now: () => Date.now() + 25 * 3_600_000 });
    await store.sync().catch(() => {});
    await store.close();
    return dead;
  }

  /** A project in which the next checkpoint has everything to do that one ever does. */
  async function prepareForEveryStep(): Promise<void> {
    for (const name of ["a", "b", "c"]) {
      const store = project.open();
      await store.commit([newRun(name)]);
      if (name !== "c") await store.close();
    }
    const idle = start("commit-lines");
    idle.process.stdin.write("idle\n");
    await idle.until(1);
    await idle.kill();
    await project.open().sync();
    const [retired] = await unsealed();
    const old = new Date(Date.now() - 2 * DAY);
    for (const name of await unsealed()) await utimes(join(project.directory, "seg", name), old, old);
    assert.ok(retired);
    await project.open().commit([newRun("d")]);
  }

  async function unsealed(): Promise<string[]> {
    const names = readdirSync(join(project.directory, "seg"));
    return names.filter((name) => name.endsWith(".seg"));
  }

  function assertCollected(): void {
    const names = readdirSync(join(project.directory, "seg"));
    assert.ok(
      names.some((name) => name.startsWith("collected-")),
      names.join(" "),
    );
  }

  it("a stopped writer whose files were retired and removed meanwhile goes on and loses nothing", async () => {
    const child = start("commit-lines");
    const commit = async (line: string): Promise<void> => {
      child.process.stdin.write(`${line}\n`);
      await child.until(child.lines.length + 1);
    };
    await commit("before");
    child.process.kill("SIGSTOP");
    for (let day = 1; day <= 5; day++) {
      const store = project.open({ now: () => Date.now() + day * 2 * DAY });
      await store.commit([newRun(`day${day}`)]);
      await store.sync();
      await store.close();
    }
    const names = readdirSync(join(project.directory, "seg"));
    const running = names.filter((name) => name.endsWith(".seg") || name.endsWith(".ret")).length;
    child.process.kill("SIGCONT");
    await commit("after");
    await commit("later");
    child.process.stdin.end();
    await child.ended;
    assert.deepEqual(child.lines, ["before", "after", "later"]);
    const ids = await allIds();
    for (const id of ["before", "after", "later", "day1", "day5"]) assert.ok(ids.has(id), id);
    assert.ok(running < 6, `${running} segments: ${names.join(" ")}`);
  });
});
