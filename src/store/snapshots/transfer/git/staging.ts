import { randomBytes } from "node:crypto";
import { join } from "node:path";
import type { RemoteRef } from "../../../../services/ports/sharing.ts";
import { livenessOf, type ProcessIdentity, processMark } from "../../../../util/process-identity.ts";
import { namesIn, readIfThere } from "../../files/file-system.ts";
import type { ObjectStore } from "../../objects/object-store.ts";

const DAY_MS = 86_400_000;
const OWNER = "owner.json";

/**
 * A git directory of our own making for one exchange: what comes lies in it until it has been checked, and git runs
 * in it, so that no setting of the store or of the user's own repository has a say. It reads the store's objects.
 */
export class Staging {
  readonly directory: string;
  readonly #store: ObjectStore;

  private constructor(store: ObjectStore, directory: string) {
    this.#store = store;
    this.directory = directory;
  }

  /** `config`: what goes into its `config`; may hold a password, so it is readable by this user only. */
  static async make(store: ObjectStore, config: string): Promise<Staging> {
    const parent = store.path("datmo", "staging");
    store.fs.mkdirSync(parent, { recursive: true, mode: 0o700 });
    await removeLeftOvers(store, parent);
    const staging = new Staging(store, join(parent, randomBytes(8).toString("hex")));
    for (const folder of ["", "objects", "objects/info", "objects/pack", "refs"]) {
      store.fs.mkdirSync(join(staging.directory, folder), { mode: 0o700 });
    }
    staging.#write(OWNER, JSON.stringify(processMark()));
    staging.#write("config", config);
    staging.#write("objects/info/alternates", "../../../../objects\n");
    staging.#write("HEAD", "ref: refs/heads/none\n");
    return staging;
  }

  path(...names: string[]): string {
    return join(this.directory, ...names);
  }

  /** What is here already, by references: the other side then need not send it. */
  setReferences(refs: readonly RemoteRef[]): void {
    const names = new Set<string>();
    const lines: string[] = [];
    for (const { commit } of refs) {
      if (names.has(commit)) continue;
      names.add(commit);
      lines.push(`${commit} refs/have/${commit}`);
    }
    if (lines.length === 0) return;
    const header = "# pack-refs with: peeled fully-peeled sorted \n";
    this.#write("packed-refs", `${header}${lines.sort().join("\n")}\n`);
  }

  remove(): void {
    removeFolder(this.#store, this.directory);
  }

  #write(name: string, text: string): void {
    const { fs } = this.#store;
    const fd = fs.openSync(this.path(name), "wx", 0o600);
    try {
      fs.writeSync(fd, Buffer.from(text));
    } finally {
      fs.closeSync(fd);
    }
  }
}

/** What killed processes left. One whose process cannot be looked at is left alone for a day. */
async function removeLeftOvers(store: ObjectStore, parent: string): Promise<void> {
  for (const name of namesIn(store.fs, parent)) {
    const directory = join(parent, name);
    const facts = store.fs.lstatSync(directory, { throwIfNoEntry: false });
    if (!facts?.isDirectory()) continue;
    const isOld = facts.mtimeMs < Date.now() - DAY_MS;
    if (isOld || (await isAbandoned(store, join(directory, OWNER), facts.mtimeMs)))
      removeFolder(store, directory);
  }
}

async function isAbandoned(store: ObjectStore, path: string, madeMs: number): Promise<boolean> {
  try {
    const text = readIfThere(store.fs, path)?.toString("utf8");
    // It is made in the moment between the folder and this file.
    if (text === undefined) return madeMs < Date.now() - 60_000;
    return (await livenessOf(JSON.parse(text) as ProcessIdentity)) === "gone";
  } catch {
    return madeMs < Date.now() - 60_000;
  }
}

function removeFolder(store: ObjectStore, directory: string): void {
  try {
    store.fs.rmSync(directory, { recursive: true, force: true, maxRetries: 3 });
  } catch {
    // The next exchange tries again.
  }
}
