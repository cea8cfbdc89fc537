import { open, readFile, stat } from "node:fs/promises";
import type { ForeignDatabase, SqlValue } from "../../services/ports/foreign-databases.ts";
import { loadSqlJs } from "./sqljs.ts";
import { withWal } from "./wal.ts";

const MAGIC = "SQLite format 3\0";
/** All of it is held in memory, and WebAssembly has no more. */
const MOST_BYTES = 1024 * 1024 * 1024;

/** Opens an SQLite file of another tool: a copy of it in memory, with what its write-ahead log has besides. */
export async function openForeignDatabase(path: string): Promise<ForeignDatabase> {
  const { size } = await stat(path);
  if (!(await isSqlite(path))) throw new Error("it is no SQLite database");
  if (size > MOST_BYTES) throw new Error("it is bigger than 1 GiB, which cannot be read");
  const main = await readFile(path);
  const wal = await readFile(`${path}-wal`).catch(() => undefined);
  const bytes = wal === undefined || wal.length === 0 ? main : withWal(main, wal);
  // A copy without its log is none of those that have one.
  if (bytes.length > 19) bytes.fill(1, 18, 20);
  const sql = await loadSqlJs();
  const database = new sql.Database(bytes);
  try {
    database.exec("SELECT count(*) FROM sqlite_master");
  } catch (error) {
    database.close();
    throw new Error(`its content is damaged (${(error as Error).message})`);
  }
  return {
    columns(table) {
      const [found] = database.exec(`PRAGMA table_info("${table.replaceAll('"', '""')}")`);
      return (found?.values ?? []).map((row) => String(row[1]));
    },
    *rows(text, parameters = []) {
      const statement = database.prepare(text);
      try {
        statement.bind([...parameters]);
        while (statement.step()) yield statement.get() as SqlValue[];
      } catch (error) {
        throw new Error(`its content is damaged (${(error as Error).message})`);
      } finally {
        statement.free();
      }
    },
    close: () => database.close(),
  };
}

async function isSqlite(path: string): Promise<boolean> {
  const file = await open(path, "r");
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(MAGIC.length), 0, MAGIC.length, 0);
    return bytesRead === MAGIC.length && buffer.toString("latin1") === MAGIC;
  } finally {
    await file.close();
  }
}
