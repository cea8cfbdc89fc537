import type { Json, JsonObject } from "../util/json.ts";

/**
 * The first way in which params do not fit a command's schema; undefined: they fit. Of JSON Schema it knows `type`,
 * `enum`, `required`, `properties`, `items` and `additionalProperties: false`; the plugin sees to the rest itself.
 */
export function paramsProblem(schema: JsonObject | undefined, params: JsonObject): string | undefined {
  return problemOf(schema ?? { type: "object", additionalProperties: false }, params, "");
}

function problemOf(schema: JsonObject, value: Json, path: string): string | undefined {
  const place = path === "" ? "The params" : path;
  const type = schema["type"];
  if (typeof type === "string" && !isOfType(type, value)) return `${place} must be of type ${type}`;
  const choices = schema["enum"];
  if (Array.isArray(choices) && !choices.some((choice) => JSON.stringify(choice) === JSON.stringify(value)))
    return `${place} must be one of ${choices.map((choice) => JSON.stringify(choice)).join(", ")}`;
  if (Array.isArray(value)) return itemsProblem(schema["items"], value, path);
  return isObject(value) ? membersProblem(schema, value, path) : undefined;
}

function itemsProblem(items: Json | undefined, values: readonly Json[], path: string): string | undefined {
  if (!isObject(items)) return undefined;
  for (const [at, value] of values.entries()) {
    const problem = problemOf(items, value, `${path}[${at}]`);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function membersProblem(schema: JsonObject, value: JsonObject, path: string): string | undefined {
  const properties = isObject(schema["properties"]) ? schema["properties"] : {};
  const required = Array.isArray(schema["required"]) ? schema["required"] : [];
  const missing = required.find((name) => typeof name === "string" && !Object.hasOwn(value, name));
  const join = (name: string): string => (path === "" ? name : `${path}.${name}`);
  if (missing !== undefined) return `${join(String(missing))} is missing`;
  for (const [name, member] of Object.entries(value)) {
    const inner = Object.hasOwn(properties, name) ? properties[name] : undefined;
    if (inner === undefined && schema["additionalProperties"] === false)
      return `There is no param "${join(name)}"`;
    const problem = isObject(inner) ? problemOf(inner, member, join(name)) : undefined;
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function isOfType(type: string, value: Json): boolean {
  switch (type) {
    case "object":
      return isObject(value);
    case "array":
      return Array.isArray(value);
    case "integer":
      return Number.isInteger(value);
    case "null":
      return value === null;
    default:
      return typeof value === type;
  }
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
