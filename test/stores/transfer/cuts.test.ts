import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { DatmoError } from "../../../src/protocol/errors.ts";
import type { RefUpdate } from "../../../src/services/ports/sharing.ts";
import { CuttingProxy } from "../../helpers/cutting-proxy.ts";
import { GitServer } from "../../helpers/git-server.ts";
import {
  adopt,
  asRefs,
  assertTidy,
  fsckBare,
  remoteRefs,
  ShareFixture,
  takeSnapshots,
} from "../../helpers/share-fixture.ts";
import { SnapshotProject } from "../../helpers/snapshot-project.ts";

const TOOLS = [
  { name: "with git", tool: "" },
  { name: "without git", tool: "none" },
] as const;

for (const { name, tool } of TOOLS) {
  describe(`a connection that is cut, ${name}`, () => {
    let fixture: ShareFixture;
    let server: GitServer;
    let proxy: CuttingProxy;
    let updates: RefUpdate[];
    before(async () => {
      fixture = new ShareFixture(tool);
      server = await GitServer.start(fixture.remotes);
      proxy = await CuttingProxy.start(server.port);
      fixture.here.write("noise.txt", randomBytes(150_000).toString("hex"));
      fixture.here.write("models/w.bin", randomBytes(4_500_000));
      updates = await takeSnapshots(fixture.here, 3);
    });
    after(async () => {
      await proxy.close();
      await server.close();
      await fixture.close();
    });

    it("in the middle of a push nothing moves, and the repeat succeeds", async () => {
      const path = fixture.bare("push.git");
      const address = server.url("push.git", proxy.port);
      const push = fixture.transport(fixture.here);
      // In the big file, in the objects, and before the answer.
      for (const limits of [{ up: 300 }, { up: 2_000_000 }, { up: 4_560_000 }, { up: 50_000 }]) {
        proxy.cutAfter(limits);
        await assert.rejects(push.push(address, updates), isBroken, JSON.stringify(limits));
        assert.deepEqual(remoteRefs(path), [], JSON.stringify(limits));
        fsckBare(path);
      }
      proxy.cutAfter({});
      assert.equal((await push.push(address, updates)).accepted.length, 3);
      fsckBare(path);
      assertTidy(fixture.here);
      fixture.here.fsck();
    });

    it("in the answer to a push: it may have come through, and a repeat finds out", async () => {
      const path = fixture.bare("answer.git");
      const address = server.url("answer.git", proxy.port);
      const push = fixture.transport(fixture.here);
      proxy.cutAfter({ down: 900 });
      await assert.rejects(push.push(address, updates), isBroken);
      proxy.cutAfter({});
      for (let attempt = 0; remoteRefs(path).length < 3 && attempt < 40; attempt++) {
        const there = new Set((await push.list(address)).map((ref) => ref.name));
        await push.push(
          address,
          updates.filter((update) => !there.has(update.name)),
        );
      }
      assert.equal(remoteRefs(path).length, 3);
      fsckBare(path);
    });

    it("in the middle of a fetch nothing is lost, and the repeat goes on", async () => {
      const path = fixture.bare("fetch.git");
      const address = server.url("fetch.git", proxy.port);
      proxy.cutAfter({});
      await fixture.transport(fixture.here).push(address, updates);
      const target = new SnapshotProject(fixture.root);
      const pull = fixture.transport(target);
      try {
        for (const down of [50, 800, 60_000, 150_000, 1_500_000]) {
          proxy.cutAfter({ down });
          await assert.rejects(pull.fetch(address, asRefs(updates)), isBroken, `${down}`);
          assertTidy(target);
          target.fsck();
        }
        // The objects came before the last cut: the big file is what is missing, and of that the rest.
        proxy.cutAfter({});
        const before = server.requests.length;
        const got = await pull.fetch(address, asRefs(updates));
        assert.equal(got.objects, 0);
        assert.equal(got.bigFileBytes, 4_500_000);
        assert.ok(proxy.down < 4_500_000, `${proxy.down}`);
        assert.ok(server.requests.slice(before).some((line) => line.endsWith(" range")));
        await adopt(target, updates);
        target.fsck();
        assert.deepEqual(await target.open().check(), []);
        fsckBare(path);
      } finally {
        await target.close();
      }
    });

    it("a server that cannot go on from the middle sends the big file anew", async () => {
      fixture.bare("whole.git");
      const address = server.url("whole.git", proxy.port);
      proxy.cutAfter({});
      await fixture.transport(fixture.here).push(address, updates);
      const target = new SnapshotProject(fixture.root);
      try {
        server.options = { ranges: false };
        const pull = fixture.transport(target);
        proxy.cutAfter({ down: 2_000_000 });
        await assert.rejects(pull.fetch(address, asRefs(updates)), isBroken);
        proxy.cutAfter({});
        assert.equal((await pull.fetch(address, asRefs(updates))).bigFiles, 1);
        await adopt(target, updates);
        assert.deepEqual(await target.open().check(), []);
      } finally {
        server.options = {};
        await target.close();
      }
    });

    it("cancelling ends it soon and leaves nothing behind", async () => {
      fixture.bare("stop.git");
      const address = server.url("stop.git", proxy.port);
      proxy.cutAfter({});
      const controller = new AbortController();
      const progress = (): void => controller.abort();
      const work = fixture
        .transport(fixture.here)
        .push(address, updates, { signal: controller.signal, progress });
      await assert.rejects(work, (error) => error instanceof DatmoError && error.kind === "CANCELLED");
      assertTidy(fixture.here);
      assert.deepEqual(remoteRefs(join(fixture.remotes, "stop.git")), []);
      const early = fixture.transport(fixture.here).list(address, { signal: AbortSignal.abort() });
      await assert.rejects(early, (error) => error instanceof DatmoError && error.kind === "CANCELLED");
    });
  });
}

function isBroken(error: unknown): true {
  assert.ok(error instanceof DatmoError, `${(error as Error).stack}`);
  // Before anything came, a server that hangs up may as well not be there.
  assert.match(error.kind, /^REMOTE_(BROKEN|NOT_FOUND)$/, error.message);
  return true;
}
