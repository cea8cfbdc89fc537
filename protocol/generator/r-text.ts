import type { Contract, MethodRecord, Schema } from "./model.ts";
import { refName, snakeName } from "./names.ts";
import { wrap } from "./text.ts";

/** Make sense only to who listens to notifications. */
const ABOUT_NOTIFICATIONS = new Set(["originId", "progressToken"]);

/** `run.start` → `datmo_run_start`. */
export function rFunction(method: string): string {
  return `datmo_${snakeName(method)}`;
}

/** The params that the R function takes: required ones first. */
export function rParams(record: MethodRecord): [string, Schema][] {
  const required = new Set(record.params.required ?? []);
  const all = Object.entries(record.params.properties ?? {}).filter(([key]) => !ABOUT_NOTIFICATIONS.has(key));
  return [...all.filter(([key]) => required.has(key)), ...all.filter(([key]) => !required.has(key))];
}

/** The list of formals, on one line or, indented, on several. */
export function formals(record: MethodRecord, indent: string): string {
  const required = new Set(record.params.required ?? []);
  const names = rParams(record).map(([key]) => {
    const name = rName(snakeName(key));
    return required.has(key) ? name : `${name} = NULL`;
  });
  const words = [...names, "engine = NULL"];
  const line = words.join(", ");
  if (line.length < 60) return line;
  // No break inside `name = NULL`.
  const lines = wrap(words.map((word) => word.replaceAll(" ", "\u0000")).join(", "), 76);
  return `\n${lines.map((text) => `${indent}${text.replaceAll("\u0000", " ")}\n`).join("")}`;
}

export function isList(record: MethodRecord): boolean {
  return record.result.properties?.["items"] !== undefined;
}

/** A schema, or the definition that it refers to. */
export function targetOf(schema: Schema, contract: Contract): Schema {
  if (schema.$ref === undefined) return schema;
  const name = refName(schema.$ref);
  return contract.defs.find((def) => def.name === name)?.record ?? {};
}

/** R packages are ASCII; escapes do in strings, comments get look-alikes. */
export function ascii(text: string): string {
  const plain = text
    .replaceAll("…", "...")
    .replaceAll("→", "->")
    .replaceAll("≥", ">=")
    .replaceAll("≤", "<=")
    .replaceAll("×", "x")
    .replaceAll("–", "-");
  return plain.replace(/[^\x20-\x7e]/g, "?");
}

export function quoteR(text: string): string {
  return JSON.stringify(text).replace(
    /[^\x20-\x7e]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

export function rName(name: string): string {
  const reserved = /^(if|else|repeat|while|function|for|next|break|in|TRUE|FALSE|NULL|Inf|NaN|NA)$/;
  return reserved.test(name) || !/^[A-Za-z.][\w.]*$/.test(name) ? `\`${name}\`` : name;
}
