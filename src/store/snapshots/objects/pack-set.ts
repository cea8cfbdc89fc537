import { join } from "node:path";
import {
  errorCode,
  type FileSystem,
  isMissing,
  namesIn,
  readFully,
  readIfThere,
  removeIfThere,
} from "../files/file-system.ts";
import { PackIndex, type Place } from "./pack-index.ts";

/** What a killed process left half written is swept after this time. */
const STALE_MS = 3_600_000;
const MAX_OPEN = 32;

export interface Pack {
  /** `pack-<sha1>`. */
  readonly name: string;
  readonly bytes: number;
  readonly index: PackIndex;
  /** It is going to be removed: what it holds can be read and must not be relied on. */
  readonly retired?: boolean;
}

export interface FoundObject {
  readonly pack: Pack;
  readonly place: Place;
}

/** The packs of the store. Other processes add some and merge some: on a miss the list is read again. */
export class PackSet {
  readonly #fs: FileSystem;
  readonly #directory: string;
  readonly #open = new Map<string, number>();
  /** Those that stay first. */
  #packs: readonly Pack[] = [];
  #staying = 0;
  #listed = false;

  constructor(fs: FileSystem, directory: string) {
    this.#fs = fs;
    this.#directory = directory;
  }

  /** A set that begins with these packs, as another thread knows them. */
  static from(fs: FileSystem, directory: string, packs: readonly Pack[]): PackSet {
    const set = new PackSet(fs, directory);
    set.#setPacks(packs);
    set.#listed = true;
    return set;
  }

  get all(): readonly Pack[] {
    if (!this.#listed) this.refresh();
    return this.#packs;
  }

  /** Reads the list again. Indexes already in memory stay. */
  refresh(): void {
    const known = new Map(this.#packs.map((pack) => [pack.name, pack]));
    const packs: Pack[] = [];
    // The packs first: one that is not marked yet when the marks are read was not going to be removed.
    const names = this.allNames();
    const retired = new Set(this.retiredNames());
    for (const name of names) {
      const pack = known.get(name) ?? this.#load(name);
      if (pack) packs.push({ ...pack, retired: retired.has(name) });
    }
    const there = new Set(packs.map((pack) => pack.name));
    for (const name of known.keys()) if (!there.has(name)) this.#closePack(name);
    this.#setPacks(packs);
    this.#listed = true;
  }

  /** Names of the packs that stay, on disk now; does not load an index. */
  namesOnDisk(): string[] {
    const names = this.allNames();
    const retired = new Set(this.retiredNames());
    return retired.size === 0 ? names : names.filter((name) => !retired.has(name));
  }

  /** Names on disk now, of packs that are going to be removed as well. */
  allNames(): string[] {
    return namesIn(this.#fs, this.#directory)
      .filter((file) => /^pack-[0-9a-f]{40}\.idx$/.test(file))
      .map((file) => file.slice(0, -4));
  }

  retiredNames(): string[] {
    return namesIn(this.#fs, this.retiredFolder);
  }

  /** Holds an empty file per pack that is going to be removed. */
  get retiredFolder(): string {
    return join(this.#directory, "..", "..", "datmo", "retired");
  }

  /** True for a pack that is going to be removed: nothing may be written under its name. */
  isRetired(name: string): boolean {
    return this.#fs.lstatSync(join(this.retiredFolder, name), { throwIfNoEntry: false }) !== undefined;
  }

  /** Takes in a pack that this process has written. */
  add(pack: Pack): void {
    if (!this.#listed) this.refresh();
    if (!this.#packs.some((other) => other.name === pack.name)) this.#setPacks([...this.#packs, pack]);
  }

  /** True when a pack that stays holds the object. */
  has(id: Uint8Array): boolean {
    if (!this.#listed) this.refresh();
    for (let at = 0; at < this.#staying; at++) {
      if ((this.#packs[at]?.index.find(id) ?? -1) >= 0) return true;
    }
    return false;
  }

  find(id: Uint8Array): FoundObject | undefined {
    for (const pack of this.all) {
      const position = pack.index.find(id);
      if (position >= 0) return { pack, place: pack.index.placeAt(position, pack.bytes) };
    }
    return undefined;
  }

  /** Bytes of a pack from `start` to `end`; undefined when the pack is gone. */
  read(pack: Pack, start: number, end: number): Buffer | undefined {
    const fd = this.#openPack(pack.name);
    if (fd === undefined) return undefined;
    const bytes = Buffer.allocUnsafe(end - start);
    if (readFully(this.#fs, fd, bytes, start) < bytes.length) throw new Error(`${pack.name} is cut off`);
    return bytes;
  }

  /** Names of packs without an index: a killed process left them, or their index was lost. */
  orphans(): string[] {
    const names = new Set(namesIn(this.#fs, this.#directory));
    const isOrphan = (name: string): boolean =>
      name.endsWith(".pack") && !names.has(`${name.slice(0, -5)}.idx`);
    return [...names].filter(isOrphan);
  }

  /**
   * Removes temporary files that have lain here for an hour. Packs without index are left to a collector, which first
   * makes sure that nothing is missing.
   */
  sweep(now: number): void {
    for (const name of namesIn(this.#fs, this.#directory)) {
      if (!name.startsWith("tmp_")) continue;
      const path = join(this.#directory, name);
      const facts = this.#fs.lstatSync(path, { throwIfNoEntry: false });
      if (facts && facts.mtimeMs < now - STALE_MS) removeIfThere(this.#fs, path);
    }
  }

  close(): void {
    for (const name of [...this.#open.keys()]) this.#closePack(name);
  }

  #setPacks(packs: readonly Pack[]): void {
    const staying = packs.filter((pack) => !pack.retired);
    this.#staying = staying.length;
    this.#packs =
      staying.length === packs.length ? staying : [...staying, ...packs.filter((pack) => pack.retired)];
  }

  #load(name: string): Pack | undefined {
    const facts = this.#fs.statSync(join(this.#directory, `${name}.pack`), { throwIfNoEntry: false });
    const bytes = readIfThere(this.#fs, join(this.#directory, `${name}.idx`));
    if (!facts || !bytes) return undefined;
    try {
      return { name, bytes: facts.size, index: PackIndex.of(bytes) };
    } catch {
      // A damaged index hides its pack; `check` tells of it.
      return undefined;
    }
  }

  #openPack(name: string): number | undefined {
    const open = this.#open.get(name);
    if (open !== undefined) return open;
    const oldest = this.#open.keys().next();
    if (this.#open.size >= MAX_OPEN && !oldest.done) this.#closePack(oldest.value);
    try {
      const fd = this.#fs.openSync(join(this.#directory, `${name}.pack`), "r");
      this.#open.set(name, fd);
      return fd;
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  }

  #closePack(name: string): void {
    const fd = this.#open.get(name);
    if (fd === undefined) return;
    this.#open.delete(name);
    try {
      this.#fs.closeSync(fd);
    } catch (error) {
      if (errorCode(error) !== "EBADF") throw error;
    }
  }
}
