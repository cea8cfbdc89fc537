export type SqlValue = number | string | Uint8Array | null;

/** Another tool's SQLite file, read as it was when it was opened; what is written meanwhile is not seen. */
export interface ForeignDatabase {
  /** Names of a table's columns; empty when there is no such table. */
  columns(table: string): string[];
  /** Rows one at a time; the statement ends with the iteration. */
  rows(sql: string, parameters?: readonly SqlValue[]): IterableIterator<readonly SqlValue[]>;
  close(): void;
}

/** Throws an Error whose message says in a few words why the file cannot be read. Never changes anything beside it. */
export type OpenForeignDatabase = (path: string) => Promise<ForeignDatabase>;
