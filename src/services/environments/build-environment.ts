import { hostname } from "node:os";
import { buildsOf, type RecordedBuild, shownBuild } from "../../domain/environment-record.ts";
import { fieldPath } from "../../domain/field-paths.ts";
import { DatmoError, errors } from "../../protocol/errors.ts";
import type { EnvironmentBuildParams, EnvironmentBuildResult } from "../../protocol/types.ts";
import type { Json } from "../../util/json.ts";
import type { PackageFact } from "../ports/capture.ts";
import type { ImageFacts, ImagePackages } from "../ports/containers.ts";
import type { StoredRecord } from "../ports/records.ts";
import type { WorkOptions } from "../ports/snapshots.ts";
import type { Venv, VenvRequest } from "../ports/venvs.ts";
import type { OpenProject } from "../project/open-project.ts";
import { activeEnvironment, kindOf, nameOf } from "./active-environment.ts";
import { recordedDefinition, recordedFiles } from "./definition-of-record.ts";
import { findEnvironment, shownEnvironment } from "./environment-queries.ts";
import { recordEnvironment } from "./record-environment.ts";

/** Label of every image that is built for an environment: its id. */
export const ENVIRONMENT_LABEL = "datmo.environment";

/** Label of images with a workspace's program on top of an environment's: the environment's id. */
export const LAYER_OF_LABEL = "datmo.layer-of";

export interface BuildOptions extends WorkOptions {
  readonly noCache?: boolean;
  readonly output?: (text: string) => void;
}

/** What a run needs of an environment that is ready. */
export interface BuiltEnvironment {
  readonly build: RecordedBuild;
  /** It was there; nothing was done. */
  readonly cached: boolean;
  readonly notes: readonly string[];
  /** For kind docker. */
  readonly image?: ImageFacts;
  /** For kind venv. */
  readonly venv?: Venv;
}

/** The method: builds the environment that is named, else the active one. */
export async function buildMethod(
  project: OpenProject,
  params: EnvironmentBuildParams,
  options: BuildOptions & { readonly began?: (environmentId: string) => void },
): Promise<EnvironmentBuildResult> {
  const record = await wanted(project, params.id);
  const environment = (): ReturnType<typeof shownEnvironment> => shownEnvironment(project, record);
  if (!record) return { environment: await environment(), cached: true, notes: [] };
  options.began?.(record.id);
  const { build, cached, notes } = await buildEnvironment(project, record, {
    ...options,
    noCache: params.noCache === true,
  });
  return { environment: await environment(), build: shownBuild(build), cached, notes: [...notes] };
}

/** Makes the image or venv of a recorded environment unless it is there, and records what came out of it. */
export async function buildEnvironment(
  project: OpenProject,
  record: StoredRecord,
  options: BuildOptions = {},
): Promise<BuiltEnvironment> {
  return kindOf(record) === "venv"
    ? buildVenv(project, record, options)
    : buildImage(project, record, options);
}

async function wanted(project: OpenProject, asked: string | undefined): Promise<StoredRecord | undefined> {
  if (asked !== undefined) return findEnvironment(project, asked);
  const active = await activeEnvironment(project);
  if (active.record || !active.definition) return active.record;
  return (await recordEnvironment(project, active.definition)).record;
}

async function buildImage(
  project: OpenProject,
  record: StoredRecord,
  options: BuildOptions,
): Promise<BuiltEnvironment> {
  const { containers } = project;
  const facts = await containers.facts(options).catch((error: unknown) => {
    if (!(error instanceof DatmoError) || error.kind === "CANCELLED") throw error;
    const [why, reason] = ["it is built by one", error.message.replace(/\.$/, "")];
    throw errors.ENVIRONMENT_NEEDS_ENGINE({ name: nameOf(record), why, reason }, { cause: error });
  });
  const there = options.noCache ? undefined : await imageThere(project, record);
  const known = there && buildsOf(record).find(({ imageId }) => imageId === there.id);
  if (there && known) return { build: known, cached: true, notes: [], image: there };
  const image = there ?? (await makeImage(project, record, options));
  options.progress?.({ message: "Looking at the packages inside" });
  const packages = await packagesInside(project, image.id, options);
  const build: RecordedBuild = {
    at: new Date().toISOString(),
    host: hostname(),
    engine: `${facts.product} ${facts.version}`,
    imageId: image.id,
    digests: [...image.digests],
    bases: [...(image.bases ?? [])],
    platform: `${image.os}/${image.architecture}`,
    bytes: image.bytes,
    ...(packages.found.python ? { python: packages.found.python.version } : {}),
    ...(packages.found.r ? { r: packages.found.r.version } : {}),
    packages: byManager(packages.found),
    packageCount: countOf(byManager(packages.found)),
  };
  await keepBuild(project, record, image.id.replace(/^sha256:/, "").slice(0, 40), build);
  return { build, cached: there !== undefined, notes: packages.notes, image };
}

/** An image that was built from this very definition, here or for another project, and still exists. */
async function imageThere(project: OpenProject, record: StoredRecord): Promise<ImageFacts | undefined> {
  const { containers } = project;
  const { image: name } = recordedDefinition(record);
  for (const { imageId } of buildsOf(record)) {
    const image = imageId === undefined ? undefined : await containers.image(imageId);
    if (image) return image;
  }
  if (name !== undefined) return containers.image(name);
  const [labelled] = (await containers.labelled(ENVIRONMENT_LABEL, record.id)).images;
  return labelled === undefined ? undefined : containers.image(labelled);
}

async function makeImage(
  project: OpenProject,
  record: StoredRecord,
  options: BuildOptions,
): Promise<ImageFacts> {
  const { image: name } = recordedDefinition(record);
  const { containers } = project;
  if (name !== undefined) {
    options.progress?.({ message: `Getting ${name}` });
    return containers.pull(name, options);
  }
  options.progress?.({ message: `Building ${nameOf(record)}` });
  return containers.build(
    {
      files: await recordedFiles(project, record),
      dockerfile: "Dockerfile",
      tag: `datmo/${record.id}`,
      labels: { [ENVIRONMENT_LABEL]: record.id, "datmo.project": project.id },
      ...(options.noCache ? { noCache: true } : {}),
    },
    options,
  );
}

/** An image in which nobody can look around is an image all the same. */
async function packagesInside(
  project: OpenProject,
  imageId: string,
  options: WorkOptions,
): Promise<{ readonly found: ImagePackages; readonly notes: string[] }> {
  try {
    return { found: await project.containers.packages(imageId, options), notes: [] };
  } catch (error) {
    if (!(error instanceof DatmoError) || error.kind === "CANCELLED") throw error;
    return { found: {}, notes: [`The packages inside could not be listed: ${error.message}`] };
  }
}

async function buildVenv(
  project: OpenProject,
  record: StoredRecord,
  options: BuildOptions,
): Promise<BuiltEnvironment> {
  const { noCache, ...rest } = options;
  const request = await venvRequest(project, record);
  const { venv, made } = await project.venvs.make(request, { ...rest, ...(noCache ? { again: true } : {}) });
  const known = buildsOf(record).find(({ venvKey }) => venvKey === venv.key);
  const build: RecordedBuild = known && !made ? known : buildOfVenv(venv);
  if (build !== known) await keepBuild(project, record, venv.key.slice(0, 40), build);
  return { build, cached: !made, notes: venv.notes, venv };
}

/** What the venv of a record is made from. */
export async function venvRequest(project: OpenProject, record: StoredRecord): Promise<VenvRequest> {
  const { python } = recordedDefinition(record);
  return {
    files: await recordedFiles(project, record),
    ...(python === undefined ? {} : { python }),
    directory: project.directory,
  };
}

function buildOfVenv(venv: Venv): RecordedBuild {
  const packages = {
    ...(venv.python ? { python: pairs(venv.packages.python) } : {}),
    ...(venv.r ? { r: pairs(venv.packages.r) } : {}),
  };
  return {
    at: venv.createdAt,
    host: hostname(),
    engine: venv.tool,
    digests: [],
    bases: [],
    venvKey: venv.key,
    platform: venv.platform,
    bytes: venv.bytes,
    ...(venv.python ? { python: venv.python.version } : {}),
    ...(venv.r ? { r: venv.r.version } : {}),
    packages,
    packageCount: countOf(packages),
  };
}

async function keepBuild(
  project: OpenProject,
  record: StoredRecord,
  key: string,
  build: RecordedBuild,
): Promise<void> {
  const set = { [fieldPath("builds", key)]: build as unknown as Json };
  await project.records.commit([{ kind: "environment", id: record.id, set }]);
}

function byManager({ python, conda, r, system }: ImagePackages): RecordedBuild["packages"] {
  return {
    ...(python ? { python: pairs(python.packages) } : {}),
    ...(conda ? { conda: pairs(conda) } : {}),
    ...(r ? { r: pairs(r.packages) } : {}),
    ...(system ? { [system.manager]: pairs(system.packages) } : {}),
  };
}

function pairs(packages: readonly PackageFact[]): [name: string, version: string][] {
  return packages.map(({ name, version }) => [name, version]);
}

function countOf(packages: RecordedBuild["packages"]): number {
  return Object.values(packages).reduce((sum, list) => sum + list.length, 0);
}
