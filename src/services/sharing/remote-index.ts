import { mergeChange, type RecordState } from "../../domain/merge.ts";
import type { SharedOperation } from "../../domain/shared-operations.ts";
import type { Json } from "../../util/json.ts";
import { asRecordState, encodeFacts, recordKey } from "./record-facts.ts";

/**
 * What a remote holds, as far as it was read: which fields with which stamps, which points and files. Kept in a
 * note between two pushes; losing it costs reading the remote's chains again.
 */
export class RemoteIndex {
  /** Newest commit that was read of each chain. */
  readonly tips = new Map<string, string>();
  /** Newest commit of each chain whose content is in the project. */
  readonly merged = new Map<string, string>();
  /** Hashes of operations of later versions. */
  readonly later = new Set<string>();
  /** Sealed files of points, by run. */
  readonly images = new Map<string, Set<string>>();
  /** Trees of kept files, by run. */
  readonly files = new Map<string, Set<string>>();
  /** State of a run's points here when all of them were on the remote. */
  readonly markers = new Map<string, string>();
  readonly #texts: Map<string, string>;
  readonly #open = new Map<string, RecordState>();
  readonly #prints: Map<string, string>;
  #changed = false;

  constructor(texts = new Map<string, string>(), prints = new Map<string, string>()) {
    this.#texts = texts;
    this.#prints = prints;
  }

  /** Print of a record of which the remote has everything. */
  print(kind: string, id: string): string | undefined {
    return this.#prints.get(recordKey(kind, id));
  }

  setPrint(kind: string, id: string, print: string): void {
    this.#prints.set(recordKey(kind, id), print);
    this.#changed = true;
  }

  /** Stamps of a record's fields on the remote; of values only status and deletion are known. */
  state(kind: string, id: string): RecordState | undefined {
    const key = recordKey(kind, id);
    const open = this.#open.get(key);
    if (open) return open;
    const text = this.#texts.get(key);
    if (text === undefined) return undefined;
    const state = asRecordState(text);
    this.#open.set(key, state);
    return state;
  }

  absorb({ kind, id, set, stamp }: SharedOperation): void {
    let state = this.state(kind, id);
    if (!state) {
      state = { values: new Map(), stamps: new Map(), firstMs: 0 };
      this.#open.set(recordKey(kind, id), state);
    }
    for (const [path, value] of Object.entries(set)) {
      const known: Json = value === null || path === "status" || path === "deleted" ? value : true;
      mergeChange(state, kind, { [path]: known }, stamp);
    }
    this.#changed = true;
  }

  addImage(runId: string, sha256: string): void {
    add(this.images, runId, sha256);
    this.#changed = true;
  }

  addFiles(runId: string, treeId: string): void {
    add(this.files, runId, treeId);
    this.#changed = true;
  }

  setMarker(runId: string, marker: string): void {
    if (this.markers.get(runId) === marker) return;
    this.markers.set(runId, marker);
    this.#changed = true;
  }

  setTip(sharer: string, commit: string): void {
    if (this.tips.get(sharer) === commit) return;
    this.tips.set(sharer, commit);
    this.#changed = true;
  }

  setMerged(sharer: string, commit: string): void {
    if (this.merged.get(sharer) === commit) return;
    this.merged.set(sharer, commit);
    this.#changed = true;
  }

  addLater(hash: string): void {
    this.later.add(hash);
    this.#changed = true;
  }

  /** False when there is nothing to write down. */
  get changed(): boolean {
    return this.#changed;
  }

  /** Records as texts, each with its key and print. */
  *records(): Generator<readonly [key: string, print: string, text: string], void> {
    for (const [key, state] of this.#open) this.#texts.set(key, encodeFacts(state));
    this.#open.clear();
    for (const [key, text] of this.#texts) yield [key, this.#prints.get(key) ?? "", text];
    // Records of which nothing is shared have a print all the same.
    for (const [key, print] of this.#prints) if (!this.#texts.has(key)) yield [key, print, ""];
  }
}

function add(lists: Map<string, Set<string>>, key: string, value: string): void {
  const list = lists.get(key);
  if (list) list.add(value);
  else lists.set(key, new Set([value]));
}
