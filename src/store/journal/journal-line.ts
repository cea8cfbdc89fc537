import type { Json, JsonObject } from "../../util/json.ts";
import { jsonProblem } from "../../util/json-limits.ts";

/** A check of one document by its schema, as the generated validators are. */
export type Validate = ((data: unknown) => boolean) & {
  readonly errors?: readonly { readonly instancePath: string; readonly message: string }[] | null;
};

/** A line of a run's journal: what it says, that it is to be skipped, or why it cannot be used. */
export type CheckedLine =
  | { readonly line: JsonObject }
  | { readonly skip: true }
  | { readonly reason: string };

const TYPES = new Set(["begin", "config", "points", "file", "tag", "summary", "update", "request", "end"]);

/** Checks one line (without its newline) by everything the schema says and what it cannot say. */
export function checkLine(text: string, validate: Validate): CheckedLine {
  if (text.trim() === "") return { skip: true };
  let data: Json;
  try {
    data = JSON.parse(text) as Json;
  } catch {
    return { reason: "it is not valid JSON" };
  }
  if (!isObject(data)) return { reason: "it is not a JSON object" };
  // The value of a point may be out of range: it is infinite then.
  const problem = jsonProblem(data, { anyNumber: data["type"] === "points" });
  if (problem !== undefined) return { reason: problem };
  // Newer clients may say more than this engine knows.
  if (data["v"] === 1 && typeof data["type"] === "string" && !TYPES.has(data["type"])) return { skip: true };
  if (!validate(data)) {
    const misfit = validate.errors?.[0];
    return {
      reason: misfit ? `${misfit.instancePath || "/"} ${misfit.message}` : "it does not fit its schema",
    };
  }
  if (data["type"] === "points" && !hasEqualColumns(data["points"] as JsonObject)) {
    return { reason: "/points has columns of different lengths" };
  }
  return { line: data };
}

function isObject(data: Json): data is JsonObject {
  return typeof data === "object" && data !== null && !Array.isArray(data);
}

function hasEqualColumns(points: JsonObject): boolean {
  const lengths = ["name", "step", "value", "at"].map((key) => (points[key] as readonly Json[]).length);
  return lengths.every((length) => length === lengths[0]);
}
