import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chmodSync, existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { DatmoError } from "../../../src/protocol/errors.ts";
import { parseRemote } from "../../../src/store/snapshots/transfer/remote-address.ts";
import { GitServer } from "../../helpers/git-server.ts";
import {
  adopt,
  assertTidy,
  fsckBare,
  remoteRefs,
  ShareFixture,
  takeSnapshots,
} from "../../helpers/share-fixture.ts";
import { canRun, cleanEnvironment } from "../../helpers/snapshot-project.ts";

const SECRET = "s3cret-word";

function failsAs(kind: string, reason: RegExp): (error: unknown) => true {
  return (error) => {
    assert.ok(error instanceof DatmoError, `${(error as Error).stack}`);
    assert.equal(error.kind, kind, error.message);
    assert.match(error.message, reason);
    assert.doesNotMatch(JSON.stringify([error.message, error.details]), new RegExp(SECRET));
    assert.doesNotMatch(error.message, /\n/);
    return true;
  };
}

async function withFixture(tool: "" | "none", work: (fixture: ShareFixture) => Promise<void>): Promise<void> {
  const fixture = new ShareFixture(tool);
  try {
    await work(fixture);
  } finally {
    await fixture.close();
  }
}

describe("names of remotes", () => {
  it("addresses and paths are taken", () => {
    const kinds: Record<string, string> = {
      "https://example.org/a/b.git": "http",
      "http://user:pw@example.org:8080/a": "http",
      "ssh://git@example.org:2222/srv/a.git": "ssh",
      "git@example.org:a/b.git": "ssh",
      "host:~/x": "ssh",
      "[::1]:x": "ssh",
      "git://example.org/a": "git",
      "file:///srv/a.git": "folder",
      "/srv/a.git": "folder",
      "../a": "folder",
      "./odd:name": "folder",
    };
    for (const [text, kind] of Object.entries(kinds))
      assert.equal(parseRemote(text, "/p/q").kind, kind, text);
    assert.deepEqual(parseRemote("../a", "/p/q"), { kind: "folder", shown: "../a", path: "/p/a" });
    const login = parseRemote(`https://u:${SECRET}@example.org/x`, "/p");
    assert.equal(login.shown, "https://example.org/x");
  });

  it("what would execute something, or is no address, is refused", () => {
    const texts = [
      "",
      "ext::sh -c touch% /tmp/x",
      "fd::3",
      "https::x",
      "--upload-pack=touch x",
      "-oProxyCommand=x",
      "ssh://-oProxyCommand=x/y",
      "ssh://a@-x/y",
      "-x:path",
      "user@-host:path",
      "host:-path",
      "ftp://example.org/x",
      "git+ssh://example.org/x",
      "https://example.org",
      "https://example.org/x?y",
      "https://exa mple.org/x",
      "http://x/\nurl=y",
      `javascript://u:${SECRET}@x/y`,
      "file://elsewhere/x",
    ];
    for (const text of texts)
      assert.throws(() => parseRemote(text, "/p"), failsAs("REMOTE_INVALID", /./), text);
  });
});

for (const tool of ["", "none"] as const) {
  describe(`servers, ${tool === "" ? "with" : "without"} git`, () => {
    it("a login in the address is used and told nobody", () =>
      withFixture(tool, async (fixture) => {
        const server = await GitServer.start(fixture.remotes, { login: { user: "ann", password: SECRET } });
        try {
          const path = fixture.bare();
          fixture.here.write("w.bin", randomBytes(4_200_000));
          const updates = await takeSnapshots(fixture.here, 1, 3);
          const push = fixture.transport(fixture.here);
          const address = `http://ann:${SECRET}@127.0.0.1:${server.port}/team.git`;
          const sent = await push.push(address, updates);
          assert.deepEqual([sent.accepted.length, sent.bigFiles], [1, 1]);
          fsckBare(path);
          const wrong = `http://ann:${SECRET}x@127.0.0.1:${server.port}/team.git`;
          await assert.rejects(
            push.list(wrong),
            failsAs("REMOTE_REFUSED", /refused: .*(uthentication|Username|401)/),
          );
          const nobody = server.url("team.git");
          await assert.rejects(push.list(nobody), failsAs("REMOTE_REFUSED", /refused/));
          await assert.rejects(push.push(nobody, updates), failsAs("REMOTE_REFUSED", /refused/));
        } finally {
          await server.close();
        }
      }));

    it("what is not there, and a server without big files", () =>
      withFixture(tool, async (fixture) => {
        const server = await GitServer.start(fixture.remotes, { lfs: false });
        const push = fixture.transport(fixture.here);
        const address = server.url("team.git");
        try {
          const path = fixture.bare();
          await assert.rejects(push.list(server.url("none.git")), failsAs("REMOTE_NOT_FOUND", /none\.git/));
          await assert.rejects(push.list("no/such/folder"), failsAs("REMOTE_NOT_FOUND", /no such folder/));
          fixture.here.write("w.bin", randomBytes(4_200_000));
          const updates = await takeSnapshots(fixture.here, 1, 3);
          const work = push.push(address, updates);
          await assert.rejects(work, failsAs("REMOTE_REFUSED", /keeps no big files/));
          assert.deepEqual(remoteRefs(path), []);
        } finally {
          await server.close();
        }
        await assert.rejects(push.list(address), failsAs("REMOTE_NOT_FOUND", /./));
      }));

    it("a hook that says no is passed on in its own words", () =>
      withFixture(tool, async (fixture) => {
        const server = await GitServer.start(fixture.remotes);
        try {
          const path = fixture.bare();
          const hook = join(path, "hooks", "pre-receive");
          writeFileSync(hook, "#!/bin/sh\necho 'no snapshots on Fridays' >&2\nexit 1\n");
          chmodSync(hook, 0o755);
          const updates = await takeSnapshots(fixture.here, 2, 3);
          const sent = await fixture.transport(fixture.here).push(server.url("team.git"), updates);
          assert.deepEqual(sent.accepted, []);
          assert.deepEqual(
            sent.refused.map(({ changed }) => changed),
            [false, false],
          );
          assert.match(sent.refused[0]?.reason ?? "", /hook declined: no snapshots on Fridays/);
        } finally {
          await server.close();
        }
      }));
  });
}

describe("servers", () => {
  it("credential helpers of the user's git are asked, for big files too", () =>
    withFixture("", async (fixture) => {
      const server = await GitServer.start(fixture.remotes, { login: { user: "ann", password: SECRET } });
      try {
        fixture.bare();
        const helper = `!f() { test "$1" = get && echo username=ann && echo password=${SECRET}; }; f`;
        writeFileSync(
          join(fixture.home, ".gitconfig"),
          `[credential]\n\thelper = "${helper.replaceAll('"', '\\"')}"\n`,
        );
        fixture.here.write("w.bin", randomBytes(4_200_000));
        const updates = await takeSnapshots(fixture.here, 1, 3);
        const sent = await fixture.transport(fixture.here).push(server.url("team.git"), updates);
        assert.deepEqual([sent.accepted.length, sent.bigFiles], [1, 1]);
      } finally {
        await server.close();
      }
    }));

  it("the stock git-lfs client gets what was sent", { skip: !canRun("git-lfs", "version") }, () =>
    withFixture("", async (fixture) => {
      const server = await GitServer.start(fixture.remotes);
      try {
        const path = fixture.bare();
        const content = randomBytes(4_200_000);
        fixture.here.write("w.bin", content);
        const updates = await takeSnapshots(fixture.here, 1, 3);
        await fixture.transport(fixture.here).push(server.url("team.git"), updates);
        const parent = execFileSync("git", ["--git-dir", path, "rev-parse", `${updates[0]?.commit}^1`], {
          encoding: "utf8",
        });
        execFileSync("git", ["--git-dir", path, "update-ref", "refs/heads/main", parent.trim()]);
        const clone = join(fixture.root, "clone");
        const env = { ...cleanEnvironment(), HOME: fixture.home };
        // Not synchronously: the server is in this process.
        const run = (args: string[], cwd: string): Promise<void> =>
          import("node:child_process").then(
            ({ execFile }) =>
              new Promise((resolve, reject) => {
                execFile("git", args, { cwd, env }, (error) => (error ? reject(error) : resolve()));
              }),
          );
        await run(["clone", "-q", "-b", "main", server.url("team.git"), clone], fixture.root);
        writeFileSync(
          join(clone, ".git", "info", "attributes"),
          "w.bin filter=lfs diff=lfs merge=lfs -text\n",
        );
        await run(["lfs", "install", "--local"], clone);
        await run(["lfs", "pull"], clone);
        assert.ok(readFileSync(join(clone, "w.bin")).equals(content));
      } finally {
        await server.close();
      }
    }),
  );

  it("over ssh big files go as files, or to the server's git-lfs service", () =>
    withFixture("", async (fixture) => {
      // Stands for ssh: what it is to run on the server it runs here.
      const ssh = join(fixture.root, "ssh");
      const log = join(fixture.root, "ssh.log");
      const service = join(fixture.root, "git-lfs-authenticate");
      writeFileSync(
        ssh,
        `#!/bin/sh\nfor last; do :; done\necho "$*" >> '${log}'\nPATH="${fixture.root}:$PATH" exec sh -c "$last"\n`,
      );
      chmodSync(ssh, 0o755);
      const path = fixture.bare();
      fixture.here.write("w.bin", randomBytes(4_200_000));
      const updates = await takeSnapshots(fixture.here, 1, 3);
      const more = { GIT_SSH_COMMAND: ssh, GIT_SSH_VARIANT: "ssh" };
      const push = fixture.transport(fixture.here, more);
      const pull = fixture.transport(fixture.there, more);
      const address = `ssh://ann@example.org:2200${path}`;
      const sent = await push.push(address, updates);
      assert.deepEqual([sent.accepted.length, sent.bigFiles], [1, 1]);
      assert.match(readFileSync(log, "utf8"), /-p 2200 ann@example\.org/);
      assert.equal((await push.push(`ann@example.org:${path}`, updates)).bigFiles, 0);
      fsckBare(path);
      assert.equal((await pull.fetch(address, await pull.list(address))).bigFiles, 1);
      await adopt(fixture.there, updates);
      assert.deepEqual(await fixture.there.open().check(), []);
      rmSync(join(path, "lfs"), { recursive: true });
      rmSync(join(fixture.there.git, "lfs", "objects"), { recursive: true });
      await assert.rejects(
        pull.fetch(address, await pull.list(address)),
        failsAs("REMOTE_BROKEN", /big file.*missing/),
      );

      const server = await GitServer.start(fixture.remotes);
      try {
        const href = `${server.url("team.git")}/info/lfs`;
        writeFileSync(service, `#!/bin/sh\necho '{"href":"${href}","header":{}}'\n`);
        chmodSync(service, 0o755);
        assert.equal((await push.push(address, updates)).bigFiles, 1);
        assert.equal((await pull.fetch(address, await pull.list(address))).bigFiles, 1);
        assert.ok(server.requests.some((line) => line.startsWith("PUT ")));
      } finally {
        await server.close();
      }
      assertTidy(fixture.there);
    }));

  it("a git that is missing or too old is told, where there is no way without", () =>
    withFixture("none", async (fixture) => {
      const there = fixture.transport(fixture.here);
      await assert.rejects(there.list("git@example.org:x.git"), failsAs("GIT_NEEDED", /DATMO_GIT is none/));
      const old = join(fixture.root, "old-git");
      writeFileSync(old, "#!/bin/sh\necho git version 2.11.0\n");
      chmodSync(old, 0o755);
      const other = fixture.transport(fixture.here, { DATMO_GIT: old });
      await assert.rejects(other.list("git@example.org:x.git"), failsAs("GIT_NEEDED", /version 2\.11/));
      // A repository on this disk needs none.
      assert.deepEqual(await other.list(fixture.bare()), []);
    }));

  it("variables that would point git elsewhere are not passed on", () =>
    withFixture("", async (fixture) => {
      const path = fixture.bare();
      const updates = await takeSnapshots(fixture.here, 1, 3);
      const elsewhere = join(fixture.root, "elsewhere");
      const push = fixture.transport(fixture.here, {
        GIT_DIR: elsewhere,
        GIT_OBJECT_DIRECTORY: elsewhere,
        GIT_CONFIG_COUNT: "1",
        GIT_CONFIG_KEY_0: "core.hooksPath",
        GIT_CONFIG_VALUE_0: fixture.root,
        GIT_TRACE: elsewhere,
        GIT_EXEC_PATH: elsewhere,
      });
      assert.equal((await push.push(path, updates)).accepted.length, 1);
      assert.equal(existsSync(elsewhere), false);
      assert.equal(spawnSync("git", ["--git-dir", path, "rev-parse", "HEAD"]).status === 0, false);
    }));
});
