import { createHash } from "node:crypto";
import { isId } from "../../domain/ids.ts";
import { shownRemote } from "../../domain/remote-name.ts";
import { OperationRefused, parseSharedLine, type SharedLine } from "../../domain/shared-operations.ts";
import { errors } from "../../protocol/errors.ts";
import type { RemoteRef, SharedUnit, ShareParts, ShareStore } from "../ports/sharing.ts";
import type { WorkOptions } from "../ports/snapshots.ts";
import { RemoteIndex } from "./remote-index.ts";

/** The references of a remote that sharing is about. */
export interface RemoteRefs {
  /** Newest commit of each chain, by the id of the copy that writes it. */
  readonly chains: ReadonlyMap<string, string>;
  /** Commit of each snapshot. */
  readonly snapshots: ReadonlyMap<string, string>;
}

export const CHAINS = "refs/datmo/ops/";
export const SNAPSHOTS = "refs/datmo/snapshots/";
/** Highest version of what lies on a remote that this code reads. */
const KNOWN_FORMAT = 1;
/** Blobs of operations are far smaller, but for a single field of that size. */
const MAX_OPERATIONS_BYTES = 80 * 1024 * 1024;

export function sortRefs(refs: readonly RemoteRef[]): RemoteRefs {
  const chains = new Map<string, string>();
  const snapshots = new Map<string, string>();
  for (const { name, commit } of refs) {
    const [list, id] = name.startsWith(CHAINS)
      ? [chains, name.slice(CHAINS.length)]
      : [snapshots, name.startsWith(SNAPSHOTS) ? name.slice(SNAPSHOTS.length) : ""];
    if (isId(id)) list.set(id, commit);
  }
  return { chains, snapshots };
}

/** Chains whose newest commit has not been read. */
export function unreadChains(refs: RemoteRefs, index: RemoteIndex): RemoteRef[] {
  return [...refs.chains]
    .filter(([sharer, commit]) => index.tips.get(sharer) !== commit)
    .map(([sharer, commit]) => ({ name: CHAINS + sharer, commit }));
}

/**
 * Brings the index up to what the remote holds; the chains must have been fetched. A chain that is gone, or not the
 * one that was read, makes the index begin anew. Throws REMOTE_NEWER and SHARE_REFUSED.
 */
export async function readChains(
  { store }: Pick<ShareParts, "store">,
  remote: string,
  refs: RemoteRefs,
  known: RemoteIndex,
  options: WorkOptions,
): Promise<RemoteIndex> {
  let index = known;
  if ([...known.tips.keys()].some((sharer) => !refs.chains.has(sharer))) index = begunAnew(known);
  for (let attempt = 0; ; attempt++) {
    if (await readInto(store, remote, refs, index, options)) return index;
    // A chain that changed although nobody but its writer may change it: what was read of it counts no more.
    if (attempt > 0) throw refused(remote, CHAINS, "its chains change while they are read");
    index = begunAnew(known);
  }
}

/** Units of a chain that are not in the project, oldest first. Throws REMOTE_NEWER and SHARE_REFUSED. */
export async function unitsSince(
  store: ShareStore,
  remote: string,
  sharer: string,
  tip: string,
  since: string | undefined,
): Promise<readonly SharedUnit[]> {
  const units = await store.units(tip, new Set(since === undefined ? [] : [since]));
  if ("refused" in units) throw refused(remote, CHAINS + sharer, units.refused);
  const newer = Math.max(0, ...units.map(({ format }) => format));
  if (newer > KNOWN_FORMAT) {
    throw errors.REMOTE_NEWER({ remote: shownRemote(remote), found: newer, known: KNOWN_FORMAT });
  }
  return units;
}

/** The lines of a blob of operations, each held against what an operation may be. Throws SHARE_REFUSED. */
export async function readOperations(
  store: ShareStore,
  remote: string,
  sharer: string,
  blobId: string,
): Promise<SharedLine[]> {
  const text = (await store.read(blobId, MAX_OPERATIONS_BYTES)).toString("utf8");
  const lines: SharedLine[] = [];
  try {
    for (const line of text.split("\n")) if (line !== "") lines.push(parseSharedLine(line));
  } catch (error) {
    if (!(error instanceof OperationRefused)) throw error;
    throw refused(remote, CHAINS + sharer, error.message);
  }
  return lines;
}

/** What an operation of a later version is known by. */
export function laterHash(stamp: string, text: string): string {
  return createHash("sha256").update(`${stamp} ${text}`).digest("base64").slice(0, 22);
}

export function refused(remote: string, ref: string, reason: string): Error {
  return errors.SHARE_REFUSED({ remote: shownRemote(remote), ref, reason });
}

/** What is in the project stays there, whatever becomes of the remote. */
function begunAnew(known: RemoteIndex): RemoteIndex {
  const index = new RemoteIndex();
  for (const [sharer, commit] of known.merged) index.setMerged(sharer, commit);
  return index;
}

/** False when a chain does not go on from where it was read. */
async function readInto(
  store: ShareStore,
  remote: string,
  refs: RemoteRefs,
  index: RemoteIndex,
  options: WorkOptions,
): Promise<boolean> {
  const unread = [...refs.chains].filter(([sharer, tip]) => index.tips.get(sharer) !== tip);
  for (const [done, [sharer, tip]] of unread.entries()) {
    options.progress?.({ message: "Reading what the remote holds", done, total: unread.length });
    const since = index.tips.get(sharer);
    const units = await unitsSince(store, remote, sharer, tip, since);
    if (since !== undefined && units[0]?.parent !== since) return false;
    for (const unit of units) {
      options.signal?.throwIfAborted();
      await absorb(store, remote, sharer, unit, index);
    }
    await store.setTip(sharer, tip);
    index.setTip(sharer, tip);
  }
  return true;
}

async function absorb(
  store: ShareStore,
  remote: string,
  sharer: string,
  unit: SharedUnit,
  index: RemoteIndex,
): Promise<void> {
  for (const blobId of unit.operations) {
    for (const { stamp, operations, later } of await readOperations(store, remote, sharer, blobId)) {
      for (const operation of operations) index.absorb(operation);
      for (const text of later) index.addLater(laterHash(stamp, text));
    }
  }
  for (const { runId, sha256 } of unit.images) index.addImage(runId, sha256);
  for (const { runId, treeId } of unit.files) index.addFiles(runId, treeId);
}
