import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import type { RecordStore } from "../../../src/services/ports/records.ts";
import { newRun, TempProject } from "../../helpers/record-stores.ts";

const sqlite = findSqlite();
const REQUIRED = process.env["DATMO_TEST_REQUIRE"] === "all";

describe(
  "datmo.sqlite for a stock sqlite3",
  { skip: sqlite || REQUIRED ? false : "no sqlite3 (apt install sqlite3)" },
  () => {
    let project: TempProject;
    let store: RecordStore;
    let copy: string;
    beforeEach(async () => {
      project = await TempProject.create();
      store = project.open();
      copy = join(project.directory, "datmo.sqlite");
    });
    afterEach(() => project.remove());

    const ask = (query: string): unknown[] => {
      const text = execFileSync("sqlite3", ["-readonly", "-json", copy, query], { encoding: "utf8" });
      return text === "" ? [] : JSON.parse(text);
    };

    it("shows runs, config, metrics and snapshots in words", async () => {
      const summary = (last: number, at: number, n: number) => ({
        last,
        step: at,
        at,
        min: last - 1,
        max: last + 1,
        n,
      });
      await store.commit([
        {
          kind: "run",
          id: "r1",
          set: {
            createdAt: "2026-01-01T00:00:00.000Z",
            name: "quiet-heron",
            status: "succeeded",
            "config/optimizer/lr": 0.1,
            "config/a~1b": "x",
            "tags/best": true,
            "tags/old": false,
            "metrics/loss/aa": summary(0.5, 10, 3),
            "metrics/loss/bb": summary(0.25, 20, 4),
            "metrics/val~1acc/aa": { ...summary(7, 5, 1), last: "NaN" },
            "metrics/val~1acc/all": { ...summary(9, 6, 2), covers: ["aa"] },
          },
        },
        { kind: "run", id: "r2", set: { createdAt: "2026-01-02T00:00:00.000Z", deleted: true } },
        {
          kind: "snapshot",
          id: "s1",
          set: { createdAt: "2026-01-01T00:00:01.000Z", label: "best", message: "m", "config/x": 1 },
        },
      ]);
      const report = await store.sync();
      assert.deepEqual(report, { generation: 1, sqlitePath: copy, records: 2 });
      assert.deepEqual(ask("SELECT id, name, status, tags, createdAt FROM runs"), [
        {
          id: "r1",
          name: "quiet-heron",
          status: "succeeded",
          tags: "best",
          createdAt: "2026-01-01T00:00:00.000Z",
        },
      ]);
      assert.deepEqual(ask("SELECT owner, id, key, value FROM config ORDER BY id, key"), [
        { owner: "run", id: "r1", key: "a/b", value: "x" },
        { owner: "run", id: "r1", key: "optimizer/lr", value: 0.1 },
        { owner: "snapshot", id: "s1", key: "x", value: 1 },
      ]);
      assert.deepEqual(ask("SELECT run, name, last, step, min, max, count FROM metrics ORDER BY name"), [
        { run: "r1", name: "loss", last: 0.25, step: 20, min: -0.75, max: 1.5, count: 7 },
        { run: "r1", name: "val/acc", last: 9, step: 6, min: 8, max: 10, count: 2 },
      ]);
      assert.deepEqual(ask("SELECT id, label, message FROM snapshots"), [
        { id: "s1", label: "best", message: "m" },
      ]);
      assert.match(JSON.stringify(ask("SELECT note FROM datmo_readme")), /datmo sync/);
    });

    it("is whole after every checkpoint, also for somebody who holds the old one", async () => {
      let holder: ReturnType<typeof spawn> | undefined;
      for (let n = 1; n <= 6; n++) {
        const changes = Array.from({ length: 40 }, (_, i) =>
          newRun(`r${n}-${i}`, { note: "x".repeat(n * 500) }),
        );
        await store.commit([
          ...changes,
          { kind: "run", id: "r1-0", set: { note: `${n}`, deleted: n % 2 ? true : null } },
        ]);
        await store.sync();
        assert.deepEqual(ask("PRAGMA integrity_check"), [{ integrity_check: "ok" }]);
        assert.deepEqual(ask("SELECT count(*) AS n FROM record"), [{ n: n * 40 }]);
        if (n === 2) holder = await holdOpen(copy);
      }
      holder!.stdin!.end("SELECT count(*) FROM record; PRAGMA integrity_check;\n");
      const [output] = await once(holder!.stdout!, "data");
      assert.equal(String(output).trim(), "80\nok");
    });

    it("is never read: what somebody changes in it changes nothing, and is gone at the next checkpoint", async () => {
      await store.commit([newRun("a")]);
      await store.sync();
      assert.equal(statSync(copy).nlink, 1);
      chmodSync(copy, 0o644);
      writeFileSync(copy, "junk");
      assert.equal(await project.open().count("run"), 1);
      await store.sync();
      assert.deepEqual(ask("SELECT count(*) AS n FROM runs"), [{ n: 1 }]);
      assert.equal(statSync(copy).mode & 0o777, 0o444);
    });
  },
);

function findSqlite(): boolean {
  try {
    execFileSync("sqlite3", ["--version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

/** A shell inside a read transaction on the file. */
async function holdOpen(path: string): Promise<ReturnType<typeof spawn>> {
  const shell = spawn("sqlite3", ["-readonly", path], { stdio: ["pipe", "pipe", "inherit"] });
  shell.stdin.write("BEGIN; SELECT 'open' FROM record LIMIT 1;\n");
  await once(shell.stdout, "data");
  return shell;
}
