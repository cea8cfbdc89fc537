import type { Command, ExportedFacts } from "../../protocol/types.ts";
import type { Json } from "../../util/json.ts";

/** Config as one level of keys joined with dots; lists and empty objects stay whole. */
export function flatConfig(config: ExportedFacts["config"]): [string, Json][] {
  return flatten(config as { readonly [key: string]: Json }, "");
}

function flatten(object: { readonly [key: string]: Json }, prefix: string): [string, Json][] {
  return Object.entries(object).flatMap(([key, value]): [string, Json][] => {
    const isNested = value !== null && typeof value === "object" && !Array.isArray(value);
    if (!isNested || Object.keys(value).length === 0) return [[prefix + key, value]];
    return flatten(value as { readonly [key: string]: Json }, `${prefix}${key}.`);
  });
}

/** Texts as they are, all else as JSON. */
export function textOf(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** A number as Python reads it back, to the last bit. */
export function numberText(value: number): string {
  if (Number.isFinite(value)) return Object.is(value, -0) ? "-0.0" : String(value);
  return Number.isNaN(value) ? "nan" : value > 0 ? "inf" : "-inf";
}

export function commandLine(command: Command): string {
  return typeof command === "string" ? command : command.map(quoted).join(" ");
}

function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/** Milliseconds since the epoch. */
export function msOf(time: string | undefined): number | undefined {
  return time === undefined ? undefined : Date.parse(time);
}

/** Lines that are made when they are needed, in pieces of some 64 KiB. */
export function* inPieces(lines: Iterable<string>): Generator<string> {
  let piece = "";
  for (const line of lines) {
    piece += line;
    if (piece.length < PIECE) continue;
    yield piece;
    piece = "";
  }
  if (piece !== "") yield piece;
}

const PIECE = 64 * 1024;
