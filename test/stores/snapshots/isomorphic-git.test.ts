import assert from "node:assert/strict";
import fs from "node:fs";
import { afterEach, beforeEach, describe, it } from "node:test";
import git from "isomorphic-git";
import { openCollector } from "../../../src/store/snapshots/collect/collector.ts";
import { SnapshotProject, takeSnapshot } from "../../helpers/snapshot-project.ts";
import { seeded, sourceText, writeSourceTree } from "../../helpers/source-tree.ts";

/* Two programs that know nothing of datmo, git and isomorphic-git, find the same in a store. */

describe("isomorphic-git reads what git reads", () => {
  let project: SnapshotProject;
  let gitdir: string;
  beforeEach(async () => {
    project = new SnapshotProject();
    gitdir = project.git;
    const store = project.open();
    writeSourceTree(project.directory, 40);
    project.write("run.sh", "#!/bin/sh\n", 0o755);
    project.write("größe/日本.txt", "text\r\n");
    project.write("empty", "");
    project.write("big.bin", Buffer.alloc(5_000_000, "big"));
    project.link("link", "größe/日本.txt");
    const text = sourceText(seeded(3), 30_000);
    for (let i = 0; i < 5; i++) {
      project.write("log.txt", `${text.slice(0, 9_000)}line ${i}\n${text.slice(9_000)}`);
      await takeSnapshot(store);
    }
  });
  afterEach(() => project.closeWhole());

  it("in the packs that snapshots write", readsTheSame);

  it("in the deltas that collecting makes", async () => {
    const collector = openCollector({ datmoDirectory: project.datmo });
    await collector.collect({ dryRun: false, without: [], keptTrees: async () => [] });
    await readsTheSame();
  });

  async function readsTheSame(): Promise<void> {
    const refs = project.stockGit("for-each-ref", "--format=%(refname)").trim().split("\n");
    assert.equal(refs.length, 6);
    for (const ref of refs) {
      const log = await git.log({ fs, gitdir, ref });
      const lines = log.map(({ oid, commit }) =>
        `${oid} ${commit.tree} ${commit.parent.join(" ")}`.trimEnd(),
      );
      assert.deepEqual(lines.sort(), gitLines("log", "--format=%H %T %P", ref).sort());
      assert.deepEqual(await listed(ref), gitLines("ls-tree", "-r", "-t", "-z", ref).sort());
      assert.deepEqual(await walked(ref), await listed(ref));
    }
  }

  function gitLines(...args: string[]): string[] {
    return project
      .stockGit(...args)
      .split(/[\0\n]/)
      .map((line) => line.trimEnd())
      .filter((line) => line !== "");
  }

  /** Entries as `git ls-tree` prints them, each content held against what git shows. */
  async function listed(ref: string): Promise<string[]> {
    const found: string[] = [];
    const visit = async (oid: string, prefix: string): Promise<void> => {
      for (const { mode, type, path, oid: below } of (await git.readTree({ fs, gitdir, oid })).tree) {
        found.push(`${mode.padStart(6, "0")} ${type} ${below}\t${prefix}${path}`);
        if (type === "tree") await visit(below, `${prefix}${path}/`);
        else if (!contents.has(below)) await sameContent(below);
      }
    };
    const contents = new Set<string>();
    const sameContent = async (oid: string): Promise<void> => {
      contents.add(oid);
      const { blob } = await git.readBlob({ fs, gitdir, oid });
      assert.equal(Buffer.from(blob).toString("utf8"), project.stockGit("cat-file", "blob", oid));
    };
    await visit(await git.resolveRef({ fs, gitdir, ref }), "");
    return found.sort();
  }

  async function walked(ref: string): Promise<string[]> {
    const entries: string[] = await git.walk({
      fs,
      gitdir,
      trees: [git.TREE({ ref })],
      map: async (path, [entry]) => {
        if (!entry || path === ".") return undefined;
        const mode = (await entry.mode()).toString(8).padStart(6, "0");
        return `${mode} ${await entry.type()} ${await entry.oid()}\t${path}`;
      },
      reduce: async (parent, children) => [...(parent ? [parent] : []), ...children.flat()],
    });
    return entries.sort();
  }
});
