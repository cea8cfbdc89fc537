import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { randomId } from "../../src/domain/ids.ts";
import { diffStates } from "../../src/services/compare/state-diff.ts";
import type { SnapshotStore } from "../../src/services/ports/snapshots.ts";
import { type Bench, type Figure, interleaved, median } from "./bench.ts";
import {
  bundledStore,
  CHANGED,
  change,
  commitNative,
  compared,
  initNative,
  place,
  snapshot,
  spread,
  statWalk,
  timed,
} from "./snapshot-place.ts";

/* Snapshots against native git (`add -A` + `commit`, its own git directory, gc off) in the same run. */

const ROUNDS = 7;

const GOALS = [
  { count: 3000, cold: 0.5, warm: 0.8 },
  { count: 20_000, cold: 0.4, warm: 1 },
];

export const benches: Bench[] = [
  ...GOALS.flatMap(({ count, cold, warm }): Bench[] => {
    const files = `${count.toLocaleString("en")} files`;
    return [
      { name: `${files}, cold`, goal: `≤ ${cold}× native git`, run: () => coldly(count, cold) },
      {
        name: `${files}, nothing changed`,
        goal: `≤ ${warm}× native git`,
        run: () => again(count, 0, warm),
      },
      {
        name: `${files}, ${CHANGED} changed`,
        goal: `≤ ${warm}× native git`,
        run: () => again(count, CHANGED, warm),
      },
      {
        name: `${files}, into an empty folder`,
        goal: "≤ 2× git read-tree -u --reset; stretch 1.3×",
        run: () => restored(count),
      },
    ];
  }),
  {
    name: "3,000 files unchanged, fresh process",
    goal: "≤ 2× a bare stat walk, or 30 ms more",
    run: () => freshProcess(3000),
  },
  {
    name: "difference of two snapshots of 20,000 files, with the text of 10",
    goal: "≤ 60 ms",
    run: () => difference(20_000),
  },
];

async function coldly(count: number, goal: number): Promise<Figure> {
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
    "datmo with their text": async () => {
      const { code } = await diffStates(store, { codeTree: before }, { codeTree: after }, { text: "full" });
      const told = code.filter(({ content }) => content?.hunks !== undefined);
      if (told.length !== CHANGED) throw new Error(`${told.length} texts were compared`);
    },
  });
  await store.close();
  bundle.remove();
  at.remove();
  const value = median(times["datmo with their text"] ?? []);
  return { value, unit: "ms", met: value <= 60, detail: spread(times) };
}
