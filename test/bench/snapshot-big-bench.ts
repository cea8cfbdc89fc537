import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import {
  appendFileSync,
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openCollector } from "../../src/store/snapshots/collect/collector.ts";
import { type Bench, type Figure, median } from "./bench.ts";
import {
  type BundledStore,
  bundledStore,
  change,
  commitNative,
  initNative,
  nativeGit,
  place,
  snapshot,
  spread,
  timed,
} from "./snapshot-place.ts";

/* Snapshots of much, of big files, and of many states; memory is that of a process of its own. */

const MANY = 200_000;
const BIG_FILES = 5;
const BIG_MEGABYTES = 200;
const STATES = 150;

export const benches: Bench[] = [
  {
    name: "200,000 files, nothing changed",
    goal: "≤ 1.3× a bare stat walk",
    run: () => withMany((at) => at.time),
  },
  { name: "200,000 files, peak memory", goal: "≤ 400 MB", run: () => withMany((at) => at.memory) },
  {
    name: "5 × 200 MB, stored",
    goal: "≤ 0.25× git add with git-lfs",
    run: () => withBigFiles((at) => at.stored),
  },
  { name: "5 × 200 MB, peak memory", goal: "≤ 80 MB", run: () => withBigFiles((at) => at.memory) },
  {
    name: "5 × 200 MB, nothing changed",
    goal: "as five small files, ± 2 ms",
    run: () => withBigFiles((at) => at.again),
  },
  { name: "150 snapshots with 10 changes each", goal: "≤ 1.2× one native repack", run: size },
];

interface Metered {
  readonly captures: number[];
  readonly walks: number[];
  readonly peakMegabytes: number;
}

function meter(bundle: BundledStore, project: string, rounds: number, mode = ""): Metered {
  const output = execFileSync(process.execPath, [bundle.meter, project, String(rounds), mode], {
    encoding: "utf8",
  });
  return JSON.parse(output) as Metered;
}

let many: { readonly time: Figure; readonly memory: Figure } | undefined;

/** Both figures come out of one project: it takes long to make. */
async function withMany(which: (at: NonNullable<typeof many>) => Figure): Promise<Figure> {
  many ??= await measureMany();
  return which(many);
}

async function measureMany(): Promise<NonNullable<typeof many>> {
  const root = mkdtempSync(join(tmpdir(), "datmo-bench-"));
  const bundle = await bundledStore();
  try {
    mkdirSync(join(root, ".datmo"));
    for (let i = 0; i < MANY; i++) {
      const folder = join(root, `d${Math.floor(i / 5000)}`, `e${Math.floor(i / 100)}`);
      if (i % 100 === 0) mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, `file-${i}.txt`), `${i}\n`);
    }
    const cold = meter(bundle, root, 1, "publish");
    meter(bundle, root, 1);
    const quiet = meter(bundle, root, 3);
    const { captures, walks } = meter(bundle, root, 9, "walk");
    // The first of each warms the caches.
    const times = { datmo: captures.slice(1), walk: walks.slice(1) };
    const [value, walk] = [median(times.datmo), median(times.walk)];
    const peak = quiet.peakMegabytes;
    return {
      time: { value, unit: "ms", ratio: value / walk, met: value / walk <= 1.3, detail: spread(times) },
      memory: {
        value: peak,
        unit: "MB",
        met: peak <= 400,
        detail: `cold, with all to be stored: ${cold.peakMegabytes.toFixed(0)} MB in ${(cold.captures[0] ?? 0).toFixed(0)} ms`,
      },
    };
  } finally {
    bundle.remove();
    rmSync(root, { recursive: true, force: true });
  }
}

let big: { readonly stored: Figure; readonly memory: Figure; readonly again: Figure } | undefined;

async function withBigFiles(which: (at: NonNullable<typeof big>) => Figure): Promise<Figure> {
  big ??= await measureBigFiles();
  return which(big);
}

async function measureBigFiles(): Promise<NonNullable<typeof big>> {
  const root = mkdtempSync(join(tmpdir(), "datmo-bench-"));
  const bundle = await bundledStore();
  const project = join(root, "project");
  const small = join(root, "small");
  try {
    for (const folder of [project, small]) mkdirSync(join(folder, ".datmo"), { recursive: true });
    for (let i = 0; i < BIG_FILES; i++) {
      writeRandom(join(project, `model${i}.bin`), BIG_MEGABYTES);
      writeFileSync(join(small, `model${i}.txt`), `${i}`);
    }
    const peaks: number[] = [];
    const times = await timed(3, {
      native: { before: () => initLfs(root, project), run: () => addLfs(root, project) },
      datmo: {
        before: () => rmSync(join(project, ".datmo", "git"), { recursive: true, force: true }),
        run: () => void peaks.push(meter(bundle, project, 1, "publish").peakMegabytes),
      },
    });
    const [value, native] = [median(times["datmo"] ?? []), median(times["native"] ?? [])];
    const peak = Math.max(...peaks);
    return {
      stored: {
        value,
        unit: "ms",
        ratio: value / native,
        met: value / native <= 0.25,
        detail: `${spread(times)}, each with its start`,
      },
      memory: {
        value: peak,
        unit: "MB",
        met: peak <= 80,
        detail: `${peaks.map((it) => it.toFixed(0)).join(", ")}`,
      },
      again: unchanged(bundle, project, small),
    };
  } finally {
    bundle.remove();
    rmSync(root, { recursive: true, force: true });
  }
}

function unchanged(bundle: BundledStore, project: string, small: string): Figure {
  meter(bundle, small, 2, "publish");
  const times = {
    datmo: meter(bundle, project, 9).captures.slice(1),
    small: meter(bundle, small, 9).captures.slice(1),
  };
  const [value, few] = [median(times.datmo), median(times.small)];
  return { value, unit: "ms", ratio: value / few, met: value <= few + 2, detail: spread(times) };
}

/** Bytes that nothing can make smaller. */
function writeRandom(path: string, megabytes: number): void {
  const file = openSync(path, "w");
  for (let i = 0; i < megabytes; i++) writeSync(file, randomBytes(1 << 20));
  closeSync(file);
}

function lfs(root: string, project: string, ...args: string[]): void {
  const where = [`--git-dir=${join(root, "native.git")}`, `--work-tree=${project}`];
  execFileSync("git", [...where, ...args], { cwd: project, stdio: "ignore" });
}

function initLfs(root: string, project: string): void {
  rmSync(join(root, "native.git"), { recursive: true, force: true });
  execFileSync("git", ["init", "-q", "--bare", join(root, "native.git")]);
  for (const [key, value] of Object.entries({
    clean: "git-lfs clean -- %f",
    smudge: "git-lfs smudge -- %f",
    process: "git-lfs filter-process",
    required: "true",
  })) {
    lfs(root, project, "config", `filter.lfs.${key}`, value);
  }
  mkdirSync(join(root, "native.git", "info"), { recursive: true });
  appendFileSync(
    join(root, "native.git", "info", "attributes"),
    "*.bin filter=lfs diff=lfs merge=lfs -text\n",
  );
  appendFileSync(join(root, "native.git", "info", "exclude"), ".datmo\n");
}

function addLfs(root: string, project: string): void {
  lfs(root, project, "add", "-A", ".");
}

/** The same history in both, as bytes of objects: ours after `gc`, native's after `repack -a -d`. */
async function size(): Promise<Figure> {
  const at = place(3000);
  const bundle = await bundledStore();
  const store = bundle.open({ projectDirectory: at.project, datmoDirectory: at.datmo });
  try {
    initNative(at);
    for (let round = 0; round < STATES; round++) {
      if (round > 0) change(at, round);
      await snapshot(store);
      commitNative(at);
    }
    const before = bytesIn(join(at.datmo, "git", "objects"));
    const began = performance.now();
    await collect(at.datmo);
    const milliseconds = performance.now() - began;
    const value = bytesIn(join(at.datmo, "git", "objects"));
    nativeGit(at, "repack", "-a", "-d", "-q");
    nativeGit(at, "prune");
    const native = bytesIn(join(at.git, "objects"));
    const ratio = value / native;
    const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(2)} MB`;
    return {
      value: value / 1e6,
      unit: "MB",
      ratio,
      met: ratio <= 1.2,
      detail: `native ${megabytes(native)}; before gc, merged packs not yet gone, ${megabytes(before)}; gc ${milliseconds.toFixed(0)} ms`,
    };
  } finally {
    await store.close();
    bundle.remove();
    at.remove();
  }
}

async function collect(datmoDirectory: string): Promise<void> {
  const collector = openCollector({ datmoDirectory });
  await collector.collect({ dryRun: false, without: [], keptTrees: async () => [] });
  await collector.close();
}

function bytesIn(directory: string): number {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0);
}
