import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { deflateSync } from "node:zlib";
import { DatmoError } from "../../../src/protocol/errors.ts";
import { encodePointer } from "../../../src/store/snapshots/lfs/lfs-pointer.ts";
import { hashObject, type ObjectType, toHex } from "../../../src/store/snapshots/objects/object-id.ts";
import { answerAlways, GitServer } from "../../helpers/git-server.ts";
import { assertTidy, remoteRefs, ShareFixture, takeSnapshots } from "../../helpers/share-fixture.ts";
import { cleanEnvironment, SnapshotProject } from "../../helpers/snapshot-project.ts";

const PERSON = "datmo <datmo@localhost> 1700000000 +0000";

/** Writes any object into a repository, as long as zlib can pack it. */
function putObject(repository: string, type: ObjectType, body: Buffer, as?: string): string {
  const id = as ?? toHex(hashObject(type, body));
  const path = join(repository, "objects", id.slice(0, 2), id.slice(2));
  mkdirSync(join(path, ".."), { recursive: true });
  if (!existsSync(path)) {
    writeFileSync(path, deflateSync(Buffer.concat([Buffer.from(`${type} ${body.length}\0`), body])));
  }
  return id;
}

function tree(...entries: [mode: string, name: string, id: string][]): Buffer {
  return Buffer.concat(
    entries.map(([mode, name, id]) =>
      Buffer.concat([Buffer.from(`${mode} ${name}\0`), Buffer.from(id, "hex")]),
    ),
  );
}

function commit(treeId: string, ...parents: string[]): Buffer {
  const lines = [
    `tree ${treeId}`,
    ...parents.map((id) => `parent ${id}`),
    `author ${PERSON}`,
    `committer ${PERSON}`,
  ];
  return Buffer.from(`${lines.join("\n")}\n\nhostile\n`);
}

/** What a hostile repository may hold: the name of the case, and its commit. */
const CASES: Record<string, (repository: string) => string> = {
  "a folder .git with a hook": (to) => {
    const hook = putObject(to, "blob", Buffer.from("#!/bin/sh\ntouch /tmp/no\n"));
    const hooks = putObject(to, "tree", tree(["100755", "post-checkout", hook]));
    const git = putObject(to, "tree", tree(["40000", "hooks", hooks]));
    return putObject(to, "commit", commit(putObject(to, "tree", tree(["40000", ".git", git]))));
  },
  "a name that leads out": (to) => named(to, ".."),
  "a name with a slash": (to) => named(to, "a/../../x"),
  "a look-alike of .git": (to) => named(to, "GIT~1"),
  "a look-alike of .datmo": (to) => named(to, ".Datmo. "),
  "an empty name": (to) => named(to, ""),
  "a name twice": (to) => {
    const blob = putObject(to, "blob", Buffer.from("x"));
    return putObject(
      to,
      "commit",
      commit(putObject(to, "tree", tree(["100644", "a", blob], ["100644", "a", blob]))),
    );
  },
  "entries out of order": (to) => {
    const blob = putObject(to, "blob", Buffer.from("x"));
    return putObject(
      to,
      "commit",
      commit(putObject(to, "tree", tree(["100644", "b", blob], ["100644", "a", blob]))),
    );
  },
  "a submodule": (to) => {
    const inner = putObject(to, "tree", tree(["160000", "sub", "1".repeat(40)]));
    return putObject(to, "commit", commit(inner));
  },
  "a file that is a tree": (to) => {
    const inner = putObject(to, "tree", tree());
    return putObject(to, "commit", commit(putObject(to, "tree", tree(["100644", "a", inner]))));
  },
  "a commit without people": (to) => {
    const inner = named(to, "fine");
    const text = execFileSync("git", ["--git-dir", to, "rev-parse", `${inner}^{tree}`], {
      env: cleanEnvironment(),
    });
    return putObject(to, "commit", Buffer.from(`tree ${text.toString().trim()}\nparent ${inner}\n\nx\n`));
  },
  "a missing object": (to) => {
    const blob = putObject(to, "tree", tree(["100644", "a", "2".repeat(40)]));
    return putObject(to, "commit", commit(blob));
  },
  "an object under a wrong id": (to) => {
    const blob = putObject(
      to,
      "blob",
      Buffer.from("another"),
      toHex(hashObject("blob", Buffer.from("right"))),
    );
    return putObject(to, "commit", commit(putObject(to, "tree", tree(["100644", "a", blob]))));
  },
  "a few trees that stand for 10 ** 30 files": (to) => unfolding(to, Buffer.from("x")),
  "the same of big files": (to) => unfolding(to, encodePointer({ sha256: "ab".repeat(32), bytes: 5000 })),
  "a pointer to a big file that is nowhere": (to) => {
    const pointer = encodePointer({ sha256: "ab".repeat(32), bytes: 5000 });
    const blob = putObject(to, "blob", pointer);
    return putObject(to, "commit", commit(putObject(to, "tree", tree(["100644", "w.bin", blob]))));
  },
};

/** Each tree names the one below ten times. */
function unfolding(repository: string, content: Buffer): string {
  let [mode, id] = ["100644", putObject(repository, "blob", content)];
  for (let level = 0; level < 30; level++) {
    const below = id;
    const entries = Array.from({ length: 10 }, (_, i): [string, string, string] => [mode, `n${i}`, below]);
    [mode, id] = ["40000", putObject(repository, "tree", tree(...entries))];
  }
  return putObject(repository, "commit", commit(id));
}

function named(repository: string, name: string): string {
  const blob = putObject(repository, "blob", Buffer.from("x"));
  return putObject(repository, "commit", commit(putObject(repository, "tree", tree(["100644", name, blob]))));
}

for (const { how, tool, over } of [
  { how: "over http, with git", tool: "", over: "http" },
  { how: "over http, without git", tool: "none", over: "http" },
  { how: "in a folder, with git", tool: "", over: "folder" },
  { how: "in a folder, without git", tool: "none", over: "folder" },
] as const) {
  describe(`a hostile remote ${how}`, () => {
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

    it("nothing of it is let in", async () => {
      const { there } = fixture;
      let number = 0;
      for (const [what, make] of Object.entries(CASES)) {
        const repository = `case${number++}.git`;
        const path = fixture.bare(repository);
        const name = "refs/datmo/snapshots/aaaaaaaaaaaaaaaaaaaaaaaaaa";
        const id = make(path);
        mkdirSync(join(path, "refs", "datmo", "snapshots"), { recursive: true });
        writeFileSync(join(path, name), `${id}\n`);
        const address = over === "http" ? server.url(repository) : path;
        const work = fixture.transport(there).fetch(address, [{ name, commit: id }]);
        await assert.rejects(
          work,
          (error) => error instanceof DatmoError && error.kind === "REMOTE_BROKEN",
          what,
        );
        assert.deepEqual(remoteRefs(there.git), []);
        assertTidy(there);
      }
      assert.equal(existsSync("/tmp/no"), false);
      there.fsck();
    });
  });
}

describe("a hostile remote", () => {
  it("a big file that is another one is not taken", async () => {
    const fixture = new ShareFixture("");
    const server = await GitServer.start(fixture.remotes);
    try {
      fixture.bare();
      const content = Buffer.alloc(4_200_000, 7);
      fixture.here.write("w.bin", content);
      const updates = await takeSnapshots(fixture.here, 1, 2);
      const address = server.url("team.git");
      await fixture.transport(fixture.here).push(address, updates);
      const pull = fixture.transport(fixture.there);
      const listed = await pull.list(address);
      const oid = createHash("sha256").update(content).digest("hex");
      for (const forged of [Buffer.alloc(4_200_000, 8), Buffer.alloc(4_200_001, 7), Buffer.alloc(10, 7)]) {
        server.forged.set(oid, forged);
        await assert.rejects(
          pull.fetch(address, listed),
          (error) => (error as DatmoError).kind === "REMOTE_BROKEN",
        );
        const objects = join(fixture.there.git, "lfs", "objects");
        const files = readdirSync(objects, { recursive: true, withFileTypes: true }).filter((entry) =>
          entry.isFile(),
        );
        assert.deepEqual(files, []);
      }
      server.forged.clear();
      assert.equal((await pull.fetch(address, listed)).bigFiles, 1);
      assertTidy(fixture.there);
    } finally {
      await server.close();
      await fixture.close();
    }
  });

  it("hooks and settings of a repository on this disk are not executed", async () => {
    const fixture = new ShareFixture("");
    try {
      const path = fixture.bare();
      const mark = join(fixture.root, "executed");
      for (const hook of ["pre-receive", "update", "post-receive", "post-update", "reference-transaction"]) {
        writeFileSync(join(path, "hooks", hook), `#!/bin/sh\ntouch '${mark}'\n`);
        chmodSync(join(path, "hooks", hook), 0o755);
      }
      const set = (name: string, value: string): void => {
        execFileSync("git", ["--git-dir", path, "config", name, value], { env: cleanEnvironment() });
      };
      set("core.hooksPath", join(path, "hooks"));
      set("core.alternateRefsCommand", `touch '${mark}'; :`);
      set("core.fsmonitor", `touch '${mark}'`);
      set("uploadpack.packObjectsHook", `touch '${mark}'; git`);
      set("core.sshCommand", `touch '${mark}'`);
      const updates = await takeSnapshots(fixture.here, 1, 2);
      const push = fixture.transport(fixture.here);
      assert.equal((await push.push(path, updates)).accepted.length, 1);
      const pull = fixture.transport(fixture.there);
      await pull.fetch(path, await pull.list(path));
      assert.equal(existsSync(mark), false);
    } finally {
      await fixture.close();
    }
  });

  it("settings in the project's own store are not executed either", async () => {
    const fixture = new ShareFixture("");
    try {
      const path = fixture.bare();
      const updates = await takeSnapshots(fixture.here, 1, 2);
      const mark = join(fixture.root, "executed");
      for (const name of [
        "core.sshCommand",
        "core.fsmonitor",
        "core.alternateRefsCommand",
        "credential.helper",
      ]) {
        fixture.here.stockGit("config", name, `!touch '${mark}'`);
      }
      fixture.here.stockGit("config", "core.hooksPath", fixture.root);
      writeFileSync(join(fixture.root, "pre-push"), `#!/bin/sh\ntouch '${mark}'\n`);
      chmodSync(join(fixture.root, "pre-push"), 0o755);
      await fixture.transport(fixture.here).push(path, updates);
      await assert.rejects(fixture.transport(fixture.here).list("ssh://user@127.0.0.1:1/x"));
      assert.equal(existsSync(mark), false);
    } finally {
      await fixture.close();
    }
  });

  it("answers that are no git server's are refused", async () => {
    const fixture = new ShareFixture("none");
    const type = { "content-type": "application/x-git-upload-pack-advertisement" };
    const texts = ["", "zzzz", "ffff", "0010short", "001e# service=git-upload-pack\n0000003fgarbage"];
    try {
      for (const text of texts) {
        const server = await answerAlways((_, response) => void response.writeHead(200, type).end(text));
        const work = fixture
          .transport(fixture.here)
          .fetch(`http://127.0.0.1:${server.port}/x.git`, [
            { name: "refs/datmo/snapshots/a", commit: "1".repeat(40) },
          ]);
        await assert.rejects(work, (error) => (error as DatmoError).kind === "REMOTE_BROKEN", text);
        await server.close();
      }
      const page = await answerAlways((_, response) => void response.writeHead(200).end("<html>"));
      await assert.rejects(
        fixture.transport(new SnapshotProject(fixture.root)).list(`http://127.0.0.1:${page.port}/x.git`),
        (error) => (error as DatmoError).kind === "REMOTE_NOT_FOUND",
      );
      await page.close();
    } finally {
      await fixture.close();
    }
  });
});
