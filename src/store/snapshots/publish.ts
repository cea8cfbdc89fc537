import type { PublishRequest } from "../../services/ports/snapshots.ts";
import { encodeCommit, parseCommit } from "./objects/commit-format.ts";
import { componentTree, type PlacedEntry } from "./objects/component-tree.ts";
import { DamagedObject } from "./objects/damaged-object.ts";
import { EMPTY_TREE } from "./objects/object-id.ts";
import type { ObjectStore } from "./objects/object-store.ts";
import { encodeTree, type TreeEntry } from "./objects/tree-format.ts";
import type { Refs } from "./refs.ts";

export const MANIFEST = "manifest.json";
export const ENVIRONMENT = "environment";
export const FILES = "files";
/** Folder of the environment component with the files of its definition. */
const DEFINITION = "definition";

export interface Published {
  readonly commitId: string;
  readonly codeCommitId: string;
}

/**
 * Writes the commits and the reference of a snapshot. In this order: everything pending in one pack, the
 * reference, the tip. Nobody else writes this snapshot's reference, so nothing is locked.
 */
export async function publish(store: ObjectStore, refs: Refs, request: PublishRequest): Promise<Published> {
  refs.requireFree(request.id);
  store.packs.refresh();
  for (const tree of [request.codeTree, request.filesTree]) {
    if (tree && !store.hasTree(tree)) throw new DamagedObject(tree, "is missing");
  }
  const tip = refs.tip();
  const code = await codeCommit(store, tip, request);
  const commitId = store.add(
    "commit",
    encodeCommit({
      tree: snapshotTree(store, request),
      parents: [code],
      message: request.message,
      createdAt: request.createdAt,
    }),
  );
  await store.flush();
  // The tip is a hint: nothing depends on which of the two is there first.
  await Promise.all([refs.create(request.id, commitId), ...(code === tip ? [] : [refs.moveTip(code)])]);
  return { commitId, codeCommitId: code };
}

/** The tip when it holds the same code, else a new commit on top of it. */
async function codeCommit(
  store: ObjectStore,
  tip: string | undefined,
  { codeTree: tree, message, createdAt }: PublishRequest,
): Promise<string> {
  const usable = tip ? await treeOf(store, tip) : undefined;
  if (tip && usable === tree) return tip;
  const parents = tip && usable ? [tip] : [];
  return store.add("commit", encodeCommit({ tree, parents, message, createdAt }));
}

/** Undefined when the commit cannot be read: the chain then begins anew. */
async function treeOf(store: ObjectStore, commit: string): Promise<string | undefined> {
  try {
    return parseCommit(await store.reader.readAs(commit, "commit")).tree;
  } catch {
    return undefined;
  }
}

function snapshotTree(store: ObjectStore, request: PublishRequest): string {
  const manifest = Buffer.from(`${JSON.stringify(request.manifest, null, 2)}\n`);
  const entries: TreeEntry[] = [{ name: MANIFEST, mode: "100644", id: store.add("blob", manifest) }];
  const environment = environmentEntries(store, request);
  if (environment.length > 0) {
    entries.push({ name: ENVIRONMENT, mode: "40000", id: componentTree(store, environment) });
  }
  if (request.filesTree && request.filesTree !== EMPTY_TREE) {
    entries.push({ name: FILES, mode: "40000", id: request.filesTree });
  }
  return store.add("tree", encodeTree(entries));
}

function environmentEntries(
  store: ObjectStore,
  { environment, definitionTree }: PublishRequest,
): PlacedEntry[] {
  const whole =
    definitionTree !== undefined && definitionTree !== EMPTY_TREE && store.hasTree(definitionTree);
  const files = whole ? environment.filter(({ path }) => !path.startsWith(`${DEFINITION}/`)) : environment;
  const entries = files.map(
    ({ path, content }): PlacedEntry => ({
      path,
      mode: "100644",
      id: store.add("blob", Buffer.from(content)),
    }),
  );
  return whole ? [...entries, { path: DEFINITION, mode: "40000", id: definitionTree }] : entries;
}
