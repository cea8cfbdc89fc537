import { isAbsolute, relative, resolve, sep } from "node:path";
import { localPath, type Pointer, pointersIn, pointerValue } from "../../domain/pointers.ts";
import { errors } from "../../protocol/errors.ts";
import type { PointerState, SnapshotCreateParams } from "../../protocol/types.ts";
import type { Json, JsonObject } from "../../util/json.ts";
import { deepMerge, setKey } from "../../util/json-merge.ts";
import type { FileContent, WorkOptions } from "../ports/snapshots.ts";
import type { OpenProject } from "../project/open-project.ts";
import { plainOptions } from "../work-options.ts";

/** Bytes that are read without being asked for: some 0.1 s. */
const QUICK_BYTES = 64 * 1024 * 1024;

/** What is found of the pointers in a config. `verify`: files are read however big they are. */
export async function checkPointers(
  project: OpenProject,
  config: JsonObject,
  options: WorkOptions & { readonly verify?: boolean },
): Promise<PointerState[]> {
  const { pointers, problems } = pointersIn(config);
  const states: PointerState[] = problems.map(({ keys, reason }) => ({
    key: keys.join("."),
    target: "",
    state: "invalid",
    reason,
  }));
  for (const pointer of pointers) states.push(await checkOne(project, pointer, options));
  return states.sort((a, b) => (a.key < b.key ? -1 : 1));
}

/** The part of a config that these pointers make up, with size and SHA-256 of the files that they name. */
export async function makePointers(
  project: OpenProject,
  asked: NonNullable<SnapshotCreateParams["pointers"]>,
  options: WorkOptions,
): Promise<JsonObject> {
  let config: JsonObject = {};
  for (const { key, path } of asked) {
    const keys = key.split(".");
    if (keys.includes("")) {
      throw errors.CONFIG_INVALID({ source: `the pointer ${key}`, reason: "it has an empty key" });
    }
    const value = await pointerTo(project, path, options);
    config = deepMerge(config, keys.reduceRight<Json>(nested, value) as JsonObject);
  }
  return config;
}

async function pointerTo(project: OpenProject, path: string, options: WorkOptions): Promise<JsonObject> {
  const local = localPath(path);
  if (local === undefined) return pointerValue({ target: path });
  const full = resolve(project.directory, local);
  const [content] = await project.snapshots.contentsOf([{ path: full }], {
    ...plainOptions(options),
    follow: true,
  });
  if (content?.state !== "file") throw unusable(full, content);
  const { bytes: size, sha256 } = content;
  return pointerValue({
    target: named(project, path, full),
    size,
    ...(sha256 === undefined ? {} : { sha256 }),
  });
}

/** Inside the project relative to it, so that the project can be moved. */
function named(project: OpenProject, path: string, full: string): string {
  if (localPath(path) !== path) return path;
  const inside = relative(project.directory, full);
  const isInside = inside !== "" && inside !== ".." && !inside.startsWith(`..${sep}`) && !isAbsolute(inside);
  return isInside ? inside.split(sep).join("/") : full;
}

function unusable(path: string, content: FileContent | undefined): Error {
  switch (content?.state) {
    case "folder":
      return errors.PATH_INVALID(
        { path, reason: "it is a folder, and a pointer names one file" },
        { hint: "Point to each file, or to an archive of the folder; --path keeps a whole folder." },
      );
    case "unreadable":
      return errors.PATH_INVALID({ path, reason: content.reason });
    case "special":
      return errors.PATH_INVALID({ path, reason: "it is a pipe, socket or device" });
    default:
      return errors.PATH_NOT_FOUND({ path });
  }
}

async function checkOne(
  project: OpenProject,
  { keys, target, sha256, size }: Pointer,
  options: WorkOptions & { readonly verify?: boolean },
): Promise<PointerState> {
  const said = {
    key: keys.join("."),
    target,
    ...(sha256 === undefined ? {} : { sha256 }),
    ...(size === undefined ? {} : { size }),
  };
  const local = localPath(target);
  if (local === undefined) return { ...said, state: "unchecked", reason: "it is on another machine" };
  const [content] = await project.snapshots.contentsOf(
    [{ path: resolve(project.directory, local), ...(size === undefined ? {} : { bytes: size }) }],
    {
      ...(options.signal ? { signal: options.signal } : {}),
      ...(options.progress ? { progress: options.progress } : {}),
      follow: true,
      // Without a hash to compare with there is nothing to read.
      ...(sha256 === undefined ? { most: -1 } : options.verify ? {} : { most: QUICK_BYTES }),
    },
  );
  return { ...said, ...judge(content, sha256, size) };
}

function judge(
  content: FileContent | undefined,
  sha256: string | undefined,
  size: number | undefined,
): Pick<PointerState, "state" | "reason"> {
  switch (content?.state) {
    case "file":
      if (size !== undefined && content.bytes !== size) {
        return { state: "changed", reason: `it has ${content.bytes} bytes` };
      }
      if (sha256 === undefined) return { state: "ok" };
      if (content.sha256 === undefined) {
        return { state: "unchecked", reason: "it is big: its content was not read (--verify reads it)" };
      }
      return content.sha256 === sha256
        ? { state: "ok" }
        : { state: "changed", reason: "its content is another" };
    case "folder":
      if (sha256 === undefined && size === undefined) return { state: "ok", reason: "it is a folder" };
      return { state: "changed", reason: "it is a folder" };
    case "unreadable":
      return { state: "unchecked", reason: content.reason };
    case "special":
      return { state: "changed", reason: "it is a pipe, socket or device" };
    default:
      return { state: "missing" };
  }
}

function nested(value: Json, key: string): JsonObject {
  const object: Record<string, Json> = {};
  setKey(object, key, value);
  return object;
}
