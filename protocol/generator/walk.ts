import type { Schema } from "./model.ts";

/** Calls `visit` on a schema and every schema below it, with a path for messages to people. */
export function walkSchema(
  schema: Schema,
  path: string,
  visit: (schema: Schema, path: string) => void,
): void {
  visit(schema, path);
  for (const [name, property] of Object.entries(schema.properties ?? {}))
    walkSchema(property, `${path}.${name}`, visit);
  if (schema.items !== undefined) walkSchema(schema.items, `${path}[]`, visit);
  if (schema.propertyNames !== undefined) walkSchema(schema.propertyNames, `${path}{name}`, visit);
  if (typeof schema.additionalProperties === "object")
    walkSchema(schema.additionalProperties, `${path}{}`, visit);
  for (const [index, variant] of (schema.oneOf ?? schema.anyOf ?? []).entries()) {
    walkSchema(variant, `${path}|${index}`, visit);
  }
}

/** A copy of a schema with `change` applied to it and to every schema below it, from the inside out. */
export function mapSchema(schema: Schema, change: (schema: Schema) => Schema): Schema {
  const below = (part: Schema): Schema => mapSchema(part, change);
  const copy: Record<string, unknown> = { ...schema };
  if (schema.properties !== undefined) copy["properties"] = mapValues(schema.properties, below);
  if (schema.items !== undefined) copy["items"] = below(schema.items);
  if (schema.propertyNames !== undefined) copy["propertyNames"] = below(schema.propertyNames);
  if (typeof schema.additionalProperties === "object")
    copy["additionalProperties"] = below(schema.additionalProperties);
  if (schema.oneOf !== undefined) copy["oneOf"] = schema.oneOf.map(below);
  if (schema.anyOf !== undefined) copy["anyOf"] = schema.anyOf.map(below);
  return change(copy);
}

function mapValues<T>(record: Readonly<Record<string, T>>, change: (value: T) => T): Record<string, T> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]));
}
