import { banner, type Contract, type Located, type MethodRecord, type Schema } from "./model.ts";
import { refName } from "./names.ts";
import { mapSchema } from "./walk.ts";

/**
 * `src/protocol/tool-schemas.js`: what agents are told of the methods that they may be given. One line a method, so
 * that a change shows what it changes.
 */
export function emitToolSchemas(contract: Contract): [string, string][] {
  const methods = contract.methods.filter(({ record }) => record.pluginAccess !== "never");
  const line = (name: string, value: object): string =>
    `  ${JSON.stringify(name)}: ${JSON.stringify(value)},`;
  const text = [
    `// ${banner}`,
    "export const toolSchemas = {",
    ...methods.map((method) => line(method.name, describe(contract, method))),
    "};",
    "export const resultShapes = {",
    ...contract.defs.map(({ name, record }) => line(name, named(record))),
    "};",
    "",
  ].join("\n");
  return [
    ["src/protocol/tool-schemas.js", text],
    ["src/protocol/tool-schemas.d.ts", declaration(methods)],
  ];
}

function describe(contract: Contract, { record }: Located<MethodRecord>): object {
  const description = [record.summary, record.description].filter((part) => part !== "").join(" ");
  return { description, params: inPlace(contract, record.params), result: named(record.result) };
}

/** Params stand for themselves: not every client follows references. */
function inPlace(contract: Contract, schema: Schema): Schema {
  return mapSchema(schema, ({ $ref, ...rest }) => {
    if ($ref === undefined) return inWords(rest);
    if ($ref.endsWith(".schema.json")) return { ...rest, type: "object" };
    const target = contract.defs.find(({ name }) => name === refName($ref));
    return { ...inPlace(contract, target!.record), ...rest };
  });
}

/**
 * Results refer to `#/$defs/NAME`; several have a shape in common that is long. Without words, which would be most
 * of it: who reads a result sees the names of its fields.
 */
function named(schema: Schema): Schema {
  return mapSchema(schema, ({ $ref, description: _, "x-known": _known, ...rest }) => {
    if ($ref === undefined) return rest;
    if ($ref.endsWith(".schema.json")) return { ...rest, type: "object" };
    return { $ref: `#/$defs/${refName($ref)}`, ...rest };
  });
}

/** Our own keyword says which values are known; to others its words do. */
function inWords({ "x-known": known, ...schema }: Schema): Schema {
  if (known === undefined) return schema;
  const values = `Known: ${known.map((value) => `\`${value}\``).join(", ")}.`;
  return { ...schema, description: [schema.description, values].filter(Boolean).join(" ") };
}

function declaration(methods: readonly Located<MethodRecord>[]): string {
  return `// ${banner}
/** A JSON Schema. */
export type JsonSchema = { readonly [keyword: string]: unknown };

/** A method that plugins and agents may be given. */
export type GrantableMethod =
${methods.map(({ name }) => `  | ${JSON.stringify(name)}`).join("\n")};

export interface ToolSchema {
  readonly description: string;
  /** JSON Schema 2020-12, without references. */
  readonly params: JsonSchema;
  /** JSON Schema 2020-12; refers to \`#/$defs/NAME\`, which \`resultShapes\` has. */
  readonly result: JsonSchema;
}

export const toolSchemas: Readonly<Record<GrantableMethod, ToolSchema>>;

export const resultShapes: Readonly<Record<string, JsonSchema>>;
`;
}
