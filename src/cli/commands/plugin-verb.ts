import { Option } from "commander";
import { errors } from "../../protocol/errors.ts";
import type { PluginProvides } from "../../protocol/types.ts";
import type { Json, JsonObject } from "../../util/json.ts";
import type { CommandModule } from "../command-module.ts";
import { plain } from "../render/text.ts";
import { answerCall } from "./plugin-call.ts";

/** A param that can be said with a flag. */
interface Flag {
  readonly name: string;
  readonly schema: JsonObject;
  readonly isRequired: boolean;
}

/** These are datmo's, and of this command. */
const TAKEN: ReadonlySet<string> = new Set(["json", "project", "help", "params"]);

/** `datmo best --metric acc`: a plugin's command, with flags made of the schema of its params. */
export function pluginVerb(
  plugin: string,
  { name: command = "", params: schema }: PluginProvides,
): CommandModule {
  const flags = flagsOf((schema ?? {}) as JsonObject);
  return {
    define(parser) {
      for (const flag of flags) parser.addOption(optionOf(flag));
      if (schema) parser.option("--params <json>", "all of them as JSON; flags win");
    },
    async run(call) {
      const { params: text, ...given } = call.options<
        Record<string, unknown> & { readonly params?: string }
      >();
      const params: Record<string, Json> = text === undefined ? {} : { ...jsonObject(text) };
      for (const flag of flags) {
        const value = given[optionOf(flag).attributeName()];
        if (value !== undefined) params[flag.name] = value as Json;
      }
      return answerCall(call, { name: plugin, command, ...(schema ? { params } : {}) });
    },
  };
}

function flagsOf({ properties = {}, required = [] }: JsonObject): Flag[] {
  const needed = new Set(Array.isArray(required) ? required : []);
  return Object.entries(properties as Record<string, Json>).flatMap(([name, schema]) =>
    /^[A-Za-z][\w-]{0,49}$/.test(name) && !TAKEN.has(name) && schema !== null && typeof schema === "object"
      ? [{ name, schema: schema as JsonObject, isRequired: needed.has(name) }]
      : [],
  );
}

function optionOf({ name, schema, isRequired }: Flag): Option {
  const { type, description, enum: choices } = schema;
  const says = typeof description === "string" ? plain(description) : "";
  const text = `${says}${isRequired ? " (required)" : ""}`.trim();
  if (type === "boolean") return new Option(`--${name}`, text);
  if (type === "array") {
    const inner = ((schema["items"] ?? {}) as JsonObject)["type"];
    const add = (value: string, before: readonly Json[] = []): Json[] => [
      ...before,
      flagValue(name, inner, value),
    ];
    return new Option(`--${name} <${wordFor(inner)}>`, `${text} (may be repeated)`.trim()).argParser(add);
  }
  const option = new Option(`--${name} <${wordFor(type)}>`, text);
  if (type === "string" && Array.isArray(choices)) return option.choices(choices.map(String));
  return option.argParser((value: string) => flagValue(name, type, value));
}

function wordFor(type: Json | undefined): string {
  if (type === "string") return "text";
  return type === "number" || type === "integer" ? type : "value";
}

/** Text as it is where text is wanted; a number where one is; else JSON, or text that is none. */
function flagValue(name: string, type: Json | undefined, value: string): Json {
  if (type === "string") return value;
  if (type !== "number" && type !== "integer") return jsonOr(value);
  const number = Number(value);
  if (value.trim() !== "" && Number.isFinite(number) && (type === "number" || Number.isInteger(number)))
    return number;
  const what = type === "number" ? "a number" : "an integer";
  throw errors.INVALID_PARAMS({
    summary: `--${name} takes ${what}, and not "${plain(value)}".`,
    problems: [],
  });
}

function jsonOr(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return text;
  }
}

function jsonObject(text: string): JsonObject {
  const value = jsonOr(text);
  if (value !== null && typeof value === "object" && !Array.isArray(value)) return value as JsonObject;
  const summary = "--params is not a JSON object.";
  throw errors.INVALID_PARAMS({ summary, problems: [] }, { hint: 'Such as \'{"metric": "acc"}\'.' });
}
