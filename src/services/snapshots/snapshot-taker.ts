import { createHash } from "node:crypto";
import { flattenFields } from "../../domain/field-paths.ts";
import { randomId } from "../../domain/ids.ts";
import { canonicalJson } from "../../domain/task-record.ts";
import { isDatmoError } from "../../protocol/errors.ts";
import type { Json, JsonObject } from "../../util/json.ts";
import type { CaptureHints } from "../ports/capture.ts";
import type { CodeCapture, FileEntry, SnapshotStore, WorkOptions } from "../ports/snapshots.ts";
import type { OpenProject } from "../project/open-project.ts";
import { environmentFiles, environmentManifest } from "./environment-files.ts";
import {
  activeHeld,
  type CapturedEnvironment,
  captureHeld,
  type HeldEnvironment,
} from "./held-environment.ts";

/** What a snapshot is made of besides the code, which is always the project as it is. */
export interface TakeRequest {
  readonly message: string;
  readonly label?: string;
  readonly visible: boolean;
  readonly runId?: string;
  readonly config: JsonObject;
  readonly metrics: JsonObject;
  /** Tree and entries of the files component. Absent: empty. */
  readonly files?: {
    readonly treeId: string;
    readonly files: readonly FileEntry[];
    readonly unstable?: readonly string[];
    readonly skipped?: readonly { readonly path: string; readonly reason: string }[];
  };
  /** Absent: the one that the project's runs use. */
  readonly environment?: HeldEnvironment;
  readonly hints?: CaptureHints;
  readonly late?: boolean;
  /** The store over another working folder, for isolated runs. Absent: the project's. */
  readonly store?: SnapshotStore;
}

export interface TakenSnapshot {
  readonly id: string;
  /** False: an equal snapshot was there already, and this is its id. */
  readonly created: boolean;
  readonly code: CodeCapture;
}

/** Takes all five components in one step. An equal state gives the same snapshot. */
export async function takeSnapshot(
  project: OpenProject,
  request: TakeRequest,
  options: WorkOptions = {},
): Promise<TakenSnapshot> {
  const store = request.store ?? project.snapshots;
  const capturing = store.captureCode(options);
  // The tree tells the capture whether the sources' imports can have changed; only the project's own does.
  const tree = capturing.then((capture) => capture.treeId);
  tree.catch(() => undefined);
  const codeTree = request.store ? {} : { codeTree: tree };
  const [code, facts] = await Promise.all([capturing, captured(project, request, codeTree)]);
  const environment = environmentFiles(facts);
  const key = stateKey(code.treeId, facts, environment, request);
  const known = await project.contentKeys.find(key);
  if (known !== undefined && (await isThere(project, known, request.visible))) {
    // A run still has to say that it needs this snapshot.
    if (request.visible) await release(project, code, request);
    return { id: known, created: false, code };
  }
  const id = randomId();
  const createdAt = new Date().toISOString();
  await store.publish({
    id,
    message: request.message,
    createdAt,
    codeTree: code.treeId,
    ...(request.files ? { filesTree: request.files.treeId } : {}),
    environment,
    ...(facts.filesTree === undefined ? {} : { definitionTree: facts.filesTree }),
    manifest: manifestOf(id, createdAt, key, code, facts, request),
  });
  await project.records.commit([
    { kind: "snapshot", id, set: recordFields(createdAt, key, code, facts, request) },
  ]);
  await release(project, code, request);
  await project.contentKeys.put(key, id);
  const { runId, visible } = request;
  await project.hooks.tell("snapshot.created", {
    snapshotId: id,
    visible,
    ...(runId === undefined ? {} : { runId }),
  });
  return { id, created: true, code };
}

async function captured(
  project: OpenProject,
  { environment, hints }: TakeRequest,
  codeTree: Pick<CaptureHints, "codeTree">,
): Promise<CapturedEnvironment> {
  return captureHeld(project, environment ?? (await activeHeld(project)), { ...hints, ...codeTree });
}

/** The snapshot that `snapshot create` without arguments would find unchanged, if there is one. */
export async function equalSnapshot(
  project: OpenProject,
  code: CodeCapture,
  inputs: { readonly config: JsonObject; readonly metrics: JsonObject },
): Promise<string | undefined> {
  const facts = await captureHeld(project, await activeHeld(project), { codeTree: code.treeId });
  const request = { message: "", visible: true, ...inputs };
  const key = stateKey(code.treeId, facts, environmentFiles(facts), request);
  return project.contentKeys.find(key);
}

/**
 * Deleting a snapshot takes away what finds it, so only somebody who asks for a snapshot pays for a look at its record
 * and its own objects, of which none is stored again; a script's run never reads the records.
 */
async function isThere(project: OpenProject, id: string, look: boolean): Promise<boolean> {
  if (!(await project.snapshots.exists(id))) return false;
  if (!look) return true;
  const record = await project.records.get("snapshot", id);
  return record !== undefined && !record.deleted && (await isReadable(project, id));
}

async function isReadable(project: OpenProject, id: string): Promise<boolean> {
  try {
    const { environmentTree } = await project.snapshots.read(id);
    if (environmentTree) await project.snapshots.listTree(environmentTree);
    return true;
  } catch (error) {
    if (isDatmoError(error) && ["SNAPSHOT_CORRUPT", "SNAPSHOT_NOT_FOUND"].includes(error.kind)) return false;
    throw error;
  }
}

/** What was taken is named now. */
async function release(project: OpenProject, code: CodeCapture, request: TakeRequest): Promise<void> {
  await (request.store ?? project.snapshots).named(code.treeId);
  if (request.files) await project.snapshots.named(request.files.treeId);
}

/** SHA-256 over all five components. */
function stateKey(
  codeTree: string,
  { id, image, definition }: CapturedEnvironment,
  environment: readonly { path: string; content: string }[],
  request: TakeRequest,
): string {
  const hash = createHash("sha256");
  const state: Json = {
    code: codeTree,
    environment: environment.map(({ path, content }) => [path, content]),
    // The files say it for every other one, but for those that are no text.
    ...(image === undefined && !hasOpaqueFiles(definition) ? {} : { environmentId: id }),
    files: request.files ? filesKey(request.files) : "",
    config: request.config,
    metrics: request.metrics,
  };
  return hash.update(canonicalJson(state)).digest("hex");
}

function hasOpaqueFiles(definition: CapturedEnvironment["definition"]): boolean {
  return Object.values(definition?.files ?? {}).some(({ content }) => content === undefined);
}

function manifestOf(
  id: string,
  createdAt: string,
  key: string,
  code: CodeCapture,
  facts: CapturedEnvironment,
  request: TakeRequest,
): JsonObject {
  return {
    v: 1,
    id,
    message: request.message,
    ...(request.label === undefined ? {} : { label: request.label }),
    visible: request.visible,
    createdAt,
    ...(request.runId === undefined ? {} : { runId: request.runId }),
    key,
    code: {
      tree: code.treeId,
      ...(code.unstable.length > 0 ? { unstable: code.unstable } : {}),
      ...(code.skipped.length > 0 ? { skipped: code.skipped as unknown as Json } : {}),
    },
    environment: environmentManifest(facts),
    files: (request.files?.files ?? []) as unknown as Json,
    ...keptNotes(request.files),
    config: request.config,
    metrics: request.metrics,
  };
}

/** Where kept files belong is part of the state. */
function filesKey({ treeId, files }: NonNullable<TakeRequest["files"]>): Json {
  const places = files.flatMap(({ path, source }): Json[] => (source === undefined ? [] : [[path, source]]));
  return places.length === 0 ? treeId : [treeId, places];
}

function keptNotes(files: TakeRequest["files"]): JsonObject {
  const { unstable = [], skipped = [] } = files ?? {};
  if (unstable.length + skipped.length === 0) return {};
  return {
    kept: {
      ...(unstable.length > 0 ? { unstable } : {}),
      ...(skipped.length > 0 ? { skipped: skipped as unknown as Json } : {}),
    },
  };
}

function recordFields(
  createdAt: string,
  key: string,
  code: CodeCapture,
  facts: CapturedEnvironment,
  request: TakeRequest,
): Record<string, Json> {
  return {
    createdAt,
    message: request.message,
    ...(request.label === undefined ? {} : { label: request.label }),
    visible: request.visible,
    ...(request.runId === undefined ? {} : { runId: request.runId }),
    ...(request.late ? { late: true } : {}),
    contentKey: key,
    codeTree: code.treeId,
    codeFiles: code.files,
    codeBytes: code.bytes,
    environmentId: facts.id,
    ...(request.files ? { filesTree: request.files.treeId } : {}),
    files: (request.files?.files ?? []) as unknown as Json,
    ...flattenFields("config", request.config),
    ...flattenFields("metrics", request.metrics),
  };
}
