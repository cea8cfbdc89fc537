import { randomBytes } from "node:crypto";
import type { Dirent } from "node:fs";
import { join } from "node:path";
import { isId } from "../../domain/ids.ts";
import { writeAtomic } from "./files/atomic-write.ts";
import {
  errorCode,
  type FileSystem,
  isMissing,
  namesIn,
  readIfThere,
  removeIfThere,
  syncFolderNow,
} from "./files/file-system.ts";
import { isObjectId } from "./objects/object-id.ts";

export const SNAPSHOTS = "refs/datmo/snapshots";
export const TIP = "refs/heads/datmo";

/** References: one per snapshot, and the tip of the chain of code commits. Loose, or packed by a user's git. */
export class Refs {
  readonly #fs: FileSystem;
  readonly #gitDirectory: string;

  constructor(fs: FileSystem, gitDirectory: string) {
    this.#fs = fs;
    this.#gitDirectory = gitDirectory;
  }

  /** Ids of all snapshots, sorted. */
  ids(): string[] {
    const loose = namesIn(this.#fs, this.#path(SNAPSHOTS)).filter(isId);
    const packed = [...this.#packed().keys()].flatMap((name) => {
      const id = name.startsWith(`${SNAPSHOTS}/`) ? name.slice(SNAPSHOTS.length + 1) : "";
      return isId(id) ? [id] : [];
    });
    return [...new Set([...loose, ...packed])].sort();
  }

  /** Commit of a snapshot. */
  snapshot(id: string): string | undefined {
    return isId(id) ? this.#read(`${SNAPSHOTS}/${id}`) : undefined;
  }

  /** True when there is a reference, readable or not. */
  has(id: string): boolean {
    return (
      this.snapshot(id) !== undefined ||
      (isId(id) && readIfThere(this.#fs, this.#path(SNAPSHOTS, id)) !== undefined)
    );
  }

  /** Every reference by its full name: `refs/…` → object. Damaged ones have no object. */
  all(): Map<string, string | undefined> {
    const found = new Map<string, string | undefined>(this.#packed());
    const visit = (folder: string): void => {
      for (const entry of this.#entries(folder)) {
        const name = `${folder}/${entry.name}`;
        if (entry.isDirectory()) visit(name);
        else if (entry.isFile() && !name.endsWith(".lock")) found.set(name, this.#read(name));
      }
    };
    visit("refs");
    return found;
  }

  /** Gives a reference that is there another object; durable when it resolves. */
  async replace(name: string, object: string): Promise<void> {
    await this.#write(name, object);
  }

  /** Removes the tip; durable when it resolves. */
  async removeTip(): Promise<void> {
    await this.#unpack(TIP);
    if (removeIfThere(this.#fs, this.#path(TIP))) syncFolderNow(this.#fs, this.#path("refs/heads"));
  }

  /** The latest code commit; a hint. */
  tip(): string | undefined {
    return this.#read(TIP);
  }

  /** Throws when no snapshot can be given this id. */
  requireFree(id: string): void {
    if (!isId(id)) throw new Error(`${id} is no snapshot id`);
    if (this.has(id)) throw new Error(`there is a snapshot ${id} already`);
  }

  /** Gives a snapshot its reference; durable when it resolves. */
  async create(id: string, commit: string): Promise<void> {
    this.requireFree(id);
    await this.#write(`${SNAPSHOTS}/${id}`, commit);
  }

  /** The last writer wins; every commit stays reachable by its own snapshot. */
  async moveTip(commit: string): Promise<void> {
    await this.#write(TIP, commit);
  }

  /** Removes a snapshot's reference; false when there is none. Durable when it resolves. */
  async delete(id: string): Promise<boolean> {
    if (!this.has(id)) return false;
    // Packed first: a packed one would show again when the loose one is gone.
    await this.#unpack(`${SNAPSHOTS}/${id}`);
    if (removeIfThere(this.#fs, this.#path(SNAPSHOTS, id))) syncFolderNow(this.#fs, this.#path(SNAPSHOTS));
    return true;
  }

  #entries(folder: string): Dirent[] {
    try {
      return this.#fs.readdirSync(this.#path(folder), { withFileTypes: true });
    } catch (error) {
      if (isMissing(error)) return [];
      throw error;
    }
  }

  #read(name: string): string | undefined {
    const text = readIfThere(this.#fs, this.#path(name))?.toString("latin1").trim();
    if (text === undefined) return this.#packed().get(name);
    return isObjectId(text) ? text : undefined;
  }

  /** Under a name that git passes over first: it ends in `.lock`. */
  async #write(name: string, commit: string): Promise<void> {
    const path = this.#path(name);
    const temporary = `${path}.${randomBytes(6).toString("hex")}.lock`;
    const write = (): Promise<void> =>
      writeAtomic(this.#fs, path, [Buffer.from(`${commit}\n`)], { temporary });
    try {
      await write();
    } catch (error) {
      if (errorCode(error) !== "ENOENT") throw error;
      // A git that packs references removes folders that became empty.
      this.#fs.mkdirSync(join(path, ".."), { recursive: true, mode: 0o700 });
      await write();
    }
  }

  #packed(): Map<string, string> {
    const text = readIfThere(this.#fs, this.#path("packed-refs"))?.toString("latin1") ?? "";
    const refs = new Map<string, string>();
    for (const line of text.split("\n")) {
      const match = /^([0-9a-f]{40}) (\S+)$/.exec(line);
      if (match?.[1] && match[2]) refs.set(match[2], match[1]);
    }
    return refs;
  }

  /** Takes a reference out of `packed-refs`, under git's own lock. */
  async #unpack(name: string): Promise<void> {
    if (!this.#packed().has(name)) return;
    const path = this.#path("packed-refs");
    const lines = readIfThere(this.#fs, path)?.toString("latin1").split("\n") ?? [];
    const at = lines.findIndex((line) => line.endsWith(` ${name}`));
    const peeled = lines[at + 1]?.startsWith("^") ? 2 : 1;
    lines.splice(at, peeled);
    await writeAtomic(this.#fs, path, [Buffer.from(lines.join("\n"), "latin1")], {
      temporary: `${path}.lock`,
    });
  }

  #path(...names: string[]): string {
    return join(this.#gitDirectory, ...names);
  }
}
