import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { RefUpdate, ShareTransport } from "../../src/services/ports/sharing.ts";
import { systemFiles } from "../../src/store/snapshots/files/file-system.ts";
import { Refs } from "../../src/store/snapshots/refs.ts";
import { openTransport } from "../../src/store/snapshots/transfer/transport.ts";
import { cleanEnvironment, git, SnapshotProject, takeSnapshot } from "./snapshot-project.ts";

/** Two projects and a folder of bare repositories. */
export class ShareFixture {
  readonly root = mkdtempSync(join(tmpdir(), "datmo-share-"));
  readonly home = join(this.root, "home");
  readonly remotes = join(this.root, "remotes");
  readonly here = new SnapshotProject(this.root);
  readonly there = new SnapshotProject(this.root);
  readonly variables: NodeJS.ProcessEnv;

  /** `git`: value of DATMO_GIT. */
  constructor(git: "" | "none", more: NodeJS.ProcessEnv = {}) {
    mkdirSync(this.home);
    mkdirSync(this.remotes);
    const { GIT_CONFIG_GLOBAL: _, ...plain } = cleanEnvironment();
    this.variables = { ...plain, HOME: this.home, XDG_CONFIG_HOME: this.home, DATMO_GIT: git, ...more };
  }

  transport(project: SnapshotProject, more: NodeJS.ProcessEnv = {}): ShareTransport {
    return openTransport({ datmoDirectory: project.datmo, environment: { ...this.variables, ...more } });
  }

  /** A bare repository; its path. */
  bare(name = "team.git"): string {
    const path = join(this.remotes, name);
    git(["init", "-q", "--bare", path], this.root);
    git(["--git-dir", path, "config", "http.receivepack", "true"], this.root);
    return path;
  }

  async close(): Promise<void> {
    await this.here.close();
    await this.there.close();
    rmSync(this.root, { recursive: true, force: true });
  }
}

/** Takes so many snapshots of a project that changes from one to the next. */
export async function takeSnapshots(
  project: SnapshotProject,
  count: number,
  files = 30,
): Promise<RefUpdate[]> {
  const store = project.open();
  for (let i = 0; i < files; i++) {
    project.write(`src/part${i % 4}/file${i}.txt`, `line of file ${i}\n`.repeat(40 + i));
  }
  const updates: RefUpdate[] = [];
  for (let i = 0; i < count; i++) {
    project.write("src/changing.txt", `state ${i} ${Math.random()}\n`.repeat(100));
    updates.push(updateOf(project, (await takeSnapshot(store)).id));
  }
  return updates;
}

/** What a push of a snapshot asks for. */
export function updateOf(project: SnapshotProject, id: string): RefUpdate & { commit: string } {
  const commit = new Refs(systemFiles, project.git).snapshot(id);
  assert.ok(commit);
  return { name: `refs/datmo/snapshots/${id}`, commit };
}

/** The same as what a list of a remote says. */
export function asRefs(updates: readonly RefUpdate[]): { name: string; commit: string }[] {
  return updates.map(({ name, commit }) => ({ name, commit: commit ?? "" }));
}

/** Gives what was fetched its references, as the service does. */
export async function adopt(project: SnapshotProject, updates: readonly RefUpdate[]): Promise<void> {
  const refs = new Refs(systemFiles, project.git);
  for (const { name, commit } of updates) {
    const id = name.slice("refs/datmo/snapshots/".length);
    if (commit && !refs.has(id)) await refs.create(id, commit);
  }
}

/** Fails unless stock git finds nothing wrong with a bare repository. */
export function fsckBare(path: string): void {
  const args = ["--git-dir", path, "fsck", "--full", "--strict", "--no-dangling"];
  const { status, stdout, stderr } = spawnSync("git", args, { encoding: "utf8", env: cleanEnvironment() });
  assert.equal(status, 0, `${stdout}${stderr}`);
  assert.doesNotMatch(`${stdout}${stderr}`, /error|missing|corrupt|broken|warning/i);
}

/** Nothing of an exchange is left behind. */
export function assertTidy(project: SnapshotProject): void {
  for (const folder of ["datmo/staging", "datmo/active", "datmo/tmp"]) {
    assert.deepEqual(names(join(project.git, folder)), [], folder);
  }
  const parts = names(join(project.git, "lfs", "tmp")).filter((name) => !name.startsWith("part-"));
  assert.deepEqual(parts, []);
  const packs = names(join(project.git, "objects", "pack"));
  assert.deepEqual(
    packs.filter((name) => name.startsWith("tmp_")),
    [],
  );
}

export function remoteRefs(path: string): string[] {
  return git(["--git-dir", path, "for-each-ref", "--format=%(objectname) %(refname)"], path)
    .split("\n")
    .filter((line) => line !== "");
}

function names(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
