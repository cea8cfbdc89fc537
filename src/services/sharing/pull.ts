import { fullRemote, shownRemote } from "../../domain/remote-name.ts";
import type { SharedLine } from "../../domain/shared-operations.ts";
import { errors } from "../../protocol/errors.ts";
import type { StorePullResult } from "../../protocol/types.ts";
import { bringBackAll } from "../environments/bring-back.ts";
import type { RemoteRef, SeriesImages, SharedUnit, Transferred } from "../ports/sharing.ts";
import type { WorkOptions } from "../ports/snapshots.ts";
import type { OpenProject } from "../project/open-project.ts";
import { applyPurges } from "../store/purge-records.ts";
import { plainOptions } from "../work-options.ts";
import {
  adoptSnapshots,
  type InspectedSnapshot,
  inspectSnapshots,
  removeDeleted,
  wantedSnapshots,
} from "./adopt-snapshots.ts";
import { type ChangedRecords, mergeLines } from "./merge-records.ts";
import {
  CHAINS,
  type RemoteRefs,
  readChains,
  readOperations,
  refused,
  sortRefs,
  unitsSince,
  unreadChains,
} from "./read-remote.ts";
import type { RemoteIndex } from "./remote-index.ts";
import { createShareNotes } from "./share-notes.ts";

/**
 * Takes in what a remote has: everything is fetched and held against what datmo writes before anything of it is
 * used; then come the snapshots' references, the points, and last the records that tell of them. Whatever cuts it
 * off, it is repeated from the start and finds most of the work done. Throws REMOTE_NEEDED, REMOTE_NEWER,
 * SHARE_REFUSED, and what the transport throws.
 */
export async function pullProject(
  project: OpenProject,
  asked: string | undefined,
  directory: string,
  given: WorkOptions,
): Promise<StorePullResult> {
  const options = plainOptions(given);
  const { store, transport } = project.share;
  const notes = createShareNotes(store);
  const remote = await remoteOf(asked, directory, notes.lastRemote);
  const release = await store.begin();
  try {
    options.progress?.({ message: `Asking ${shownRemote(remote)}` });
    const refs = sortRefs(await transport.list(remote, options));
    const known = await notes.index(remote);
    const wanted = await wantedSnapshots(project, refs);
    const fetched = await fetchAll(project, remote, [...unreadChains(refs, known), ...wanted], options);
    const index = await readChains(project.share, remote, refs, known, options);
    const chains = await unmerged(project, remote, refs, index);
    const snapshots = await inspectSnapshots(project, remote, wanted);
    for (const chain of chains) await eachBlob(project, remote, chain, async () => undefined, options);
    for (const chain of chains) await eachImage(project, remote, index, chain, checkImage, options);
    const taken = await takeIn(project, remote, index, { chains, snapshots }, options);
    for (const { sharer, tip } of chains) index.setMerged(sharer, tip);
    await notes.saveIndex(remote, index);
    await notes.rememberRemote(shownRemote(remote));
    const runs = [...taken.changed].filter((key) => key.startsWith("run ")).length;
    const { adopted, removed, points } = taken;
    return {
      remote: shownRemote(remote),
      nothingNew: taken.changed.size + adopted + removed + points === 0,
      snapshots: adopted,
      removed,
      runs,
      records: taken.changed.size,
      points,
      objects: fetched.objects,
      bigFiles: fetched.bigFiles,
      bytes: fetched.bigFileBytes,
    };
  } catch (error) {
    if (options.signal?.aborted) throw errors.CANCELLED({});
    throw error;
  } finally {
    release();
  }
}

/** The remote that is meant. Throws REMOTE_NEEDED. */
export async function remoteOf(
  asked: string | undefined,
  directory: string,
  last: () => Promise<string | undefined>,
): Promise<string> {
  if (asked !== undefined) return fullRemote(asked, directory);
  const remote = await last();
  if (remote === undefined) throw errors.REMOTE_NEEDED();
  return remote;
}

const NOTHING_FETCHED: Transferred = { objects: 0, bigFiles: 0, bigFileBytes: 0 };

/** Fetches what is not there. */
export async function fetchAll(
  project: OpenProject,
  remote: string,
  refs: readonly RemoteRef[],
  options: WorkOptions,
): Promise<Transferred> {
  return refs.length === 0 ? NOTHING_FETCHED : project.share.transport.fetch(remote, refs, options);
}

interface UnmergedChain {
  readonly sharer: string;
  readonly tip: string;
  readonly units: readonly SharedUnit[];
}

async function unmerged(
  project: OpenProject,
  remote: string,
  refs: RemoteRefs,
  index: RemoteIndex,
): Promise<UnmergedChain[]> {
  const chains: UnmergedChain[] = [];
  for (const [sharer, tip] of refs.chains) {
    const since = index.merged.get(sharer);
    if (since === tip) continue;
    const units = await unitsSince(project.share.store, remote, sharer, tip, since);
    chains.push({ sharer, tip, units });
  }
  return chains;
}

async function eachBlob(
  project: OpenProject,
  remote: string,
  { sharer, units }: UnmergedChain,
  act: (lines: SharedLine[]) => Promise<void>,
  options: WorkOptions,
): Promise<void> {
  for (const blobId of units.flatMap(({ operations }) => operations)) {
    options.signal?.throwIfAborted();
    await act(await readOperations(project.share.store, remote, sharer, blobId));
  }
}

interface Taken {
  readonly adopted: number;
  readonly removed: number;
  readonly points: number;
  readonly changed: ChangedRecords;
}

async function takeIn(
  project: OpenProject,
  remote: string,
  index: RemoteIndex,
  news: { readonly chains: readonly UnmergedChain[]; readonly snapshots: readonly InspectedSnapshot[] },
  options: WorkOptions,
): Promise<Taken> {
  const from = shownRemote(remote);
  const changed: ChangedRecords = new Set();
  const kept = await adoptSnapshots(project, index, news.snapshots);
  let points = 0;
  for (const chain of news.chains) {
    points += await eachImage(project, remote, index, chain, takeImage, options);
  }
  options.progress?.({ message: "Taking in the records" });
  for (const chain of news.chains) {
    await eachBlob(project, remote, chain, (lines) => mergeLines(project, lines, from, changed), options);
  }
  const removed = await removeDeleted(project, changed);
  const rebuilt = await kept.recordMissing(from);
  for (const id of rebuilt) changed.add(`snapshot ${id}`);
  await bringBackAll(project, kept.environmentIds);
  // What others removed for good goes here too, and what came with it once more.
  await applyPurges(project, options);
  return { adopted: kept.adopted, removed, points, changed };
}

interface ImageFile {
  readonly runId: string;
  readonly sha256: string;
  readonly path: string;
}

type UseImage = (
  images: SeriesImages,
  image: ImageFile,
  signal?: AbortSignal,
) => Promise<{ points: number; refused?: string | undefined }>;

const checkImage: UseImage = async (images, { sha256, path }, signal) => ({
  points: 0,
  refused: await images.check(sha256, path, signal),
});

const takeImage: UseImage = (images, { runId, sha256, path }, signal) =>
  images.take(runId, sha256, path, signal);

/** Does something with each file of points in a chain. Returns how many points were new. Throws SHARE_REFUSED. */
async function eachImage(
  project: OpenProject,
  remote: string,
  index: RemoteIndex,
  { sharer, units }: UnmergedChain,
  use: UseImage,
  options: WorkOptions,
): Promise<number> {
  const { store, images } = project.share;
  const all = units.flatMap((unit) => unit.images);
  const message = use === takeImage ? "Taking in the points of runs" : "Checking the points of runs";
  let points = 0;
  for (const [done, { runId, sha256, blobId }] of all.entries()) {
    options.progress?.({ message, done, total: all.length });
    options.signal?.throwIfAborted();
    if (index.state("run", runId)?.values.get("deleted") === true) continue;
    const file = await store.file(blobId);
    try {
      const used = await use(images, { runId, sha256, path: file.path }, options.signal);
      if (used.refused !== undefined)
        throw refused(remote, CHAINS + sharer, `the points of run ${runId}: ${used.refused}`);
      points += used.points;
    } finally {
      await file.release();
    }
  }
  return points;
}
