import { errors } from "../../protocol/errors.ts";
import { readCondaFile } from "./conda-file.ts";

/** What is to be installed, in the form that pip and uv take. */
export interface RequirementSet {
  /** File that it came from. */
  readonly source: string;
  /** Content of a requirements.txt. */
  readonly text: string;
  /** Everything is named in it: nothing else is to be installed. */
  readonly complete: boolean;
  /** Version of Python that the file asks for. Absent: any. */
  readonly python?: string;
  /** Lowest minor version of Python 3. Absent: any. */
  readonly minimum?: number;
  readonly notes: readonly string[];
}

/** One requirement of a set. */
export interface Requirement {
  /** As it is written, without hashes and comments. */
  readonly text: string;
  readonly name: string;
  /** The version when exactly one will do. */
  readonly version?: string;
}

/** Names that a note lists. */
const NAMED = 8;

/** The Python part of a definition; undefined when it has none. Throws LOCK_FILE_INVALID. */
export async function requirementSet(
  files: ReadonlyMap<string, Buffer>,
): Promise<RequirementSet | undefined> {
  const text = (name: string): string | undefined =>
    files
      .get(name)
      ?.toString("utf8")
      .replace(/^\uFEFF/, "");
  const recorded = text("python-packages.txt");
  if (recorded !== undefined) {
    return { source: "python-packages.txt", text: recorded, complete: true, notes: [] };
  }
  const locked = text("uv.lock");
  if (locked !== undefined) return ofUvLock(locked);
  const requirements = text("requirements.txt");
  if (requirements !== undefined) return ofRequirements(requirements);
  for (const name of ["environment.yml", "environment.yaml"]) {
    const conda = text(name);
    if (conda !== undefined) return ofConda(conda, name);
  }
  return undefined;
}

/** The requirements of a text; options and included files left out. */
export function requirementsIn(text: string): Requirement[] {
  return logicalLines(text).flatMap((line) => {
    if (line.startsWith("-")) return [];
    const bare = line.replace(/(\s+--(hash|config-settings?)[= ]\S+)+\s*$/, "").trim();
    const [, name, rest = ""] = /^([A-Za-z0-9][\w.-]*)\s*(?:\[[^\]]*\])?\s*(.*)$/.exec(bare) ?? [];
    if (name === undefined) return [];
    const [, version] = /^\(?\s*===?\s*([\w.!+-]+)\s*\)?\s*(?:;.*)?$/.exec(rest) ?? [];
    return [{ text: bare, name, ...(version === undefined ? {} : { version }) }];
  });
}

/** Options that say where packages are looked for, as words of a command line. */
export function indexOptions(text: string): string[] {
  return logicalLines(text).flatMap((line) => {
    const [, option, value] =
      /^(--(?:find-links|index-url|extra-index-url|trusted-host|no-index|pre)|-f|-i)(?:[= ]\s*(\S+))?/.exec(
        line,
      ) ?? [];
    return option === undefined ? [] : value === undefined ? [option] : [option, value];
  });
}

async function ofUvLock(text: string): Promise<RequirementSet> {
  const { readUvLock } = await import("./uv-lock.ts");
  const { lines, minimum, notes } = readUvLock(text);
  return {
    source: "uv.lock",
    text: lines.map((line) => `${line}\n`).join(""),
    complete: true,
    ...(minimum === undefined ? {} : { minimum }),
    notes,
  };
}

function ofRequirements(text: string): RequirementSet {
  const loose = requirementsIn(text)
    .filter((one) => one.version === undefined && !one.text.includes("@"))
    .map(({ name }) => name);
  const names = loose.slice(0, NAMED).join(", ") + (loose.length > NAMED ? ", …" : "");
  const note = `requirements.txt names no exact version of ${names}: what was found is recorded with the build.`;
  return { source: "requirements.txt", text, complete: false, notes: loose.length > 0 ? [note] : [] };
}

function ofConda(text: string, source: string): RequirementSet {
  const { pip, conda, python } = readCondaFile(text, source);
  if (pip.length === 0 && conda.length > 0) {
    const reason =
      "it has no pip part, and a venv cannot have packages of conda; an environment of kind docker can";
    throw errors.LOCK_FILE_INVALID({ file: source, reason });
  }
  const names = conda.slice(0, NAMED).join(", ") + (conda.length > NAMED ? ", …" : "");
  return {
    source,
    text: pip.map((line) => `${line}\n`).join(""),
    complete: false,
    ...(python === undefined ? {} : { python }),
    notes: conda.length > 0 ? [`Packages of conda are not in the venv: ${names}.`] : [],
  };
}

/** Lines joined at their backslashes, without comments. */
function logicalLines(text: string): string[] {
  return text
    .replace(/\\\r?\n/g, " ")
    .split(/\r?\n/)
    .map((line) => line.replace(/(^|\s)#.*$/, "").trim())
    .filter((line) => line !== "");
}
