import { errors } from "../../protocol/errors.ts";
import type { OpenProject } from "../project/open-project.ts";
import { insideProject } from "../snapshots/input-files.ts";
import type { ComparedState } from "./state-diff.ts";

/**
 * The paths that a comparison is narrowed to, relative to the project; undefined: all. Throws PATH_INVALID for one
 * outside the project and PATH_NOT_FOUND for one that neither side has.
 */
export async function comparedPaths(
  project: OpenProject,
  asked: readonly string[] | undefined,
  states: readonly ComparedState[],
): Promise<string[] | undefined> {
  if (asked === undefined || asked.length === 0) return undefined;
  const trees = new Set(states.flatMap(({ codeTree, files }) => [codeTree, files?.tree]));
  const paths: string[] = [];
  for (const given of asked) {
    const path = insideProject(project.directory, given);
    if (path === "") return undefined;
    if (!(await somewhere(project, trees, path))) {
      throw errors.PATH_NOT_FOUND({ path }, { hint: "Neither side of the comparison has it." });
    }
    paths.push(path);
  }
  return paths;
}

async function somewhere(
  project: OpenProject,
  trees: ReadonlySet<string | undefined>,
  path: string,
): Promise<boolean> {
  for (const tree of trees) {
    if (tree !== undefined && (await project.snapshots.hasPath(tree, path))) return true;
  }
  return false;
}
