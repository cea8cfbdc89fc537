import type { JsonObject } from "../../util/json.ts";

/** One record of a run's journal, `schemas/run-journal.schema.json`. */
export interface JournalRecord {
  readonly writer: string;
  readonly line: JsonObject;
}

/** Follows what a run's own processes leave in its task folder. Nothing in there is trusted. */
export interface TaskFolderTail {
  /** Journal lines not seen before, in file order; invalid ones are reported through `onProblem` once. */
  readJournal(): Promise<JournalRecord[]>;
  /** Spool files with the offset up to which they were handed to the series store. */
  spools(): Promise<{ writer: string; path: string }[]>;
  /** Removes journals, spools and replies: everything in them was taken in and nobody writes them any more. */
  discard(): Promise<void>;
  /** Appends an answer for a journal request to `reply/<writer>.jsonl`. */
  reply(writer: string, answer: JsonObject): Promise<void>;
  /** Bytes of output so far; 0 when there is none. */
  outputSize(): Promise<number>;
  /** Output appended since `offset`, at most `limit` bytes. */
  readOutput(offset: number, limit: number): Promise<Buffer>;
}
