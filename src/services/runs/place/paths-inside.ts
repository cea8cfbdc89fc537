import { realpath } from "node:fs/promises";
import { isAbsolute, join, posix, relative, resolve, sep } from "node:path";
import type { DataSource } from "../../../protocol/types.ts";
import type { OpenProject } from "../../project/open-project.ts";
import type { RunFields } from "../run-fields.ts";

export interface RunPlaces {
  readonly project: OpenProject;
  readonly run: Pick<RunFields, "id" | "get">;
  /** Root of the files that the run works on. */
  readonly root: string;
  /** Folder on this machine that relative paths are meant from. */
  readonly workingDirectory: string;
}

/**
 * Where a path lies that a run names. What runs in a container names paths inside: only its own folders are those,
 * links followed, for it could make one to whatever this machine has. Undefined: it is none of them.
 */
export async function placeOfNamed(places: RunPlaces, path: string): Promise<string | undefined> {
  const { run, workingDirectory } = places;
  if (run.get("image") === undefined) return resolve(workingDirectory, path);
  const here = posix.join("/home", relative(places.root, workingDirectory).split(sep).join("/"));
  const inside = posix.resolve(here, path);
  for (const { target, source } of await folders(places)) {
    const below = posix.relative(target, inside);
    if (below === ".." || below.startsWith("../")) continue;
    return contained(source, join(source, below));
  }
  return undefined;
}

async function folders({ project, run, root }: RunPlaces): Promise<{ target: string; source: string }[]> {
  const data = (run.get("data") ?? []) as unknown as readonly DataSource[];
  const { dataPlaces } = await import("./data-places.ts");
  const places = await dataPlaces(project, root, data).catch(() => []);
  return [
    { target: "/task", source: project.taskDirectory(run.id) },
    ...places.map(({ name, source }) => ({ target: `/data/${name}`, source })),
    ...(data.length === 0 ? [{ target: "/data", source: join(root, "data") }] : []),
    { target: "/home", source: root },
  ];
}

async function contained(folder: string, path: string): Promise<string | undefined> {
  const [real, home] = await Promise.all([realpath(path), realpath(folder)]).catch(() => []);
  // What is not there is told as that by whoever reads it.
  if (real === undefined || home === undefined) return path;
  const below = relative(home, real);
  return below === ".." || below.startsWith(`..${sep}`) || isAbsolute(below) ? undefined : path;
}
