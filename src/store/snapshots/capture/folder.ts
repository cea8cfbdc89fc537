import type { Stats } from "node:fs";
import { toHex } from "../objects/object-id.ts";
import { KIND } from "./entry-kind.ts";

/** Facts about the entries of one or many folders, as columns: flat, small, and loaded without parsing. */
export class EntryTable {
  readonly flags: Uint8Array;
  /** mtimeMs, ctimeMs, size, ino: one column after the other. */
  readonly facts: Float64Array;
  /** 20 bytes each: blob or tree. */
  readonly ids: Uint8Array;

  constructor(readonly count: number) {
    this.flags = new Uint8Array(count);
    this.facts = new Float64Array(count * 4);
    this.ids = new Uint8Array(count * 20);
  }

  /** True when the entry looks as it did. Four numbers: changing content and keeping all of them takes intent. */
  sameFacts(i: number, facts: Stats): boolean {
    const { facts: columns, count } = this;
    return (
      columns[i] === facts.mtimeMs &&
      columns[count + i] === facts.ctimeMs &&
      columns[2 * count + i] === facts.size &&
      columns[3 * count + i] === facts.ino
    );
  }

  setFacts(i: number, mtimeMs: number, ctimeMs: number, size: number, ino: number): void {
    const { facts, count } = this;
    facts[i] = mtimeMs;
    facts[count + i] = ctimeMs;
    facts[2 * count + i] = size;
    facts[3 * count + i] = ino;
  }

  size(i: number): number {
    return this.facts[2 * this.count + i] ?? 0;
  }

  mtimeMs(i: number): number {
    return this.facts[i] ?? 0;
  }

  kind(i: number): number {
    return (this.flags[i] ?? 0) & KIND;
  }

  id(i: number): string {
    return toHex(this.ids.subarray(i * 20, i * 20 + 20));
  }

  setId(i: number, id: Uint8Array): void {
    this.ids.set(id, i * 20);
  }

  copy(i: number, from: EntryTable, j: number): void {
    this.flags[i] = from.flags[j] ?? 0;
    const { facts, count } = from;
    this.setFacts(
      i,
      facts[j] ?? 0,
      facts[count + j] ?? 0,
      facts[2 * count + j] ?? 0,
      facts[3 * count + j] ?? 0,
    );
    this.ids.set(from.ids.subarray(j * 20, j * 20 + 20), i * 20);
  }
}

/** One folder of the project as it was when last looked at. */
export interface Folder {
  /** In the order in which the system lists them. */
  names: string[];
  /** Its entries are `start` … `start + names.length - 1` of the table. */
  table: EntryTable;
  start: number;
  /** Below the entries of kind FOLDER, in the same order. */
  folders: Folder[];
  /** Hexadecimal id of its tree; empty when nothing in it is content. */
  tree: string;
  /** The tree must be built again. */
  dirty: boolean;
  /** The list of names must be read again whatever the folder's times say. */
  stale: boolean;
  /** It is a virtual environment: nothing of it is taken. */
  environment: boolean;
  /** A name in it is not UTF-8. */
  raw: boolean;
}

export function newFolder(): Folder {
  return {
    names: [],
    table: new EntryTable(0),
    start: 0,
    folders: [],
    tree: "",
    dirty: true,
    stale: true,
    environment: false,
    raw: false,
  };
}

/** Everything the store remembers of the project's files. */
export interface ProjectFiles {
  readonly root: Folder;
  /** Facts of the root folder itself: mtimeMs, ctimeMs, ino, dev; and whether they are too fresh to rely on. */
  rootFacts: readonly number[];
  rootRacy: boolean;
}
