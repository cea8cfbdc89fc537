import { flattenFields, nestFields } from "../../domain/field-paths.ts";
import { runFromRecord } from "../../domain/run-record.ts";
import { maskConfig } from "../../domain/secrets.ts";
import type { Run } from "../../protocol/types.ts";
import type { Json, JsonObject } from "../../util/json.ts";
import type { Durability } from "../ports/records.ts";
import type { OpenProject } from "../project/open-project.ts";

/**
 * The fields of a run that this engine owns, as it wrote them. Owning engines answer from here, so that a
 * training script's engine never opens the database.
 */
export interface RunFields {
  readonly id: string;
  /** Writes fields; resolves when they are durable. */
  write(set: { readonly [path: string]: Json }, durability?: Durability): Promise<void>;
  /** Deep-merges into the run's config, credentials masked. */
  mergeConfig(config: JsonObject, durability?: Durability): Promise<void>;
  get(path: string): Json | undefined;
  /** As they stand; not to be kept. */
  all(): { readonly [path: string]: Json };
  config(): JsonObject;
  run(): Run;
}

export function createRunFields(
  project: OpenProject,
  id: string,
  createdAt: string,
  known: { readonly [path: string]: Json } = {},
): RunFields {
  const fields: Record<string, Json> = { ...known };
  /** Fields whose last write failed: they go with the next one. */
  const unwritten = new Set<string>();

  async function write(set: { readonly [path: string]: Json }, durability?: Durability): Promise<void> {
    for (const [path, value] of Object.entries(set)) {
      if (value === null) delete fields[path];
      else fields[path] = value;
    }
    const again = Object.fromEntries([...unwritten].map((path) => [path, fields[path] ?? null]));
    const all = { ...again, ...set };
    try {
      await project.records.commit([{ kind: "run", id, set: all }], durability);
      for (const path of Object.keys(again)) unwritten.delete(path);
    } catch (error) {
      for (const path of Object.keys(all)) unwritten.add(path);
      throw error;
    }
  }

  return {
    id,
    write,
    async mergeConfig(config, durability) {
      const set = flattenFields("config", maskConfig(config));
      if (Object.keys(set).length === 0) return;
      await write({ ...replaced(fields, Object.keys(set)), ...set }, durability);
    },
    get: (path) => fields[path],
    all: () => fields,
    config: () => nestFields("config", fields) as JsonObject,
    run: () => runFromRecord({ id, createdAt, deleted: false, fields }),
  };
}

/** Nulls for fields that a new one replaces: a value where an object was, or an object where a value was. */
function replaced(fields: { readonly [path: string]: Json }, paths: readonly string[]): Record<string, null> {
  const gone: Record<string, null> = {};
  const given = new Set(paths);
  for (const old of Object.keys(fields)) {
    if (old.startsWith("config/") && pathsAbove(old).some((above) => given.has(above))) gone[old] = null;
  }
  for (const path of paths) {
    for (const above of pathsAbove(path)) if (above in fields) gone[above] = null;
  }
  return gone;
}

/** `a` and `a/b` for `a/b/c`. */
function pathsAbove(path: string): string[] {
  const above: string[] = [];
  for (let end = path.indexOf("/"); end >= 0; end = path.indexOf("/", end + 1))
    above.push(path.slice(0, end));
  return above;
}
