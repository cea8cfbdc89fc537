import type { Json, JsonObject } from "../../util/json.ts";
import type { CondaPackageFact, EnvironmentFacts, PackageFact } from "../ports/capture.ts";
import type { CapturedEnvironment } from "./held-environment.ts";

export interface EnvironmentFile {
  readonly path: string;
  readonly content: string;
}

/** The environment component as files, in a fixed order: equal facts give equal files. */
export function environmentFiles(
  facts: EnvironmentFacts & Pick<CapturedEnvironment, "system">,
): EnvironmentFile[] {
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
  if (facts.system) {
    const packages = facts.system.packages.map((it) => packageLine(it, " "));
    add(`${facts.system.manager}-packages.txt`, lines(packages));
  }
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

/** The same for the manifest, with what the files do not say. */
export function environmentManifest(facts: CapturedEnvironment): JsonObject {
  const { id, kind, image, recorded, python, r, conda, system, definition } = facts;
  return {
    id,
    kind,
    ...(image === undefined ? {} : { image }),
    ...(recorded ? { recorded: recorded as unknown as Json } : {}),
    ...(python ? { python: python as unknown as Json } : {}),
    ...(r ? { r: r as unknown as Json } : {}),
    ...(conda ? { conda: conda as unknown as Json } : {}),
    ...(system ? { system: system as unknown as Json } : {}),
    definition: Object.keys(definition?.files ?? facts.lockFiles).sort(),
    ...(definition
      ? {
          ...(definition.folder === undefined ? {} : { definitionFolder: definition.folder }),
          locks: Object.keys(facts.lockFiles).sort(),
        }
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
