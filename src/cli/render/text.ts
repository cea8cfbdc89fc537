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
  if (HARMLESS.test(text)) return text;
  return text.replace(/\s+/g, " ").replace(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, "�");
}

/** Words of plain ASCII, one space apart: nearly all there is. */
const HARMLESS = /^(?:[!-~]+(?: [!-~]+)*)?$/;

/** A command as one would type it. */
export function commandText(command: Command | undefined): string {
  if (command === undefined) return "";
  return plain(typeof command === "string" ? command : command.map(quoted).join(" "));
}

/** A JSON value as `-c KEY=VALUE` takes it: text without quotes where that is not ambiguous. */
export function valueText(value: Json | undefined): string {
  if (value === undefined) return "—";
  if (typeof value === "number") return numberText(value);
  if (isPointer(value)) return `→ ${plain(value.$pointer)}`;
  return plain(typeof value === "string" ? value : JSON.stringify(value));
}

/** Up to 6 significant digits: for people. Exact values are in `--json` and CSV. */
export function numberText(value: MetricValue): string {
  if (typeof value !== "number") return value;
  return Number.isInteger(value) && Math.abs(value) < 1e6
    ? String(value)
    : String(Number(value.toPrecision(6)));
}

/** `lr=0.5 optimizer.name=adam`. */
export function pairsText(values: JsonObject): string {
  let text = "";
  for (const [key, value] of flatten(values)) text += `${text && " "}${plain(key)}=${valueText(value)}`;
  return text;
}

/** `lr = 0.5`. */
export function pairText([key, value]: readonly [string, Json]): string {
  return `${plain(key)} = ${valueText(value)}`;
}

/**
 * Nested values by dotted key, in their order. A key that holds dots itself stands in backticks, as in filters, when
 * there is a nested one that reads the same.
 */
export function flatten(values: JsonObject): [key: string, value: Json][] {
  const pairs = collect("", values, (key) => key);
  const names = new Map<string, number>();
  for (const [key] of pairs) names.set(key, (names.get(key) ?? 0) + 1);
  if (names.size === pairs.length) return pairs;
  const exact = collect("", values, (key) => (key.includes(".") ? `\`${key}\`` : key));
  return pairs.map((pair, index) => (names.get(pair[0]) === 1 ? pair : (exact[index] ?? pair)));
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

function collect(
  prefix: string,
  values: JsonObject,
  nameOf: (key: string) => string,
  pairs: [string, Json][] = [],
): [string, Json][] {
  for (const [key, value] of Object.entries(values)) {
    const name = `${prefix}${nameOf(key)}`;
    const nested = typeof value === "object" && value !== null && !Array.isArray(value) && !isPointer(value);
    if (nested && Object.keys(value).length > 0) collect(`${name}.`, value as JsonObject, nameOf, pairs);
    else pairs.push([name, value]);
  }
  return pairs;
}

/** A pointer to data elsewhere is one value. */
function isPointer(value: Json): value is { $pointer: string } {
  return typeof value === "object" && value !== null && typeof (value as JsonObject)["$pointer"] === "string";
}

function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
