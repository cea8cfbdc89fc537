import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { describe, it } from "node:test";
import { loadSqlJs } from "../../../src/store/db/sqljs.ts";

/* What the store relies on in the pinned sql.js; older and perhaps later versions differ. */
describe("sql.js, as pinned", () => {
  it("is pinned exactly, to a version whose export is harmless", () => {
    const manifest = JSON.parse(readFileSync(new URL("../../../package.json", import.meta.url), "utf8"));
    assert.match(manifest.dependencies["sql.js"], /^[0-9]+\.[0-9]+\.[0-9]+$/);
    const installed = createRequire(import.meta.url).resolve("sql.js/dist/sql-wasm.js");
    const { version } = JSON.parse(
      readFileSync(installed.replace(/dist\/sql-wasm\.js$/, "package.json"), "utf8"),
    );
    assert.equal(version, manifest.dependencies["sql.js"]);
  });

  it("keeps statements, pragmas and data across an export", async () => {
    const sql = await loadSqlJs();
    const db = new sql.Database();
    db.exec("PRAGMA foreign_keys = 1; CREATE TABLE t (x); INSERT INTO t VALUES (1), (2)");
    const statement = db.prepare("SELECT count(*) FROM t");
    const bytes = db.export();
    assert.ok(statement.step());
    assert.equal(statement.get()[0], 2);
    statement.reset();
    assert.equal(db.exec("PRAGMA foreign_keys")[0]?.values[0]?.[0], 1);
    assert.deepEqual([bytes[18], bytes[19]], [1, 1]);
    const copy = new sql.Database(Buffer.from(bytes));
    assert.equal(copy.exec("SELECT sum(x) FROM t")[0]?.values[0]?.[0], 3);
  });

  it("refuses to export inside a write transaction", async () => {
    const db = new (await loadSqlJs()).Database();
    db.exec("CREATE TABLE t (x); BEGIN; INSERT INTO t VALUES (1)");
    assert.throws(() => db.export(), /busy|locked/i);
    db.exec("COMMIT");
    assert.ok(db.export().length > 0);
  });

  it("opens a Node buffer, can grow the database in it, and leaves other databases alone", async () => {
    const sql = await loadSqlJs();
    const db = new sql.Database();
    db.exec("CREATE TABLE t (x)");
    const bytes = Buffer.from(db.export());
    const other = new sql.Database(Buffer.from(bytes));
    const grown = new sql.Database(bytes);
    grown.exec("PRAGMA journal_mode = MEMORY; BEGIN");
    const insert = grown.prepare("INSERT INTO t VALUES (?)");
    for (let n = 0; n < 500; n++) insert.run(["x".repeat(5000)]);
    grown.exec("COMMIT");
    assert.equal(grown.exec("SELECT count(*) FROM t")[0]?.values[0]?.[0], 500);
    assert.equal(grown.exec("PRAGMA integrity_check")[0]?.values[0]?.[0], "ok");
    assert.equal(other.exec("SELECT count(*) FROM t")[0]?.values[0]?.[0], 0);
  });
});
