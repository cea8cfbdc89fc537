import type { Contract, Located, MethodRecord, Schema } from "./model.ts";
import { refName } from "./names.ts";
import { quoteR, rName } from "./r-text.ts";

/**
 * What results look like, so that the R client can make vectors, times and data frames of them: letters for plain
 * values, names of other shapes, `[]` arrays, `{}` maps, lists by field.
 */
export function rShapes(contract: Contract, methods: readonly Located<MethodRecord>[]): string {
  const objects = contract.defs.filter(({ record }) => isObject(record));
  const words = contract.defs.filter(({ record }) => record.type === "string");
  const known = new Map([
    ...objects.map(({ name }) => [name, quoteR(name)] as const),
    ...words.map(({ name }) => [name, '"s"'] as const),
  ]);
  const shapes = objects.map(({ name, record }) => `  ${name} = ${fields(record, known)}`);
  const results = methods.map(({ name, record }) => `  ${quoteR(name)} = ${fields(record.result, known)}`);
  return `# Objects of the protocol by field: "s" text, "n" number, "b" truth, "t" time, "m" metric value, "a" anything.
.datmo_shapes <- list(
${shapes.join(",\n")}
)

.datmo_results <- list(
${results.join(",\n")}
)
`;
}

function isObject(schema: Schema): boolean {
  return schema.type === "object" && Object.keys(schema.properties ?? {}).length > 0;
}

function fields(schema: Schema, known: ReadonlyMap<string, string>): string {
  const parts = Object.entries(schema.properties ?? {}).map(
    ([key, property]) => `${rName(key)} = ${shapeOf(key, property, known)}`,
  );
  const line = parts.join(", ");
  return line.length < 90 ? `list(${line})` : `list(\n    ${parts.join(",\n    ")}\n  )`;
}

function shapeOf(key: string, schema: Schema, known: ReadonlyMap<string, string>): string {
  if (schema.$ref !== undefined) return referred(refName(schema.$ref), known);
  if (schema.type === "string") return key.endsWith("At") ? '"t"' : '"s"';
  if (schema.type === "integer" || schema.type === "number") return '"n"';
  if (schema.type === "boolean") return '"b"';
  if (schema.type === "array") return `list(\`[]\` = ${shapeOf("", schema.items ?? {}, known)})`;
  if (isObject(schema)) return fields(schema, known);
  const { additionalProperties } = schema;
  if (schema.type === "object" && typeof additionalProperties === "object") {
    return `list(\`{}\` = ${shapeOf("", additionalProperties, known)})`;
  }
  return '"a"';
}

function referred(name: string, known: ReadonlyMap<string, string>): string {
  // One text or several; a number or one of three words.
  return known.get(name) ?? (name === "Command" ? '"s"' : name === "MetricValue" ? '"m"' : '"a"');
}
