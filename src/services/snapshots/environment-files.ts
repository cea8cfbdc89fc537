import { contentId } from "../../domain/ids.ts";
import { canonicalJson } from "../../domain/task-record.ts";
import type { Json, JsonObject } from "../../util/json.ts";
import type { CondaPackageFact, EnvironmentFacts, PackageFact } from "../ports/capture.ts";

/** Id of the definition of the environment that is the machine as it is. */
export const HOST_ENVIRONMENT_ID = contentId('environment {"kind":"host"}');

export interface EnvironmentFile {
  readonly path: string;
  readonly content: string;
}

/** The environment component as files, in a fixed order: equal facts give equal files. */
export function environmentFiles(facts: EnvironmentFacts): EnvironmentFile[] {
  const files: EnvironmentFile[] = [];
  const add = (path: string, content: string): void => void files.push({ path, content });
  if (facts.python) {
    add("requirements.txt", facts.python.requirements);
    add("python-packages.txt", lines(facts.python.packages.map((it) => packageLine(it, "=="))));
    add("python-version", `${facts.python.version}\n`);
  }
  if (facts.r) {
    const missing = (facts.r.missing ?? []).map((name) => `# not installed: ${name}`);
    add("r-packages.txt", lines([...facts.r.packages.map((it) => packageLine(it, " ")), ...missing]));
    add("r-version", `${facts.r.version}\n`);
  }
  if (facts.conda) add("conda-packages.txt", lines(facts.conda.packages.map(condaLine)));
  const { definition } = facts;
  for (const [path, file] of sortedEntries(definition?.files ?? {})) {
    if (file.content !== undefined) add(`definition/${path}`, file.content);
  }
  // What the whole project says of its packages is its definition where no folder of its own holds one.
  const place = definition === undefined ? "definition" : "locks";
  for (const [name, content] of sortedEntries(facts.lockFiles)) {
    // Line ends are not part of what an environment is.
    add(`${place}/${name}`, content.replaceAll("\r\n", "\n"));
  }
  return files;
}

/** By the content of the definition only, whatever the machine: two projects with equal files share one. */
export function environmentId({ definition }: EnvironmentFacts): string {
  if (definition === undefined) return HOST_ENVIRONMENT_ID;
  const hashes = Object.entries(definition.files).map(([path, { sha256 }]) => [path, sha256]);
  return contentId(`environment ${canonicalJson({ files: Object.fromEntries(hashes) as JsonObject })}`);
}

/** The same for the manifest, with what the files do not say. */
export function environmentManifest(facts: EnvironmentFacts): JsonObject {
  const { python, r, conda, definition } = facts;
  return {
    id: environmentId(facts),
    kind: "host",
    ...(python ? { python: python as unknown as Json } : {}),
    ...(r ? { r: r as unknown as Json } : {}),
    ...(conda ? { conda: conda as unknown as Json } : {}),
    definition: Object.keys(definition?.files ?? facts.lockFiles).sort(),
    ...(definition
      ? { definitionFolder: definition.folder, locks: Object.keys(facts.lockFiles).sort() }
      : {}),
  };
}

/** A package that is from no index is told by where it came from: two commits may carry one version. */
function packageLine({ name, version, source }: PackageFact, between: string): string {
  return `${name}${between}${version}${source === undefined ? "" : ` # ${source}`}`;
}

function condaLine({ name, version, build, channel }: CondaPackageFact): string {
  return [name, version, build, channel].filter((part) => part !== undefined).join(" ");
}

function lines(texts: readonly string[]): string {
  return texts.map((text) => `${text}\n`).join("");
}

function sortedEntries<T>(record: Readonly<Record<string, T>>): [string, T][] {
  return Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1));
}
