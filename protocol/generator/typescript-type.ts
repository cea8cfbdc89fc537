import type { Schema } from "./model.ts";

/** Turns the `$ref` of a schema into the name of a type. */
export type NameOf = (ref: string) => string;

const bareKey = /^[A-Za-z_$][A-Za-z0-9_$]*$/;

/** A TypeScript type for a schema. `indent` is that of the line it begins on; `docs` writes comments on properties. */
export function tsType(schema: Schema, nameOf: NameOf, indent = "", docs = true): string {
  if (schema.$ref !== undefined) return nameOf(schema.$ref);
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum !== undefined) return schema.enum.map((value) => JSON.stringify(value)).join(" | ");
  const variants = schema.anyOf ?? schema.oneOf;
  if (variants !== undefined) {
    const types = variants.map((variant) => tsType(variant, nameOf, indent, docs));
    return [...new Set(types)].join(" | ");
  }
  switch (schema.type) {
    case "string":
      return stringType(schema);
    case "integer":
    case "number":
      return "number";
    case "boolean":
      return "boolean";
    case "null":
      return "null";
    case "array":
      return arrayType(schema, nameOf, indent, docs);
    case "object":
      return objectType(schema, nameOf, indent, docs);
    default:
      return "Json";
  }
}

/** `/** text *\/` on one line or several, or nothing; ends with a line break when there is text. */
export function docComment(text: string, indent = ""): string {
  const lines = text
    .trim()
    .replaceAll("*/", "*\\/")
    .split("\n")
    .map((line) => line.trimEnd());
  if (lines.length === 1) return lines[0] === "" ? "" : `${indent}/** ${lines[0]} */\n`;
  return `${indent}/**\n${lines.map((line) => `${indent} *${line === "" ? "" : ` ${line}`}`).join("\n")}\n${indent} */\n`;
}

export function tsKey(name: string): string {
  return bareKey.test(name) ? name : JSON.stringify(name);
}

function stringType(schema: Schema): string {
  const known = schema["x-known"];
  if (known === undefined) return "string";
  return `${known.map((value) => JSON.stringify(value)).join(" | ")} | (string & {})`;
}

function arrayType(schema: Schema, nameOf: NameOf, indent: string, docs: boolean): string {
  const item = tsType(schema.items ?? {}, nameOf, indent, docs);
  return / [|&] /.test(item) && !item.startsWith("{")
    ? `readonly (${item})[]`
    : `readonly ${wrapReadonly(item)}[]`;
}

/** `readonly readonly T[][]` does not parse. */
function wrapReadonly(item: string): string {
  return item.startsWith("readonly ") ? `(${item})` : item;
}

function objectType(schema: Schema, nameOf: NameOf, indent: string, docs: boolean): string {
  const properties = Object.entries(schema.properties ?? {});
  const extra = schema.additionalProperties;
  if (properties.length === 0) {
    if (extra === false) return "{ readonly [name: string]: never }";
    if (extra === undefined || extra === true) return "JsonObject";
    return `{ readonly [name: string]: ${tsType(extra, nameOf, indent, docs)} }`;
  }
  const required = new Set(schema.required ?? []);
  const inner = `${indent}  `;
  const lines = properties.map(([name, property]) => {
    const type = tsType(property, nameOf, docs ? inner : indent, docs);
    const line = `readonly ${tsKey(name)}${required.has(name) ? "" : "?"}: ${type}`;
    return docs ? `${docComment(property.description ?? "", inner)}${inner}${line};\n` : line;
  });
  if (extra === true)
    lines.push(docs ? `${inner}readonly [more: string]: unknown;\n` : "readonly [more: string]: unknown");
  return docs ? `{\n${lines.join("")}${indent}}` : `{ ${lines.join("; ")} }`;
}
