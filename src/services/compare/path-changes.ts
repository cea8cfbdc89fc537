import { errors } from "../../protocol/errors.ts";
import type { PathChange, PathSide } from "../../protocol/types.ts";
import { Breather } from "../../util/breather.ts";
import type { FileMode, SnapshotStore, TreeChange } from "../ports/snapshots.ts";
import type { AnswerRoom } from "./answer-room.ts";
import { type ContentSide, compareContent, type TextOptions } from "./content-change.ts";

export interface PathOptions {
  /** Only files at or below these. Absent: all. */
  readonly paths?: readonly string[];
  /** Compare contents. Absent: only which paths differ is told. */
  readonly text?: TextOptions;
  readonly signal?: AbortSignal;
}

/** Paths that differ between two trees, renames found, with their contents compared when that is asked for. */
export async function diffPaths(
  store: SnapshotStore,
  a: string | undefined,
  b: string | undefined,
  options: PathOptions,
  room: AnswerRoom,
): Promise<PathChange[]> {
  if (a === b) return [];
  const { paths, signal, text } = options;
  const changes = await store.diffTrees(a ?? null, b ?? null, {
    renames: true,
    ...(paths ? { paths } : {}),
    ...(signal ? { signal } : {}),
  });
  const breather = new Breather(signal, errors.CANCELLED);
  const told: PathChange[] = [];
  for (const change of changes) {
    await breather.take();
    told.push({ ...named(change), ...(text ? await withContent(store, change, text, room) : {}) });
  }
  return told;
}

function named({ path, status, from, similarity }: TreeChange): PathChange {
  return {
    path,
    status,
    ...(from === undefined ? {} : { from }),
    ...(similarity === undefined ? {} : { similarity }),
  };
}

async function withContent(
  store: SnapshotStore,
  change: TreeChange,
  options: TextOptions,
  room: AnswerRoom,
): Promise<Pick<PathChange, "a" | "b" | "content">> {
  const { path, from = path, oldId, oldMode, newId, newMode } = change;
  const [a, b] = await Promise.all([
    sideOf(store, from, oldId, oldMode),
    sideOf(store, path, newId, newMode),
  ]);
  return {
    ...(a ? { a: a.facts } : {}),
    ...(b ? { b: b.facts } : {}),
    content: await compareContent(a, b, options, room),
  };
}

async function sideOf(
  store: SnapshotStore,
  path: string,
  id: string | undefined,
  mode: FileMode | undefined,
): Promise<ContentSide | undefined> {
  if (id === undefined || mode === undefined) return undefined;
  const { bytes, lfsSha256 } = await store.contentFacts(id);
  const facts: PathSide = { mode, bytes, ...(lfsSha256 === undefined ? {} : { sha256: lfsSha256 }) };
  return { path, facts, key: id, read: () => store.readFile(id) };
}
