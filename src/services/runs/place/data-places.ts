import { mkdir, realpath, symlink } from "node:fs/promises";
import { basename, dirname, join, relative, resolve, sep } from "node:path";
import { errors } from "../../../protocol/errors.ts";
import type { DataSource } from "../../../protocol/types.ts";
import { isThere } from "../../../util/safe-files.ts";
import type { OpenProject } from "../../project/open-project.ts";
import { destination } from "../../snapshots/path-specs.ts";
import { dataFolder } from "../execution-plan.ts";

/** A file or folder of this machine, and its name in the data folder. */
export interface DataPlace {
  readonly name: string;
  /** Absolute, links followed. */
  readonly source: string;
  readonly readOnly: boolean;
}

/**
 * The data of a task as it is kept: named, and what lies in the project by its place there, so that the task is the
 * same wherever the project lies. Throws MOUNT_SOURCE_MISSING, PATH_INVALID, PATH_DUPLICATE.
 */
export async function plannedData(
  project: OpenProject,
  asked: readonly DataSource[],
): Promise<readonly DataSource[]> {
  const planned: DataSource[] = [];
  for (const { source, name, readOnly } of asked) {
    const path = resolve(project.directory, source);
    if (!(await isThere(path))) throw errors.MOUNT_SOURCE_MISSING({ path: source });
    const known = destination(source, name ?? basename(path));
    if (planned.some((other) => other.name === known)) throw errors.PATH_DUPLICATE({ name: known });
    planned.push({
      source: keptPath(project.directory, path),
      name: known,
      ...(readOnly ? { readOnly } : {}),
    });
  }
  return planned;
}

/** A path as a task keeps it: relative to the project when it lies in it, so that the task is the same elsewhere. */
export function keptPath(directory: string, path: string): string {
  const full = resolve(directory, path);
  const inside = relative(directory, full);
  const isInside = inside !== "" && inside !== ".." && !inside.startsWith(`..${sep}`);
  return isInside ? inside.split(sep).join("/") : full;
}

/** Where the data of a run lies now. What a copy of the project holds is taken from there. */
export async function dataPlaces(
  project: OpenProject,
  root: string,
  data: readonly DataSource[],
): Promise<DataPlace[]> {
  const places: DataPlace[] = [];
  for (const { source, name = basename(source), readOnly = false } of data) {
    const own = resolve(root, source);
    const path = (await isThere(own)) ? own : resolve(project.directory, source);
    const real = await realpath(path).catch(() => undefined);
    if (real === undefined) throw errors.MOUNT_SOURCE_MISSING({ path: source });
    places.push({ name, source: real, readOnly });
  }
  return places;
}

/** Makes the data folder of a command that runs on the machine itself: links. */
export async function linkData(taskDirectory: string, places: readonly DataPlace[]): Promise<void> {
  for (const { name, source } of places) {
    const path = join(dataFolder(taskDirectory), name);
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    await symlink(source, path);
  }
}
