import type { Json, JsonObject } from "../../util/json.ts";

/** What a record is about. */
export type RecordKind = "project" | "environment" | "task" | "run" | "snapshot";

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
