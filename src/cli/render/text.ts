import type { Command, MetricValue } from "../../protocol/types.ts";
import type { Json, JsonObject } from "../../util/json.ts";

/** Characters of an id that are shown; enough to be unique in any project. */
const SHORT_ID = 8;

export function shortId(id: string): string {
  return id.slice(0, SHORT_ID);
}

/**
 * One line that cannot steer the terminal: names and messages may come from elsewhere, and an escape sequence
 * in them could hide or fake what is shown.
 */
export function plain(text: string): string {
  return text.replace(/\s+/g, " ").replace(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, "�");
}

/** A command as one would type it. */
export function commandText(command: Command | undefined): string {
  if (command === undefined) return "";
  return plain(typeof command === "string" ? command : command.map(quoted).join(" "));
}

/** A JSON value as `-c KEY=VALUE` takes it: text without quotes where that is not ambiguous. */
export function valueText(value: Json | undefined): string {
  if (value === undefined) return "—";
  if (typeof value === "number") return numberText(value);
  return plain(typeof value === "string" ? value : JSON.stringify(value));
}

/** Up to 6 significant digits: for people. Exact values are in `--json` and CSV. */
export function numberText(value: MetricValue): string {
  return typeof value === "number" ? String(Number(value.toPrecision(6))) : value;
}

/** `lr=0.5 optimizer.name=adam`. */
export function pairsText(values: JsonObject): string {
  return flatten(values)
    .map(([key, value]) => `${plain(key)}=${valueText(value)}`)
    .join(" ");
}

/** `lr = 0.5`. */
export function pairText([key, value]: readonly [string, Json]): string {
  return `${plain(key)} = ${valueText(value)}`;
}

/** Nested values by dotted key, in their order. */
export function flatten(values: JsonObject, prefix = ""): [key: string, value: Json][] {
  return Object.entries(values).flatMap(([key, value]): [string, Json][] => {
    const path = `${prefix}${key}`;
    const nested = typeof value === "object" && value !== null && !Array.isArray(value);
    return nested && Object.keys(value).length > 0
      ? flatten(value as JsonObject, `${path}.`)
      : [[path, value]];
  });
}

export function bytesText(bytes: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${unit === 0 ? value : Number(value.toPrecision(3))} ${units[unit]}`;
}

export function count(number: number, one: string, many = `${one}s`): string {
  return `${number} ${number === 1 ? one : many}`;
}

function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
