import { errors } from "../../protocol/errors.ts";
import type { MetricValue } from "../../protocol/types.ts";
import type { JsonObject } from "../../util/json.ts";
import { flatten } from "../render/text.ts";
import { parseAssignments, parseValue } from "./config-text.ts";

/** The config of `-c K=V` options; undefined when there is none. Throws CONFIG_INVALID. */
export function configOf(texts: readonly string[] | undefined): JsonObject | undefined {
  return texts === undefined ? undefined : parseAssignments(texts);
}

/** `NAME=NUMBER` texts; numbers may be nan, inf and -inf. Throws INVALID_PARAMS. */
export function metricsOf(texts: readonly string[]): Record<string, MetricValue> {
  return Object.fromEntries(texts.map(metricPair));
}

/** A JSON object of numbers; nested ones get dotted names. Throws INVALID_PARAMS. */
export function metricsOfObject(values: JsonObject, source: string): Record<string, MetricValue> {
  return Object.fromEntries(
    flatten(values).map(([name, value]) => {
      const number =
        typeof value === "number" ? value : typeof value === "string" ? metricValue(value) : undefined;
      if (number === undefined) throw invalid(`${source}: "${name}" is no number.`);
      return [name, number];
    }),
  );
}

/** `NAME=VALUE` for environment variables: the value is text as it is. Throws INVALID_PARAMS. */
export function variablesOf(texts: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    texts.map((text) => {
      const at = text.indexOf("=");
      if (at < 1) throw invalid(`--env ${text}: write NAME=VALUE.`);
      return [text.slice(0, at), text.slice(at + 1)];
    }),
  );
}

function metricPair(text: string): [string, MetricValue] {
  const at = text.search(/[:=]/);
  const name = text.slice(0, Math.max(0, at)).trim();
  const value = metricValue(text.slice(at + 1).trim());
  if (name === "" || value === undefined) {
    throw invalid(
      `"${text}" is no metric.`,
      "Write NAME=NUMBER, such as loss=0.25; texts go into the config.",
    );
  }
  return [name, value];
}

function invalid(summary: string, hint?: string): Error {
  return errors.INVALID_PARAMS({ summary, problems: [] }, hint === undefined ? {} : { hint });
}

function metricValue(text: string): MetricValue | undefined {
  const word = /^([-+]?)(nan|inf|infinity)$/i.exec(text);
  if (word) return /^nan$/i.test(word[2] ?? "") ? "NaN" : word[1] === "-" ? "-Infinity" : "Infinity";
  const value = parseValue(text);
  if (typeof value === "number") return value;
  const number = Number(text);
  return text !== "" && Number.isFinite(number) ? number : undefined;
}
