import type { Activity } from "./activity.ts";
import type { FileSystem } from "./files/file-system.ts";
import { DamagedObject } from "./objects/damaged-object.ts";
import { EMPTY_TREE } from "./objects/object-id.ts";
import type { ObjectStore } from "./objects/object-store.ts";
import { readLeaves } from "./objects/tree-walk.ts";
import { pointerOf } from "./read-snapshot.ts";

/** What was taken and is named by nothing after this time is not waited for by a collector of garbage. */
const HOLD_MS = 600_000;
/** Announces work that has been done and whose result no reference and no record names yet. */
export class HeldWork {
  /** What ends the announcements of each tree of files; one for each time it was taken. */
  readonly #files = new Map<string, (() => void)[]>();
  #code:
    | {
        readonly activity: Activity;
        readonly tree: string;
        readonly purges: string;
        readonly release: () => void;
      }
    | undefined;

  /** Time of the file system when the code was last taken. */
  get codeTakenAt(): number | undefined {
    return this.#code?.activity.now;
  }

  /** The code was taken; what was taken before is of no use any more. `purges`: as `purgesDone` was when it began. */
  holdCode(activity: Activity, tree: string, purges: string): void {
    this.endCode();
    const release = timed(activity, () => {
      this.#code = undefined;
    });
    this.#code = { activity, tree, purges, release };
  }

  /** True when everything that the code needs has been announced ever since it was taken. */
  coversCode(purges: string): boolean {
    return this.#code?.purges === purges;
  }

  endCode(): void {
    this.#code?.release();
    this.#code = undefined;
  }

  /** Files were taken; whoever asked for it will name their tree soon. */
  holdFiles(activity: Activity, tree: string): void {
    const releases = this.#files.get(tree) ?? [];
    this.#files.set(tree, releases);
    releases.push(timed(activity, () => undefined));
  }

  /** A tree that was taken is named by a reference or a record now, or given up. */
  named(tree: string): void {
    if (this.#code?.tree === tree) this.endCode();
    const releases = this.#files.get(tree) ?? [];
    releases.pop()?.();
    if (releases.length === 0) this.#files.delete(tree);
  }

  end(): void {
    this.endCode();
    for (const release of [...this.#files.values()].flat()) release();
    this.#files.clear();
  }
}

function timed(activity: Activity, over: () => void): () => void {
  const timer = setTimeout(() => {
    over();
    activity.end();
  }, HOLD_MS);
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
