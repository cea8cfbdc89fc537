import { isId } from "../domain/ids.ts";
import type { DatmoError } from "../protocol/errors.ts";
import { errors } from "../protocol/errors.ts";
import type { RecordKind, StoredRecord } from "./ports/records.ts";
import type { OpenProject } from "./project/open-project.ts";

interface Wording {
  /** Field that may be used in place of the id where it is unique. */
  readonly alias: string | undefined;
  notFound(id: string): DatmoError;
  /** `hint`: absent, the one for beginnings of ids. */
  ambiguous(id: string, candidates: string[], count: number, hint?: string): DatmoError;
}

type Findable = "run" | "snapshot" | "task" | "environment" | "sweep";

const WORDING: Record<Findable, Wording> = {
  run: {
    alias: "name",
    notFound: (id) => errors.RUN_NOT_FOUND({ id }),
    ambiguous: (id, candidates, count, hint) =>
      errors.RUN_AMBIGUOUS({ id, count, list: candidates.join(", "), candidates }, hinted(hint)),
  },
  snapshot: {
    alias: "label",
    notFound: (id) => errors.SNAPSHOT_NOT_FOUND({ id }),
    ambiguous: (id, candidates, count, hint) =>
      errors.SNAPSHOT_AMBIGUOUS({ id, count, list: candidates.join(", "), candidates }, hinted(hint)),
  },
  task: {
    alias: undefined,
    notFound: (id) => errors.TASK_NOT_FOUND({ id }),
    ambiguous: (id, candidates, count) =>
      errors.TASK_AMBIGUOUS({ id, count, list: candidates.join(", "), candidates }),
  },
  environment: {
    alias: "name",
    notFound: (id) => errors.ENVIRONMENT_NOT_FOUND({ id }),
    ambiguous: (id, candidates, count) =>
      errors.ENVIRONMENT_AMBIGUOUS({ id, count, list: candidates.join(", "), candidates }),
  },
  sweep: {
    alias: "name",
    notFound: (id) => errors.SWEEP_NOT_FOUND({ id }),
    ambiguous: (id, candidates, count, hint) =>
      errors.SWEEP_AMBIGUOUS({ id, count, list: candidates.join(", "), candidates }, hinted(hint)),
  },
};

/** Shortest prefix that is accepted in place of an id. */
const SHORTEST_PREFIX = 4;
const CANDIDATES = 20;

/** The record somebody means: by exact id, then exact name or label, then unique prefix of the id. */
export async function findRecord(
  project: OpenProject,
  kind: Findable,
  asked: string,
  options: { readonly deleted?: boolean } = {},
): Promise<StoredRecord> {
  const words = WORDING[kind];
  if (isId(asked)) {
    const exact = await project.records.get(kind, asked);
    if (exact && (!exact.deleted || options.deleted)) return stillThere(exact);
  }
  if (words.alias) {
    const named = await project.records.byField(kind, words.alias, asked);
    if (named.length === 1 && named[0]) return named[0];
    if (named.length > 1) {
      // The list is for reading: the newest first, as everywhere.
      const ids = named.map((record) => record.id).slice(0, CANDIDATES);
      const hint = `Several ${kind}s have this ${words.alias}: give the id of the one you mean.`;
      throw words.ambiguous(asked, ids, named.length, hint);
    }
  }
  return byPrefix(project, kind, asked, words, options.deleted === true);
}

function hinted(hint: string | undefined): { hint?: string } {
  return hint === undefined ? {} : { hint };
}

async function byPrefix(
  project: OpenProject,
  kind: RecordKind,
  asked: string,
  words: Wording,
  deleted: boolean,
): Promise<StoredRecord> {
  if (asked.length < SHORTEST_PREFIX || !/^[a-z2-7]+$/.test(asked)) throw words.notFound(asked);
  const ids = deleted
    ? (await project.records.list(kind, { includeDeleted: true }))
        .filter((record) => record.id.startsWith(asked))
        .map((record) => record.id)
    : await project.records.idsByPrefix(kind, asked, CANDIDATES + 1);
  if (ids.length > 1) throw words.ambiguous(asked, ids.slice(0, CANDIDATES), ids.length);
  const record = ids[0] === undefined ? undefined : await project.records.get(kind, ids[0]);
  if (!record) throw words.notFound(asked);
  return stillThere(record);
}

/** Of a run that was deleted and collected only the fact is left. */
function stillThere(record: StoredRecord): StoredRecord {
  const at = record.fields["collected"];
  if (record.kind === "run" && typeof at === "string") throw errors.RUN_COLLECTED({ id: record.id, at });
  return record;
}
