import { namesIn, removeIfThere, syncFolderNow } from "../files/file-system.ts";
import { removePack, retire } from "../objects/consolidate.ts";
import type { ObjectStore } from "../objects/object-store.ts";
import type { Pack } from "../objects/pack-set.ts";
import { smallestPacks } from "./pack-groups.ts";
import { entriesOf, packBytes, type RepackPlan } from "./repack-plan.ts";
import { removeFolderIfEmpty } from "./small-files.ts";
import type { TakeTurn } from "./turn-taker.ts";
import { hasEnded, workUnderWay } from "./work-under-way.ts";

export interface RepackContext {
  readonly now: number;
  readonly turn: TakeTurn;
  readonly signal?: AbortSignal;
  /** Milliseconds to wait for work under way. */
  readonly patienceMs: number;
  /** What is needed now, looked up afresh. */
  needed(): Promise<ReadonlySet<string>>;
}

/** Bytes that a plan would need on disk for what stays of it. */
export async function measureRepack(store: ObjectStore, plan: RepackPlan, turn: TakeTurn): Promise<number> {
  let bytes = 0;
  for await (const objects of smallestPacks(store, plan.copies, turn)) bytes += packBytes(objects);
  return bytes;
}

/**
 * Does what was planned: new packs first, then the old ones are marked, so that nobody relies on them any more, and
 * when all work that began before that has ended and what is needed was looked up again, they are removed. `done` is
 * false when some of that work went on: then the old packs stay marked, and go with a later call.
 */
export async function repack(
  store: ObjectStore,
  plan: RepackPlan,
  context: RepackContext,
): Promise<{ readonly done: boolean; readonly bytes: number }> {
  if (plan.packs.length === 0 && plan.loose.length === 0) return { done: true, bytes: 0 };
  const going = new Set(plan.packs.map((pack) => pack.name));
  const bytes = await writeAnew(store, plan.copies, going, context.turn);
  retire(store, [...going]);
  syncFolderNow(store.fs, store.packs.retiredFolder);
  // Listed after the marks: whoever is not in here sees the marks.
  const under = await workUnderWay(store, context.now);
  if (!(await hasEnded(store, under, context.patienceMs, context.signal))) return { done: false, bytes };
  await rescue(store, plan, await context.needed(), context.turn);
  for (const name of going) removePack(store, name);
  removeLoose(store, plan);
  store.packs.refresh();
  return { done: true, bytes };
}

async function writeAnew(
  store: ObjectStore,
  ids: readonly string[],
  going: ReadonlySet<string>,
  turn: TakeTurn,
): Promise<number> {
  let bytes = 0;
  for await (const objects of smallestPacks(store, ids, turn)) {
    const pack = await store.writePack(objects, (name) => going.has(name));
    store.packs.add(pack);
    bytes += pack.bytes + pack.index.memory.byteLength;
  }
  return bytes;
}

/** Writes anew what became needed meanwhile and is nowhere else. */
async function rescue(
  store: ObjectStore,
  plan: RepackPlan,
  needed: ReadonlySet<string>,
  turn: TakeTurn,
): Promise<void> {
  store.packs.refresh();
  const lost = new Set<string>();
  const look = (id: string): void => {
    if (needed.has(id) && !store.known(Buffer.from(id, "hex"))) lost.add(id);
  };
  for (const pack of plan.packs) for (const id of idsOf(pack)) look(id);
  for (const { id } of plan.loose) look(id);
  if (lost.size > 0) await writeAnew(store, [...lost], new Set(), turn);
}

function* idsOf(pack: Pack): Generator<string> {
  for (const [id] of entriesOf(pack)) yield id;
}

function removeLoose(store: ObjectStore, plan: RepackPlan): void {
  for (const { path } of plan.loose) removeIfThere(store.fs, path);
  for (const name of namesIn(store.fs, store.path("objects"))) {
    if (/^[0-9a-f]{2}$/.test(name)) removeFolderIfEmpty(store.fs, store.path("objects", name));
  }
}
