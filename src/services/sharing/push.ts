import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { shownRemote } from "../../domain/remote-name.ts";
import { errors } from "../../protocol/errors.ts";
import type { StorePushResult } from "../../protocol/types.ts";
import type { RefUpdate, Transferred } from "../ports/sharing.ts";
import type { WorkOptions } from "../ports/snapshots.ts";
import type { OpenProject } from "../project/open-project.ts";
import { applyPurges, purgedCommits } from "../store/purge-records.ts";
import { plainOptions } from "../work-options.ts";
import { inspectSnapshot, isDeleted } from "./adopt-snapshots.ts";
import { fetchAll, remoteOf } from "./pull.ts";
import { gatherContent, type PushContent } from "./push-content.ts";
import { CHAINS, type RemoteRefs, readChains, SNAPSHOTS, sortRefs, unreadChains } from "./read-remote.ts";
import type { RemoteIndex } from "./remote-index.ts";
import { createShareNotes, type ShareNotes } from "./share-notes.ts";

/** How often a push is tried again when others push at the same time. */
const ATTEMPTS = 6;
const FORMAT_TEXT = '{"v":1}\n';

type Counts = Omit<StorePushResult, "remote" | "nothingNew">;

const NOTHING: Counts = {
  snapshots: 0,
  removed: 0,
  runs: 0,
  records: 0,
  points: 0,
  objects: 0,
  bigFiles: 0,
  bytes: 0,
  waiting: 0,
  keptBack: [],
};

/**
 * Sends what a remote does not have. Objects come first and references last, each by itself and only if nobody
 * changed it meanwhile; then everything is looked at again. Throws REMOTE_NEEDED, REMOTE_NEWER, SHARE_REFUSED,
 * SHARE_BUSY, and what the transport throws.
 */
export async function pushProject(
  project: OpenProject,
  asked: string | undefined,
  directory: string,
  given: WorkOptions,
): Promise<StorePushResult> {
  const options = plainOptions(given);
  const { store } = project.share;
  const notes = createShareNotes(store);
  const remote = await remoteOf(asked, directory, notes.lastRemote);
  const release = await store.begin();
  try {
    let counts = NOTHING;
    for (let attempt = 1; ; attempt++) {
      const pushed = await pushOnce(project, notes, remote, options);
      counts = added(counts, pushed.counts);
      const [refusal] = pushed.refused;
      if (refusal === undefined) break;
      if (attempt === ATTEMPTS) {
        throw errors.SHARE_BUSY({ remote: shownRemote(remote), ref: refusal.name, reason: refusal.reason });
      }
    }
    await notes.rememberRemote(shownRemote(remote));
    const { snapshots, removed, records, points, objects } = counts;
    const nothingNew = snapshots + removed + records + points + objects === 0;
    return { remote: shownRemote(remote), nothingNew, ...counts };
  } catch (error) {
    if (options.signal?.aborted) throw errors.CANCELLED({});
    throw error;
  } finally {
    release();
  }
}

interface Pushed {
  readonly counts: Counts;
  readonly refused: readonly { readonly name: string; readonly reason: string }[];
}

async function pushOnce(
  project: OpenProject,
  notes: ShareNotes,
  remote: string,
  options: WorkOptions,
): Promise<Pushed> {
  const { store, transport } = project.share;
  const { refs, index, moved } = await lookAtRemote(project, notes, remote, options);
  const chain = await notes.chain(remote, (sharer) => refs.chains.get(sharer));
  const tip = moved.get(chain.sharer) ?? chain.tip;
  const work = await store.workFolder();
  try {
    const content = await gatherContent(project, index, work.path, options);
    const next = await writeUnit(project, content, tip, work.path, options);
    const chains = new Map(moved);
    if (next !== undefined) chains.set(chain.sharer, next);
    const { updates: snapshots, keptBack } = await snapshotUpdates(project, refs, index);
    const updates = [...snapshots, ...[...chains].map((entry) => chainUpdate(refs, ...entry))];
    if (next !== undefined) await notes.saveChain(remote, { ...chain, next });
    const sent = updates.length === 0 ? NOTHING_SENT : await transport.push(remote, updates, options);
    const accepted = new Set(sent.accepted);
    const told = next === undefined || accepted.has(CHAINS + chain.sharer);
    if (told) content.absorb(index);
    for (const [sharer, commit] of chains) {
      if (accepted.has(CHAINS + sharer)) await goOn(project, index, sharer, commit);
    }
    const written = chains.get(chain.sharer);
    if (written !== undefined && accepted.has(CHAINS + chain.sharer))
      await notes.saveChain(remote, { sharer: chain.sharer, tip: written });
    await notes.saveIndex(remote, index);
    const taken = snapshots.filter(({ name }) => accepted.has(name));
    const counts = countsOf(content, told, taken, sent);
    return { counts: { ...counts, keptBack: [...counts.keptBack, ...keptBack] }, refused: sent.refused };
  } finally {
    await work.remove();
  }
}

const NOTHING_SENT = { objects: 0, bigFiles: 0, bigFileBytes: 0, accepted: [], refused: [] };

/** What the remote holds; `moved`: chains of which it must hold another state. */
async function lookAtRemote(
  project: OpenProject,
  notes: ShareNotes,
  remote: string,
  options: WorkOptions,
): Promise<{ refs: RemoteRefs; index: RemoteIndex; moved: Map<string, string> }> {
  options.progress?.({ message: `Asking ${shownRemote(remote)}` });
  const refs = sortRefs(await project.share.transport.list(remote, options));
  const known = await notes.index(remote);
  await fetchAll(project, remote, unreadChains(refs, known), options);
  const index = await readChains(project.share, remote, refs, known, options);
  await applyPurges(project, options);
  return { refs, index, moved: await rewrittenChains(project, refs, index) };
}

function countsOf(
  content: PushContent,
  told: boolean,
  snapshots: readonly RefUpdate[],
  sent: Transferred,
): Counts {
  return {
    snapshots: snapshots.filter(({ commit }) => commit !== undefined).length,
    removed: snapshots.filter(({ commit }) => commit === undefined).length,
    runs: told ? content.runs : 0,
    records: told ? content.records : 0,
    points: told ? content.points : 0,
    objects: sent.objects,
    bigFiles: sent.bigFiles,
    bytes: sent.bigFileBytes,
    waiting: content.waiting,
    keptBack: [...content.keptBack],
  };
}

/** The commit with what is new; undefined when nothing is. */
async function writeUnit(
  project: OpenProject,
  content: PushContent,
  tip: string | undefined,
  folder: string,
  options: WorkOptions,
): Promise<string | undefined> {
  if (content.sources.length + content.files.length === 0) return undefined;
  const format = join(folder, "format");
  await writeFile(format, FORMAT_TEXT, { mode: 0o600 });
  options.progress?.({ message: "Packing what is new" });
  const captured = await project.snapshots.captureFiles(
    [{ name: "format", source: format }, ...content.sources],
    options,
  );
  return project.share.store.writeUnit({
    content: captured.treeId,
    files: content.files,
    ...(tip === undefined ? {} : { parent: tip }),
    createdAt: new Date().toISOString(),
  });
}

/** What the remote has now is remembered: it is not read again, and the next unit builds on it. */
async function goOn(project: OpenProject, index: RemoteIndex, sharer: string, tip: string): Promise<void> {
  await project.share.store.setTip(sharer, tip);
  index.setTip(sharer, tip);
  index.setMerged(sharer, tip);
}

function chainUpdate(refs: RemoteRefs, sharer: string, commit: string): RefUpdate {
  const expected = refs.chains.get(sharer);
  return { name: CHAINS + sharer, commit, ...(expected === undefined ? {} : { expected }) };
}

/** Chains that were written anew here because something was removed for good: the remote must not hold the old ones. */
async function rewrittenChains(
  project: OpenProject,
  refs: RemoteRefs,
  index: RemoteIndex,
): Promise<Map<string, string>> {
  const moved = new Map<string, string>();
  for (const [sharer, commit] of await project.share.store.tips()) {
    const there = refs.chains.get(sharer);
    if (there !== undefined && there !== commit && index.tips.get(sharer) === there)
      moved.set(sharer, commit);
  }
  return moved;
}

/** Snapshots that the remote does not have, and those that it must not have any more. */
async function snapshotUpdates(
  project: OpenProject,
  refs: RemoteRefs,
  index: RemoteIndex,
): Promise<{ readonly updates: RefUpdate[]; readonly keptBack: string[] }> {
  const here = await project.share.store.snapshots();
  const purged = await purgedCommits(project);
  const updates: RefUpdate[] = [];
  const keptBack: string[] = [];
  for (const [id, commit] of here) {
    const there = refs.snapshots.get(id);
    // Written anew because something in it was removed for good.
    if (there !== undefined && there !== commit && purged.get(there) === commit)
      updates.push({ name: SNAPSHOTS + id, commit, expected: there });
    if (there !== undefined || (await isDeleted(project, index, id))) continue;
    const inspected = await inspectSnapshot(project, id, commit);
    if ("refused" in inspected) keptBack.push(`snapshot ${id} (${inspected.refused})`);
    else updates.push({ name: SNAPSHOTS + id, commit });
  }
  for (const [id, commit] of refs.snapshots) {
    if (here.has(id) || !(await isDeleted(project, index, id))) continue;
    updates.push({ name: SNAPSHOTS + id, expected: commit });
  }
  return { updates, keptBack };
}

function added(a: Counts, b: Counts): Counts {
  return {
    snapshots: a.snapshots + b.snapshots,
    removed: a.removed + b.removed,
    runs: a.runs + b.runs,
    records: a.records + b.records,
    points: a.points + b.points,
    objects: a.objects + b.objects,
    bigFiles: a.bigFiles + b.bigFiles,
    bytes: a.bytes + b.bytes,
    waiting: b.waiting,
    keptBack: b.keptBack,
  };
}
