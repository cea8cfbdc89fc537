import { flattenFields, nestFields, pathKeys } from "../domain/field-paths.ts";
import { runFromRecord } from "../domain/run-record.ts";
import { maskConfig } from "../domain/secrets.ts";
import type { Run } from "../protocol/types.ts";
import type { Json, JsonObject } from "../util/json.ts";
import type { OpenProject } from "./open-project.ts";
import type { Durability } from "./ports/records.ts";

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

  async function write(set: { readonly [path: string]: Json }, durability?: Durability): Promise<void> {
    for (const [path, value] of Object.entries(set)) {
      if (value === null) delete fields[path];
      else fields[path] = value;
    }
    await project.records.commit([{ kind: "run", id, set }], durability);
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
    config: () => nestFields("config", fields) as JsonObject,
    run: () => runFromRecord({ id, createdAt, deleted: false, fields }),
  };
}

/** Nulls for fields that a new one replaces: a value where an object was, or an object where a value was. */
function replaced(fields: { readonly [path: string]: Json }, paths: readonly string[]): Record<string, null> {
  const gone: Record<string, null> = {};
  const existing = Object.keys(fields).filter((path) => path.startsWith("config/"));
  for (const path of paths) {
    for (const old of existing) {
      if (old.startsWith(`${path}/`)) gone[old] = null;
    }
    const keys = pathKeys(path);
    let parent = "";
    for (const key of path.split("/").slice(0, keys.length - 1)) {
      parent = parent === "" ? key : `${parent}/${key}`;
      if (parent in fields) gone[parent] = null;
    }
  }
  return gone;
}
