import type { Example, Schema } from "./model.ts";
import { refName } from "./names.ts";

/** Description of a definition, with a table of its properties when it is an object. */
export function schemaText(schema: Schema): string {
  const text = `${schema.description ?? ""}\n`;
  if (schema.type === "object") return `${text}\n${propertyTable(schema)}`;
  return `${text}\nType: ${typeText(schema)}\n`;
}

/** A row for each property, those of nested objects below with dotted names. */
export function propertyTable(schema: Schema): string {
  const rows = propertyRows(schema, "");
  if (rows.length === 0) return "None.\n";
  return `| name | type | required | |\n|---|---|---|---|\n${rows.join("")}`;
}

/** The first valid example of each part. */
export function exampleBlock(message: string, examples: readonly Example[]): string {
  const valid = examples.filter((example) => example.message === message && example.valid);
  const blocks = ["params", "result"].flatMap((part) => {
    const longest = valid
      .filter((example) => example.part === part)
      .sort((a, b) => JSON.stringify(b.value).length - JSON.stringify(a.value).length)[0];
    return longest === undefined ? [] : [`// ${part}\n${oneLinePerKey(longest.value)}`];
  });
  return `Example\n\n\`\`\`jsonc\n${blocks.join("\n")}\n\`\`\`\n`;
}

function oneLinePerKey(value: unknown): string {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return JSON.stringify(value);
  const entries = Object.entries(value);
  if (entries.length === 0) return "{}";
  return `{\n${entries.map(([key, item]) => `  ${JSON.stringify(key)}: ${JSON.stringify(item)}`).join(",\n")}\n}`;
}

function propertyRows(schema: Schema, prefix: string): string[] {
  const required = new Set(schema.required ?? []);
  return Object.entries(schema.properties ?? {}).flatMap(([name, property]) => {
    const cells = [
      `\`${prefix}${name}\``,
      typeText(property),
      required.has(name) ? "yes" : "",
      property.description ?? "",
    ];
    return [`| ${cells.map(cell).join(" | ")} |\n`, ...nestedRows(property, `${prefix}${name}`)];
  });
}

function nestedRows(property: Schema, path: string): string[] {
  const items = property.items;
  return items === undefined ? propertyRows(property, `${path}.`) : propertyRows(items, `${path}[].`);
}

function typeText(schema: Schema): string {
  if (schema.$ref !== undefined) return refText(schema.$ref);
  if (schema.const !== undefined) return code(schema.const);
  if (schema.enum !== undefined) return schema.enum.map(code).join(", ");
  const variants = schema.oneOf ?? schema.anyOf;
  if (variants !== undefined && schema.properties === undefined) return variants.map(typeText).join(" or ");
  const known = schema["x-known"];
  if (known !== undefined) return `${known.map(code).join(", ")}, or another string`;
  if (schema.type === "array") return `array of ${typeText(schema.items ?? {})}${limits(schema)}`;
  if (schema.type === "object") return objectText(schema);
  return `${schema.type ?? "any JSON"}${limits(schema)}`;
}

function objectText(schema: Schema): string {
  const extra = schema.additionalProperties;
  return typeof extra === "object" ? `object of ${typeText(extra)} by name` : "object";
}

function refText(ref: string): string {
  if (ref.endsWith(".schema.json")) return `document by ${ref.replace(/^.*\//, "`schemas/")}\``;
  return `[${refName(ref)}](#${refName(ref).toLowerCase()})`;
}

function limits(schema: Schema): string {
  const range = (from: unknown, to: unknown, unit: string): string[] => {
    if (from === undefined && to === undefined) return [];
    const least = from === undefined ? "" : String(from);
    return [
      `${to === undefined ? `≥ ${least}` : from === undefined ? `≤ ${to}` : `${least} to ${to}`}${unit}`,
    ];
  };
  const parts = [
    ...range(schema["minimum"], schema["maximum"], ""),
    ...range(schema["minLength"], schema["maxLength"], " characters"),
    ...range(schema["minItems"], schema["maxItems"], " items"),
    ...(typeof schema["pattern"] === "string" ? [code(schema["pattern"])] : []),
  ];
  return parts.length === 0 ? "" : ` (${parts.join(", ")})`;
}

function code(value: unknown): string {
  return `\`${typeof value === "string" ? value : JSON.stringify(value)}\``;
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|").replaceAll("\n", " ");
}
