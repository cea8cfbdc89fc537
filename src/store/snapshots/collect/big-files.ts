import { dirname, join } from "node:path";
import { namesIn, removeIfThere } from "../files/file-system.ts";
import type { ObjectStore } from "../objects/object-store.ts";
import type { TakeTurn } from "./turn-taker.ts";

/** A younger one may belong to what a run has just kept and not told yet. */
const AGE_MS = 3_600_000;

export interface StoredBigFile {
  readonly sha256: string;
  readonly bytes: number;
  readonly changedAt: number;
}

export interface BigFilePlan {
  readonly going: readonly StoredBigFile[];
  /** Of no use, and too young to go. */
  readonly young: readonly StoredBigFile[];
}

export function listBigFiles(store: ObjectStore): StoredBigFile[] {
  const found: StoredBigFile[] = [];
  const top = store.path("lfs", "objects");
  for (const a of namesIn(store.fs, top)) {
    for (const b of namesIn(store.fs, join(top, a))) {
      for (const name of namesIn(store.fs, join(top, a, b))) {
        const facts = store.fs.lstatSync(join(top, a, b, name), { throwIfNoEntry: false });
        if (!facts?.isFile() || store.lfs.path(name) !== join(top, a, b, name)) continue;
        if (/^[0-9a-f]{64}$/.test(name))
          found.push({ sha256: name, bytes: facts.size, changedAt: facts.mtimeMs });
      }
    }
  }
  return found;
}

/** `oldestWork`: when the oldest work under way began; what is younger may belong to it. */
export function planBigFiles(
  store: ObjectStore,
  needed: ReadonlySet<string>,
  now: number,
  oldestWork: number,
): BigFilePlan {
  const going: StoredBigFile[] = [];
  const young: StoredBigFile[] = [];
  for (const file of listBigFiles(store)) {
    if (needed.has(file.sha256)) continue;
    (file.changedAt < Math.min(now - AGE_MS, oldestWork) ? going : young).push(file);
  }
  return { going, young };
}

/**
 * Removes big files. Whoever relies on one stamps it first (`LfsStore.use`): so each is moved aside, looked at again,
 * and put back when it was stamped meanwhile; a stamp that comes later finds nothing and the file is stored again.
 */
export async function removeBigFiles(store: ObjectStore, plan: BigFilePlan, turn: TakeTurn): Promise<void> {
  for (const file of plan.going) {
    await turn();
    removeBigFile(store, file.sha256, file.changedAt);
  }
}

/** Without `changedAt` it goes in any case. */
export function removeBigFile(store: ObjectStore, sha256: string, changedAt?: number): void {
  const { fs } = store;
  const path = store.lfs.path(sha256);
  const aside = join(asideFolder(store), sha256);
  fs.mkdirSync(asideFolder(store), { recursive: true, mode: 0o700 });
  if (!fs.lstatSync(path, { throwIfNoEntry: false })) return;
  fs.renameSync(path, aside);
  const stamped = changedAt !== undefined && fs.lstatSync(aside).mtimeMs !== changedAt;
  if (stamped && !fs.lstatSync(path, { throwIfNoEntry: false })) fs.renameSync(aside, path);
  else removeIfThere(fs, aside);
}

/** Big files that a collector which was killed has moved aside: back where they were, unless they are there. */
export function putBack(store: ObjectStore): void {
  const { fs } = store;
  for (const name of namesIn(fs, asideFolder(store))) {
    if (!/^[0-9a-f]{64}$/.test(name)) continue;
    const path = store.lfs.path(name);
    if (fs.lstatSync(path, { throwIfNoEntry: false })) removeIfThere(fs, join(asideFolder(store), name));
    else {
      fs.mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
      fs.renameSync(join(asideFolder(store), name), path);
    }
  }
}

function asideFolder(store: ObjectStore): string {
  return store.path("lfs", "aside");
}
