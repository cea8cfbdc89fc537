import { execFileSync } from "node:child_process";
import { appendFileSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { build } from "esbuild";
import { randomId } from "../../src/domain/ids.ts";
import type { SnapshotStore } from "../../src/services/ports/snapshots.ts";
import type { openSnapshotStore } from "../../src/store/snapshots/snapshot-store.ts";
import { writeSourceTree } from "../helpers/source-tree.ts";
import { type Figure, median } from "./bench.ts";

/* What the benches of snapshots share: a project, native git beside it, and the store as it is shipped. */

/** Files that a round changes. */
export const CHANGED = 10;

export interface Place {
  readonly project: string;
  readonly datmo: string;
  readonly git: string;
  readonly paths: readonly string[];
  remove(): void;
}

export function place(count: number): Place {
  const root = mkdtempSync(join(tmpdir(), "datmo-bench-"));
  const project = join(root, "project");
  mkdirSync(join(project, ".datmo"), { recursive: true });
  const paths = writeSourceTree(project, count);
  const remove = (): void => rmSync(root, { recursive: true, force: true });
  return { project, datmo: join(project, ".datmo"), git: join(root, "native.git"), paths, remove };
}

export interface BundledStore {
  readonly open: typeof openSnapshotStore;
  /** A program that uses the store in a process of its own: `snapshot-meter.ts`. */
  readonly meter: string;
  remove(): void;
}

/** The store as it is shipped: bundled, so that its workers start as they do in the engine. */
export async function bundledStore(): Promise<BundledStore> {
  const outdir = mkdtempSync(join(tmpdir(), "datmo-bench-"));
  const folder = "src/store/snapshots";
  await build({
    entryPoints: {
      "snapshot-store": `${folder}/snapshot-store.ts`,
      "snapshot-worker": `${folder}/workers/snapshot-worker.ts`,
      "snapshot-meter": "test/fixtures/store/snapshot-meter.ts",
    },
    outdir,
    bundle: true,
    splitting: true,
    minify: true,
    format: "esm",
    platform: "node",
    target: "node20",
    outExtension: { ".js": ".js" },
    banner: { js: 'import{createRequire as __cr}from"node:module";const require=__cr(import.meta.url);' },
  });
  const module = (await import(pathToFileURL(join(outdir, "snapshot-store.js")).href)) as {
    openSnapshotStore: typeof openSnapshotStore;
  };
  return {
    open: module.openSnapshotStore,
    meter: join(outdir, "snapshot-meter.js"),
    remove: () => rmSync(outdir, { recursive: true, force: true }),
  };
}

export function nativeGit(at: Place, ...args: string[]): void {
  const names = ["-c", "user.name=bench", "-c", "user.email=bench@localhost", "-c", "gc.auto=0"];
  const where = [`--git-dir=${at.git}`, `--work-tree=${at.project}`];
  execFileSync("git", [...names, ...where, ...args], { cwd: at.project, stdio: "ignore" });
}

export function initNative(at: Place): void {
  rmSync(at.git, { recursive: true, force: true });
  execFileSync("git", ["init", "-q", "--bare", at.git]);
  appendFileSync(join(at.git, "info", "exclude"), ".datmo\n");
}

export function commitNative(at: Place): void {
  nativeGit(at, "add", "-A", ".");
  nativeGit(at, "commit", "-q", "--allow-empty", "-m", "bench");
}

export async function snapshot(store: SnapshotStore): Promise<string> {
  const { treeId } = await store.captureCode();
  const id = randomId();
  const createdAt = new Date().toISOString();
  await store.publish({
    id,
    message: "bench",
    createdAt,
    codeTree: treeId,
    environment: [],
    manifest: { v: 1 },
  });
  return treeId;
}

export function change(at: Place, round: number): void {
  for (let i = 0; i < CHANGED; i++) {
    const path = at.paths[(round * 7919 + i * 1999) % at.paths.length] as string;
    appendFileSync(path, `# ${round} ${i}\n`);
  }
}

export interface Candidate {
  before?(): void | Promise<void>;
  run(): unknown;
  after?(): Promise<void>;
}

/** Runs the candidates in turn; only `run` is timed, and the first round is not counted. */
export async function timed(
  rounds: number,
  candidates: Record<string, Candidate>,
): Promise<Record<string, number[]>> {
  const times: Record<string, number[]> = Object.fromEntries(
    Object.keys(candidates).map((name) => [name, []]),
  );
  for (let round = -1; round < rounds; round++) {
    for (const [name, candidate] of Object.entries(candidates)) {
      await candidate.before?.();
      const began = performance.now();
      await candidate.run();
      if (round >= 0) times[name]?.push(performance.now() - began);
      await candidate.after?.();
    }
  }
  return times;
}

export function compared(times: Record<string, number[]>, goal: number): Figure {
  const value = median(times["datmo"] ?? []);
  const ratio = value / median(times["native"] ?? []);
  return { value, unit: "ms", ratio, met: ratio <= goal, detail: spread(times) };
}

export function spread(times: Record<string, number[]>): string {
  return Object.entries(times)
    .map(([name, values]) => {
      const round = (value: number): string => value.toFixed(value < 10 ? 1 : 0);
      return `${name} ${round(median(values))} [${round(Math.min(...values))}..${round(Math.max(...values))}]`;
    })
    .join(", ");
}

/** What the machine allows: a list of names per folder and one `lstat` per file. */
export function statWalk(directory: string): number {
  let count = 0;
  for (const name of readdirSync(directory)) {
    if (name === ".datmo") continue;
    const path = `${directory}/${name}`;
    if (lstatSync(path).isDirectory()) count += statWalk(path);
    else count++;
  }
  return count;
}
