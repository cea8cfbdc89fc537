import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { setImmediate } from "node:timers/promises";
import { GitServer } from "../../helpers/git-server.ts";
import {
  adopt,
  asRefs,
  assertTidy,
  fsckBare,
  remoteRefs,
  ShareFixture,
  takeSnapshots,
  updateOf,
} from "../../helpers/share-fixture.ts";
import { describeFiles, git, takeSnapshot } from "../../helpers/snapshot-project.ts";

const WAYS = [
  { name: "a folder, with git", tool: "", over: "folder" },
  { name: "a folder, without git", tool: "none", over: "folder" },
  { name: "http, with git", tool: "", over: "http" },
  { name: "http, without git", tool: "none", over: "http" },
] as const;

for (const { name, tool, over } of WAYS) {
  describe(`exchange through ${name}`, () => {
    let fixture: ShareFixture;
    let server: GitServer;
    before(async () => {
      fixture = new ShareFixture(tool);
      server = await GitServer.start(fixture.remotes);
    });
    after(async () => {
      await server.close();
      await fixture.close();
    });
    const remote = (repository: string): string => {
      const path = fixture.bare(repository);
      return over === "http" ? server.url(repository) : path;
    };

    it("snapshots with big files come over whole, and nothing twice", async () => {
      const { here, there } = fixture;
      const address = remote("one.git");
      const path = join(fixture.remotes, "one.git");
      const [push, pull] = [fixture.transport(here), fixture.transport(there)];
      assert.deepEqual(await push.list(address), []);
      here.write("models/w.bin", randomBytes(4_300_000));
      const updates = await takeSnapshots(here, 3);
      const sent = await push.push(address, updates);
      assert.equal(sent.bigFiles, 1);
      assert.equal(sent.bigFileBytes, 4_300_000);
      assert.deepEqual([...sent.accepted].sort(), updates.map((update) => update.name).sort());
      assert.deepEqual(sent.refused, []);
      assert.ok(sent.objects > 40, `${sent.objects}`);
      fsckBare(path);
      const listed = await pull.list(address);
      assert.deepEqual(new Set(listed.map(({ commit }) => commit)), new Set(updates.map((u) => u.commit)));

      const got = await pull.fetch(address, listed);
      assert.deepEqual({ ...got }, { objects: sent.objects, bigFiles: 1, bigFileBytes: 4_300_000 });
      await adopt(there, updates);
      there.fsck();
      assertTidy(there);
      assertTidy(here);
      const store = there.open();
      assert.deepEqual(await store.check(), []);
      const last = updates.at(-1)?.name.slice(-26) ?? "";
      await store.exportTree((await store.read(last)).codeTree, join(fixture.root, "out"));
      assert.deepEqual(describeFiles(join(fixture.root, "out")), describeFiles(here.directory));

      const again = await pull.fetch(address, listed);
      assert.deepEqual({ ...again }, { objects: 0, bigFiles: 0, bigFileBytes: 0 });
      here.write("src/new.txt", "one more\n");
      const next = updateOf(here, (await takeSnapshot(here.open())).id);
      const more = await push.push(address, [next]);
      assert.ok(more.objects > 0 && more.objects <= 7, `${more.objects}`);
      assert.equal(more.bigFiles, 0);
      const little = await pull.fetch(address, [next]);
      assert.equal(little.objects, more.objects);
      fsckBare(path);
      rmSync(join(fixture.root, "out"), { recursive: true });
    });

    it("a big file that went is fetched again though its commits are there", async () => {
      const { there } = fixture;
      const address = over === "http" ? server.url("one.git") : join(fixture.remotes, "one.git");
      const pull = fixture.transport(there);
      const listed = await pull.list(address);
      rmSync(join(there.git, "lfs", "objects"), { recursive: true });
      assert.equal((await pull.fetch(address, listed)).bigFiles, 1);
      assert.deepEqual(await there.open().check(), []);
    });

    it("a reference moves only when it is what was expected, each by itself", async () => {
      const { here } = fixture;
      const address = remote("two.git");
      const path = join(fixture.remotes, "two.git");
      const push = fixture.transport(here);
      const [a, b, c] = await takeSnapshots(here, 3);
      assert.ok(a?.commit && b?.commit && c?.commit);
      const ops = "refs/datmo/ops/w1";
      const first = await push.push(address, [{ name: ops, commit: a.commit }, a]);
      assert.equal(first.accepted.length, 2);
      const second = await push.push(address, [
        { name: ops, commit: b.commit },
        { name: b.name, commit: b.commit },
      ]);
      assert.deepEqual(second.accepted, [b.name]);
      assert.equal(second.refused[0]?.name, ops);
      assert.equal(second.refused[0]?.changed, true);
      const third = await push.push(address, [{ name: ops, commit: b.commit, expected: a.commit }]);
      assert.deepEqual(third.accepted, [ops]);
      const stale = await push.push(address, [{ name: ops, commit: c.commit, expected: a.commit }]);
      assert.equal(stale.refused[0]?.changed, true);
      // Back to where it was: not a descendant, and allowed.
      const back = await push.push(address, [{ name: ops, commit: a.commit, expected: b.commit }]);
      assert.deepEqual(back.accepted, [ops]);
      // Packed references are references too.
      git(["--git-dir", path, "pack-refs", "--all"], path);
      const gone = await push.push(address, [{ name: ops, expected: a.commit }]);
      assert.deepEqual(gone.accepted, [ops]);
      assert.deepEqual((await push.list(address)).map((ref) => ref.name).sort(), [a.name, b.name].sort());
      fsckBare(path);
    });

    it("a remote with other branches, repacked with deltas, and without HEAD is read", async () => {
      const { here, there } = fixture;
      const address = remote("three.git");
      const path = join(fixture.remotes, "three.git");
      const updates = await takeSnapshots(here, 4);
      await fixture.transport(here).push(address, updates);
      git(["--git-dir", path, "update-ref", "refs/heads/main", updates[0]?.commit ?? ""], path);
      git(["--git-dir", path, "repack", "-adfq", "--depth=50", "--window=50"], path);
      git(["--git-dir", path, "symbolic-ref", "HEAD", "refs/heads/nowhere"], path);
      assert.match(git(["--git-dir", path, "count-objects", "-v"], path), /packs: 1/);
      const pull = fixture.transport(there);
      const listed = await pull.list(address);
      assert.equal(listed.length, 4);
      await pull.fetch(address, listed);
      await adopt(there, updates);
      there.fsck();
      assert.deepEqual(await there.open().check(), []);
    });

    const manyAtOnce = async (): Promise<void> => {
      const { here, there } = fixture;
      const address = remote("many.git");
      const updates = await takeSnapshots(here, 100, 5);
      const sent = await fixture.transport(here).push(address, updates);
      assert.equal(sent.accepted.length, 100);
      const pull = fixture.transport(there);
      const listed = await pull.list(address);
      assert.equal(listed.length, 100);
      await pull.fetch(address, listed);
      await adopt(there, updates);
      there.fsck();
      assert.equal(remoteRefs(join(fixture.remotes, "many.git")).length, 100);
    };
    // A folder is looked through one reference after the other: nothing to exchange.
    if (over !== "folder") it("a hundred references in one exchange", manyAtOnce);

    it("an empty project, and readers at work meanwhile", async () => {
      const { there } = fixture;
      const address = remote("empty.git");
      const empty = new ShareFixture(tool);
      try {
        const store = empty.here.open();
        const update = updateOf(empty.here, (await takeSnapshot(store)).id);
        const reading = there.open();
        const [id = ""] = await reading.ids();
        let done = false;
        const read = (async () => {
          while (!done) {
            await reading.read(id);
            await setImmediate();
          }
        })();
        await fixture.transport(empty.here).push(address, [update]);
        const pull = fixture.transport(there);
        assert.equal((await pull.fetch(address, asRefs([update]))).objects > 0, true);
        done = true;
        await read;
        await adopt(there, [update]);
        assert.deepEqual(await reading.listTree((await reading.read(update.name.slice(-26))).codeTree), []);
        there.fsck();
        fsckBare(join(fixture.remotes, "empty.git"));
      } finally {
        await empty.close();
      }
    });

    it("what is fetched is told to stock git-lfs", () => {
      const text = readFileSync(join(fixture.there.git, "info", "attributes"), "utf8");
      assert.match(text, /^\/models\/w\.bin filter=lfs/m);
    });
  });
}
