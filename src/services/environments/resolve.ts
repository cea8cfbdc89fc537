import { join } from "node:path";
import { HOST_ID } from "../../domain/environment-record.ts";
import { isId } from "../../domain/ids.ts";
import { DatmoError, errors } from "../../protocol/errors.ts";
import { isThere } from "../../util/safe-files.ts";
import { findRecord } from "../lookup.ts";
import type { StoredRecord } from "../ports/records.ts";
import type { WorkOptions } from "../ports/snapshots.ts";
import type { OpenProject } from "../project/open-project.ts";
import { changeSettings, readSettings } from "../project/project-settings.ts";
import { activeEnvironment, kindOf, nameOf } from "./active-environment.ts";
import { bringBack } from "./bring-back.ts";
import { readDefinitionPaths, readRootDockerfile, readRootLocks } from "./definition-files.ts";
import { type Definition, definitionFromFiles, definitionFromManifest } from "./definitions.ts";
import { recordEnvironment } from "./record-environment.ts";

/** What somebody asked for; nothing of it: the project's own. */
export interface EnvironmentChoice {
  /** Id, name or prefix; `host`; `docker`: the Dockerfile at the root; `venv`: the lock file there; `captured`. */
  readonly environment?: string;
  readonly environmentPaths?: readonly string[];
  readonly driver?: string;
  /** For `captured`: the snapshot whose packages are meant. */
  readonly capturedSnapshotId?: string;
}

/** Where a run is to be carried out, recorded and ready to be built. */
export interface ResolvedEnvironment {
  readonly id: string;
  readonly kind: "host" | "venv" | "docker";
  readonly name: string;
  /** Which rule chose it. */
  readonly rule: "asked" | "paths" | "chosen" | "folder" | "default";
  /** Why, as the end of a sentence: kept with the run, and told before it. */
  readonly reason: string;
  /** The driver that goes with it: the one asked for, else `docker` for an image and `host` for the rest. */
  readonly driver: string;
  /** Absent: the host. */
  readonly record?: StoredRecord;
  readonly notes: readonly string[];
  /** Something worth saying once. */
  readonly hint?: string;
}

interface Chosen {
  readonly rule: ResolvedEnvironment["rule"];
  readonly reason: string;
  readonly record?: StoredRecord;
  readonly notes?: readonly string[];
}

/** Drivers that run in containers; every other one that is not the host's is asked nothing of. */
const CONTAINER_DRIVERS = new Set(["docker"]);

/**
 * The environment of a run: asked for > paths > the active one > the folder > host. Never changed silently: what
 * does not fit the driver, or needs an engine that does not answer, is an error that names the ways out.
 */
export async function resolveEnvironment(
  project: OpenProject,
  choice: EnvironmentChoice,
  options: WorkOptions = {},
): Promise<ResolvedEnvironment> {
  const chosen = await choose(project, choice, options);
  const { record, rule, reason, notes = [] } = chosen;
  const kind = record ? kindOf(record) : "host";
  const name = record ? nameOf(record) : "host";
  const { driver = kind === "docker" ? "docker" : "host" } = choice;
  if (kind === "docker" && driver === "host") {
    throw errors.ENVIRONMENT_NEEDS_CONTAINER({ name, reason, driver });
  }
  if (kind !== "docker" && CONTAINER_DRIVERS.has(driver)) {
    throw errors.ENVIRONMENT_NOT_CONTAINER({ name, reason, driver });
  }
  if (kind === "docker" && CONTAINER_DRIVERS.has(driver)) await needEngine(project, name, reason, options);
  const hint = rule === "default" ? await dockerfileHint(project) : undefined;
  return {
    id: record?.id ?? HOST_ID,
    kind,
    name,
    rule,
    reason,
    driver,
    ...(record ? { record } : {}),
    notes,
    ...(hint === undefined ? {} : { hint }),
  };
}

/** The record of an environment that is named, stood for by a word or made of files; not for the host, which has none. */
export async function recordedChoice(
  project: OpenProject,
  choice: Pick<EnvironmentChoice, "environment" | "environmentPaths">,
  options: WorkOptions = {},
): Promise<StoredRecord> {
  const { record } = await choose(project, choice, options);
  if (!record) throw errors.ENVIRONMENT_NOT_FOUND({ id: choice.environment ?? "" });
  return record;
}

async function choose(
  project: OpenProject,
  choice: EnvironmentChoice,
  options: WorkOptions,
): Promise<Chosen> {
  const { environment, environmentPaths } = choice;
  if (environment !== undefined && environmentPaths !== undefined) {
    throw errors.ENVIRONMENT_CONFLICT({ first: environment, second: environmentPaths.join(", ") });
  }
  if (environment !== undefined) return asked(project, environment, choice.capturedSnapshotId, options);
  if (environmentPaths !== undefined) {
    const found = await readDefinitionPaths(project.directory, environmentPaths);
    const made = await definitionFromFiles(project, found, environmentPaths.join(", "));
    return keep(project, made, { rule: "paths", reason: "its files were given" }, options);
  }
  const active = await activeEnvironment(project);
  const { rule, reason, record, definition } = active;
  if (definition && !record) return keep(project, definition, { rule, reason }, options);
  return { rule, reason, ...(record ? { record } : {}) };
}

async function asked(
  project: OpenProject,
  environment: string,
  capturedSnapshotId: string | undefined,
  options: WorkOptions,
): Promise<Chosen> {
  const rule = "asked";
  const reason = "it was asked for";
  if (environment === "host") return { rule, reason };
  const made = await fromWord(project, environment, capturedSnapshotId);
  if (made) return keep(project, made, { rule, reason }, options);
  // One that came with a snapshot, or was deleted, is made of that.
  if (isId(environment)) await bringBack(project, environment);
  return { rule, reason, record: await findRecord(project, "environment", environment) };
}

/** `docker`, `venv` and `captured` stand for what is there. */
async function fromWord(
  project: OpenProject,
  word: string,
  capturedSnapshotId: string | undefined,
): Promise<Definition | undefined> {
  if (word === "docker") {
    const found = await readRootDockerfile(project.directory);
    const reason = "there is no Dockerfile at the root of the project";
    if (!found) throw errors.ENVIRONMENT_INVALID({ source: "-e docker", reason });
    return definitionFromFiles(project, found, "the Dockerfile");
  }
  if (word === "venv") {
    const found = await readRootLocks(project.directory);
    const reason = "there is no lock file at the root of the project";
    if (found.files.size === 0) throw errors.ENVIRONMENT_INVALID({ source: "-e venv", reason });
    return definitionFromFiles(project, found, "the lock file", { kind: "venv" });
  }
  if (word !== "captured") return undefined;
  if (capturedSnapshotId === undefined) {
    const reason = "it stands for what a past run recorded, so it goes with `datmo rerun`";
    throw errors.ENVIRONMENT_INVALID({ source: "-e captured", reason });
  }
  const { manifest } = await project.snapshots.read(capturedSnapshotId);
  return definitionFromManifest(manifest, `-e captured (snapshot ${capturedSnapshotId.slice(0, 8)})`);
}

async function keep(
  project: OpenProject,
  made: Definition,
  chosen: Pick<Chosen, "rule" | "reason">,
  options: WorkOptions,
): Promise<Chosen> {
  const { record } = await recordEnvironment(project, made, {}, options);
  return { ...chosen, record, notes: made.notes };
}

async function needEngine(
  project: OpenProject,
  name: string,
  why: string,
  options: WorkOptions,
): Promise<void> {
  try {
    await project.containers.facts(options);
  } catch (error) {
    if (!(error instanceof DatmoError) || error.kind === "CANCELLED") throw error;
    throw errors.ENVIRONMENT_NEEDS_ENGINE(
      { name, why, reason: withoutStop(error.message) },
      { cause: error },
    );
  }
}

/** A Dockerfile at the root is never used silently; that it is there is said once. */
async function dockerfileHint(project: OpenProject): Promise<string | undefined> {
  const hint = "root-dockerfile";
  if (!(await isThere(join(project.directory, "Dockerfile")))) return undefined;
  const { hintsGiven = [] } = await readSettings(project);
  if (hintsGiven.includes(hint)) return undefined;
  await changeSettings(project, { hintsGiven: [...hintsGiven, hint] }).catch(() => undefined);
  return "There is a Dockerfile here. `-e docker` runs in it; `datmo environment create` records it.";
}

function withoutStop(sentence: string): string {
  return sentence.replace(/\.$/, "");
}
