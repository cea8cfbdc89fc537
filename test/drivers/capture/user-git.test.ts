import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { parseGitConfig } from "../../../src/drivers/capture/git-config.ts";
import { withoutCredentials } from "../../../src/drivers/capture/url-credentials.ts";
import { userGitFacts } from "../../../src/drivers/capture/user-git.ts";
import type { UserGitFacts } from "../../../src/services/ports/capture.ts";
import { temporaryFolder, testContext, writeFiles, writeScript } from "./fixtures.ts";

const AUTHOR = {
  GIT_AUTHOR_NAME: "a",
  GIT_AUTHOR_EMAIL: "a@x",
  GIT_COMMITTER_NAME: "a",
  GIT_COMMITTER_EMAIL: "a@x",
};

function git(directory: string, ...words: string[]): string {
  const run = spawnSync("git", words, {
    cwd: directory,
    encoding: "utf8",
    env: { ...process.env, ...AUTHOR, GIT_CONFIG_GLOBAL: "/dev/null", GIT_CONFIG_SYSTEM: "/dev/null" },
  });
  assert.equal(run.status, 0, `git ${words.join(" ")}: ${run.stderr}`);
  return run.stdout.trim();
}

function facts(directory: string): Promise<UserGitFacts | undefined> {
  return userGitFacts(testContext(directory));
}

test("says the same as git through the life of a repository", async (t) => {
  const root = join(temporaryFolder(t), "repo");
  mkdirSync(join(root, "deep/er"), { recursive: true });
  assert.equal(await facts(root), undefined);
  git(root, "init", "-q", "-b", "main");
  assert.equal(await facts(root), undefined, "no commit yet");
  git(root, "commit", "-q", "--allow-empty", "-m", "one");
  const commit = git(root, "rev-parse", "HEAD");
  assert.deepEqual(await facts(root), { commit, branch: "main" });
  assert.deepEqual(await facts(join(root, "deep/er")), { commit, branch: "main" });

  git(root, "remote", "add", "other", "https://x:y@other.example/r.git");
  assert.equal((await facts(root))?.remote, "https://other.example/r.git");
  git(root, "remote", "add", "origin", "git@github.com:me/r.git");
  assert.equal((await facts(root))?.remote, "git@github.com:me/r.git");
  git(root, "checkout", "-q", "-b", "feat/ü-1");
  git(root, "config", "branch.feat/ü-1.remote", "other");
  git(root, "commit", "-q", "--allow-empty", "-m", "two");
  const second = git(root, "rev-parse", "HEAD");
  const expected = { commit: second, branch: "feat/ü-1", remote: "https://other.example/r.git" };
  assert.deepEqual(await facts(root), expected);
  git(root, "pack-refs", "--all", "--prune");
  assert.deepEqual(await facts(root), expected, "packed");
  git(root, "tag", "-a", "v1", "-m", "tag");
  git(root, "pack-refs", "--all");
  git(root, "checkout", "-q", "--detach", commit);
  assert.deepEqual(await facts(root), { commit, remote: "git@github.com:me/r.git" });
  git(root, "symbolic-ref", "refs/heads/alias", "refs/heads/feat/ü-1");
  git(root, "symbolic-ref", "HEAD", "refs/heads/alias");
  assert.deepEqual(await facts(root), { commit: second, branch: "alias", remote: "git@github.com:me/r.git" });
});

test("reads working trees, submodules and separate git folders through their .git file", async (t) => {
  const folder = temporaryFolder(t);
  const root = join(folder, "repo");
  mkdirSync(root);
  git(root, "init", "-q", "-b", "main");
  git(root, "commit", "-q", "--allow-empty", "-m", "one");
  git(root, "remote", "add", "origin", "/srv/r.git");
  git(root, "worktree", "add", "-q", "-b", "side", join(folder, "tree"));
  git(join(folder, "tree"), "commit", "-q", "--allow-empty", "-m", "two");
  const commit = git(join(folder, "tree"), "rev-parse", "HEAD");
  const expected = { commit, branch: "side", remote: "/srv/r.git" };
  assert.deepEqual(await facts(join(folder, "tree")), expected);
  git(root, "pack-refs", "--all", "--prune");
  assert.deepEqual(await facts(join(folder, "tree")), expected);
  mkdirSync(join(folder, "apart"));
  git(join(folder, "apart"), "init", "-q", "-b", "main", "--separate-git-dir", join(folder, "elsewhere"));
  git(join(folder, "apart"), "commit", "-q", "--allow-empty", "-m", "three");
  assert.equal((await facts(join(folder, "apart")))?.commit, git(join(folder, "apart"), "rev-parse", "HEAD"));
});

test("bears damaged repositories", async (t) => {
  const root = temporaryFolder(t);
  const write = (files: Record<string, string | Buffer>): void => {
    rmSync(join(root, ".git"), { recursive: true, force: true });
    writeFiles(root, files);
  };
  const broken: Record<string, string | Buffer>[] = [
    { ".git/HEAD": "" },
    { ".git/HEAD": Buffer.from([0, 1, 2, 255]) },
    { ".git/HEAD": "ref: refs/heads/../../../../etc/passwd" },
    { ".git/HEAD": "ref: refs/heads/a", ".git/refs/heads/a": "ref: refs/heads/a" },
    { ".git/HEAD": "ref: refs/heads/a", ".git/refs/heads/a": "not an id" },
    { ".git/HEAD": "ref: refs/heads/a", ".git/packed-refs": "short refs/heads/a\n" },
    { ".git": "gitdir: /nowhere/at/all" },
    { ".git": "no pointer" },
    { ".git/HEAD/x": "" },
  ];
  for (const files of broken) {
    write(files);
    assert.equal(await facts(root), undefined, JSON.stringify(files));
  }
  rmSync(join(root, ".git"), { recursive: true });
  symlinkSync(".git", join(root, ".git"));
  assert.equal(await facts(root), undefined);
});

test("asks git only where references are in tables", async (t) => {
  const root = temporaryFolder(t);
  const commit = "a".repeat(40);
  writeScript(join(root, "bin/git"), `#!/bin/sh\necho "$@" > ${root}/asked\necho ${commit}\necho topic\n`);
  writeFiles(root, {
    ".git/HEAD": "ref: refs/heads/.invalid\n",
    ".git/config": '[extensions]\n\trefstorage = reftable\n[remote "origin"]\n\turl = https://t0k3n@h/r\n',
  });
  const context = testContext(root, { PATH: join(root, "bin") });
  assert.deepEqual(await userGitFacts(context), { commit, branch: "topic", remote: "https://h/r" });
  assert.equal(readFileSync(join(root, "asked"), "utf8"), "rev-parse HEAD --abbrev-ref HEAD\n");
  writeFileSync(join(root, "bin/git"), "#!/bin/sh\nsleep 300\n");
  assert.equal(await userGitFacts({ ...context, timeoutMs: 100 }), undefined);
});

test("reads git config as git does", (t) => {
  const root = temporaryFolder(t);
  const text = [
    "[core] bare = false ; comment",
    '[Remote "Ori\\"gin"]',
    '  URL = "quoted # no comment" # comment',
    "  fetch = +refs/*:refs/* ; more",
    "[branch.dotted]",
    "  remote = a\\\\b \\",
    "  continued",
    "[flag]",
    "  set",
    "  twice = 1",
    "  twice = 2",
    "",
  ].join("\n");
  writeFiles(root, { config: text });
  const config = parseGitConfig(text);
  for (const key of [
    "core.bare",
    'remote.Ori"gin.url',
    'remote.Ori"gin.fetch',
    "branch.dotted.remote",
    "flag.twice",
  ]) {
    assert.equal(config.get(key), git(root, "config", "-f", join(root, "config"), "--get", key), key);
  }
  assert.equal(config.get("flag.set"), "true");
});

test("takes passwords and tokens out of addresses", () => {
  const cases: Record<string, string> = {
    "https://me:pw@host/r.git": "https://host/r.git",
    "https://ghp_token@github.com/r": "https://github.com/r",
    "https://a:b@c@host:8443/r?token=x#f": "https://host:8443/r#f",
    "ssh://git:pw@host:22/r": "ssh://git@host:22/r",
    "git+https://me:pw@host/r": "git+https://host/r",
    "git@host:me/r.git": "git@host:me/r.git",
    "/srv/a@b/r.git": "/srv/a@b/r.git",
    "https://host/a@b": "https://host/a@b",
    "file:///home/me": "file:///home/me",
    "": "",
  };
  for (const [from, to] of Object.entries(cases)) assert.equal(withoutCredentials(from), to);
});
