import type { Command, DataSource, PortMapping, Task } from "../protocol/types.ts";
import type { Json } from "../util/json.ts";
import { contentId } from "./ids.ts";
import { maskCommand, maskVariables } from "./secrets.ts";

/** What a command asks of the place where it runs. */
export interface TaskNeeds {
  /** See `gpuWish`. */
  readonly gpu?: string;
  readonly memoryBytes?: number;
  readonly cpus?: number;
  readonly ports?: readonly PortMapping[];
  readonly data?: readonly DataSource[];
}

/** Variables whose values are asked for whenever the command is started, and kept nowhere. */
export interface TaskSecrets {
  readonly secrets?: readonly string[];
  /** Relative to the project's root, or absolute. */
  readonly envFiles?: readonly string[];
}

/** What a task consists of; its id is the hash of exactly this. */
export interface TaskDefinition extends TaskNeeds, TaskSecrets {
  readonly command: Command;
  readonly directory?: string;
  readonly driver: string;
  /** Absent: the machine as it is. */
  readonly environmentId?: string;
  readonly timeoutMs?: number;
  readonly variables?: { readonly [name: string]: string };
  readonly interactive?: boolean;
}

/** The definition behind a request, defaults left out and credentials masked, since it is kept. */
export function taskDefinition(
  params: Omit<TaskDefinition, "driver"> & { readonly driver?: string },
): TaskDefinition {
  const variables = maskVariables(params.variables ?? {});
  return {
    command: maskCommand(params.command),
    driver: params.driver ?? "host",
    ...(params.directory ? { directory: params.directory } : {}),
    ...(params.environmentId === undefined ? {} : { environmentId: params.environmentId }),
    ...needsOf(params),
    ...(params.timeoutMs === undefined ? {} : { timeoutMs: params.timeoutMs }),
    ...(Object.keys(variables).length > 0 ? { variables } : {}),
    ...(params.secrets?.length ? { secrets: [...new Set(params.secrets)].sort() } : {}),
    ...(params.envFiles?.length ? { envFiles: [...params.envFiles] } : {}),
    ...(params.interactive ? { interactive: true } : {}),
  };
}

/** The needs alone, empty ones left out. */
export function needsOf({ gpu, memoryBytes, cpus, ports, data }: TaskNeeds): TaskNeeds {
  return {
    ...(gpu === undefined ? {} : { gpu }),
    ...(memoryBytes === undefined ? {} : { memoryBytes }),
    ...(cpus === undefined ? {} : { cpus }),
    ...(ports && ports.length > 0 ? { ports } : {}),
    ...(data && data.length > 0 ? { data } : {}),
  };
}

/** Id of a task: the hash of its definition with sorted keys. */
export function taskId(definition: TaskDefinition): string {
  return contentId(`task ${canonicalJson(definition as unknown as Json)}`);
}

/** What the protocol shows of a task's record. */
export function taskFromRecord(record: {
  readonly id: string;
  readonly createdAt: string;
  readonly fields: { readonly [path: string]: Json };
}): Task {
  const definition = record.fields["definition"] as unknown as TaskDefinition;
  return { id: record.id, ...definition, createdAt: record.createdAt };
}

/** JSON with sorted keys: the same value always gives the same text. */
export function canonicalJson(value: Json): string {
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  const entries = Object.entries(value).filter(([, item]) => item !== undefined);
  entries.sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${canonicalJson(item as Json)}`).join(",")}}`;
}
