import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { setFlagsFromString } from "node:v8";
import type { Database, SqlJsStatic, Statement } from "sql.js";

export type { Database, SqlJsStatic, Statement };

let loaded: Promise<SqlJsStatic> | undefined;

/** SQLite as WebAssembly, loaded once per process or worker, when a database is first needed. */
export function loadSqlJs(): Promise<SqlJsStatic> {
  loaded ??= load().catch((error: unknown) => {
    // Too many open files, say: the next query may have more luck.
    loaded = undefined;
    throw error;
  });
  return loaded;
}

async function load(): Promise<SqlJsStatic> {
  // V8 would compile a function once more, optimized, after some milliseconds of use; for a process that asks
  // one question that costs more than all else, and 40 MB. At 500 times the default it is still done for long work.
  setFlagsFromString(`--wasm-tiering-budget=${TIERING_BUDGET * 500}`);
  const [{ default: initSqlJs }, wasmBinary] = await Promise.all([
    import("sql.js/dist/sql-wasm.js"),
    readFile(wasmLocation()),
  ]);
  // The old extension functions (acos, charindex, …) are not used; registering them costs start-up time.
  const config = { wasmBinary, useOldExtensionFunctions: false };
  const sql = await initSqlJs(config as unknown as Parameters<typeof initSqlJs>[0]);
  // The module keeps what it was made with. V8 takes no compiled code, Node's own included, under other flags.
  setFlagsFromString(`--wasm-tiering-budget=${TIERING_BUDGET}`);
  return sql;
}

/** V8's default. */
const TIERING_BUDGET = Number.parseInt(process.versions.v8, 10) < 12 ? 1_800_000 : 13_000_000;

/** Beside the chunk in the built engine, in the package when the sources run directly. */
function wasmLocation(): URL | string {
  if (import.meta.url.endsWith(".ts")) {
    return createRequire(import.meta.url).resolve("sql.js/dist/sql-wasm.wasm");
  }
  return new URL("./sql-wasm.wasm", import.meta.url);
}
