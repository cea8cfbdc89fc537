import { fileURLToPath } from "node:url";
import type { Json, JsonObject } from "../util/json.ts";
import { isJsonObject } from "../util/json-merge.ts";

/** Key that makes an object in a config a pointer to data that is kept elsewhere: `schemas/pointer.schema.json`. */
export const POINTER = "$pointer";

export interface Pointer {
  /** Keys that lead to it in the config. */
  readonly keys: readonly string[];
  /** Address or path, as written. */
  readonly target: string;
  readonly sha256?: string;
  readonly size?: number;
}

export interface FoundPointers {
  readonly pointers: readonly Pointer[];
  /** Objects that look like a pointer and are none. */
  readonly problems: readonly { readonly keys: readonly string[]; readonly reason: string }[];
}

const LONGEST = 4096;
const SCHEME = /^([A-Za-z][A-Za-z0-9+.-]*):\/\//;

/** Every pointer in a config, in the order of its keys. Never throws: configs may come from anywhere. */
export function pointersIn(config: JsonObject): FoundPointers {
  const found = { pointers: [] as Pointer[], problems: [] as FoundPointers["problems"][number][] };
  visit(config, [], found);
  return found;
}

/** What is wrong with the first of a config's pointers that is none; undefined when all are sound. */
export function pointerProblem(config: JsonObject): string | undefined {
  const [problem] = pointersIn(config).problems;
  return problem && `the pointer ${problem.keys.join(".") || "at its top"}: ${problem.reason}`;
}

/** Path that a pointer names on this machine, relative ones as they are; undefined for an address elsewhere. */
export function localPath(target: string): string | undefined {
  const scheme = SCHEME.exec(target)?.[1]?.toLowerCase();
  if (scheme === undefined) return target;
  if (scheme !== "file") return undefined;
  try {
    return fileURLToPath(target);
  } catch {
    // A host or an escape that no path of this machine has.
    return undefined;
  }
}

/** The value that stands in a config. */
export function pointerValue({ target, sha256, size }: Omit<Pointer, "keys">): JsonObject {
  return {
    [POINTER]: target,
    ...(sha256 === undefined ? {} : { sha256 }),
    ...(size === undefined ? {} : { size }),
  };
}

function visit(
  value: Json,
  keys: readonly string[],
  found: { pointers: Pointer[]; problems: { keys: readonly string[]; reason: string }[] },
): void {
  if (Array.isArray(value)) {
    for (const [i, item] of value.entries()) visit(item, [...keys, String(i)], found);
    return;
  }
  if (!isJsonObject(value)) return;
  if (!Object.hasOwn(value, POINTER)) {
    for (const [key, item] of Object.entries(value)) visit(item, [...keys, key], found);
    return;
  }
  const reason = problemOf(value);
  if (reason !== undefined) found.problems.push({ keys, reason });
  else {
    const { sha256, size } = value as { sha256?: string; size?: number };
    found.pointers.push({
      keys,
      target: value[POINTER] as string,
      ...(sha256 === undefined ? {} : { sha256 }),
      ...(size === undefined ? {} : { size }),
    });
  }
}

function problemOf(value: JsonObject): string | undefined {
  const { [POINTER]: target, sha256, size, ...others } = value;
  if (typeof target !== "string" || target.trim() === "") return "its $pointer must be a path or an address";
  if (target.length > LONGEST || target.includes("\0")) return "its $pointer is no path and no address";
  const scheme = SCHEME.exec(target)?.[1]?.toLowerCase();
  if (scheme === "file" && localPath(target) === undefined) return "its file:// address names no path here";
  if (sha256 !== undefined && !(typeof sha256 === "string" && /^[0-9a-f]{64}$/.test(sha256))) {
    return "its sha256 must be 64 hexadecimal digits in lower case";
  }
  if (size !== undefined && !(Number.isSafeInteger(size) && (size as number) >= 0)) {
    return "its size must be a number of bytes";
  }
  const [other] = Object.keys(others);
  return other === undefined ? undefined : `it has the key ${other} besides $pointer, sha256 and size`;
}
