import type { CollectedKind, CollectReport, CollectRequest } from "../../../services/ports/collecting.ts";
import type { WorkOptions } from "../../../services/ports/snapshots.ts";
import type { ObjectStore } from "../objects/object-store.ts";
import type { Refs } from "../refs.ts";
import { type BigFilePlan, planBigFiles, putBack, removeBigFiles } from "./big-files.ts";
import { type Leftover, listLeftovers, removeLeftovers } from "./leftovers.ts";
import { bigFilesOf, reach } from "./reach.ts";
import { measureRepack, repack } from "./repack.ts";
import { planRepack, type RepackPlan } from "./repack-plan.ts";
import { allRoots, ownTrees, type Roots, readRoots } from "./roots.ts";
import { fileSystemTime } from "./small-files.ts";
import { type TakeTurn, turnTaker } from "./turn-taker.ts";
import { workUnderWay } from "./work-under-way.ts";

interface Plan {
  readonly roots: Roots;
  readonly packs: RepackPlan;
  readonly bigFiles: BigFilePlan;
  readonly leftovers: readonly Leftover[];
  readonly now: number;
}

/** Removes what no reference, record or work under way needs. In a dry run only says what that is. */
export async function collect(
  store: ObjectStore,
  refs: Refs,
  request: CollectRequest,
  options: WorkOptions & { readonly patienceMs: number },
): Promise<CollectReport> {
  if (!store.fs.lstatSync(store.path("HEAD"), { throwIfNoEntry: false })) return reportOf(undefined, true, 0);
  const turn = turnTaker(options.signal);
  if (!request.dryRun) putBack(store);
  options.progress?.({ message: "Looking for what is needed" });
  const plan = await makePlan(store, refs, request, turn);
  if (request.dryRun) return reportOf(plan, true, await measureRepack(store, plan.packs, turn));
  await moveTip(refs, plan.roots);
  options.progress?.({ message: "Removing big files" });
  await removeBigFiles(store, plan.bigFiles, turn);
  removeLeftovers(store, plan.leftovers);
  options.progress?.({ message: "Merging packs" });
  const { done, bytes } = await repack(store, plan.packs, {
    now: plan.now,
    turn,
    ...(options.signal ? { signal: options.signal } : {}),
    patienceMs: options.patienceMs,
    needed: async () => {
      store.packs.refresh();
      return reach(store, allRoots(await readRoots(store, refs, await request.keptTrees())), turn);
    },
  });
  return reportOf(plan, done, bytes);
}

async function makePlan(
  store: ObjectStore,
  refs: Refs,
  request: CollectRequest,
  turn: TakeTurn,
): Promise<Plan> {
  const now = fileSystemTime(store);
  // Before the references are read: work that ends in between has named what it needs by then.
  const oldestWork = Math.min(...(await workUnderWay(store, now)).map(({ since }) => since));
  const without = new Set(request.without);
  store.packs.refresh();
  const roots = await readRoots(store, refs, await request.keptTrees(), without);
  const packs = await planRepack(store, await reach(store, allRoots(roots), turn), now, turn);
  const bigFiles = planBigFiles(store, await bigFilesOf(store, ownTrees(roots), turn), now, oldestWork);
  return { roots, packs, bigFiles, leftovers: await listLeftovers(store, refs, now), now };
}

/** What only the tip kept is not kept by it any more. */
async function moveTip(refs: Refs, { tip }: Roots): Promise<void> {
  if (tip === refs.tip()) return;
  if (tip) await refs.moveTip(tip);
  else await refs.removeTip();
}

/** `anew`: bytes of the new packs. Old packs that are only marked go with a later call. */
function reportOf(plan: Plan | undefined, done: boolean, anew: number): CollectReport {
  const nothing = { count: 0, bytes: 0 };
  const kinds: Record<CollectedKind, { count: number; bytes: number }> = {
    objects: nothing,
    packs: nothing,
    bigFiles: nothing,
    leftovers: nothing,
  };
  if (!plan) return { kinds, laterBytes: 0 };
  const { packs, bigFiles, leftovers } = plan;
  const young = sum(bigFiles.young);
  kinds.bigFiles = { count: bigFiles.going.length, bytes: sum(bigFiles.going) };
  kinds.leftovers = { count: leftovers.length, bytes: sum(leftovers) };
  if (!done) return { kinds, laterBytes: young + Math.max(0, packs.before - anew) };
  kinds.objects = packs.garbage;
  kinds.packs = { count: packs.packs.length, bytes: packs.before - anew - packs.garbage.bytes };
  return { kinds, laterBytes: young };
}

function sum(files: readonly { readonly bytes: number }[]): number {
  return files.reduce((bytes, file) => bytes + file.bytes, 0);
}
