import type { WorkOptions } from "./snapshots.ts";

/** What a file or folder that a run gets as data held at one moment. */
export interface DataState {
  readonly kind: "file" | "folder";
  readonly files: number;
  readonly bytes: number;
  /** SHA-256 of a file's content, or of a folder's list of contents. Absent: `reason` says why. */
  readonly sha256?: string;
  readonly reason?: string;
}

/** One file of a folder in two states; a side is absent where the file was not there. */
export interface DataFileChange {
  /** `/`-separated, inside the folder. */
  readonly path: string;
  readonly a?: DataFile;
  readonly b?: DataFile;
}

export interface DataFile {
  readonly bytes: number;
  readonly sha256: string;
}

export interface DataLimit {
  /** More bytes in one source are counted and not read. */
  readonly mostBytes: number;
}

/** Contents of data that no snapshot holds: told by hashes, never kept. */
export interface DataContents {
  /**
   * Reads what has changed since it was last read. Throws CANCELLED; what cannot be read is told as a state without a
   * hash. `path` is absolute, links followed.
   */
  measure(path: string, limit: DataLimit, options?: WorkOptions): Promise<DataState>;
  /** How two states of a folder differ, sorted by path. Undefined when one of them was never measured here. */
  changes(a: string, b: string): Promise<DataFileChange[] | undefined>;
  /** Lists of contents that are kept, by hash, with their sizes on disk. */
  lists(): Promise<{ readonly sha256: string; readonly bytes: number; readonly path: string }[]>;
}
