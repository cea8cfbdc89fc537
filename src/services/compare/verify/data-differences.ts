import type { DataContent, Difference, Run } from "../../../protocol/types.ts";
import type { Json } from "../../../util/json.ts";
import type { DataFile } from "../../ports/data.ts";
import type { OpenProject } from "../../project/open-project.ts";
import { cause } from "./difference.ts";

/** Files of one folder that are named; the rest is counted. */
const NAMED_FILES = 20;

export interface ComparedData {
  readonly differences: Difference[];
  /** Data of which nobody can tell whether it changed, with the reason. */
  readonly unknown: string[];
}

/** What the two runs were given as data: by content where it was read, else by size and number of files. */
export async function compareData(project: OpenProject, a: Run, b: Run): Promise<ComparedData> {
  const differences: Difference[] = [];
  const unknown: string[] = [];
  const right = new Map((b.dataContents ?? []).map((content) => [content.name, content]));
  const left = new Map((a.dataContents ?? []).map((content) => [content.name, content]));
  for (const name of new Set([...namesOf(a), ...left.keys(), ...namesOf(b), ...right.keys()])) {
    const [x, y] = [left.get(name), right.get(name)];
    if (!x || !y) unknown.push(`${name} (it was not read)`);
    else if (x.sha256 !== undefined && y.sha256 !== undefined) {
      if (x.sha256 !== y.sha256) differences.push(...(await changedFiles(project, x, y)));
    } else if (x.bytes !== y.bytes || x.files !== y.files) differences.push(whole(x, y));
    else unknown.push(`${name} (${x.reason ?? y.reason})`);
  }
  return { differences, unknown };
}

/** Names of the data of a run, whether it was read or not. */
function namesOf({ data = [] }: Run): string[] {
  return data.flatMap(({ name }) => (name === undefined ? [] : [name]));
}

async function changedFiles(project: OpenProject, a: DataContent, b: DataContent): Promise<Difference[]> {
  const bothFolders = a.kind === "folder" && b.kind === "folder";
  const changes = bothFolders
    ? await project.data.changes(a.sha256 as string, b.sha256 as string)
    : undefined;
  if (!changes) return [whole(a, b)];
  const named = changes
    .slice(0, NAMED_FILES)
    .map(({ path, ...sides }) => cause("data", `${a.name}/${path}`, fileOf(sides.a), fileOf(sides.b)));
  return changes.length > named.length ? [...named, whole(a, b)] : named;
}

function whole(a: DataContent, b: DataContent): Difference {
  return cause("data", a.name, factsOf(a), factsOf(b));
}

function fileOf(file: DataFile | undefined): Json | undefined {
  return file && { bytes: file.bytes, sha256: file.sha256 };
}

function factsOf({ files, bytes, sha256 }: DataContent): Json {
  return { files, bytes, ...(sha256 === undefined ? {} : { sha256 }) };
}
