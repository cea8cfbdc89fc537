import type { BuildFacts, Environment } from "../protocol/types.ts";
import type { Json } from "../util/json.ts";
import { environmentId, HOST_DEFINITION } from "./environment-definition.ts";
import { nestFields } from "./field-paths.ts";
import { FROM_FIELD } from "./local-fields.ts";

/** A record's id, time and fields, as the store gives them. */
export interface EnvironmentFields {
  readonly id: string;
  readonly createdAt: string;
  readonly fields: { readonly [path: string]: Json };
}

/** What one machine's build gave, with the packages inside. */
export interface RecordedBuild extends BuildFacts {
  /** Packages by manager, each `[name, version]`. */
  readonly packages: { readonly [manager: string]: readonly (readonly [name: string, version: string])[] };
}

/** Id of the machine as it is. */
export const HOST_ID: string = environmentId(HOST_DEFINITION);

/** What the protocol shows of an environment's record. */
export function environmentFromRecord(record: EnvironmentFields): Environment {
  const { fields } = record;
  const [newest] = buildsOf(record);
  const text = (key: string): string | undefined =>
    typeof fields[key] === "string" ? (fields[key] as string) : undefined;
  const optional = ["image", "python", "framework", "type", "language"] as const;
  return {
    id: record.id,
    name: text("name") ?? record.id.slice(0, 8),
    kind: text("kind") ?? "docker",
    description: text("description") ?? "",
    createdAt: record.createdAt,
    files: (Array.isArray(fields["files"]) ? fields["files"] : []) as unknown as Environment["files"],
    ...Object.fromEntries(optional.flatMap((key) => (text(key) === undefined ? [] : [[key, text(key)]]))),
    ...(newest ? { build: shownBuild(newest) } : {}),
    ...(text(FROM_FIELD) === undefined ? {} : { from: text(FROM_FIELD) as string }),
  };
}

/** The machine as an environment. It has no record: it is always there. */
export function hostEnvironment(createdAt: string): Environment {
  return {
    id: HOST_ID,
    name: "host",
    kind: "host",
    description: "the machine as it is",
    createdAt,
    files: [],
  };
}

/** Its builds, newest first. */
export function buildsOf({ fields }: EnvironmentFields): RecordedBuild[] {
  const builds = Object.values(nestFields("builds", fields)) as unknown as RecordedBuild[];
  return builds.sort((a, b) => (a.at < b.at ? 1 : -1));
}

/** A build as the protocol shows it: without its packages. */
export function shownBuild({ packages: _, ...build }: RecordedBuild): BuildFacts {
  return build;
}
