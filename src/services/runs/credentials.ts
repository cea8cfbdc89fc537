import { fillPlaceholders } from "../../domain/command-text.ts";
import { MASK, maskCommand, maskConfig, maskVariables } from "../../domain/secrets.ts";
import type { Command } from "../../protocol/types.ts";
import type { Json, JsonObject } from "../../util/json.ts";

/** What may hold credentials of a run. */
export interface RunInputs {
  readonly command?: Command;
  readonly config: JsonObject;
  readonly variables?: Readonly<Record<string, string>>;
}

/** A sentence that says which values were left out of what is kept; undefined when none was. */
export function maskedNotice(inputs: RunInputs): string | undefined {
  const names = new Set<string>();
  const note = (name: string): void => {
    names.add(name);
  };
  if (inputs.command !== undefined) maskCommand(inputs.command, note);
  maskConfig(inputs.config, note);
  maskVariables(inputs.variables ?? {}, note);
  if (names.size === 0) return undefined;
  return `what looks like a credential is not kept: ${[...names].sort().join(", ")}`;
}

/** Whether the command itself is kept only masked. */
export function isMasked(command: Command): boolean {
  return JSON.stringify(maskCommand(command)) !== JSON.stringify(command);
}

/** Keys of a kept config, joined by dots, whose values are masked. */
export function maskedKeys(config: JsonObject): string[] {
  return leaves("", config).flatMap(([key, value]) => (isMask(value) ? [key] : []));
}

/** Whether a config value that is masked would become a part of the command. */
export function commandNeeds(command: Command, config: JsonObject, key: string): boolean {
  const name = `{${key}}`;
  const text = typeof command === "string" ? command : command.join("\n");
  return text.includes(name) && fillPlaceholders(name, config) !== name;
}

/** Variables of a kept task without those whose values are masked, and the names of these. */
export function knownVariables(variables: Readonly<Record<string, string>>): {
  readonly known: Record<string, string>;
  readonly masked: readonly string[];
} {
  const entries = Object.entries(variables);
  return {
    known: Object.fromEntries(entries.filter(([, value]) => !isMask(value))),
    masked: entries.flatMap(([name, value]) => (isMask(value) ? [name] : [])),
  };
}

/** The whole value, or the password in an address. */
function isMask(value: Json): boolean {
  return typeof value === "string" && (value === MASK || value.includes(`${MASK}@`));
}

function leaves(prefix: string, value: Json): [string, Json][] {
  if (value === null || typeof value !== "object") return [[prefix, value]];
  if (Array.isArray(value)) return value.flatMap((item: Json) => leaves(prefix, item));
  return Object.entries(value).flatMap(([key, item]) =>
    leaves(prefix === "" ? key : `${prefix}.${key}`, item as Json),
  );
}
