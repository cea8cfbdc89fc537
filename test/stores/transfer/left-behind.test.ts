import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import { answerAlways, GitServer } from "../../helpers/git-server.ts";
import { asRefs, ShareFixture, takeSnapshots } from "../../helpers/share-fixture.ts";

const DAYS_AGO = new Date(Date.now() - 3 * 86_400_000);

describe("an exchange", () => {
  let fixture: ShareFixture;
  beforeEach(() => {
    fixture = new ShareFixture("");
  });
  afterEach(() => fixture.close());

  it("does not wait for what a program of git's leaves running", { timeout: 60_000 }, async () => {
    const git = join(fixture.root, "git-with-daemon");
    const pids = join(fixture.root, "pids");
    writeFileSync(git, `#!/bin/sh\nsleep 600 &\necho $! >> '${pids}'\nexec git "$@"\n`, { mode: 0o755 });
    const path = fixture.bare();
    try {
      const updates = await takeSnapshots(fixture.here, 1, 2);
      const transport = fixture.transport(fixture.here, { DATMO_GIT: git });
      assert.equal((await transport.push(path, updates)).accepted.length, 1);
    } finally {
      for (const pid of readFileSync(pids, "utf8").trim().split("\n")) process.kill(Number(pid), "SIGKILL");
    }
  });

  it("removes what killed pushes left: here, and of big files on the remote", async () => {
    const store = fixture.here.open();
    const path = fixture.bare();
    fixture.here.write("w.bin", Buffer.alloc(4_200_000, 3));
    await store.captureCode();
    const left = join(fixture.here.git, "datmo", "tmp", "share-0123456789abcdef");
    const [old, fresh, foreign] = ["0".repeat(24), "1".repeat(24), "git-lfs-own"].map((name) =>
      join(path, "lfs", "tmp", name),
    ) as [string, string, string];
    mkdirSync(join(left, "ops"), { recursive: true });
    mkdirSync(join(path, "lfs", "tmp"), { recursive: true });
    for (const file of [join(left, "format"), old, fresh, foreign]) writeFileSync(file, "x");
    for (const file of [left, old, foreign]) utimesSync(file, DAYS_AGO, DAYS_AGO);
    await fixture.transport(fixture.here).push(path, await takeSnapshots(fixture.here, 1, 2));
    await takeSnapshots(fixture.here, 1, 2);
    assert.deepEqual([left, old, fresh, foreign].map(existsSync), [false, false, true, true]);
  });

  it("is refused with the store of another project", async () => {
    await takeSnapshots(fixture.there, 1, 2);
    writeFileSync(join(fixture.there.datmo, "format"), '{"layout":1}\n');
    const transport = fixture.transport(fixture.here);
    await assert.rejects(transport.list(fixture.there.git), { kind: "REMOTE_INVALID" });
  });

  it("leaves the user's login alone when the server of the big files wants another", async () => {
    const foreign = await answerAlways((_, response) => response.writeHead(401).end());
    const server = await GitServer.start(fixture.remotes, { lfs: false });
    const path = fixture.bare();
    fixture.here.write("w.bin", Buffer.alloc(4_200_000, 3));
    const updates = await takeSnapshots(fixture.here, 1, 2);
    await fixture.transport(fixture.here).push(path, updates);
    const log = join(fixture.root, "asked");
    const helper = `!f() { echo $1 >> '${log}'; test $1 = get && echo username=ann && echo password=x; }; f`;
    execFileSync("git", ["config", "-f", join(fixture.home, ".gitconfig"), "credential.helper", helper]);
    const lfs = await answerAlways((request, response) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => {
        if (request.url?.includes("info/refs") || request.url?.includes("git-upload-pack")) {
          response.writeHead(307, { location: server.url(request.url.slice(1)) }).end();
          return;
        }
        const asked = JSON.parse(Buffer.concat(chunks).toString()) as { objects: { oid: string }[] };
        const href = `http://127.0.0.1:${foreign.port}/x`;
        const objects = asked.objects.map((object) => ({ ...object, actions: { download: { href } } }));
        response.writeHead(200).end(JSON.stringify({ objects }));
      });
    });
    try {
      const url = `http://127.0.0.1:${lfs.port}/team.git`;
      const work = fixture.transport(fixture.there).fetch(url, asRefs(updates));
      await assert.rejects(work, { kind: "REMOTE_REFUSED" });
      assert.equal(existsSync(log) ? readFileSync(log, "utf8") : "", "");
    } finally {
      for (const each of [foreign, lfs, server]) await each.close();
    }
  });
});
