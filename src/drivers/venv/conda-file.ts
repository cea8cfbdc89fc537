import { parse } from "yaml";
import { errors } from "../../protocol/errors.ts";

/** What a venv can have of an environment.yml. */
export interface CondaFile {
  /** Lines of its `pip:` part. */
  readonly pip: readonly string[];
  /** Version of Python. Absent: none is asked for. */
  readonly python?: string;
  /** Packages of conda, which a venv cannot have. */
  readonly conda: readonly string[];
}

/** conda's own tools, which every venv has in its own form. */
const TOOLS = new Set(["pip", "setuptools", "wheel", "conda", "mamba"]);

/** Throws LOCK_FILE_INVALID. */
export function readCondaFile(text: string, file: string): CondaFile {
  let value: unknown;
  try {
    value = parse(text);
  } catch (error) {
    throw errors.LOCK_FILE_INVALID({ file, reason: (error as Error).message.split("\n")[0] ?? "" });
  }
  const { dependencies } = (value ?? {}) as { readonly dependencies?: unknown };
  if (!Array.isArray(dependencies)) {
    throw errors.LOCK_FILE_INVALID({ file, reason: "it has no list of dependencies" });
  }
  const pip: string[] = [];
  const conda: string[] = [];
  let python: string | undefined;
  for (const item of dependencies as unknown[]) {
    if (typeof item === "string") {
      const [, name = "", version = ""] = /^(?:[\w./-]+::)?([\w.-]+)\s*(.*)$/.exec(item.trim()) ?? [];
      if (name === "python") python = /^[=<>~ ]*(\d+\.\d+(?:\.\d+)?)/.exec(version)?.[1];
      else if (!TOOLS.has(name)) conda.push(item.trim());
    } else if (typeof item === "object" && item !== null) {
      const list = (item as { readonly pip?: unknown }).pip;
      if (Array.isArray(list)) pip.push(...list.map(String));
    }
  }
  return { pip, conda, ...(python === undefined ? {} : { python }) };
}
