import type { Direction, NotificationRecord } from "./model.ts";

/** `run.start` → `RunStart`, `$/cancelRequest` → `CancelRequest`. */
export function pascalName(message: string): string {
  return message
    .replace(/^\$\//, "")
    .split(".")
    .map((part) => part.charAt(0).toUpperCase() + part.slice(1))
    .join("");
}

/** `run.start` → `run_start`, `run.statusChanged` → `run_status_changed`. */
export function snakeName(message: string): string {
  return message
    .replace(/^\$\//, "")
    .replace(/([a-z0-9])([A-Z])/g, "$1_$2")
    .replaceAll(".", "_")
    .toLowerCase();
}

export function paramsName(message: string): string {
  return `${pascalName(message)}Params`;
}

export function resultName(message: string): string {
  return `${pascalName(message)}Result`;
}

/** The definition that a reference ends in. A document at rest is just a JSON object to whoever passes it on. */
export function refName(ref: string): string {
  const name = /#\/\$defs\/([A-Za-z0-9]+)$/.exec(ref)?.[1];
  if (name !== undefined) return name;
  if (ref.endsWith(".schema.json")) return "JsonObject";
  throw new Error(`The reference ${ref} leads to no definition`);
}

/** Methods go to the engine, notifications come from it, unless the record says otherwise. */
export function directionOf(record: NotificationRecord): Direction {
  return record.direction ?? "engineToClient";
}
