import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { Clock } from "../../domain/clock.ts";
import { errors, isDatmoError } from "../../protocol/errors.ts";
import type {
  Change,
  Durability,
  RecordKind,
  RecordQuery,
  RecordSharing,
  RecordStore,
  SharedChange,
  StoredRecord,
  StoreProblem,
  SyncReport,
} from "../../services/ports/records.ts";
import { FORMAT_VERSION, MAX_PAYLOAD_BYTES } from "../../util/frame.ts";
import { checkpoint } from "./checkpoint.ts";
import { Checkpointer } from "./checkpointer.ts";
import { type Files, nodeFiles } from "./files.ts";
import { Follower } from "./follower.ts";
import { encodeTransaction } from "./payload.ts";
import { ProblemLog, writeError } from "./problems.ts";
import { ProjectGuard } from "./project-guard.ts";
import {
  countRecords,
  getRecord,
  type Layers,
  listRecords,
  recordIdsByPrefix,
  recordsByField,
} from "./queries.ts";
import { createRecordSharing } from "./record-sharing.ts";
import { SegmentWriter } from "./segment-writer.ts";
import { SingleFlight } from "./single-flight.ts";
import { SQLITE_COPY } from "./sqlite-copy.ts";
import { View } from "./view.ts";

export interface RecordStoreOptions {
  /** `.datmo` */
  readonly directory: string;
  /** Never write, whatever is asked. */
  readonly readonly?: boolean;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
  /** A fresh id for this process's segments: 32 hexadecimal digits, random. */
  readonly randomWriter?: () => string;
  readonly onProblem?: (problem: StoreProblem) => void;
  readonly files?: Files;
  /** Size of the index from which on no new runs are taken, bytes. */
  readonly limitBytes?: number;
}

/** The project's records. Opening does nothing; the first read or write looks at the disk. */
export function openRecordStore(options: RecordStoreOptions): RecordStore {
  return new SegmentRecordStore(options);
}

type ForeignListener = (ids: readonly { kind: RecordKind; id: string }[]) => void;

class SegmentRecordStore implements RecordStore {
  readonly sharing: RecordSharing;
  readonly #options: RecordStoreOptions;
  readonly #directory: string;
  readonly #files: Files;
  readonly #now: () => number;
  readonly #problems: ProblemLog;
  readonly #clock: Clock;
  readonly #own = new Set<string>();
  readonly #writer: SegmentWriter;
  readonly #guard: ProjectGuard;
  readonly #checkpointer: Checkpointer;
  readonly #refreshes = new SingleFlight(() => this.#refreshView());
  readonly #listeners: ForeignListener[] = [];
  #view: View | undefined;
  #follower: Follower | undefined;
  #idle: NodeJS.Timeout | undefined;
  #closing: Promise<void> | undefined;

  constructor(options: RecordStoreOptions) {
    this.#options = options;
    this.#directory = options.directory;
    this.#files = options.files ?? nodeFiles;
    this.#now = options.now ?? Date.now;
    this.#problems = new ProblemLog(options.onProblem);
    const randomWriter = options.randomWriter ?? (() => randomBytes(16).toString("hex"));
    this.#clock = new Clock(randomWriter(), this.#now);
    const { problems, directory } = { problems: this.#problems, directory: this.#directory };
    this.#writer = new SegmentWriter({
      files: this.#files,
      directory,
      randomWriter,
      onIdentity: (writer) => {
        this.#clock.writer = writer;
        this.#own.add(writer);
      },
      onLateFailure: (error) => problems.add(writeError(error, "recent changes", directory)),
    });
    const guarded = { files: this.#files, directory, problems, now: this.#now };
    this.#guard = new ProjectGuard({ ...guarded, limitBytes: options.limitBytes });
    this.#checkpointer = new Checkpointer({ ...guarded, patient: () => this.#guard.isPatient() });
    this.sharing = createRecordSharing({
      read: async () => ({ ...(await this.#read()), later: this.#view!.foreign }),
      assertWritable: (changes) => this.#assertWritable(changes),
      append: (payload, subject) => this.#append(payload, "power", subject),
    });
  }

  get problems(): readonly StoreProblem[] {
    return this.#problems.list;
  }

  async commit(changes: readonly Change[], durability: Durability = "power"): Promise<void> {
    if (changes.length === 0) return;
    this.#assertWritable(changes);
    // Above what it replaces, also where that was stamped by a clock too far ahead to be followed.
    const above = this.#view && this.#view.far !== "" ? this.#view.stampsUnder(changes) : [];
    await this.#append(encodeTransaction(this.#clock.next(above), changes), durability, changes[0]!);
    if (this.#view) this.#applySoon();
  }

  async get(kind: RecordKind, id: string): Promise<StoredRecord | undefined> {
    return getRecord(await this.#read(), kind, id);
  }

  async idsByPrefix(kind: RecordKind, prefix: string, limit = 20): Promise<string[]> {
    return recordIdsByPrefix(await this.#read(), kind, prefix, limit);
  }

  async byField(kind: RecordKind, path: string, value: string): Promise<StoredRecord[]> {
    return recordsByField(await this.#read(), kind, path, value);
  }

  async list(kind: RecordKind, query?: RecordQuery): Promise<StoredRecord[]> {
    return listRecords(await this.#read(), kind, query);
  }

  async count(kind: RecordKind): Promise<number> {
    return countRecords(await this.#read(), kind);
  }

  async sync(): Promise<SyncReport> {
    this.#assertWritable([]);
    await this.#writer.flush();
    for (let attempt = 1; ; attempt++) {
      const { outcome, generation, records } = await this.#checkpointer.checkpoint();
      if (outcome === "refused") throw this.#refusal();
      if (outcome === "lost" && attempt < SYNC_ATTEMPTS) continue;
      return { generation, sqlitePath: join(this.#directory, SQLITE_COPY), records };
    }
  }

  async check(signal?: AbortSignal): Promise<StoreProblem[]> {
    if (this.#closing) throw errors.STORE_CLOSED();
    return [...(await this.#checkpointer.check(signal))];
  }

  onForeignChange(listener: ForeignListener): void {
    this.#listeners.push(listener);
    this.#follower ??= new Follower(this.#directory, () => this.#refreshes.run());
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #append(payload: Buffer, durability: Durability, { kind, id }: SharedChange): Promise<void> {
    if (payload.length > MAX_PAYLOAD_BYTES) throw tooLong(payload.length);
    try {
      await this.#writer.append(payload, durability === "power");
    } catch (error) {
      throw this.#writeFailed(error, kind === "project" ? "the project" : `${kind} ${id}`);
    }
  }

  async #read(): Promise<Layers> {
    if (this.#closing) throw errors.STORE_CLOSED();
    this.#guard.assertProject();
    await this.#refreshes.run();
    if (this.#closing) throw errors.STORE_CLOSED();
    return this.#view!.layers;
  }

  async #refreshView(): Promise<void> {
    this.#view ??= this.#newView();
    try {
      await this.#view.refresh();
    } catch (error) {
      if (isDatmoError(error)) throw error;
      throw errors.STORE_UNREADABLE({ reason: (error as Error).message }, { cause: error });
    }
    if (!this.#isReadonly()) this.#checkpointer.consider(this.#view.tail, this.#view.bad.size > 0);
  }

  #newView(): View {
    return new View({
      files: this.#files,
      directory: this.#directory,
      problems: this.#problems,
      clock: this.#clock,
      now: this.#now,
      patient: this.#guard.isPatient(),
      own: this.#own,
      foreignListener: () => (this.#listeners.length > 0 ? (ids) => this.#tell(ids) : undefined),
    });
  }

  #tell(ids: readonly { kind: string; id: string }[]): void {
    const known = ids as readonly { kind: RecordKind; id: string }[];
    for (const listener of this.#listeners) listener(known);
  }

  /** Own commits are taken in while nobody waits, so that the next read finds little to do. */
  #applySoon(): void {
    this.#idle ??= setTimeout(() => {
      this.#idle = undefined;
      if (!this.#closing) this.#refreshes.run().catch(() => {});
    }, IDLE_MS).unref();
  }

  /** Throws what keeps this engine from writing. */
  #assertWritable(changes: readonly SharedChange[]): void {
    if (this.#closing) throw errors.STORE_CLOSED();
    this.#guard.assertProject();
    if (this.#options.readonly) throw errors.READ_ONLY({ reason: "it was opened read-only" });
    if (this.#view && (this.#view.newer !== undefined || this.#view.damaged)) throw this.#refusal();
    if (changes.some(({ kind, set }) => kind === "run" && "createdAt" in set)) this.#guard.assertRoom();
  }

  #isReadonly(): boolean {
    return this.#options.readonly === true || this.#view?.newer !== undefined || this.#view?.damaged === true;
  }

  /** Why the project must not be written to, as its problems tell. */
  #refusal(): Error {
    const newer = this.#problems.list.find(({ kind }) => kind === "FORMAT_NEWER");
    if (newer) return errors.FORMAT_NEWER({ found: newer.details["found"] as number, known: FORMAT_VERSION });
    return errors.READ_ONLY({ reason: "its index is damaged" });
  }

  #writeFailed(error: unknown, subject: string): Error {
    const failure = writeError(error, subject, this.#directory);
    if (failure.kind === "READ_ONLY") this.#problems.add(failure);
    return failure;
  }

  async #close(): Promise<void> {
    clearTimeout(this.#idle);
    this.#follower?.close();
    await this.#writer.close();
    await this.#refreshes.settled();
    if (!this.#isReadonly()) await this.#checkpointAtEnd();
    await this.#checkpointer.close();
    this.#view?.drop();
  }

  /** A long tail would cost every later start; folding it now costs this one exit, at most 2 % of the time. */
  async #checkpointAtEnd(): Promise<void> {
    try {
      const view = this.#view;
      if (!view) {
        if (this.#hasLeftMuch() && this.#checkpointer.isDue(this.#writer.written))
          await this.#checkpointer.checkpoint();
        return;
      }
      const { bytes, finished } = view.tail;
      if (!(bytes > TAIL_BYTES || finished > TAIL_SEGMENTS) || !this.#checkpointer.isDue(bytes)) return;
      await view.refresh();
      await checkpoint(view, {
        files: this.#files,
        directory: this.#directory,
        problems: this.#problems,
        now: this.#now,
        patient: this.#guard.isPatient(),
      });
    } catch (error) {
      if (!isDatmoError(error)) this.#checkpointer.failed(error);
    }
  }

  /** For an engine that only wrote, and so knows no more than what it wrote and how many files there are. */
  #hasLeftMuch(): boolean {
    if (this.#writer.written === 0) return false;
    if (this.#writer.written > TAIL_BYTES) return true;
    return this.#files.namesSync(join(this.#directory, "seg")).length > TAIL_SEGMENTS;
  }
}

const SYNC_ATTEMPTS = 5;
const IDLE_MS = 100;
/** What a clean exit folds: a longer tail than this, bytes, or more segments. */
const TAIL_BYTES = 64 * 1024;
const TAIL_SEGMENTS = 64;

function tooLong(bytes: number): Error {
  const megabytes = Math.ceil(bytes / 1024 / 1024);
  return errors.MESSAGE_TOO_LARGE({ megabytes, limitMegabytes: MAX_PAYLOAD_BYTES / 1024 / 1024 });
}
