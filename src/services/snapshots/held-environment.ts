import { createHash } from "node:crypto";
import type { EnvironmentDefinition } from "../../domain/environment-definition.ts";
import { buildsOf, HOST_ID, type RecordedBuild } from "../../domain/environment-record.ts";
import { maskAddresses } from "../../domain/secrets.ts";
import type { Json } from "../../util/json.ts";
import { activeEnvironment, nameOf } from "../environments/active-environment.ts";
import { recordedDefinition, recordedFiles } from "../environments/definition-of-record.ts";
import type { CaptureHints, DefinitionFolder, EnvironmentFacts, PackageFact } from "../ports/capture.ts";
import type { StoredRecord } from "../ports/records.ts";
import type { OpenProject } from "../project/open-project.ts";

/** The environment that a snapshot holds. */
export interface HeldEnvironment {
  readonly id: string;
  readonly kind: string;
  /** An image by its name, when that is the definition. */
  readonly image?: string;
  /** What its id stands for, and its name. Absent: the host. */
  readonly recorded?: RecordedEnvironment;
  /** Tree with all of its files. Absent: it is not recorded, or has none. */
  readonly filesTree?: string;
  /** Its files by path, in place of what lies in the project's folder. */
  readonly files?: ReadonlyMap<string, Buffer>;
  /** What is installed in its image, in place of what this machine has. Absent: the machine is asked. */
  readonly inside?: Pick<EnvironmentFacts, "python" | "r" | "conda"> & { readonly system?: SystemPackages };
}

/** Enough of an environment to record it again, where its files are at hand. */
export interface RecordedEnvironment {
  readonly definition: EnvironmentDefinition;
  readonly name?: string;
}

/** Packages of the system in an image. */
export interface SystemPackages {
  readonly manager: string;
  readonly packages: readonly PackageFact[];
}

/** What a snapshot says of its environment. */
export interface CapturedEnvironment extends EnvironmentFacts {
  readonly id: string;
  readonly kind: string;
  readonly image?: string;
  readonly recorded?: RecordedEnvironment;
  readonly filesTree?: string;
  readonly system?: SystemPackages;
}

export const HOST: HeldEnvironment = { id: HOST_ID, kind: "host" };

/** What the project's runs use when nothing else is said. */
export async function activeHeld(project: OpenProject): Promise<HeldEnvironment> {
  const { id, kind, record, definition } = await activeEnvironment(project);
  if (record) return heldOfRecord(project, record);
  if (!definition) return { id, kind };
  return { id, kind, recorded: { definition: definition.definition }, files: definition.files };
}

/** Of a run: by its own fields. */
export async function heldOfRun(
  project: OpenProject,
  get: (field: string) => Json | undefined,
): Promise<HeldEnvironment> {
  const id = get("environmentId");
  if (typeof id !== "string" || id === HOST_ID) return HOST;
  const record = await project.records.get("environment", id);
  const { kind = "docker" } = (get("environment") ?? {}) as { kind?: string };
  if (!record) return { id, kind };
  const image = get("image") as { readonly id: string } | undefined;
  return heldOfRecord(project, record, image?.id);
}

/** `imageId`: the image in use; absent, the one built last. */
export async function heldOfRecord(
  project: OpenProject,
  record: StoredRecord,
  imageId?: string,
): Promise<HeldEnvironment> {
  const definition = recordedDefinition(record);
  const { kind, image } = definition;
  const tree = record.fields["filesTree"];
  const builds = buildsOf(record);
  const build = imageId === undefined ? builds[0] : builds.find((one) => one.imageId === imageId);
  return {
    id: record.id,
    kind,
    recorded: { definition, name: nameOf(record) },
    ...(typeof tree === "string" ? { filesTree: tree } : {}),
    ...(image === undefined ? {} : { image }),
    files: await recordedFiles(project, record),
    ...(kind === "docker" ? { inside: build ? insideOf(build) : {} } : {}),
  };
}

/** Asks the machine, and puts what is known of the environment itself in place of it. */
export async function captureHeld(
  project: OpenProject,
  held: HeldEnvironment,
  hints: CaptureHints = {},
): Promise<CapturedEnvironment> {
  const facts = await project.capture.environment(hints);
  const { id, kind, image, recorded, filesTree, files, inside } = held;
  const { python, r, conda, definition, ...rest } = facts;
  const own = { ...(python ? { python } : {}), ...(r ? { r } : {}), ...(conda ? { conda } : {}) };
  // What lies in the project's folder counts only when nothing else was chosen.
  const known = files ? definitionOf(files, definition) : definition;
  return {
    ...rest,
    ...(inside ?? own),
    ...(known ? { definition: known } : {}),
    id,
    kind,
    ...(image === undefined ? {} : { image }),
    ...(recorded ? { recorded } : {}),
    ...(filesTree === undefined ? {} : { filesTree }),
  };
}

/** The project's folder when it holds the very same, so that it is told where it lies. */
function definitionOf(
  files: ReadonlyMap<string, Buffer>,
  folder: DefinitionFolder | undefined,
): DefinitionFolder {
  const entries = [...files].map(([path, content]) => {
    const isText = content.length <= MOST_TEXT_BYTES && !content.includes(0);
    // As in the folder: without passwords in addresses.
    const text = isText ? maskAddresses(content.toString("utf8")) : undefined;
    const sha256 = createHash("sha256")
      .update(text ?? content)
      .digest("hex");
    return [path, { sha256, ...(text === undefined ? {} : { content: text }) }] as const;
  });
  const there = Object.entries(folder?.files ?? {});
  const isSame =
    there.length === entries.length &&
    entries.every(([path, { sha256 }]) => folder?.files[path]?.sha256 === sha256);
  return isSame && folder ? folder : { files: Object.fromEntries(entries) };
}

const MOST_TEXT_BYTES = 2 << 20;

function insideOf(build: RecordedBuild): NonNullable<HeldEnvironment["inside"]> {
  const facts = (manager: string): PackageFact[] =>
    (build.packages[manager] ?? []).map(([name, version]) => ({ name, version }));
  const manager = ["apt", "apk", "rpm"].find((name) => build.packages[name] !== undefined);
  const python = {
    version: build.python ?? "",
    executable: "python3",
    packages: facts("python"),
    requirements: "",
  };
  return {
    ...(build.python === undefined ? {} : { python }),
    ...(build.r === undefined ? {} : { r: { version: build.r, packages: facts("r") } }),
    ...(build.packages["conda"] ? { conda: { prefix: "", packages: facts("conda") } } : {}),
    ...(manager === undefined ? {} : { system: { manager, packages: facts(manager) } }),
  };
}
