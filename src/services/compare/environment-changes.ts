import { createHash } from "node:crypto";
import type { PathChange } from "../../protocol/types.ts";
import type { SnapshotStore } from "../ports/snapshots.ts";
import type { EnvironmentFile } from "../snapshots/environment-files.ts";
import type { AnswerRoom } from "./answer-room.ts";
import { type ContentSide, compareContent, type TextOptions } from "./content-change.ts";

/** The files of an environment component, in the store or just captured. */
export type EnvironmentFiles =
  | { readonly tree: string | undefined }
  | { readonly captured: readonly EnvironmentFile[] };

/** Files that define the environment, as far as they differ. */
export async function diffEnvironmentFiles(
  store: SnapshotStore,
  a: EnvironmentFiles,
  b: EnvironmentFiles,
  text: TextOptions | undefined,
  room: AnswerRoom,
): Promise<PathChange[]> {
  if ("tree" in a && "tree" in b && a.tree === b.tree) return [];
  const [left, right] = await Promise.all([sidesOf(store, a), sidesOf(store, b)]);
  const changes: PathChange[] = [];
  for (const path of [...new Set([...left.keys(), ...right.keys()])].sort()) {
    const [x, y] = [left.get(path), right.get(path)];
    if (x?.key === y?.key) continue;
    changes.push({
      path,
      status: !x ? "added" : !y ? "removed" : "modified",
      ...(text && x ? { a: x.facts } : {}),
      ...(text && y ? { b: y.facts } : {}),
      ...(text ? { content: await compareContent(x, y, text, room) } : {}),
    });
  }
  return changes;
}

async function sidesOf(store: SnapshotStore, files: EnvironmentFiles): Promise<Map<string, ContentSide>> {
  const sides = "captured" in files ? capturedSides(files.captured) : await storedSides(store, files.tree);
  return new Map(sides.filter(({ path }) => !isTold(path)).map((side) => [side.path, side]));
}

async function storedSides(store: SnapshotStore, tree: string | undefined): Promise<ContentSide[]> {
  if (tree === undefined) return [];
  return (await store.listTree(tree)).map(({ path, mode, bytes, blobId, lfsSha256 }) => ({
    path,
    facts: { mode, bytes, ...(lfsSha256 === undefined ? {} : { sha256: lfsSha256 }) },
    key: blobId,
    read: () => store.readFile(blobId),
  }));
}

function capturedSides(files: readonly EnvironmentFile[]): ContentSide[] {
  return files.map(({ path, content }) => {
    const bytes = Buffer.from(content);
    const key = createHash("sha1").update(`blob ${bytes.length}\0`).update(bytes).digest("hex");
    return { path, facts: { mode: "file", bytes: bytes.length }, key, read: async () => bytes };
  });
}

/** What packages and interpreters say already. */
function isTold(path: string): boolean {
  return /^[^/]+(-packages\.txt|-version)$/.test(path);
}
