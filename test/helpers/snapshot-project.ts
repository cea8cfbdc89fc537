import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { randomId } from "../../src/domain/ids.ts";
import type { PublishRequest, SnapshotStore } from "../../src/services/ports/snapshots.ts";
import { openSnapshotStore, type SnapshotStoreOptions } from "../../src/store/snapshots/snapshot-store.ts";

/** A project in a folder of its own, with the snapshot store under test and stock git to compare with. */
export class SnapshotProject {
  readonly root: string;
  readonly directory: string;
  readonly datmo: string;
  /** Set by tests that damage the store. */
  damaged = false;
  readonly #stores: SnapshotStore[] = [];

  constructor(parent = tmpdir()) {
    this.root = mkdtempSync(join(parent, "datmo-snapshots-"));
    this.directory = join(this.root, "project");
    this.datmo = join(this.directory, ".datmo");
    mkdirSync(this.datmo, { recursive: true });
    writeFileSync(join(this.datmo, ".gitignore"), "*\n");
  }

  get git(): string {
    return join(this.datmo, "git");
  }

  /** Small jobs stay on the main thread, as they do by default. */
  open(options: Partial<SnapshotStoreOptions> = {}): SnapshotStore {
    const store = openSnapshotStore({
      projectDirectory: this.directory,
      datmoDirectory: this.datmo,
      ...options,
    });
    this.#stores.push(store);
    return store;
  }

  path(...names: string[]): string {
    return join(this.directory, ...names);
  }

  /** Writes a file, making its folders. */
  write(path: string, content: string | Uint8Array, mode?: number): void {
    mkdirSync(dirname(this.path(path)), { recursive: true });
    writeFileSync(this.path(path), content);
    if (mode !== undefined) chmodSync(this.path(path), mode);
  }

  link(path: string, target: string): void {
    mkdirSync(dirname(this.path(path)), { recursive: true });
    symlinkSync(target, this.path(path));
  }

  remove(path: string): void {
    rmSync(this.path(path), { recursive: true, force: true });
  }

  /** Removes everything but `.datmo`. */
  clear(): void {
    for (const name of readdirSync(this.directory, { encoding: "buffer" })) {
      if (name.toString() === ".datmo") continue;
      rmSync(Buffer.concat([Buffer.from(`${this.directory}/`), name]), { recursive: true, force: true });
    }
  }

  /** As `close`, and fails unless stock git and git-lfs find the store whole, or the test has damaged it. */
  async closeWhole(): Promise<void> {
    try {
      if (existsSync(this.git) && !this.damaged) this.fsck();
    } finally {
      await this.close();
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.#stores.splice(0).map((store) => store.close().catch(() => undefined)));
    rmSync(this.root, { recursive: true, force: true });
  }

  /** Stock git on the hidden directory. */
  stockGit(...args: string[]): string {
    return git(["--git-dir", this.git, ...args], this.root);
  }

  /** Fails unless stock git finds nothing wrong. */
  fsck(): void {
    const args = ["--git-dir", this.git, "fsck", "--full", "--strict", "--no-dangling"];
    const { status, stdout, stderr } = spawnSync("git", args, {
      encoding: "utf8",
      env: cleanEnvironment(),
      // Git follows deltas that go round in circles until there is no memory left.
      timeout: 60_000,
    });
    assert.equal(status, 0, `${stdout}${stderr}`);
    // That rules are a link is the user's own choice, and no damage.
    const text = `${stdout}${stderr}`.replace(/^warning .*: git(?:ignore|attributes)Symlink: .*$/gm, "");
    assert.doesNotMatch(text, /error|missing|corrupt|broken|warning/i);
    this.lfsFsck();
  }

  /** Fails unless git-lfs finds every big file of the newest snapshot; nothing to do where none is stored. */
  lfsFsck(): void {
    const objects = join(this.git, "lfs", "objects");
    const tip = join(this.git, "refs", "heads", "datmo");
    if (!existsSync(objects) || readdirSync(objects).length === 0 || !existsSync(tip)) return;
    if (!canRun("git", "lfs", "version")) return;
    const where = ["--git-dir", this.git, "--work-tree", this.root];
    const { status, stdout, stderr } = spawnSync("git", [...where, "lfs", "fsck", "--objects"], {
      cwd: this.root,
      encoding: "utf8",
      env: { ...cleanEnvironment(), GIT_INDEX_FILE: join(this.root, "no-index") },
    });
    assert.equal(status, 0, `${stdout}${stderr}`);
  }

  /** Id that stock git gives the project's tree. Nested repositories must be taken apart by the caller. */
  nativeTree(): string {
    const gitDirectory = mkdtempSync(join(this.root, "native-"));
    git(["init", "-q", "--bare", gitDirectory], this.root);
    writeFileSync(join(gitDirectory, "info", "exclude"), ".datmo\n");
    const where = ["--git-dir", gitDirectory, "--work-tree", this.directory];
    git([...where, "-c", "core.autocrlf=false", "add", "-A", "."], this.directory);
    const tree = git([...where, "write-tree"], this.directory).trim();
    rmSync(gitDirectory, { recursive: true });
    return tree;
  }
}

/** A request to publish with everything that is not under test filled in. */
export function publishRequest(codeTree: string, more: Partial<PublishRequest> = {}): PublishRequest {
  const id = more.id ?? randomId();
  return {
    id,
    message: "a snapshot",
    createdAt: "2026-01-02T03:04:05Z",
    codeTree,
    environment: [],
    manifest: { v: 1, id },
    ...more,
  };
}

/** Captures the project and publishes it. */
export async function takeSnapshot(store: SnapshotStore): Promise<{ id: string; tree: string }> {
  const { treeId } = await store.captureCode();
  const request = publishRequest(treeId);
  await store.publish(request);
  return { id: request.id, tree: treeId };
}

/** Waits until what was written cannot be mistaken for what is written next. */
export function settle(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 30));
}

/** Everything in a folder but `.datmo`: kind, executable bit and content, by path (latin1). */
export function describeTree(directory: string): Record<string, string> {
  const found: Record<string, string> = {};
  const visit = (path: Buffer, name: string): void => {
    for (const entry of readdirSync(path, { encoding: "buffer" })) {
      if (name === "" && entry.toString() === ".datmo") continue;
      const full = Buffer.concat([path, Buffer.from("/"), entry]);
      const inside = name === "" ? entry.toString("latin1") : `${name}/${entry.toString("latin1")}`;
      const facts = lstatSync(full);
      if (facts.isDirectory()) {
        found[`${inside}/`] = "folder";
        visit(full, inside);
      } else if (facts.isSymbolicLink())
        found[inside] = `link ${readlinkSync(full, "buffer").toString("latin1")}`;
      else if (facts.isFile()) {
        const hash = createHash("sha1").update(readFileSync(full)).digest("hex");
        found[inside] = `${facts.mode & 0o100 ? "executable" : "file"} ${hash}`;
      } else found[inside] = "special";
    }
  };
  if (existsSync(directory)) visit(Buffer.from(directory), "");
  return found;
}

/** The same without folders, which git does not hold. */
export function describeFiles(directory: string): Record<string, string> {
  return Object.fromEntries(Object.entries(describeTree(directory)).filter(([, what]) => what !== "folder"));
}

export function git(args: readonly string[], directory: string): string {
  const names = ["-c", "user.name=test", "-c", "user.email=test@localhost"];
  return execFileSync("git", [...names, ...args], {
    cwd: directory,
    encoding: "utf8",
    env: cleanEnvironment(),
  });
}

/** The environment without what would point git elsewhere. */
export function cleanEnvironment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !name.startsWith("GIT_"));
  return { ...Object.fromEntries(kept), GIT_CONFIG_NOSYSTEM: "1", GIT_CONFIG_GLOBAL: "/dev/null" };
}

/** True when `DATMO_TEST_REQUIRE=all` or the tool is there: a test then runs, or fails because it cannot. */
export function canRun(command: string, ...args: string[]): boolean {
  if (process.env["DATMO_TEST_REQUIRE"] === "all") return true;
  return spawnSync(command, args, { stdio: "ignore" }).status === 0;
}
