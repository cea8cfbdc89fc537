import type { JsonObject } from "../util/json.ts";

/** What a param of a method reaches outside of what datmo keeps. */
export interface PathRule {
  readonly access: "read" | "write" | "run";
  /** The param; `spool.file` is a field of one. Absent: `fixed` says what is reached. */
  readonly param?: string;
  /** Relative to the project's root. */
  readonly fixed?: string;
}

/**
 * Every method that a plugin or agent can be granted and that reads or writes files of the user's. A method that runs
 * commands is none of them: who may call it may do anything.
 */
export const PATH_RULES: Readonly<Record<string, readonly PathRule[]>> = {
  "environment.setup": [{ access: "write", fixed: "datmo_environment" }],
  "environment.create": [{ access: "read", param: "paths" }],
  "environment.export": [{ access: "write", param: "directory" }],
  "file.log": [{ access: "read", param: "path" }],
  "file.get": [{ access: "write", param: "destination" }],
  "metric.log": [{ access: "read", param: "spool.file" }],
  "run.create": [
    { access: "read", param: "directory" },
    // It is started, to be asked for its packages.
    { access: "run", param: "pythonExecutable" },
  ],
  "snapshot.create": [
    { access: "read", param: "paths" },
    { access: "read", param: "configFile" },
    { access: "read", param: "metricsFile" },
    { access: "read", param: "environmentPaths" },
  ],
  "snapshot.checkout": [{ access: "write", fixed: "." }],
  // Read when the task is run, into its variables.
  "task.create": [{ access: "read", param: "envFiles" }],
};

/** Params with names of files that reach nothing: parts of what is kept, or words of a record. */
export const HARMLESS_PATHS: Readonly<Record<string, readonly string[]>> = {
  "file.get": ["path"],
  "run.diff": ["paths"],
  "snapshot.diff": ["paths"],
  "task.create": ["directory", "data"],
};

/** The values that a rule is about. */
export function pathsOf({ param, fixed }: PathRule, params: JsonObject): string[] {
  if (fixed !== undefined) return [fixed];
  let value: unknown = params;
  for (const key of (param ?? "").split(".")) value = (value as JsonObject | undefined)?.[key];
  const values = Array.isArray(value) ? value : [value];
  return values.filter((it): it is string => typeof it === "string");
}
