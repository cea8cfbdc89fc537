import type { Schema } from "./model.ts";
import { refName } from "./names.ts";
import { docstring, isPythonName, quote } from "./python-text.ts";
import { capital } from "./text.ts";

const indent = "    ";

/** Collects declarations; shapes without a name of their own get one from where they are. */
export class PythonTypes {
  readonly declarations: string[] = [];

  /** Declares `name` for a schema. */
  declare(name: string, schema: Schema, doc: string): void {
    if (schema.type === "object" && schema.properties !== undefined) this.declareDict(name, schema, doc);
    else this.declarations.push(`${name} = ${this.typeOf(schema, name)}\n${docstring(doc)}`);
  }

  /** The type of a schema; `place` names what has to be declared on the way. */
  typeOf(schema: Schema, place: string): string {
    if (schema.$ref !== undefined) return refName(schema.$ref);
    if (schema.const !== undefined) return `Literal[${literal(schema.const)}]`;
    if (schema.enum !== undefined) return `Literal[${schema.enum.map(literal).join(", ")}]`;
    const variants = schema.oneOf ?? schema.anyOf;
    if (variants !== undefined && schema.properties === undefined) {
      return `Union[${variants.map((variant) => this.typeOf(variant, place)).join(", ")}]`;
    }
    switch (schema.type) {
      case "string":
        return "str";
      case "integer":
        return "int";
      case "number":
        return "float";
      case "boolean":
        return "bool";
      case "null":
        return "None";
      case "array":
        return `List[${this.typeOf(schema.items ?? {}, `${place}Item`)}]`;
      case "object":
        return this.objectType(schema, place);
      default:
        return "Any";
    }
  }

  private objectType(schema: Schema, place: string): string {
    if (Object.keys(schema.properties ?? {}).length > 0) {
      this.declareDict(place, schema, schema.description ?? "");
      return place;
    }
    const extra = schema.additionalProperties;
    return typeof extra === "object" ? `Dict[str, ${this.typeOf(extra, `${place}Value`)}]` : "JsonObject";
  }

  /** TypedDict of Python 3.9 has no `Required`, so what must be there goes into a base. */
  private declareDict(name: string, schema: Schema, doc: string): void {
    const required = new Set(schema.required ?? []);
    const fields = Object.entries(schema.properties ?? {}).map(([key, property]) => ({
      key,
      type: this.typeOf(property, name + capital(key)),
      doc: property.description ?? "",
      required: required.has(key),
    }));
    const must = fields.filter((field) => field.required);
    const may = fields.filter((field) => !field.required);
    if (fields.every(({ key }) => isPythonName(key))) {
      this.declarations.push(...dictClasses(name, must, may, doc));
    } else {
      this.declarations.push(...dictCalls(name, must, may, doc));
    }
  }
}

interface Field {
  readonly key: string;
  readonly type: string;
  readonly doc: string;
}

function dictClasses(name: string, must: readonly Field[], may: readonly Field[], doc: string): string[] {
  if (may.length === 0) return [dictClass(name, "TypedDict", must, doc)];
  if (must.length === 0) return [dictClass(name, "TypedDict, total=False", may, doc)];
  const base = `_${name}Required`;
  return [dictClass(base, "TypedDict", must, ""), dictClass(name, `${base}, total=False`, may, doc)];
}

function dictClass(name: string, bases: string, fields: readonly Field[], doc: string): string {
  const body = fields
    .map(({ key, type, doc }) => `${indent}${key}: ${type}\n${docstring(doc, indent)}`)
    .join("");
  const text = docstring(doc, indent) + body;
  return `class ${name}(${bases}):\n${text === "" ? `${indent}pass\n` : text}`;
}

/** A key such as `from` can only be written in the calling form, which cannot have a base. */
function dictCalls(name: string, must: readonly Field[], may: readonly Field[], doc: string): string[] {
  if (may.length === 0) return [dictCall(name, must, "") + docstring(doc)];
  const [required, optional] = [`_${name}Required`, `_${name}Optional`];
  return [
    dictCall(required, must, ""),
    dictCall(optional, may, ", total=False"),
    dictClass(name, `${required}, ${optional}`, [], doc),
  ];
}

function dictCall(name: string, fields: readonly Field[], more: string): string {
  // Quoted, since in this form a type must not come before its declaration.
  const lines = fields.map(({ key, type }) => `${indent}${quote(key)}: ${quote(type)},\n`).join("");
  return `${name} = TypedDict(${quote(name)}, {\n${lines}}${more})\n`;
}

function literal(value: unknown): string {
  if (typeof value === "boolean") return value ? "True" : "False";
  return typeof value === "string" ? quote(value) : String(value);
}
