import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { writeFileAtomic } from "../../util/atomic-file.ts";
import type { JsonObject } from "../../util/json.ts";
import type { OpenProject } from "./open-project.ts";

/** `.datmo/config.json`, `schemas/project-config.schema.json`: what holds on this machine only. */
export interface ProjectSettings {
  /** Environment that runs use when nothing else is said. */
  readonly activeEnvironment?: string;
  /** Hints that were given once. */
  readonly hintsGiven?: readonly string[];
  /** Data of a run with more bytes than this is not read; 0: none is. Absent: `DATA_HASH_BYTES`. */
  readonly dataHashLimitBytes?: number;
  /** Whether it is measured what runs use. Absent: yes. */
  readonly usage?: boolean;
  /** Name of what finds metrics in the output of runs. Absent: `key-value`. */
  readonly parser?: string;
  /** Time between two such measurements. */
  readonly usageSeconds?: number;
}

/** What is read of one `--data` source when nothing else is set: some 20 s from a good disk, once. */
export const DATA_HASH_BYTES = 10_000_000_000;

/** A file that is not there, or that nobody can read, stands for the defaults. */
export async function readSettings(project: OpenProject): Promise<ProjectSettings> {
  const { activeEnvironment, hintsGiven, dataHashLimitBytes, usage, usageSeconds, parser } =
    await readAll(project);
  return {
    ...(typeof activeEnvironment === "string" ? { activeEnvironment } : {}),
    ...(Array.isArray(hintsGiven)
      ? { hintsGiven: hintsGiven.filter((hint): hint is string => typeof hint === "string") }
      : {}),
    ...(typeof dataHashLimitBytes === "number" ? { dataHashLimitBytes } : {}),
    ...(typeof usage === "boolean" ? { usage } : {}),
    ...(typeof parser === "string" ? { parser } : {}),
    ...(typeof usageSeconds === "number" ? { usageSeconds } : {}),
  };
}

/** Changes what is given; undefined removes. What a later datmo keeps there stays. */
export async function changeSettings(
  project: OpenProject,
  changes: { readonly [K in keyof ProjectSettings]: ProjectSettings[K] | undefined },
): Promise<void> {
  const settings = { v: 1, ...(await readAll(project)), ...changes };
  await writeFileAtomic(place(project), `${JSON.stringify(settings, undefined, 2)}\n`);
}

async function readAll(project: OpenProject): Promise<JsonObject> {
  try {
    const value: unknown = JSON.parse(await readFile(place(project), "utf8"));
    return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as JsonObject) : {};
  } catch {
    return {};
  }
}

function place(project: OpenProject): string {
  return join(project.datmo, "config.json");
}
