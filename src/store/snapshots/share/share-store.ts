import { randomBytes } from "node:crypto";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { isId } from "../../../domain/ids.ts";
import type { SharedUnit, ShareStore, UnitsRefused } from "../../../services/ports/sharing.ts";
import type { JsonObject } from "../../../util/json.ts";
import { beginActivity } from "../activity.ts";
import { writeAtomic } from "../files/atomic-write.ts";
import { type FileSystem, readIfThere, systemFiles } from "../files/file-system.ts";
import { parseCommit } from "../objects/commit-format.ts";
import { ObjectStore } from "../objects/object-store.ts";
import { readTree } from "../objects/tree-walk.ts";
import { ENVIRONMENT, FILES, MANIFEST } from "../publish.ts";
import { readContent, storedFile } from "../read-snapshot.ts";
import { Refs } from "../refs.ts";
import { inWords } from "../store-errors.ts";
import { addUnit, readUnits, type UnitContent } from "./shared-units.ts";

export interface ShareStoreOptions {
  /** The project's `.datmo`. */
  readonly datmoDirectory: string;
  /** For tests that make single calls fail. */
  readonly fs?: FileSystem;
}

/** Opens the git side of sharing. Touches nothing. */
export function openShareStore(options: ShareStoreOptions): ShareStore {
  return new GitShareStore(options);
}

const CHAINS = "refs/datmo/ops/";
/** A manifest is a few kilobytes; one of a thousand packages and files still fits. */
const MAX_MANIFEST_BYTES = 64 * 1024 * 1024;

class GitShareStore implements ShareStore {
  readonly #fs: FileSystem;
  readonly #store: ObjectStore;
  readonly #refs: Refs;
  readonly #directory: string;

  constructor(options: ShareStoreOptions) {
    this.#fs = options.fs ?? systemFiles;
    this.#directory = resolve(options.datmoDirectory);
    const gitDirectory = join(this.#directory, "git");
    this.#store = new ObjectStore({ fs: this.#fs, gitDirectory, threads: 0 });
    this.#refs = new Refs(this.#fs, gitDirectory);
  }

  async begin(): Promise<() => void> {
    return this.#inWords("what is shared", async () => {
      this.#store.make();
      const activity = beginActivity(this.#fs, this.#store.gitDirectory);
      return () => activity.end();
    });
  }

  async workFolder(): Promise<{ path: string; remove(): Promise<void> }> {
    return this.#inWords("what is shared", async () => {
      const path = this.#store.path("datmo", "tmp", `share-${randomBytes(8).toString("hex")}`);
      await mkdir(path, { recursive: true, mode: 0o700 });
      return { path, remove: () => rm(path, { recursive: true, force: true }) };
    });
  }

  writeUnit(unit: UnitContent): Promise<string> {
    return this.#inWords("what is shared", async () => {
      this.#store.packs.refresh();
      const commit = await addUnit(this.#store, unit);
      await this.#store.flush();
      return commit;
    });
  }

  units(tip: string, known: ReadonlySet<string>): Promise<readonly SharedUnit[] | UnitsRefused> {
    return this.#inWords("what is shared", () => readUnits(this.#store.reader, tip, known));
  }

  async hasTree(treeId: string): Promise<boolean> {
    return this.#store.hasTree(treeId);
  }

  read(blobId: string, limit: number): Promise<Buffer> {
    return this.#inWords("what is shared", () =>
      readContent(this.#store.reader, this.#store.lfs, blobId, limit),
    );
  }

  file(blobId: string): Promise<{ path: string; release(): Promise<void> }> {
    return this.#inWords("what is shared", async () => {
      const big = await storedFile(this.#store.reader, this.#store.lfs, blobId);
      if (big !== undefined) return { path: big, release: async () => undefined };
      const path = this.#store.path("datmo", "tmp", `share-${randomBytes(8).toString("hex")}`);
      await writeFile(path, await this.#store.reader.readAs(blobId, "blob"), { flag: "wx", mode: 0o600 });
      return { path, release: () => rm(path, { force: true }) };
    });
  }

  async snapshots(): Promise<Map<string, string>> {
    const found = new Map<string, string>();
    for (const id of this.#refs.ids()) {
      const commit = this.#refs.snapshot(id);
      if (commit !== undefined) found.set(id, commit);
    }
    return found;
  }

  inspect(id: string, commit: string): Promise<{ manifest: JsonObject } | UnitsRefused> {
    return this.#inWords("the snapshot", async () => {
      const { reader } = this.#store;
      const { tree, parents } = parseCommit(await reader.readAs(commit, "commit"));
      if (parents.length !== 1) return { refused: "it does not name its code" };
      const code = parseCommit(await reader.readAs(parents[0] as string, "commit"));
      const entries = await readTree(reader, tree);
      for (const { name, mode } of entries) {
        const expected = name === MANIFEST ? "100644" : "40000";
        const known = [MANIFEST, ENVIRONMENT, FILES].includes(name);
        if (!known || mode !== expected) return { refused: `it holds ${JSON.stringify(name)}` };
      }
      const blob = entries.find(({ name }) => name === MANIFEST)?.id;
      if (blob === undefined) return { refused: "it has no manifest" };
      return checkedManifest(id, code.tree, await this.read(blob, MAX_MANIFEST_BYTES));
    });
  }

  adopt(id: string, commit: string): Promise<void> {
    return this.#inWords("the snapshot", async () => {
      if (this.#refs.snapshot(id) !== commit) await this.#refs.create(id, commit);
    });
  }

  async tips(): Promise<Map<string, string>> {
    const found = new Map<string, string>();
    for (const [name, commit] of this.#refs.all()) {
      const sharer = name.startsWith(CHAINS) ? name.slice(CHAINS.length) : "";
      if (isId(sharer) && commit !== undefined) found.set(sharer, commit);
    }
    return found;
  }

  setTip(sharer: string, commit: string): Promise<void> {
    if (!isId(sharer)) throw new Error(`${sharer} is no sharer's id`);
    return this.#inWords("what is shared", async () => {
      this.#fs.mkdirSync(this.#store.path("refs", "datmo", "ops"), { recursive: true, mode: 0o700 });
      await this.#write(this.#store.path("refs", "datmo", "ops", sharer), `${commit}\n`);
    });
  }

  async readNote(name: string): Promise<string | undefined> {
    return readIfThere(this.#fs, this.#notePath(name))?.toString("utf8");
  }

  writeNote(name: string, text: string): Promise<void> {
    return this.#inWords("what is shared", async () => {
      this.#fs.mkdirSync(this.#store.path("datmo", "share"), { recursive: true, mode: 0o700 });
      await this.#write(this.#notePath(name), text);
    });
  }

  #write(path: string, text: string): Promise<void> {
    const temporary = `${path}.${randomBytes(6).toString("hex")}.lock`;
    return writeAtomic(this.#fs, path, [Buffer.from(text)], { temporary });
  }

  #notePath(name: string): string {
    if (!/^[a-z0-9-]+(\.[a-z]+)?$/.test(name)) throw new Error(`${name} is no name of a note`);
    return this.#store.path("datmo", "share", name);
  }

  #inWords<T>(operation: string, work: () => Promise<T>): Promise<T> {
    return inWords({ operation, directory: this.#directory }, work);
  }
}

async function checkedManifest(
  id: string,
  codeTree: string,
  bytes: Buffer,
): Promise<{ manifest: JsonObject } | UnitsRefused> {
  const { validateSnapshotManifest } = await import("../../../protocol/document-validators.js");
  let manifest: { id: string; code: { tree: string } } & JsonObject;
  try {
    manifest = JSON.parse(bytes.toString("utf8")) as typeof manifest;
  } catch {
    return { refused: "its manifest is not JSON" };
  }
  if (!validateSnapshotManifest(manifest)) {
    const [problem] = validateSnapshotManifest.errors ?? [];
    return { refused: `its manifest is none: ${problem?.instancePath ?? ""} ${problem?.message ?? ""}` };
  }
  if (manifest.id !== id) return { refused: `its manifest is that of ${JSON.stringify(manifest.id)}` };
  if (manifest.code.tree !== codeTree) return { refused: "its manifest names other code" };
  return { manifest };
}
