import type { RecordState } from "../../domain/merge.ts";
import type { Json, JsonObject } from "../../util/json.ts";

/** What a record is about. */
export type RecordKind = "project" | "environment" | "task" | "run" | "snapshot" | "purge" | "sweep";

/**
 * One change of one record: fields by path. A path is a JSON pointer without its leading slash
 * (`status`, `config/optimizer/lr`, `tags/best`; `~0` and `~1` escape `~` and `/`). `null` removes a field.
 * Fields are last-writer-wins registers, so changes are idempotent and commute; see `domain/merge.ts` for
 * the one exception (`status`, merged by rank).
 */
export interface Change {
  readonly kind: RecordKind;
  readonly id: string;
  readonly set: { readonly [path: string]: Json };
}

/** A record as it stands: the flat map of its fields. */
export interface StoredRecord {
  readonly kind: RecordKind;
  readonly id: string;
  /** The field `createdAt`, or the time of the first change when there is none yet. */
  readonly createdAt: string;
  readonly deleted: boolean;
  readonly fields: { readonly [path: string]: Json };
}

export interface RecordQuery {
  readonly includeDeleted?: boolean;
  /** By `createdAt`, then id. Default newest first. */
  readonly order?: "newest" | "oldest";
  readonly limit?: number;
  /** Only records after this one in the order (its createdAt and id). */
  readonly after?: { readonly createdAt: string; readonly id: string };
}

export type Durability = "power" | "process";

/** The project's records: append-only journal segments as the truth, an in-memory database as the view. */
export interface RecordStore {
  /** Resolves once the changes are durable. `power` (default): after fdatasync. `process`: after write. */
  commit(changes: readonly Change[], durability?: Durability): Promise<void>;
  /** Reading opens the view on first use and first takes in everything committed here and elsewhere. */
  get(kind: RecordKind, id: string): Promise<StoredRecord | undefined>;
  /** Ids beginning with `prefix`, deleted ones left out, at most `limit` (default 20), sorted. */
  idsByPrefix(kind: RecordKind, prefix: string, limit?: number): Promise<string[]>;
  /** Records (not deleted) whose field at `path` equals `value`; `name`, `label`, `contentKey`, `codeTree` are indexed. */
  byField(kind: RecordKind, path: string, value: string): Promise<StoredRecord[]>;
  list(kind: RecordKind, query?: RecordQuery): Promise<StoredRecord[]>;
  count(kind: RecordKind): Promise<number>;
  /** Folds the journal into a fresh snapshot and refreshes `datmo.sqlite`. */
  sync(): Promise<SyncReport>;
  /** Reads every segment and snapshot and says what is damaged. Changes nothing. */
  check(signal?: AbortSignal): Promise<StoreProblem[]>;
  /** Problems met so far (damage, gaps, read-only, network drive); each also told once through `onProblem`. */
  readonly problems: readonly StoreProblem[];
  /** The same records with the stamps of their fields, for other copies of the project. */
  readonly sharing: RecordSharing;
  /** Called after changes of other engines were taken in. */
  onForeignChange(listener: (ids: readonly { kind: RecordKind; id: string }[]) => void): void;
  /** Flushes, may checkpoint (long tail), and lets go of everything. */
  close(): Promise<void>;
}

export interface SyncReport {
  readonly generation: number;
  readonly sqlitePath: string;
  readonly records: number;
}

export interface StoreProblem {
  /** An error kind of the store category, e.g. `JOURNAL_DAMAGED`. */
  readonly kind: string;
  readonly message: string;
  readonly details: JsonObject;
}

/** One change that another copy of the project made; kinds of later versions are kept like the known ones. */
export interface SharedChange {
  readonly kind: string;
  readonly id: string;
  readonly set: { readonly [path: string]: Json };
}

/** Changes with the stamp that they were made with. */
export interface SharedTransaction {
  readonly stamp: string;
  readonly changes: readonly SharedChange[];
}

/** Operations of a later version of datmo, as JSON texts. */
export interface LaterOperations {
  readonly stamp: string;
  /** One text per operation, in their order; or a whole payload whose version is not known. */
  readonly operations: readonly string[];
  readonly isPayload: boolean;
}

/** Records with their stamps, so that copies of a project come to the same records in whatever order they meet. */
export interface RecordSharing {
  /** Every record, deleted ones too, with a text that is another one whenever a field of it was changed. */
  prints(): Promise<{ readonly kind: string; readonly id: string; readonly print: string }[]>;
  /** Values and stamps of a record; undefined when there is none. */
  state(kind: string, id: string): Promise<RecordState | undefined>;
  /** What later versions wrote and this one cannot read. */
  laterOperations(): Promise<LaterOperations[]>;
  /**
   * Takes changes in with the stamps they have; durable when it resolves. May be repeated, and cut off: then a
   * part of the transactions is there, each whole.
   */
  merge(transactions: readonly SharedTransaction[], later?: readonly LaterOperations[]): Promise<void>;
}
