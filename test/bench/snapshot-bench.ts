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
import { type Bench, type Figure, interleaved, median } from "./bench.ts";

/* Snapshots against native git (`add -A` + `commit`, its own git directory, gc off) in the same run. */

const ROUNDS = 7;
const CHANGED = 10;

export const benches: Bench[] = [
  ...[3000, 20_000].flatMap((count): Bench[] => {
    const files = `${count.toLocaleString("en")} files`;
    return [
      { name: `${files}, cold`, goal: "≤ 0.6× native git", run: () => cold(count, 0.6) },
      { name: `${files}, nothing changed`, goal: "≤ 1.0× native git", run: () => again(count, 0, 1) },
      {
        name: `${files}, ${CHANGED} changed`,
        goal: "≤ 1.0× native git",
        run: () => again(count, CHANGED, 1),
      },
      {
        name: `${files}, into an empty folder`,
        goal: "≤ 2× git read-tree -u --reset",
        run: () => restored(count),
      },
    ];
  }),
  {
    name: "3,000 files unchanged, fresh process",
    goal: "≤ 2× a bare stat walk, or 30 ms more",
    run: () => freshProcess(3000),
  },
  { name: "difference of two snapshots of 20,000 files", goal: "≤ 60 ms", run: () => difference(20_000) },
];

interface Place {
  readonly project: string;
  readonly datmo: string;
  readonly git: string;
  readonly paths: readonly string[];
  remove(): void;
}

function place(count: number): Place {
  const root = mkdtempSync(join(tmpdir(), "datmo-bench-"));
  const project = join(root, "project");
  mkdirSync(join(project, ".datmo"), { recursive: true });
  const paths = writeSourceTree(project, count);
  const remove = (): void => rmSync(root, { recursive: true, force: true });
  return { project, datmo: join(project, ".datmo"), git: join(root, "native.git"), paths, remove };
}

/** The store as it is shipped: bundled, so that its workers start as they do in the engine. */
async function bundledStore(): Promise<{ open: typeof openSnapshotStore; remove(): void }> {
  const outdir = mkdtempSync(join(tmpdir(), "datmo-bench-"));
  const folder = "src/store/snapshots";
  await build({
    entryPoints: {
      "snapshot-store": `${folder}/snapshot-store.ts`,
      "snapshot-worker": `${folder}/workers/snapshot-worker.ts`,
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
  return { open: module.openSnapshotStore, remove: () => rmSync(outdir, { recursive: true, force: true }) };
}

function nativeGit(at: Place, ...args: string[]): void {
  const names = ["-c", "user.name=bench", "-c", "user.email=bench@localhost", "-c", "gc.auto=0"];
  const where = [`--git-dir=${at.git}`, `--work-tree=${at.project}`];
  execFileSync("git", [...names, ...where, ...args], { cwd: at.project, stdio: "ignore" });
}

function initNative(at: Place): void {
  rmSync(at.git, { recursive: true, force: true });
  execFileSync("git", ["init", "-q", "--bare", at.git]);
  appendFileSync(join(at.git, "info", "exclude"), ".datmo\n");
}

function commitNative(at: Place): void {
  nativeGit(at, "add", "-A", ".");
  nativeGit(at, "commit", "-q", "--allow-empty", "-m", "bench");
}

async function snapshot(store: SnapshotStore): Promise<string> {
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

function change(at: Place, round: number): void {
  for (let i = 0; i < CHANGED; i++) {
    const path = at.paths[(round * 7919 + i * 1999) % at.paths.length] as string;
    appendFileSync(path, `# ${round} ${i}\n`);
  }
}

async function cold(count: number, goal: number): Promise<Figure> {
  const at = place(count);
  const bundle = await bundledStore();
  // Keeps the shared workers alive between the samples, as in an engine that has been at work.
  const resident = bundle.open({ projectDirectory: at.project, datmoDirectory: join(at.datmo, "warm") });
  mkdirSync(join(at.datmo, "warm"));
  await resident.captureCode();
  let store = resident;
  const times = await timed(ROUNDS, {
    native: { before: () => initNative(at), run: () => commitNative(at) },
    datmo: {
      before: () => {
        rmSync(join(at.datmo, "git"), { recursive: true, force: true });
        store = bundle.open({ projectDirectory: at.project, datmoDirectory: at.datmo });
      },
      run: () => snapshot(store),
      after: () => store.close(),
    },
  });
  await resident.close();
  bundle.remove();
  at.remove();
  return compared(times, goal);
}

async function again(count: number, changed: number, goal: number): Promise<Figure> {
  const at = place(count);
  const bundle = await bundledStore();
  initNative(at);
  commitNative(at);
  const store = bundle.open({ projectDirectory: at.project, datmoDirectory: at.datmo });
  await snapshot(store);
  await new Promise((resolve) => setTimeout(resolve, 50));
  await snapshot(store);
  let round = 0;
  const prepare = async (): Promise<void> => {
    if (changed > 0) change(at, round++);
    await new Promise((resolve) => setTimeout(resolve, 30));
  };
  const times = await timed(ROUNDS * 2, {
    native: { before: prepare, run: () => commitNative(at) },
    // Nothing changed: no snapshot is made, the tree that comes out is the one that is there.
    datmo: { before: prepare, run: changed > 0 ? () => snapshot(store) : () => store.captureCode() },
    walk: { run: () => statWalk(at.project) },
    ...(changed > 0 ? {} : { both: { run: () => snapshot(store) } }),
  });
  await store.close();
  bundle.remove();
  at.remove();
  return compared(times, goal);
}

async function restored(count: number): Promise<Figure> {
  const at = place(count);
  const bundle = await bundledStore();
  initNative(at);
  commitNative(at);
  const store = bundle.open({ projectDirectory: at.project, datmoDirectory: at.datmo });
  const treeId = await snapshot(store);
  const target = join(at.git, "..", "target");
  const empty = (): void => {
    rmSync(target, { recursive: true, force: true });
    mkdirSync(target);
  };
  const readTree = ["read-tree", "-u", "--reset", "HEAD"];
  const where = [`--git-dir=${at.git}`, `--work-tree=${target}`];
  const index = join(at.git, "..", "index");
  const native = (): void => {
    execFileSync("git", [...where, ...readTree], {
      cwd: target,
      env: { ...process.env, GIT_INDEX_FILE: index },
    });
  };
  const clear = (): void => {
    empty();
    rmSync(index, { force: true });
  };
  const emptied = await treeOfNothing(store);
  const times = await timed(count > 10_000 ? 3 : ROUNDS, {
    native: { before: clear, run: native },
    datmo: { before: empty, run: () => store.exportTree(treeId, target) },
    checkout: {
      before: () => {
        for (const name of readdirSync(at.project)) {
          if (name !== ".datmo") rmSync(join(at.project, name), { recursive: true });
        }
      },
      run: () =>
        store.restore({
          targetTree: treeId,
          heldTree: emptied,
          targetId: randomId(),
          heldId: randomId(),
          displace: false,
        }),
    },
  });
  await store.close();
  bundle.remove();
  at.remove();
  return compared(times, 2);
}

async function treeOfNothing(store: SnapshotStore): Promise<string> {
  return (await store.captureFiles([])).treeId;
}

async function freshProcess(count: number): Promise<Figure> {
  const at = place(count);
  const bundle = await bundledStore();
  const times: Record<string, number[]> = { walk: [], datmo: [] };
  const first = bundle.open({ projectDirectory: at.project, datmoDirectory: at.datmo });
  await snapshot(first);
  await new Promise((resolve) => setTimeout(resolve, 50));
  await snapshot(first);
  await first.close();
  const rounds = await interleaved(ROUNDS, {
    walk: () => void statWalk(at.project),
    datmo: async () => {
      const store = bundle.open({ projectDirectory: at.project, datmoDirectory: at.datmo });
      await store.captureCode();
      await store.close();
    },
  });
  Object.assign(times, rounds);
  bundle.remove();
  at.remove();
  const walk = median(times["walk"] ?? []);
  const value = median(times["datmo"] ?? []);
  return {
    value,
    unit: "ms",
    ratio: value / walk,
    met: value <= Math.max(2 * walk, walk + 30),
    detail: spread(times),
  };
}

async function difference(count: number): Promise<Figure> {
  const at = place(count);
  const bundle = await bundledStore();
  const store = bundle.open({ projectDirectory: at.project, datmoDirectory: at.datmo });
  const before = await snapshot(store);
  change(at, 1);
  const after = await snapshot(store);
  const times = await interleaved(ROUNDS, {
    datmo: async () => {
      const changes = await store.diffTrees(before, after);
      if (changes.length !== CHANGED) throw new Error(`${changes.length} changes were found`);
    },
  });
  await store.close();
  bundle.remove();
  at.remove();
  const value = median(times["datmo"] ?? []);
  return { value, unit: "ms", met: value <= 60, detail: spread(times) };
}

interface Candidate {
  before?(): void | Promise<void>;
  run(): unknown;
  after?(): Promise<void>;
}

/** Runs the candidates in turn; only `run` is timed, and the first round is not counted. */
async function timed(
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

function compared(times: Record<string, number[]>, goal: number): Figure {
  const value = median(times["datmo"] ?? []);
  const ratio = value / median(times["native"] ?? []);
  return { value, unit: "ms", ratio, met: ratio <= goal, detail: spread(times) };
}

function spread(times: Record<string, number[]>): string {
  return Object.entries(times)
    .map(([name, values]) => {
      const round = (value: number): string => value.toFixed(value < 10 ? 1 : 0);
      return `${name} ${round(median(values))} [${round(Math.min(...values))}..${round(Math.max(...values))}]`;
    })
    .join(", ");
}

/** What the machine allows: a list of names per folder and one `lstat` per file. */
function statWalk(directory: string): number {
  let count = 0;
  for (const name of readdirSync(directory)) {
    if (name === ".datmo") continue;
    const path = `${directory}/${name}`;
    if (lstatSync(path).isDirectory()) count += statWalk(path);
    else count++;
  }
  return count;
}
