import type { Tool } from "@modelcontextprotocol/server";
import { methodInfo } from "../protocol/methods.ts";
import {
  type GrantableMethod,
  type JsonSchema,
  resultShapes,
  toolSchemas,
} from "../protocol/tool-schemas.js";
import type { Grant } from "./engine-port.ts";
import { toldDefaults } from "./paging.ts";
import { annotationsOf } from "./tool-hints.ts";

/**
 * Params that are no agent's: parts of the connection, values of secrets (which would stand in a transcript),
 * a terminal, and files outside of what datmo keeps that a reading method would write.
 */
const WITHHELD: ReadonlySet<string> = new Set([
  "progressToken",
  "originId",
  "secretValues",
  "interactive",
  "spool",
  "processId",
  "destination",
]);

/** The tools, in the order of the protocol. */
export function listTools({ allowExec }: Pick<Grant, "allowExec">): Tool[] {
  return (Object.keys(toolSchemas) as GrantableMethod[])
    .filter((method) => allowExec || methodInfo[method].pluginAccess !== "exec")
    .map(describeTool);
}

/** `run.list` → `run_list`: names of tools are letters, digits, `_` and `-`. */
export function toolName(method: GrantableMethod): string {
  return method.replaceAll(".", "_");
}

/** The method behind a tool; undefined for a name that is none. */
export function methodOf(name: string): GrantableMethod | undefined {
  const method = name.replace("_", ".");
  return Object.hasOwn(toolSchemas, method) ? (method as GrantableMethod) : undefined;
}

/** The params that a tool takes. */
export function argumentsOf(method: GrantableMethod): Readonly<Record<string, JsonSchema>> {
  const properties = toolSchemas[method].params["properties"] as Record<string, JsonSchema>;
  return Object.fromEntries(Object.entries(properties).filter(([name]) => !WITHHELD.has(name)));
}

function describeTool(method: GrantableMethod): Tool {
  const { description, params, result } = toolSchemas[method];
  return {
    name: toolName(method),
    description: [description, toldDefaults(method)].filter(Boolean).join(" "),
    inputSchema: { ...params, type: "object", properties: argumentsOf(method) } as Tool["inputSchema"],
    outputSchema: selfContained(result) as NonNullable<Tool["outputSchema"]>,
    annotations: annotationsOf(method),
  };
}

/** With the shapes that it refers to, and those that they refer to. */
function selfContained(schema: JsonSchema): JsonSchema {
  const shapes = new Map<string, JsonSchema>();
  const collect = (part: JsonSchema): void => {
    for (const [, name = ""] of JSON.stringify(part).matchAll(/"#\/\$defs\/(\w+)"/g)) {
      const shape = resultShapes[name];
      if (shape === undefined || shapes.has(name)) continue;
      shapes.set(name, shape);
      collect(shape);
    }
  };
  collect(schema);
  return shapes.size === 0 ? schema : { ...schema, $defs: Object.fromEntries(shapes) };
}
