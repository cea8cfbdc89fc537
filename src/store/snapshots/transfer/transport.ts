import { realpathSync } from "node:fs";
import { dirname, join } from "node:path";
import { errors } from "../../../protocol/errors.ts";
import type { RefUpdate, RemoteRef, ShareTransport, Transferred } from "../../../services/ports/sharing.ts";
import type { WorkOptions } from "../../../services/ports/snapshots.ts";
import { beginActivity } from "../activity.ts";
import { type FileSystem, systemFiles } from "../files/file-system.ts";
import { parseCommit } from "../objects/commit-format.ts";
import { DamagedObject } from "../objects/damaged-object.ts";
import { ObjectStore } from "../objects/object-store.ts";
import { inWords } from "../store-errors.ts";
import { type NeededFiles, neededFiles } from "./big-files/needed-files.ts";
import { calmed } from "./calm-progress.ts";
import { isSharedRef, readRefs } from "./folder/folder-refs.ts";
import type { Variables } from "./git/git-environment.ts";
import { Intake } from "./intake/intake.ts";
import { Slices } from "./intake/slices.ts";
import { openRemote, type Remote } from "./open-remote.ts";
import { inRemoteWords } from "./transfer-errors.ts";

/** So many references are asked for at once; what a batch brought stays when the next one is cut off. */
const BATCH = 200;

export interface TransportOptions {
  /** The project's `.datmo`. */
  readonly datmoDirectory: string;
  /** What relative paths of remotes are relative to. Default: the folder that holds `.datmo`. */
  readonly directory?: string;
  /** Variables that say which git to use and how it reaches servers. Default: those of this process. */
  readonly environment?: Variables;
  /** For tests that make single calls fail. */
  readonly fs?: FileSystem;
}

/** Opens the way to git remotes. Touches nothing. */
export function openTransport(options: TransportOptions): ShareTransport {
  return new GitTransport(options);
}

class GitTransport implements ShareTransport {
  readonly #datmoDirectory: string;
  readonly #directory: string;
  readonly #environment: Variables;
  readonly #fs: FileSystem;

  constructor({ datmoDirectory, directory, environment = process.env, fs = systemFiles }: TransportOptions) {
    this.#datmoDirectory = datmoDirectory;
    this.#directory = directory ?? dirname(realPath(datmoDirectory));
    this.#environment = environment;
    this.#fs = fs;
  }

  list(remote: string, given: WorkOptions = {}): Promise<RemoteRef[]> {
    const options = calmed(given);
    return this.#exchange(remote, "the exchange", options, ({ remote: { link } }) => link.list(options));
  }

  fetch(remote: string, refs: readonly RemoteRef[], given: WorkOptions = {}): Promise<Transferred> {
    const options = calmed(given);
    return this.#exchange(remote, "what was pulled", options, async (parts) => {
      const objects = await fetchObjects(parts, refs, options);
      const commits = refs.map(({ commit }) => commit);
      const needed = await neededFiles(parts.store.reader, commits, options);
      const missing = [...needed.pointers.values()].filter((pointer) => !parts.store.lfs.use(pointer));
      await parts.store.attributes.add(needed.paths);
      if (missing.length === 0) return { objects, bigFiles: 0, bigFileBytes: 0 };
      return { objects, ...(await parts.remote.files.download(missing, options)) };
    });
  }

  push(
    remote: string,
    updates: readonly RefUpdate[],
    given: WorkOptions = {},
  ): ReturnType<ShareTransport["push"]> {
    const options = calmed(given);
    for (const { name } of updates) if (!isSharedRef(name)) throw new Error(`${name} is not shared`);
    return this.#exchange(remote, "what is sent", options, async ({ store, remote: { link, files } }) => {
      const nothing = { bigFiles: 0, bigFileBytes: 0 };
      if (updates.length === 0) return { objects: 0, ...nothing, accepted: [], refused: [] };
      const commits = updates.flatMap(({ commit }) => commit ?? []);
      const needed = await this.#needed(store, commits, options);
      const pointers = [...needed.pointers.values()];
      const [first] = updates;
      const moved =
        pointers.length > 0 && first ? await files.upload(pointers, first.name, options) : nothing;
      return { ...moved, ...(await link.send(updates, options)) };
    });
  }

  /** What is damaged or missing here is the store's fault, not the remote's. */
  #needed(store: ObjectStore, commits: readonly string[], options: WorkOptions): Promise<NeededFiles> {
    const context = { operation: "what is sent", directory: this.#datmoDirectory };
    return inWords(context, async () => {
      const needed = await neededFiles(store.reader, commits, options);
      for (const pointer of needed.pointers.values()) {
        if (!store.lfs.has(pointer)) throw new DamagedObject(pointer.sha256, "(a big file) is missing");
      }
      return needed;
    });
  }

  /** Work with a remote and the store, during which nothing that is collected here is taken away. */
  async #exchange<T>(
    text: string,
    operation: string,
    options: WorkOptions,
    work: (parts: Parts) => Promise<T>,
  ): Promise<T> {
    if (options.signal?.aborted) throw errors.CANCELLED({});
    const gitDirectory = join(this.#datmoDirectory, "git");
    const store = new ObjectStore({ fs: this.#fs, gitDirectory, threads: 0 });
    return inWords({ operation, directory: this.#datmoDirectory }, async () => {
      let end = (): void => {};
      try {
        store.make();
        const remote = await openRemote(text, {
          store,
          variables: this.#environment,
          projectDirectory: this.#directory,
        });
        end = beginActivity(this.#fs, gitDirectory).end;
        return await inRemoteWords(remote, gitDirectory, () => work({ store, remote }));
      } finally {
        end();
        await store.close();
      }
    });
  }
}

interface Parts {
  readonly store: ObjectStore;
  readonly remote: Remote;
}

/** Brings what is missing of these commits; says how many objects were new. */
async function fetchObjects(
  { store, remote }: Parts,
  refs: readonly RemoteRef[],
  options: WorkOptions,
): Promise<number> {
  const local = readRefs(store.fs, store.gitDirectory, "refs");
  const complete = await reachable(store, local, options);
  const have = local.filter(({ commit }) => complete.has(commit));
  const missing: RemoteRef[] = [];
  for (const ref of refs) {
    if (complete.has(ref.commit) || (await isThere(store, ref.commit, complete, options))) {
      have.push(ref);
    } else missing.push(ref);
  }
  let objects = 0;
  for (let at = 0; at < missing.length; at += BATCH) {
    const batch = missing.slice(at, at + BATCH);
    await remote.link.receive(
      batch,
      have,
      async (source) => {
        const intake = new Intake(store, source, complete, options);
        for (const { commit } of batch) await intake.commit(commit);
        await intake.finish();
        objects += intake.count;
      },
      options,
    );
    have.push(...batch);
  }
  return objects;
}

/** True when an earlier exchange that was cut off had brought all of a commit. */
async function isThere(
  store: ObjectStore,
  commit: string,
  complete: ReadonlySet<string>,
  options: WorkOptions,
): Promise<boolean> {
  try {
    await new Intake(store, undefined, complete, options).commit(commit);
    return true;
  } catch (error) {
    if (error instanceof DamagedObject) return false;
    throw error;
  }
}

/** Commits that the store's references reach: all that they need is there. */
async function reachable(
  store: ObjectStore,
  refs: readonly RemoteRef[],
  options: WorkOptions,
): Promise<Set<string>> {
  const slices = new Slices(options);
  const found = new Set<string>();
  const stack = refs.map(({ commit }) => commit);
  for (let id = stack.pop(); id !== undefined; id = stack.pop()) {
    if (found.has(id)) continue;
    await slices.next();
    try {
      stack.push(...parseCommit(await store.reader.readAs(id, "commit")).parents);
      found.add(id);
    } catch (error) {
      // A damaged commit is not relied on.
      if (!(error instanceof DamagedObject)) throw error;
    }
  }
  return found;
}

function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
