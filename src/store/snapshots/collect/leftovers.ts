import { join } from "node:path";
import { namesIn, removeIfThere } from "../files/file-system.ts";
import type { ObjectStore } from "../objects/object-store.ts";
import type { Refs } from "../refs.ts";
import { abandonedWork, activeFolder } from "./work-under-way.ts";

const HOUR_MS = 3_600_000;

export interface Leftover {
  readonly path: string;
  readonly bytes: number;
}

/** What killed processes left half written an hour ago or longer, and hints that name nothing any more. */
export async function listLeftovers(store: ObjectStore, refs: Refs, now: number): Promise<Leftover[]> {
  const old = now - HOUR_MS;
  const pack = store.path("objects", "pack");
  const orphans = new Set(store.packs.orphans());
  const isLock = (name: string): boolean => name.endsWith(".lock");
  return [
    ...oldFiles(store, pack, (name) => name.startsWith("tmp_") || orphans.has(name), old),
    ...looseTemporaries(store, old),
    ...oldFiles(store, store.path("lfs", "tmp"), () => true, old),
    ...oldFiles(store, store.path("datmo", "tmp"), () => true, old),
    ...[["datmo"], ["refs", "heads"], ["refs", "datmo", "snapshots"], [], ["info"]].flatMap((folder) =>
      oldFiles(store, store.path(...folder), isLock, old),
    ),
    ...(await abandonedWork(store, now)).flatMap((name) => leftover(store, join(activeFolder(store), name))),
    ...emptyHints(store, refs),
  ];
}

export function removeLeftovers(store: ObjectStore, leftovers: readonly Leftover[]): void {
  for (const { path } of leftovers) removeIfThere(store.fs, path);
}

function looseTemporaries(store: ObjectStore, before: number): Leftover[] {
  const folders = namesIn(store.fs, store.path("objects")).filter((name) => /^[0-9a-f]{2}$/.test(name));
  return folders.flatMap((name) =>
    oldFiles(store, store.path("objects", name), (file) => file.startsWith("tmp_obj_"), before),
  );
}

function oldFiles(
  store: ObjectStore,
  folder: string,
  isOurs: (name: string) => boolean,
  before: number,
): Leftover[] {
  return namesIn(store.fs, folder)
    .filter(isOurs)
    .flatMap((name) => leftover(store, join(folder, name), before));
}

function leftover(store: ObjectStore, path: string, before = Number.POSITIVE_INFINITY): Leftover[] {
  const facts = store.fs.lstatSync(path, { throwIfNoEntry: false });
  if (!facts || facts.isDirectory() || facts.mtimeMs >= before) return [];
  return [{ path, bytes: facts.size }];
}

/** `datmo/keys`: which snapshot holds a state. */
function emptyHints(store: ObjectStore, refs: Refs): Leftover[] {
  const live = new Set(refs.ids());
  const top = store.path("datmo", "keys");
  return namesIn(store.fs, top).flatMap((folder) =>
    namesIn(store.fs, join(top, folder)).flatMap((name) => {
      const path = join(top, folder, name);
      const id = store.fs.readFileSync(path).toString("utf8").trim();
      return live.has(id) ? [] : leftover(store, path);
    }),
  );
}
