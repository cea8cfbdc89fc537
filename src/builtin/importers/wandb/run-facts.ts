import type { ImportedFacts } from "../../../services/ports/importers.ts";
import type { Json } from "../../../util/json.ts";
import { setKey } from "../../../util/json-merge.ts";
import type { EnvironmentFacts, RunRecord } from "./run-record.ts";

/** How a run ended: `code` is absent when nobody saw it; `seconds` is how long it ran. */
export interface WandbEnd {
  readonly code?: number;
  readonly seconds?: number;
}

/** What is told of a run, once its logs were read. `last`: time of its last point, milliseconds since the epoch. */
export function factsOf(
  run: RunRecord,
  environment: EnvironmentFacts,
  parts: { readonly config: Record<string, Json>; readonly summary: Record<string, Json> },
  { code, seconds }: WandbEnd,
): ImportedFacts {
  const { name, id, group, notes, tags, start, jobType, project, entity, sweep } = run;
  const git = environment.git ?? run.git;
  const labels = { project, entity, job_type: jobType, sweep, python: environment.python ?? "" };
  const ended = start !== undefined && seconds !== undefined ? start + seconds * 1000 : undefined;
  return {
    name: name || id,
    status: code === undefined ? "lost" : code === 0 ? "succeeded" : "failed",
    ...(code === undefined ? {} : { exitCode: code }),
    ...(start === undefined ? {} : { startedAt: new Date(start).toISOString() }),
    ...(ended === undefined ? {} : { endedAt: new Date(ended).toISOString() }),
    ...(group || project ? { group: group || project } : {}),
    ...(notes ? { note: notes } : {}),
    tags: tags.filter((tag) => tag.length > 0 && tag.length <= 200),
    labels: Object.fromEntries(Object.entries(labels).filter(([, value]) => value !== "")),
    config: parts.config,
    summary: parts.summary,
    ...(environment.program ? { command: [environment.program, ...(environment.args ?? [])] } : {}),
    ...(git?.commit
      ? { userGit: { commit: git.commit, ...(git.remote ? { remote: git.remote } : {}) } }
      : {}),
    machine: machineOf(run, environment),
  };
}

function machineOf(run: RunRecord, environment: EnvironmentFacts): Record<string, Json> {
  const { os = "", cpu = "", cpus = 0, memory = 0, gpu = "", gpus = 0, host = run.host } = environment;
  const [, system = os, kernel = "", arch = ""] =
    /^([A-Za-z]+)-([\w.-]+?)-(x86_64|aarch64|arm64)\b/.exec(os) ?? [];
  const names =
    gpu === "" ? [] : Array.from({ length: Math.min(Math.max(gpus, 1), 64) }, () => ({ name: gpu }));
  return { host, os: system, kernel, arch, cpu, cpus, memoryBytes: memory, gpus: names };
}

/** Sets a value below keys, making the objects on the way. */
export function setPath(root: Record<string, Json>, keys: readonly string[], value: Json): void {
  let at = root;
  for (const key of keys.slice(0, -1)) {
    const next = Object.hasOwn(at, key) ? at[key] : undefined;
    const isObject = typeof next === "object" && next !== null && !Array.isArray(next);
    const child = isObject ? { ...(next as Record<string, Json>) } : {};
    setKey(at, key, child);
    at = child;
  }
  setKey(at, keys.at(-1) ?? "", value);
}
