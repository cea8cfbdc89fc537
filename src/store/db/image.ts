import type { Stamp } from "../../domain/clock.ts";
import { isDeletedRecord, type RecordState, recordCreatedAt } from "../../domain/merge.ts";
import { errors } from "../../protocol/errors.ts";
import type { Json } from "../../util/json.ts";
import { BadImage, sealImage, verifyImage } from "./image-file.ts";
import { SCHEMA } from "./image-schema.ts";
import type { Damage } from "./journal.ts";
import type { ForeignOperation } from "./payload.ts";
import { encodeDocument, encodeStamps, type RecordRow } from "./record-row.ts";
import { type Database, loadSqlJs, type Statement } from "./sqljs.ts";

/** What a snapshot says about itself. */
export interface ImageState {
  /** Number of the snapshot; 0 in one that was never published. */
  readonly generation: number;
  /** By writer: segment, offset, sequence; see `Position`. */
  readonly vector: { readonly [writer: string]: readonly [number, number, number] };
  readonly damage: readonly Damage[];
  /** Highest believable stamp in it, and the highest that was too far ahead; empty when there is none. */
  readonly latest: Stamp | "";
  readonly far: Stamp | "";
}

export interface RowQuery {
  readonly order: "newest" | "oldest";
  readonly after?: { readonly createdAt: string; readonly id: string } | undefined;
}

/** Fields with a column and an index of their own. */
const COLUMNS: Readonly<Record<string, string>> = {
  name: "name",
  label: "label",
  contentKey: "content_key",
  codeTree: "code_tree",
};

/** A snapshot opened as a database in memory. */
export class Image {
  readonly state: ImageState;
  readonly #db: Database;
  readonly #statements = new Map<string, Statement>();
  #writable = false;

  private constructor(db: Database, state: ImageState) {
    this.#db = db;
    this.state = state;
  }

  /** Throws BadImage. The image keeps `bytes`: do not touch them again. */
  static async open(bytes: Promise<Buffer>): Promise<Image> {
    // SQLite compiles in the background while the bytes are read and checked.
    const [sql] = await Promise.all([loadSqlJs(), bytes.then(verifyImage)]);
    const db = new sql.Database(await bytes);
    try {
      const statement = db.prepare("SELECT value FROM meta WHERE key = 'state'");
      if (!statement.step()) throw new BadImage("no state");
      const state = JSON.parse(statement.get()[0] as string) as ImageState;
      statement.free();
      return new Image(db, state);
    } catch (error) {
      db.close();
      throw error instanceof BadImage ? error : new BadImage(String(error), { cause: error });
    }
  }

  static async empty(): Promise<Image> {
    const sql = await loadSqlJs();
    const db = new sql.Database();
    db.exec(SCHEMA);
    return new Image(db, { generation: 0, vector: {}, damage: [], latest: "", far: "" });
  }

  /** The document and the stamps of a record. */
  get(kind: string, id: string): { row: RecordRow; stamps: string } | undefined {
    const sql = `SELECT ${ROW}, stamps FROM record WHERE kind = ? AND id = ?`;
    return guarded(() => {
      const statement = this.#bind(sql, [kind, id]);
      if (!statement.step()) return undefined;
      const values = statement.get();
      return { row: toRow(values), stamps: values[4] as string };
    });
  }

  /** Rows of a kind in their order; nothing else may be asked of the image while they are taken. */
  *rows(kind: string, query: RowQuery): Generator<RecordRow, void> {
    const [direction, sign] = query.order === "newest" ? ["DESC", "<"] : ["ASC", ">"];
    const after = query.after ? `AND (created_at, id) ${sign} (?, ?)` : "";
    const order = `ORDER BY created_at ${direction}, id ${direction}`;
    const values = query.after ? [kind, query.after.createdAt, query.after.id] : [kind];
    yield* this.#select(`SELECT ${ROW} FROM record WHERE kind = ? ${after} ${order}`, values);
  }

  /** Rows whose field may equal `value`, deleted ones left out: all that do, hardly any that do not. */
  *rowsByField(kind: string, path: string, value: string): Generator<RecordRow, void> {
    const column = Object.hasOwn(COLUMNS, path) ? COLUMNS[path] : undefined;
    if (column) {
      const sql = `SELECT ${ROW} FROM record WHERE kind = ? AND ${column} = ? AND deleted = 0`;
      yield* this.#select(sql, [kind, value]);
      return;
    }
    const sql = `SELECT ${ROW} FROM record WHERE kind = ? AND deleted = 0 AND instr(doc, ?) > 0`;
    yield* this.#select(sql, [kind, JSON.stringify(value)]);
  }

  /** Every record of every kind. */
  *all(): Generator<{ kind: string; id: string; doc: string; stamps: string }, void> {
    const statement = this.#bind("SELECT kind, id, doc, stamps FROM record", []);
    while (statement.step()) {
      const [kind, id, doc, stamps] = statement.get() as string[];
      yield { kind: kind!, id: id!, doc: doc!, stamps: stamps! };
    }
  }

  /** Every record with the text of its stamps. */
  *stampTexts(): Generator<{ kind: string; id: string; stamps: string }, void> {
    const statement = this.#bind("SELECT kind, id, stamps FROM record", []);
    while (statement.step()) {
      const [kind, id, stamps] = statement.get() as string[];
      yield { kind: kind!, id: id!, stamps: stamps! };
    }
  }

  idsByPrefix(kind: string, prefix: string, limit: number): string[] {
    const sql =
      "SELECT id FROM record WHERE kind = ? AND id >= ? AND id < ? AND deleted = 0 ORDER BY id LIMIT ?";
    return guarded(() => {
      const statement = this.#bind(sql, [kind, prefix, `${prefix}\uffff`, limit]);
      const ids: string[] = [];
      while (statement.step()) ids.push(statement.get()[0] as string);
      return ids;
    });
  }

  /** Records that are not deleted. */
  count(kind: string): number {
    return guarded(() => {
      const statement = this.#bind("SELECT count(*) FROM record WHERE kind = ? AND deleted = 0", [kind]);
      statement.step();
      return statement.get()[0] as number;
    });
  }

  /** Records of every kind, deleted ones left out. */
  countAll(): number {
    return guarded(() => {
      const statement = this.#bind("SELECT count(*) FROM record WHERE deleted = 0", []);
      statement.step();
      return statement.get()[0] as number;
    });
  }

  /** Puts records in, one transaction. */
  write(records: Iterable<{ kind: string; id: string; record: RecordState }>): void {
    this.#inTransaction(() => {
      for (const { kind, id, record } of records) {
        this.#bind(UPSERT, [
          kind,
          id,
          recordCreatedAt(record),
          isDeletedRecord(record) ? 1 : 0,
          ...Object.keys(COLUMNS).map((path) => textOrNull(record.values.get(path))),
          Buffer.from(encodeDocument(record)),
          Buffer.from(encodeStamps(record)),
        ]).step();
      }
    });
  }

  /** Keeps operations of a later version. */
  writeForeign(operations: Iterable<ForeignOperation>): void {
    this.#inTransaction(() => {
      for (const { stamp, position, raw } of operations) {
        this.#bind("INSERT OR IGNORE INTO foreign_operation VALUES (?, ?, ?)", [stamp, position, raw]).step();
      }
    });
  }

  foreignOperations(): ForeignOperation[] {
    const statement = this.#bind("SELECT stamp, position, raw FROM foreign_operation ORDER BY 1, 2", []);
    const found: ForeignOperation[] = [];
    while (statement.step()) {
      const [stamp, position, raw] = statement.get();
      found.push({ stamp: stamp as string, position: position as number, raw: raw as string });
    }
    return found;
  }

  /** What SQLite itself finds wrong; empty when nothing. */
  integrity(): string[] {
    const result = this.#db.exec("PRAGMA integrity_check");
    return (result[0]?.values ?? []).map((row) => String(row[0])).filter((line) => line !== "ok");
  }

  /** The bytes of a snapshot with this state. */
  export(state: ImageState): Buffer {
    this.#inTransaction(() => {
      this.#bind("INSERT OR REPLACE INTO meta VALUES ('state', ?)", [JSON.stringify(state)]).step();
    });
    const bytes = this.#db.export();
    const image = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    sealImage(image);
    return image;
  }

  close(): void {
    this.#db.close();
  }

  *#select(sql: string, values: readonly (string | number)[]): Generator<RecordRow, void> {
    const statement = this.#bind(sql, values);
    try {
      while (guarded(() => statement.step())) yield toRow(statement.get());
    } finally {
      statement.reset();
    }
  }

  #bind(sql: string, values: readonly (string | number | Uint8Array | null)[]): Statement {
    const statement = this.#statements.get(sql) ?? this.#db.prepare(sql);
    this.#statements.set(sql, statement);
    statement.bind([...values]);
    return statement;
  }

  #inTransaction(act: () => void): void {
    if (!this.#writable) {
      // The file is in memory: a rollback journal beside it would protect nothing.
      this.#db.exec("PRAGMA journal_mode = MEMORY");
      this.#writable = true;
    }
    this.#db.exec("BEGIN");
    try {
      act();
      for (const statement of this.#statements.values()) statement.reset();
      this.#db.exec("COMMIT");
    } catch (error) {
      for (const statement of this.#statements.values()) statement.reset();
      this.#db.exec("ROLLBACK");
      throw error;
    }
  }
}

const ROW = "id, created_at, deleted, doc";
/* Long texts go in as bytes: sql.js would encode them one character at a time. */
const UPSERT = `INSERT INTO record (kind, id, created_at, deleted, ${Object.values(COLUMNS).join(", ")}, doc, stamps)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, CAST(? AS TEXT), CAST(? AS TEXT)) ON CONFLICT (kind, id) DO UPDATE SET created_at = excluded.created_at,
  deleted = excluded.deleted, ${Object.values(COLUMNS)
    .map((column) => `${column} = excluded.${column}`)
    .join(", ")}, doc = excluded.doc, stamps = excluded.stamps`;

function toRow(values: readonly unknown[]): RecordRow {
  return {
    id: values[0] as string,
    createdAt: values[1] as string,
    deleted: values[2] === 1,
    doc: values[3] as string,
  };
}

function textOrNull(value: Json | undefined): string | null {
  return typeof value === "string" ? value : null;
}

/** SQLite in WebAssembly ends at 2 GiB of working memory; it says so and goes on working. */
function guarded<T>(act: () => T): T {
  try {
    return act();
  } catch (error) {
    if (error instanceof Error && error.message.includes("out of memory")) {
      throw errors.QUERY_TOO_LARGE(undefined, { cause: error });
    }
    throw error;
  }
}
