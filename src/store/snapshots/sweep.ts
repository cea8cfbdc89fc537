import { namesIn, removeIfThere } from "./files/file-system.ts";
import type { ObjectStore } from "./objects/object-store.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** Removes what killed processes left half written long ago. `now` is the file system's time. */
export function sweep(store: ObjectStore, now: number): void {
  store.packs.sweep(now);
  store.lfs.sweep(now);
  sweepFolder(store, ["datmo", "tmp"], () => true, now - HOUR_MS);
  sweepFolder(store, ["datmo", "active"], () => true, now - DAY_MS);
  for (const folder of [["datmo"], ["refs", "heads"], ["refs", "datmo", "snapshots"]]) {
    sweepFolder(store, folder, (name) => name.endsWith(".lock"), now - HOUR_MS);
  }
}

function sweepFolder(
  store: ObjectStore,
  folder: readonly string[],
  isOurs: (name: string) => boolean,
  before: number,
): void {
  for (const name of namesIn(store.fs, store.path(...folder))) {
    if (!isOurs(name)) continue;
    const path = store.path(...folder, name);
    const facts = store.fs.lstatSync(path, { throwIfNoEntry: false });
    if (!facts) continue;
    if (!facts.isDirectory() && facts.mtimeMs < before) removeIfThere(store.fs, path);
    // What lies in a folder may be younger than the folder.
    if (facts.isDirectory() && facts.mtimeMs < before - DAY_MS)
      store.fs.rmSync(path, { recursive: true, force: true, maxRetries: 3 });
  }
}
