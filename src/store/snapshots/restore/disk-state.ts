import type { Stats } from "node:fs";
import { EXECUTABLE, FILE, FOLDER, isContent, KIND, kindOf, LINK } from "../capture/entry-kind.ts";
import type { EntryTable, Folder } from "../capture/folder.ts";
import { isMissing } from "../files/file-system.ts";
import { fsPath } from "../files/names.ts";
import { hashObject, toHex } from "../objects/object-id.ts";
import type { ObjectStore } from "../objects/object-store.ts";
import type { Leaf } from "../objects/tree-walk.ts";
import { pointerOf } from "../read-snapshot.ts";
import type { Seen } from "./seen.ts";

/** What lies at a path of the project. */
export type Current =
  /** Nothing; `blockedBy` is a path above it that is no folder. */
  | { readonly state: "absent"; readonly blockedBy?: string }
  | { readonly state: "folder" }
  /** A pipe, socket or device. */
  | { readonly state: "special" }
  /** `id` is known when it was captured just now. */
  | { readonly state: "leaf"; readonly kind: number; readonly id?: string; readonly seen: Seen };

/** The project as a capture has just seen it; what captures leave out is looked up on the disk. */
export class DiskState {
  readonly #store: ObjectStore;
  readonly #directory: string;
  readonly #root: Folder;
  readonly #positions = new Map<Folder, Map<string, { index: number; folder: Folder | undefined }>>();

  constructor(store: ObjectStore, directory: string, root: Folder) {
    this.#store = store;
    this.#directory = directory;
    this.#root = root;
  }

  at(path: string): Current {
    let folder = this.#root;
    for (let from = 0; ; ) {
      const slash = path.indexOf("/", from);
      const last = slash < 0;
      const found = this.#position(folder, last ? path.slice(from) : path.slice(from, slash));
      if (!found) return folder.environment ? this.#look(path) : { state: "absent" };
      const flags = folder.table.flags[found.index] ?? 0;
      if (last) {
        if (isContent(flags)) return capturedLeaf(folder.table, found.index);
        return (flags & KIND) === FOLDER ? { state: "folder" } : this.#look(path);
      }
      if (!found.folder) {
        return isContent(flags) ? { state: "absent", blockedBy: path.slice(0, slash) } : this.#look(path);
      }
      folder = found.folder;
      from = slash + 1;
    }
  }

  /** True when what lies at the path is this leaf, whatever its executable bit. */
  async holds(path: string, current: Current, leaf: Leaf | undefined): Promise<boolean> {
    if (!leaf || current.state !== "leaf") return false;
    if ((current.kind === LINK) !== (leaf.mode === "120000")) return false;
    return current.id === undefined ? this.#sameContent(path, current.kind, leaf) : current.id === leaf.id;
  }

  /**
   * True when what lies at the path is what a killed restore may have left of this leaf: its beginning, and after
   * a power cut zeros.
   */
  async isPartOf(path: string, current: Current, leaf: Leaf | undefined): Promise<boolean> {
    if (!leaf || current.state !== "leaf" || current.kind === LINK || leaf.mode === "120000") return false;
    const { size } = await this.#store.reader.facts(leaf.id);
    const facts = this.#facts(path);
    if (!facts || facts.size > size) return false;
    const whole = await this.#store.reader.readAs(leaf.id, "blob");
    const part = this.#store.fs.readFileSync(fsPath(this.#full(path)));
    const equal = part.findIndex((byte, i) => byte !== whole[i]);
    return equal < 0 || part.subarray(equal).every((byte) => byte === 0);
  }

  #look(path: string): Current {
    for (let slash = path.indexOf("/"); slash >= 0; slash = path.indexOf("/", slash + 1)) {
      const above = path.slice(0, slash);
      const facts = this.#facts(above);
      if (!facts) return { state: "absent" };
      if (!facts.isDirectory()) return { state: "absent", blockedBy: above };
    }
    const facts = this.#facts(path);
    if (!facts) return { state: "absent" };
    const kind = kindOf(facts);
    if (kind === FOLDER) return { state: "folder" };
    return kind === FILE || kind === EXECUTABLE || kind === LINK
      ? { state: "leaf", kind, seen: { mtimeMs: facts.mtimeMs, bytes: facts.size } }
      : { state: "special" };
  }

  async #sameContent(path: string, kind: number, leaf: Leaf): Promise<boolean> {
    const { fs, reader, lfs } = this.#store;
    const full = fsPath(this.#full(path));
    if (kind === LINK) {
      const target = fs.readlinkSync(full, { encoding: "buffer" });
      return toHex(hashObject("blob", target)) === leaf.id;
    }
    const { size } = await reader.facts(leaf.id);
    const pointer = await pointerOf(reader, leaf.id, size);
    if (this.#facts(path)?.size !== (pointer?.bytes ?? size)) return false;
    if (!pointer) return toHex(hashObject("blob", fs.readFileSync(full))) === leaf.id;
    const fd = fs.openSync(full, "r");
    try {
      return lfs.hash(fd).sha256 === pointer.sha256;
    } finally {
      fs.closeSync(fd);
    }
  }

  #facts(path: string): Stats | undefined {
    try {
      return this.#store.fs.lstatSync(fsPath(this.#full(path)));
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  }

  #full(path: string): string {
    return `${this.#directory}/${path}`;
  }

  #position(folder: Folder, name: string): { index: number; folder: Folder | undefined } | undefined {
    let names = this.#positions.get(folder);
    if (!names) {
      names = new Map();
      let child = 0;
      for (let i = 0; i < folder.names.length; i++) {
        const index = folder.start + i;
        const below = folder.table.kind(index) === FOLDER ? folder.folders[child++] : undefined;
        names.set(folder.names[i] as string, { index, folder: below });
      }
      this.#positions.set(folder, names);
    }
    return names.get(name);
  }
}

function capturedLeaf(table: EntryTable, index: number): Current {
  const seen = { mtimeMs: table.mtimeMs(index), bytes: table.size(index) };
  return { state: "leaf", kind: table.kind(index), id: table.id(index), seen };
}
