import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { RecordStore } from "../../src/services/ports/records.ts";

/** What every implementation of the port `RecordStore` must do. `reopen` closes the store and opens another. */
export function recordStoreSuite(
  name: string,
  open: () => Promise<{ store: RecordStore; reopen(): Promise<RecordStore>; done(): Promise<void> }>,
): void {
  describe(`RecordStore: ${name}`, () => {
    let store: RecordStore;
    let opened: Awaited<ReturnType<typeof open>>;

    before(async () => {
      opened = await open();
      store = opened.store;
    });
    after(() => opened.done());

    it("reads back what was committed, at once and after reopening", async () => {
      const set = {
        createdAt: "2026-01-01T00:00:00.000Z",
        name: "quiet-heron",
        "config/lr": 0.1,
        "a~1b/c": [1, null],
      };
      await store.commit([{ kind: "run", id: "aaaa1", set }]);
      const expected = { kind: "run", id: "aaaa1", createdAt: set.createdAt, deleted: false, fields: set };
      assert.deepEqual(await store.get("run", "aaaa1"), expected);
      assert.equal(await store.get("task", "aaaa1"), undefined);
      store = await opened.reopen();
      assert.deepEqual(await store.get("run", "aaaa1"), expected);
    });

    it("merges later changes by field and removes by null", async () => {
      await store.commit([{ kind: "run", id: "aaaa1", set: { "config/lr": 0.2, "tags/best": true } }]);
      await store.commit([{ kind: "run", id: "aaaa1", set: { "tags/best": null } }]);
      const fields = (await store.get("run", "aaaa1"))?.fields;
      assert.equal(fields?.["config/lr"], 0.2);
      assert.equal(fields?.["name"], "quiet-heron");
      assert.ok(!Object.hasOwn(fields ?? {}, "tags/best"));
    });

    it("takes several changes of one record in one commit as one", async () => {
      await store.commit([
        { kind: "task", id: "tttt1", set: { a: 1, b: 1 } },
        { kind: "run", id: "aaaa1", set: { note: "x" } },
        { kind: "task", id: "tttt1", set: { b: 2 } },
      ]);
      assert.deepEqual((await store.get("task", "tttt1"))?.fields, { a: 1, b: 2 });
    });

    it("never takes a status back", async () => {
      await store.commit([{ kind: "run", id: "aaaa1", set: { status: "failed" } }]);
      await store.commit([{ kind: "run", id: "aaaa1", set: { status: "lost" } }]);
      await store.commit([{ kind: "run", id: "aaaa1", set: { status: "running" } }]);
      assert.equal((await store.get("run", "aaaa1"))?.fields["status"], "failed");
    });

    it("lists in order, in pages, with and without deleted ones", async () => {
      const at = (n: number): string =>
        new Date(Date.UTC(2026, 1, 1) + Math.floor(n / 2) * 1000).toISOString();
      const snapshots = Array.from({ length: 9 }, (_, n) => ({
        kind: "snapshot" as const,
        id: `s${n}`,
        set: { createdAt: at(n), label: n % 2 ? "odd" : "even" },
      }));
      await store.commit(snapshots.slice(0, 5));
      await store.commit([...snapshots.slice(5), { kind: "snapshot", id: "s3", set: { deleted: true } }]);
      const ids = async (query: Parameters<RecordStore["list"]>[1]): Promise<string> =>
        (await store.list("snapshot", query)).map((record) => record.id).join(" ");
      assert.equal(await ids({}), "s8 s7 s6 s5 s4 s2 s1 s0");
      assert.equal(await ids({ order: "oldest", includeDeleted: true }), "s0 s1 s2 s3 s4 s5 s6 s7 s8");
      assert.equal(await ids({ limit: 3 }), "s8 s7 s6");
      assert.equal(await ids({ limit: 0 }), "");
      assert.equal(await ids({ limit: 3, after: { createdAt: at(6), id: "s6" } }), "s5 s4 s2");
      assert.equal(await ids({ order: "oldest", after: { createdAt: at(6), id: "s6" } }), "s7 s8");
      assert.equal(await store.count("snapshot"), 8);
      const odd = (await store.byField("snapshot", "label", "odd")).map((record) => record.id);
      assert.deepEqual(odd, ["s1", "s5", "s7"]);
    });

    it("finds by any field and by prefix", async () => {
      await store.commit([
        { kind: "run", id: "abcd1", set: { 'odd "path"': "it's", name: "n" } },
        { kind: "run", id: "abcd2", set: { 'odd "path"': "other", name: 7 } },
        { kind: "run", id: "abce1", set: { deleted: true } },
      ]);
      assert.deepEqual(
        (await store.byField("run", 'odd "path"', "it's")).map((r) => r.id),
        ["abcd1"],
      );
      assert.deepEqual(
        (await store.byField("run", "name", "n")).map((r) => r.id),
        ["abcd1"],
      );
      assert.deepEqual(await store.byField("run", "name", "7"), []);
      assert.deepEqual(await store.idsByPrefix("run", "abc"), ["abcd1", "abcd2"]);
      assert.deepEqual(await store.idsByPrefix("run", "abc", 1), ["abcd1"]);
    });

    it("says the same of all that from a snapshot, with changes on top", async () => {
      const before = await everything(store);
      const report = await store.sync();
      assert.ok(report.generation >= 1);
      store = await opened.reopen();
      assert.deepEqual(await everything(store), before);
      await store.commit([{ kind: "snapshot", id: "s1", set: { label: "even" } }]);
      await store.commit([{ kind: "snapshot", id: "s3", set: { deleted: null } }]);
      await store.commit([{ kind: "snapshot", id: "s9", set: { createdAt: "2026-02-01T00:00:01.500Z" } }]);
      const listed = (await store.list("snapshot", { limit: 7 })).map((record) => record.id);
      assert.deepEqual(listed, ["s8", "s7", "s6", "s5", "s4", "s9", "s3"]);
      assert.deepEqual(
        (await store.byField("snapshot", "label", "odd")).map((r) => r.id),
        ["s3", "s5", "s7"],
      );
      assert.equal(await store.count("snapshot"), 10);
    });

    it("undeletes, and keeps the time of the first change without a createdAt", async () => {
      await store.commit([{ kind: "environment", id: "eeee1", set: { name: "torch" } }]);
      const first = (await store.get("environment", "eeee1"))?.createdAt;
      await store.commit([{ kind: "environment", id: "eeee1", set: { deleted: true } }]);
      assert.equal(await store.count("environment"), 0);
      await store.commit([{ kind: "environment", id: "eeee1", set: { deleted: null } }]);
      assert.equal(await store.count("environment"), 1);
      assert.equal((await store.get("environment", "eeee1"))?.createdAt, first);
      assert.ok(Math.abs(Date.parse(first ?? "") - Date.now()) < 60_000);
    });

    it("finds nothing wrong with itself, and refuses work once closed", async () => {
      assert.deepEqual(await store.check(), []);
      assert.deepEqual(store.problems, []);
      await store.close();
      await assert.rejects(store.get("run", "aaaa1"), { kind: "STORE_CLOSED" });
      await assert.rejects(store.commit([{ kind: "run", id: "x", set: { a: 1 } }]), { kind: "STORE_CLOSED" });
    });
  });
}

async function everything(store: RecordStore): Promise<unknown> {
  const kinds = ["project", "environment", "task", "run", "snapshot"] as const;
  return Promise.all(kinds.map((kind) => store.list(kind, { includeDeleted: true })));
}
