import type { Activity } from "./activity.ts";
import type { FileSystem } from "./files/file-system.ts";
import { DamagedObject } from "./objects/damaged-object.ts";
import { EMPTY_TREE } from "./objects/object-id.ts";
import type { ObjectStore } from "./objects/object-store.ts";
import { readLeaves } from "./objects/tree-walk.ts";
import { pointerOf } from "./read-snapshot.ts";

/** What was taken and is named by nothing after this time is not waited for by a collector of garbage. */
const HOLD_MS = 600_000;
/** Files that are taken within this time are announced together. */
const TOGETHER_MS = 300_000;

/** Announces work that has been done and whose result no reference and no record names yet. */
export class HeldWork {
  readonly #files = new Set<() => void>();
  #filesSince = Number.NEGATIVE_INFINITY;
  #code: { readonly activity: Activity; readonly release: () => void; readonly purges: string } | undefined;

  /** Time of the file system when the code was last taken. */
  get codeTakenAt(): number | undefined {
    return this.#code?.activity.now;
  }

  /** The code was taken; what was taken before is of no use any more. `purges`: as `purgesDone` was when it began. */
  holdCode(activity: Activity, purges: string): void {
    this.endCode();
    const release = timed(activity, HOLD_MS, () => {
      this.#code = undefined;
    });
    this.#code = { activity, release, purges };
  }

  /** True when everything that the code needs has been announced ever since it was taken. */
  coversCode(purges: string): boolean {
    return this.#code?.purges === purges;
  }

  endCode(): void {
    this.#code?.release();
    this.#code = undefined;
  }

  /** Files were taken; whoever asked for it will name them soon. */
  holdFiles(activity: Activity): void {
    const now = performance.now();
    if (this.#files.size > 0 && now - this.#filesSince < TOGETHER_MS) {
      activity.end();
      return;
    }
    this.#filesSince = now;
    const release = timed(activity, HOLD_MS + TOGETHER_MS, () => this.#files.delete(release));
    this.#files.add(release);
  }

  end(): void {
    this.endCode();
    for (const release of this.#files) release();
    this.#files.clear();
  }
}

function timed(activity: Activity, milliseconds: number, over: () => void): () => void {
  const timer = setTimeout(() => {
    over();
    activity.end();
  }, milliseconds);
  timer.unref();
  return () => {
    clearTimeout(timer);
    activity.end();
  };
}

/** Changes whenever objects were removed for good, whatever needed them. */
export function purgesDone(fs: FileSystem, gitDirectory: string): string {
  const facts = fs.lstatSync(`${gitDirectory}/datmo/purges`, { throwIfNoEntry: false });
  return facts ? `${facts.ino} ${facts.mtimeMs}` : "";
}

/** Throws `DamagedObject` unless everything below a tree is in the store to stay. */
export async function requireWhole(store: ObjectStore, tree: string): Promise<void> {
  if (tree === EMPTY_TREE) return;
  store.packs.refresh();
  for (const { id, mode } of await readLeaves(store.reader, tree)) {
    const there = store.pending.has(id) || store.known(Buffer.from(id, "hex")) || store.reader.has(id);
    if (!there) throw new DamagedObject(id, "was removed meanwhile");
    if (mode === "120000") continue;
    const pointer = await pointerOf(store.reader, id, (await store.reader.facts(id)).size);
    if (pointer && !store.lfs.use(pointer)) throw new DamagedObject(pointer.sha256, "was removed meanwhile");
  }
}
