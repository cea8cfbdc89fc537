import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { RefUpdate } from "../../src/services/ports/sharing.ts";
import { openTransport } from "../../src/store/snapshots/transfer/transport.ts";
import { asRefs, updateOf } from "../helpers/share-fixture.ts";
import { cleanEnvironment, SnapshotProject, takeSnapshot } from "../helpers/snapshot-project.ts";
import { writeSourceTree } from "../helpers/source-tree.ts";
import { type Bench, type Figure, interleaved, median } from "./bench.ts";

/* Twenty snapshots of 3,000 files, ten of them changed from one to the next, to and from a repository on this disk. */

const FILES = 3000;
const SNAPSHOTS = 20;
const ROUNDS = 5;

export const benches: Bench[] = [
  { name: "push 20 snapshots of 3,000 files", goal: "told", run: push },
  { name: "pull 20 snapshots of 3,000 files", goal: "told", run: pull },
];

async function push(): Promise<Figure> {
  return withSnapshots(async ({ project, updates, folder }) => {
    const specs = updates.map(({ name, commit }) => `${commit}:${name}`);
    const ours = (tool: string) => async (): Promise<void> => {
      await transport(project.datmo, tool).push(bare(folder), updates);
    };
    const times = await interleaved(ROUNDS, {
      datmo: ours(""),
      "datmo without git": ours("none"),
      native: () => void git("--git-dir", project.git, "push", "-q", bare(folder), ...specs),
    });
    return figure(times);
  });
}

async function pull(): Promise<Figure> {
  return withSnapshots(async ({ project, updates, folder }) => {
    const from = bare(folder);
    await transport(project.datmo, "").push(from, updates);
    const targets: SnapshotProject[] = [];
    const ours = (tool: string) => async (): Promise<void> => {
      const target = new SnapshotProject(folder);
      targets.push(target);
      await transport(target.datmo, tool).fetch(from, asRefs(updates));
    };
    const times = await interleaved(ROUNDS, {
      datmo: ours(""),
      "datmo without git": ours("none"),
      native: () => void git("--git-dir", bare(folder), "fetch", "-q", from, "refs/datmo/*:refs/datmo/*"),
    });
    for (const target of targets) await target.close();
    return figure(times);
  });
}

interface Taken {
  readonly project: SnapshotProject;
  readonly updates: readonly RefUpdate[];
  readonly folder: string;
}

async function withSnapshots(measure: (taken: Taken) => Promise<Figure>): Promise<Figure> {
  const folder = mkdtempSync(join(tmpdir(), "datmo-share-bench-"));
  const project = new SnapshotProject(folder);
  try {
    const store = project.open();
    writeSourceTree(project.directory, FILES);
    const updates: RefUpdate[] = [];
    for (let i = 0; i < SNAPSHOTS; i++) {
      for (let n = 0; n < 10; n++) project.write(`changing/file${n}.txt`, `state ${i} of ${n}\n`.repeat(200));
      updates.push(updateOf(project, (await takeSnapshot(store)).id));
    }
    return await measure({ project, updates, folder });
  } finally {
    await project.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

function transport(datmoDirectory: string, tool: string): ReturnType<typeof openTransport> {
  return openTransport({ datmoDirectory, environment: { ...cleanEnvironment(), DATMO_GIT: tool } });
}

function bare(folder: string): string {
  const path = mkdtempSync(join(folder, "bare-"));
  git("init", "-q", "--bare", path);
  return path;
}

function git(...args: string[]): void {
  execFileSync("git", args, { env: cleanEnvironment() });
}

function figure(times: Record<string, number[]>): Figure {
  const value = median(times["datmo"] ?? []);
  const detail = Object.entries(times)
    .map(([name, list]) => `${name} ${median(list).toFixed(0)}`)
    .join(", ");
  return { value, unit: "ms", ratio: value / median(times["native"] ?? []), detail };
}
