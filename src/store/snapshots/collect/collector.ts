import { resolve } from "node:path";
import { errors } from "../../../protocol/errors.ts";
import type {
  Collector,
  CollectReport,
  CollectRequest,
  FoundDamage,
  PurgeQuery,
  PurgeReport,
  PurgeTarget,
  SnapshotUsage,
} from "../../../services/ports/collecting.ts";
import type { WorkOptions } from "../../../services/ports/snapshots.ts";
import { check } from "../check.ts";
import { type FileSystem, systemFiles } from "../files/file-system.ts";
import { ObjectStore } from "../objects/object-store.ts";
import { Refs } from "../refs.ts";
import { inWords } from "../store-errors.ts";
import { collect } from "./collect.ts";
import { type PurgeRequest, purge } from "./purge.ts";
import { findTarget, holders } from "./purge-find.ts";
import { fileSystemTime } from "./small-files.ts";
import { usage } from "./usage.ts";
import { workUnderWay } from "./work-under-way.ts";

export interface CollectorOptions {
  /** The project's `.datmo`. */
  readonly datmoDirectory: string;
  /** For tests that make single calls fail. */
  readonly fs?: FileSystem;
  /** Work that began before old packs were marked is waited for this long, milliseconds. Default: three seconds. */
  readonly patienceMs?: number;
}

const PATIENCE_MS = 3_000;

/** Opens the hidden git store for what concerns all of it. Touches nothing. */
export function openCollector(options: CollectorOptions): Collector {
  return new StoreCollector(options);
}

class StoreCollector implements Collector {
  readonly #store: ObjectStore;
  readonly #refs: Refs;
  readonly #directory: string;
  readonly #patienceMs: number;
  #closed = false;

  constructor(options: CollectorOptions) {
    const fs = options.fs ?? systemFiles;
    this.#directory = resolve(options.datmoDirectory);
    this.#patienceMs = options.patienceMs ?? PATIENCE_MS;
    const gitDirectory = `${this.#directory}/git`;
    this.#store = new ObjectStore({ fs, gitDirectory, threads: 0 });
    this.#refs = new Refs(fs, gitDirectory);
  }

  collect(request: CollectRequest, options: WorkOptions = {}): Promise<CollectReport> {
    return this.#inTurn(() =>
      collect(this.#store, this.#refs, request, { ...options, patienceMs: this.#patienceMs }),
    );
  }

  usage(keptTrees: readonly string[], options: WorkOptions = {}): Promise<SnapshotUsage[]> {
    return this.#inTurn(() => usage(this.#store, this.#refs, keptTrees, options));
  }

  find(query: PurgeQuery, options: WorkOptions = {}): Promise<PurgeTarget> {
    return this.#inTurn(() => findTarget(this.#store, this.#refs, query, options));
  }

  stored(blobs: readonly string[]): Promise<string[]> {
    return this.#inTurn(async () => {
      this.#store.packs.refresh();
      return blobs.filter((id) => this.#store.reader.has(id));
    });
  }

  holders(blobs: readonly string[], options: WorkOptions = {}): Promise<string[]> {
    return this.#inTurn(() => holders(this.#store, this.#refs, new Set(blobs), options));
  }

  purge(request: PurgeRequest, options: WorkOptions = {}): Promise<PurgeReport> {
    return this.#inTurn(() => purge(this.#store, this.#refs, request, options));
  }

  isQuiet(): Promise<boolean> {
    return this.#inTurn(
      async () => (await workUnderWay(this.#store, fileSystemTime(this.#store))).length === 0,
    );
  }

  check(options: WorkOptions = {}): Promise<FoundDamage[]> {
    return this.#inTurn(() => check(this.#store, this.#refs, options));
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#store.turns.settled();
    await this.#store.close();
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (this.#closed) return Promise.reject(errors.STORE_CLOSED({}));
    const context = { operation: "what is collected", directory: this.#directory };
    return this.#store.turns.take(() => inWords(context, work));
  }
}
