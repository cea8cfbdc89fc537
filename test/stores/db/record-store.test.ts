import assert from "node:assert/strict";
import { existsSync, readdirSync, statSync } from "node:fs";
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import type { StoreProblem } from "../../../src/services/ports/records.ts";
import { nodeFiles } from "../../../src/store/db/files.ts";
import { createStoreLayout, readLayout } from "../../../src/store/db/layout.ts";
import { openRecordStore } from "../../../src/store/db/record-store.ts";
import { newRun, TempProject } from "../../helpers/record-stores.ts";
import { recordStoreSuite } from "../record-store-suite.ts";

recordStoreSuite("segments and snapshots", async () => {
  const project = await TempProject.create();
  let store = project.open({ files: nodeFiles });
  return {
    store,
    async reopen() {
      await store.close();
      store = project.open({ files: nodeFiles });
      return store;
    },
    done: () => project.remove(),
  };
});

describe("record store", () => {
  let project: TempProject;
  beforeEach(async () => {
    project = await TempProject.create();
  });
  afterEach(() => project.remove());

  it("is laid out for its owner alone, once", async () => {
    const { directory } = project;
    const first = await readLayout(directory);
    assert.deepEqual(await createStoreLayout(directory), first);
    assert.match(first.project, /^[0-9a-f-]{36}$/);
    assert.equal(await readFile(join(directory, ".gitignore"), "utf8"), "*\n");
    for (const name of ["", "seg", "snap", "series", "tasks", "open"]) {
      assert.equal(statSync(join(directory, name)).mode & 0o777, 0o700, name);
    }
    assert.equal(statSync(join(directory, "format")).mode & 0o777, 0o600);
  });

  it("creates nothing by opening or reading", async () => {
    const store = project.open();
    assert.deepEqual(await store.list("run"), []);
    assert.equal(await store.count("run"), 0);
    await store.close();
    assert.deepEqual(readdirSync(join(project.directory, "seg")), []);
    assert.deepEqual(readdirSync(join(project.directory, "snap")), []);
  });

  it("opens a folder that is no project without a look at it, and says so at the first use", async () => {
    const nowhere = join(project.directory, "no", "such");
    const store = openRecordStore({ directory: nowhere });
    await assert.rejects(store.list("run"), { kind: "PROJECT_NOT_FOUND" });
    await assert.rejects(store.commit([newRun("r")]), { kind: "PROJECT_NOT_FOUND" });
    await assert.rejects(readLayout(nowhere), { kind: "PROJECT_NOT_FOUND" });
    await store.close();
    assert.ok(!existsSync(nowhere));
  });

  it("refuses a project of a later layout, and one whose format file is spoilt", async () => {
    const file = join(project.directory, "format");
    await writeFile(file, '{"layout":2,"project":"x"}');
    await assert.rejects(readLayout(project.directory), {
      kind: "FORMAT_NEWER",
      details: { found: 2, known: 1 },
    });
    await assert.rejects(project.open().commit([newRun("r")]), { kind: "FORMAT_NEWER" });
    await writeFile(file, "garbage");
    await assert.rejects(project.open().list("run"), { kind: "PROJECT_DAMAGED" });
  });

  it("shows other engines' commits to the next read, and tells listeners", async () => {
    const [a, b] = [project.open(), project.open()];
    await a.commit([newRun("first")]);
    assert.deepEqual(
      (await b.list("run")).map((r) => r.id),
      ["first"],
    );
    const told: string[] = [];
    const heard = new Promise<void>((resolve) => {
      b.onForeignChange((ids) => {
        told.push(...ids.map((r) => `${r.kind} ${r.id}`));
        if (told.includes("run third")) resolve();
      });
    });
    await b.commit([newRun("second")]);
    assert.deepEqual(
      (await a.list("run", { order: "oldest" })).map((r) => r.id),
      ["first", "second"],
    );
    await a.commit([newRun("third")]);
    // Following keeps no process alive, so the test must.
    const alive = setInterval(() => {}, 1000);
    await heard;
    clearInterval(alive);
    // Neither what was there before nor its own changes are news.
    assert.deepEqual(told, ["run third"]);
  });

  it("writes nothing when opened read-only", async () => {
    await project.open().commit([newRun("r")]);
    const reader = project.open({ readonly: true });
    assert.equal(await reader.count("run"), 1);
    await assert.rejects(reader.commit([newRun("x")]), { kind: "READ_ONLY" });
    await assert.rejects(reader.sync(), { kind: "READ_ONLY" });
  });

  it("refuses what it could not give back", async () => {
    const store = project.open();
    await assert.rejects(store.commit([newRun("r", { x: Number.NaN })]), RangeError);
    const big = "x".repeat(33 * 1024 * 1024);
    await assert.rejects(store.commit([{ kind: "run", id: "r", set: { big, more: big } }]), {
      kind: "MESSAGE_TOO_LARGE",
    });
    await store.commit([]);
    assert.deepEqual(readdirSync(join(project.directory, "seg")), []);
  });

  it("takes no new runs into a project that is too large, but changes to those that are there", async () => {
    const store = project.open({ limitBytes: 1024 });
    await store.commit([newRun("r")]);
    await store.sync();
    const again = project.open({ limitBytes: 1024 });
    await assert.rejects(again.commit([newRun("s")]), { kind: "PROJECT_TOO_LARGE" });
    await again.commit([{ kind: "run", id: "r", set: { status: "succeeded" } }]);
    assert.equal((await again.get("run", "r"))?.fields["status"], "succeeded");
  });

  it("goes on when the project is removed under it: one error each, nothing recreated", async () => {
    const store = project.open();
    await store.commit([newRun("r")]);
    await rm(project.directory, { recursive: true });
    await assert.rejects(store.commit([newRun("s")]), { kind: "STORAGE_IO" });
    assert.ok(!existsSync(project.directory));
  });

  it("stamps above what it replaces, however far ahead that was stamped, and warns", async () => {
    const hour = 3_600_000;
    const wrong = project.open({ now: () => Date.now() + 400 * hour });
    await wrong.commit([newRun("r", { name: "from the future" })]);
    const problems: StoreProblem[] = [];
    const store = project.open({ onProblem: (problem) => problems.push(problem) });
    assert.equal((await store.get("run", "r"))?.fields["name"], "from the future");
    await store.commit([{ kind: "run", id: "r", set: { name: "mended" } }]);
    assert.equal((await store.get("run", "r"))?.fields["name"], "mended");
    assert.deepEqual(
      problems.map((p) => [p.kind, p.details]),
      [["CLOCK_AHEAD", { hours: 400 }]],
    );
    // Its own clock did not follow: what it writes next is not dated by the wrong one.
    await store.commit([newRun("s")]);
    const plain = project.open();
    await plain.commit([{ kind: "run", id: "s", set: { name: "n" } }]);
    assert.equal((await plain.get("run", "s"))?.fields["name"], "n");
    await store.sync();
    const later = project.open();
    await later.get("run", "r");
    await later.commit([{ kind: "run", id: "r", set: { name: "mended again" } }]);
    assert.equal((await later.get("run", "r"))?.fields["name"], "mended again");
  });

  it("tells once that it is on a network drive", async () => {
    const nfs = 0x6969;
    const store = project.open({ files: { ...nodeFiles, fileSystemType: () => nfs } });
    await store.commit([newRun("r")]);
    assert.equal(await store.count("run"), 1);
    await store.count("run");
    assert.deepEqual(
      store.problems.map((p) => p.kind),
      ["NETWORK_DRIVE"],
    );
  });

  it("survives many commits in flight and mixed durability", async () => {
    const store = project.open();
    const commits = Array.from({ length: 500 }, (_, n) =>
      store.commit([newRun(`r${String(n).padStart(3, "0")}`)], n % 3 ? "power" : "process"),
    );
    await Promise.all(commits);
    assert.equal(await store.count("run"), 500);
    assert.equal(await project.open().count("run"), 500);
  });
});
