import { errors } from "../../protocol/errors.ts";
import type { ReadSnapshot, TreeFile } from "../../services/ports/snapshots.ts";
import type { JsonObject } from "../../util/json.ts";
import { canBePointer, type LfsPointer, parsePointer } from "./lfs/lfs-pointer.ts";
import type { LfsStore } from "./lfs/lfs-store.ts";
import { parseCommit } from "./objects/commit-format.ts";
import { DamagedObject } from "./objects/damaged-object.ts";
import type { ObjectReader } from "./objects/object-reader.ts";
import type { TreeEntry } from "./objects/tree-format.ts";
import { readLeaves, readTree } from "./objects/tree-walk.ts";
import { ENVIRONMENT, FILES, MANIFEST } from "./publish.ts";
import type { Refs } from "./refs.ts";

const DEFAULT_LIMIT = 64 * 1024 * 1024;

/** Reads and proves a snapshot's own objects. Throws SNAPSHOT_NOT_FOUND and `DamagedObject`. */
export async function readSnapshot(reader: ObjectReader, refs: Refs, id: string): Promise<ReadSnapshot> {
  const commitId = refs.snapshot(id);
  if (!commitId) {
    if (refs.has(id)) throw new DamagedObject(id, "has a damaged reference");
    throw errors.SNAPSHOT_NOT_FOUND({ id });
  }
  const commit = parseCommit(await reader.readAs(commitId, "commit"));
  const [codeCommit] = commit.parents;
  if (!codeCommit) throw new DamagedObject(commitId, "names no code");
  const { tree: codeTree } = parseCommit(await reader.readAs(codeCommit, "commit"));
  const entries = new Map((await readTree(reader, commit.tree)).map((entry) => [entry.name, entry]));
  const manifest = await readManifest(reader, commit.tree, entries.get(MANIFEST));
  const filesTree = entries.get(FILES)?.id;
  const environmentTree = entries.get(ENVIRONMENT)?.id;
  return {
    id,
    commitId,
    codeTree,
    ...(filesTree ? { filesTree } : {}),
    ...(environmentTree ? { environmentTree } : {}),
    manifest,
  };
}

/** Files and links of a tree with the sizes of their contents, big files resolved. */
export async function listTree(reader: ObjectReader, tree: string): Promise<TreeFile[]> {
  const files: TreeFile[] = [];
  for (const { path, mode, id } of await readLeaves(reader, tree)) {
    const kind = mode === "120000" ? "link" : mode === "100755" ? "executable" : "file";
    const { size } = await reader.facts(id);
    const pointer = kind === "link" ? undefined : await pointerOf(reader, id, size);
    files.push({
      path,
      mode: kind,
      blobId: id,
      bytes: pointer?.bytes ?? size,
      ...(pointer ? { lfsSha256: pointer.sha256 } : {}),
    });
  }
  return files;
}

/** Size of a blob's content; of the big file behind it when it is a pointer. */
export async function contentFacts(
  reader: ObjectReader,
  blobId: string,
): Promise<{ bytes: number; lfsSha256?: string }> {
  const { size } = await reader.facts(blobId);
  const pointer = await pointerOf(reader, blobId, size);
  return pointer ? { bytes: pointer.bytes, lfsSha256: pointer.sha256 } : { bytes: size };
}

/** The pointer that a blob of this size is, if it is one. */
export async function pointerOf(
  reader: ObjectReader,
  blobId: string,
  size: number,
): Promise<LfsPointer | undefined> {
  return canBePointer(size) ? parsePointer(await reader.readAs(blobId, "blob")) : undefined;
}

/** Content of a blob or of the big file behind it, proven. Throws PATH_INVALID above `limit` bytes. */
export async function readContent(
  reader: ObjectReader,
  lfs: LfsStore,
  blobId: string,
  limit = DEFAULT_LIMIT,
): Promise<Buffer> {
  const { size } = await reader.facts(blobId);
  const pointer = await pointerOf(reader, blobId, size);
  const bytes = pointer?.bytes ?? size;
  if (bytes > limit) {
    throw errors.PATH_INVALID({
      path: blobId,
      reason: `it has ${bytes} bytes, more than the ${limit} asked for`,
    });
  }
  return pointer ? lfs.read(pointer) : reader.readAs(blobId, "blob");
}

/** Path of the big file behind a blob; undefined when it is a small one. Throws `DamagedObject` when it has gone. */
export async function storedFile(
  reader: ObjectReader,
  lfs: LfsStore,
  blobId: string,
): Promise<string | undefined> {
  const { size } = await reader.facts(blobId);
  const pointer = await pointerOf(reader, blobId, size);
  if (!pointer) return undefined;
  if (!lfs.has(pointer)) throw new DamagedObject(pointer.sha256, "is missing");
  return lfs.path(pointer.sha256);
}

async function readManifest(
  reader: ObjectReader,
  tree: string,
  entry: TreeEntry | undefined,
): Promise<JsonObject> {
  if (!entry) throw new DamagedObject(tree, "holds no manifest");
  const text = (await reader.readAs(entry.id, "blob")).toString("utf8");
  try {
    return JSON.parse(text) as JsonObject;
  } catch {
    throw new DamagedObject(entry.id, "is no manifest");
  }
}
