import type { Command } from "../protocol/types.ts";
import type { JsonObject } from "../util/json.ts";
import { valueAt } from "./dotted-path.ts";

/** A command on one line, as somebody would type it. */
export function commandText(command: Command | undefined): string {
  if (command === undefined) return "";
  return typeof command === "string" ? command : command.map(quoteWord).join(" ");
}

/** With every character that would show as nothing, or as something else, spelled out: `\n`, `\u202e`. */
export function plainText(text: string): string {
  return text.replace(HIDDEN, (character) => {
    const known = { "\n": "\\n", "\r": "\\r", "\t": "\\t" }[character];
    const code = (character.codePointAt(0) ?? 0).toString(16);
    return known ?? (code.length > 4 ? `\\u{${code}}` : `\\u${code.padStart(4, "0")}`);
  });
}

/** Control and format characters (which turn the direction of text), line separators, odd spaces. */
const HIDDEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]|(?! )\p{Zs}/gu;

/**
 * Puts config values in the place of `{name}`. Only names of the config are replaced, so that braces of
 * shells and of other programs stay. In a shell command the value is quoted as one word.
 */
export function fillPlaceholders(command: Command, config: JsonObject): Command {
  if (typeof command === "string") return fill(command, config, quoteWord);
  return command.map((word) => fill(word, config, (text) => text));
}

/** A word that /bin/sh reads back as it is. */
export function quoteWord(word: string): string {
  return /^[A-Za-z0-9_./:=@%+,-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

function fill(text: string, config: JsonObject, quote: (text: string) => string): string {
  return text.replace(/\{([A-Za-z_][\w.-]*)\}/g, (whole, name: string) => {
    const value = valueAt(config, name.split("."));
    if (value === undefined) return whole;
    return quote(typeof value === "string" ? value : JSON.stringify(value));
  });
}
