import { errors } from "../../protocol/errors.ts";
import type { Json, JsonObject } from "../../util/json.ts";
import { deepMerge, setKey } from "../../util/json-merge.ts";

/**
 * A config from what was typed: `lr:0.1`, `optimizer.name=adam`, `layers:[64,64]`. Each splits at its first
 * `:` or `=`; the value is JSON when it is JSON, else text; dotted keys nest, backticks keep a dot from dividing;
 * later ones win.
 * Throws CONFIG_INVALID; `source` names where the texts came from.
 */
export function parseAssignments(texts: readonly string[], source = "--config"): JsonObject {
  let config: JsonObject = {};
  for (const text of texts) config = deepMerge(config, parseAssignment(text, source));
  return config;
}

/** The JSON value that a text means, else the text itself. */
export function parseValue(text: string): Json {
  let value: Json;
  try {
    value = JSON.parse(text) as Json;
  } catch {
    return text;
  }
  // An id of 20 digits or a number beyond a double's range would come back as another one.
  if (typeof value === "number" && (!Number.isFinite(value) || losesDigits(text, value))) return text;
  return value;
}

function parseAssignment(text: string, source: string): JsonObject {
  const at = dividerOf(text);
  if (at < 0) {
    throw errors.CONFIG_INVALID({ source, reason: `"${text}" has no value; write ${text || "KEY"}:VALUE` });
  }
  const keys = keysOf(text.slice(0, at).trim());
  if (keys.includes("")) throw errors.CONFIG_INVALID({ source, reason: `"${text}" has an empty key` });
  if (keys.length > 100) throw errors.CONFIG_INVALID({ source, reason: "a key has more than 100 parts" });
  return keys.reduceRight<Json>(nested, parseValue(text.slice(at + 1).trim())) as JsonObject;
}

/** Place of the first `:` or `=` that is not in backticks. */
function dividerOf(text: string): number {
  let quoted = false;
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (character === "`") quoted = !quoted;
    else if (!quoted && (character === ":" || character === "=")) return at;
  }
  // A single backtick quotes nothing.
  return quoted ? text.search(/[:=]/) : -1;
}

/** `` net.`v1.5` `` is `net` and `v1.5`. */
function keysOf(text: string): string[] {
  const parts = text.match(/(?:^|\.)(?:`[^`]*`(?=\.|$)|[^.]*)/g) ?? [];
  return parts.map((part, index) => (index === 0 ? part : part.slice(1)).replace(/^`(.*)`$/s, "$1"));
}

function nested(value: Json, key: string): JsonObject {
  const object: Record<string, Json> = {};
  setKey(object, key, value);
  return object;
}

function losesDigits(text: string, value: number): boolean {
  return /^-?\d+$/.test(text.trim()) && !Number.isSafeInteger(value);
}
