/*
 * The database inside a snapshot (`snap/*.sqlite`, and its copy `datmo.sqlite`). datmo reads the table
 * `record` only; the views are for people with a stock sqlite3.
 */

/* The key of a summary is `metrics/<name>/<writer>`, neither with a `/` of its own. */
const METRIC_NAME = unescaped("substr(j.key, 9, instr(substr(j.key, 9), '/') - 1)");
const METRIC_WRITER = "substr(j.key, 9 + instr(substr(j.key, 9), '/'))";

/** Large pages hold several records each; records of a run with some metrics are 2–3 KB. */
export const PAGE_SIZE = 16384;

/** `DATM`, for file(1). */
const APPLICATION_ID = 0x4441544d;

export const SCHEMA = `
PRAGMA page_size = ${PAGE_SIZE};
PRAGMA application_id = ${APPLICATION_ID};
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE record (
  kind TEXT NOT NULL, id TEXT NOT NULL, created_at TEXT NOT NULL, deleted INTEGER NOT NULL,
  name TEXT, label TEXT, content_key TEXT, code_tree TEXT,
  doc TEXT NOT NULL,
  stamps TEXT NOT NULL
);
CREATE UNIQUE INDEX record_id ON record (kind, id);
CREATE INDEX record_order ON record (kind, created_at, id, deleted);
CREATE INDEX record_name ON record (kind, name) WHERE name IS NOT NULL;
CREATE INDEX record_label ON record (kind, label) WHERE label IS NOT NULL;
CREATE INDEX record_content_key ON record (kind, content_key) WHERE content_key IS NOT NULL;
CREATE INDEX record_code_tree ON record (kind, code_tree) WHERE code_tree IS NOT NULL;
CREATE TABLE foreign_operation (
  stamp TEXT NOT NULL, position INTEGER NOT NULL, raw TEXT NOT NULL, PRIMARY KEY (stamp, position)
) WITHOUT ROWID;
CREATE VIEW runs AS SELECT
  id, ${fields("name", "status", "type", "exitCode", "command", "driver", "taskId", "environmentId")},
  ${fields("beforeSnapshotId", "afterSnapshotId", "message")}, created_at AS createdAt,
  ${fields("startedAt", "endedAt")},
  (SELECT group_concat(substr(j.key, 6), ', ') FROM json_each(doc) AS j
    WHERE j.key LIKE 'tags/%' AND j.atom = 1) AS tags
  FROM record WHERE kind = 'run' AND deleted = 0;
CREATE VIEW config AS SELECT
  r.kind AS owner, r.id AS id, ${unescaped("substr(j.key, 8)")} AS key, j.value AS value
  FROM record AS r, json_each(r.doc) AS j
  WHERE r.kind IN ('run', 'snapshot') AND r.deleted = 0 AND j.key LIKE 'config/%';
CREATE VIEW metric_summaries AS SELECT
  r.id AS run, ${METRIC_NAME} AS name, ${METRIC_WRITER} AS writer,
  ${numbers("j.value", "last", "step", "at", "min", "max", "n")}
  FROM record AS r, json_each(r.doc) AS j
  WHERE r.kind = 'run' AND r.deleted = 0 AND j.key LIKE 'metrics/%/%' AND NOT EXISTS (
    SELECT 1 FROM json_each(r.doc) AS a, json_each(a.value, '$.covers') AS c
    WHERE a.key = substr(j.key, 1, length(j.key) - length(${METRIC_WRITER})) || 'all' AND c.value = ${METRIC_WRITER});
CREATE VIEW metrics AS SELECT a.run, a.name, a.last, a.step, b.min, b.max, b.count FROM
  (SELECT run, name, last, step, max(at) FROM metric_summaries GROUP BY run, name) AS a JOIN
  (SELECT run, name, min(min) AS min, max(max) AS max, sum(n) AS count
    FROM metric_summaries GROUP BY run, name) AS b ON a.run = b.run AND a.name = b.name;
CREATE VIEW snapshots AS SELECT
  id, ${fields("label", "message", "visible", "runId", "codeTree", "environmentId")}, created_at AS createdAt
  FROM record WHERE kind = 'snapshot' AND deleted = 0;
CREATE VIEW datmo_readme AS SELECT
  'A read-only copy of the project''s records, made by datmo. Changes here are not seen by datmo and are '
  || 'overwritten; run "datmo sync" to refresh it. Look at: runs, config, metrics, snapshots.' AS note;
`;

function fields(...names: string[]): string {
  return names.map((name) => `json_extract(doc, '$."${name}"') AS ${name}`).join(", ");
}

function numbers(json: string, ...names: string[]): string {
  return names.map((name) => `json_extract(${json}, '$.${name}') AS ${name}`).join(", ");
}

function unescaped(expression: string): string {
  return `replace(replace(${expression}, '~1', '/'), '~0', '~')`;
}
