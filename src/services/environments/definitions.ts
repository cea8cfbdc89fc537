import { pythonDockerfile } from "../../domain/dockerfile.ts";
import {
  definitionOf,
  type EnvironmentDefinition,
  environmentId,
  kindOfFiles,
} from "../../domain/environment-definition.ts";
import { errors } from "../../protocol/errors.ts";
import type { JsonObject } from "../../util/json.ts";
import type { OpenProject } from "../project/open-project.ts";
import type { DefinitionFiles } from "./definition-files.ts";

/** An environment with its files, ready to be recorded. */
export interface Definition {
  readonly id: string;
  readonly definition: EnvironmentDefinition;
  readonly files: ReadonlyMap<string, Buffer>;
  readonly notes: readonly string[];
}

export interface Wanted {
  readonly kind?: "docker" | "venv";
  /** Version of Python. */
  readonly python?: string;
}

/** The environment that these files make. Throws ENVIRONMENT_INVALID when they make none. */
export async function definitionFromFiles(
  project: OpenProject,
  { files, notes }: DefinitionFiles,
  source: string,
  wanted: Wanted = {},
): Promise<Definition> {
  const found = kindOfFiles(files.keys());
  const kind = wanted.kind ?? found;
  if (kind === undefined || found === undefined) {
    throw errors.ENVIRONMENT_INVALID({ source, reason: "there is no Dockerfile and no lock file in it" });
  }
  if (kind === "docker" && found === "venv") {
    if (!files.has("requirements.txt")) {
      throw errors.ENVIRONMENT_INVALID({
        source,
        reason: "there is no Dockerfile and no requirements.txt in it",
      });
    }
    const python = shortVersion(wanted.python ?? (await projectPython(project)));
    const dockerfile = Buffer.from(pythonDockerfile(python));
    return complete("docker", new Map([...files, ["Dockerfile", dockerfile]]), notes);
  }
  if (
    kind === "venv" &&
    kindOfFiles([...files.keys()].filter((name) => name !== "Dockerfile")) === undefined
  ) {
    throw errors.ENVIRONMENT_INVALID({ source, reason: "there is no lock file in it" });
  }
  return complete(kind, files, notes, kind === "venv" ? (wanted.python ?? namedPython(files)) : undefined);
}

/** File by which pyenv, uv and others are told a version of Python. */
export const PYTHON_FILE = ".python-version";

function namedPython(files: ReadonlyMap<string, Buffer>): string | undefined {
  return /^\s*(\d+\.\d+)(\.\d+)?\s*$/.exec(files.get(PYTHON_FILE)?.toString("utf8") ?? "")?.[1];
}

/** An image by name. */
export function definitionFromImage(image: string): Definition {
  if (!/^[a-z0-9][\w.:/@-]*$/i.test(image)) {
    throw errors.ENVIRONMENT_INVALID({ source: image, reason: "it is no name of an image" });
  }
  const definition: EnvironmentDefinition = { kind: "docker", image };
  return { id: environmentId(definition), definition, files: new Map(), notes: [] };
}

/** Everything that was installed where a run ran, from the manifest of its snapshot. */
export function definitionFromManifest(manifest: JsonObject, source: string): Definition {
  const environment = (manifest["environment"] ?? {}) as { python?: RecordedPython };
  const { python } = environment;
  if (python === undefined || python.packages.length === 0) {
    throw errors.ENVIRONMENT_INVALID({ source, reason: "no Python packages were recorded" });
  }
  const notes: string[] = [];
  const lines: string[] = [];
  for (const { name, version, source: from, editable } of python.packages) {
    if (editable || (from !== undefined && /^file:/i.test(from))) {
      notes.push(`${name} ${version} was installed from a folder of that machine; it is left out.`);
    } else if (name.toLowerCase() !== "pip") {
      lines.push(from === undefined ? `${name}==${version}\n` : `${name} @ ${from}\n`);
    }
  }
  const files = new Map([["python-packages.txt", Buffer.from(lines.sort().join(""))]]);
  return complete("venv", files, notes, shortVersion(python.version));
}

interface RecordedPython {
  readonly version: string;
  readonly packages: readonly {
    readonly name: string;
    readonly version: string;
    readonly source?: string;
    readonly editable?: boolean;
  }[];
}

/** What a project without any Python of its own gets. */
export const DEFAULT_PYTHON = "3.13";

async function projectPython(project: OpenProject): Promise<string> {
  return (await project.capture.environment()).python?.version ?? DEFAULT_PYTHON;
}

/** A definition with its id. */
export function complete(
  kind: "docker" | "venv",
  files: ReadonlyMap<string, Buffer>,
  notes: readonly string[],
  python?: string,
): Definition {
  const definition = definitionOf(kind, files, python);
  return { id: environmentId(definition), definition, files, notes };
}

/** `3.12` of `3.12.4`. */
export function shortVersion(version: string): string {
  return version.split(".").slice(0, 2).join(".");
}
