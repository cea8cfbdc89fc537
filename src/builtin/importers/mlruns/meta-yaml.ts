import { parse } from "yaml";

/** The fields of a `meta.yaml`; undefined when it is none. */
export function readMeta(text: string): Readonly<Record<string, unknown>> | undefined {
  const plain = plainMeta(text);
  if (plain) return plain;
  try {
    const value: unknown = parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

const LINE =
  /^([a-z_]+): (?:(-?\d+|null|'')|([A-Za-z0-9/][A-Za-z0-9_/.-]*(?::\/\/[A-Za-z0-9_/.-]*)?)|'(\d+)')$/;
const WORDS = /^(true|false|yes|no|on|off|null|y|n)$/i;

/**
 * The form that MLflow nearly always writes: a plain value on each line. Reading a thousand of them with all rules of
 * YAML takes most of a second; whatever is not that plain is left to these rules.
 */
function plainMeta(text: string): Record<string, unknown> | undefined {
  const meta: Record<string, unknown> = {};
  for (const line of text.split("\n")) {
    if (line === "") continue;
    const match = LINE.exec(line);
    if (!match) {
      if (line === "tags: []") continue;
      return undefined;
    }
    const [, key = "", simple, word, digits] = match;
    if (simple !== undefined) meta[key] = simple === "null" ? null : simple === "''" ? "" : Number(simple);
    else if (digits !== undefined) meta[key] = digits;
    else if (word === undefined || WORDS.test(word) || /^[\d.]/.test(word)) {
      // What begins with a digit may be a number of some form, a date or a text.
      if (!/^[0-9a-f]*[a-df][0-9a-f]*$/.test(word ?? "")) return undefined;
      meta[key] = word;
    } else meta[key] = word;
  }
  return meta;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
