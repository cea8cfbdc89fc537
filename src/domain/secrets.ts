import type { Json, JsonObject } from "../util/json.ts";
import { isCredentialName, isKnownToken, looksRandom, maskKnownTokens } from "./secret-rules.ts";

/** What stands in place of a credential in everything that is kept. */
export const MASK = "***";

/** Told the name of each value that was masked: a key, a variable, an option, `url` or `token`. */
export type OnMasked = (name: string) => void;

/** A config without credentials: keys keep their names, values become `***`, addresses lose their passwords. */
export function maskConfig(config: JsonObject, onMasked: OnMasked = ignore): JsonObject {
  const copy: Record<string, Json> = {};
  for (const [key, value] of Object.entries(config)) {
    // `copy.__proto__ = …` would set the prototype.
    Object.defineProperty(copy, key, { ...PLAIN, value: maskValue(key, value, onMasked) });
  }
  return copy;
}

/** Environment variables without credentials. */
export function maskVariables(
  variables: Readonly<Record<string, string>>,
  onMasked: OnMasked = ignore,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(variables).map(([name, value]) => [name, maskNamed(name, value, onMasked)]),
  );
}

/** A command without credentials: a string stays a string, an array an array of as many words. */
export function maskCommand<C extends string | readonly string[]>(
  command: C,
  onMasked: OnMasked = ignore,
): C {
  if (typeof command === "string") return maskText(command, onMasked) as C;
  const words = command.map((word, index) => {
    const option = /^--?([A-Za-z][\w-]*)$/.exec(command[index - 1] ?? "")?.[1];
    return option ? maskNamed(option, word, onMasked) : maskText(word, onMasked);
  });
  return words as readonly string[] as C;
}

/** Any text, such as a shell command: `--name value`, `NAME=value`, headers, addresses, well-known tokens. */
export function maskText(text: string, onMasked: OnMasked = ignore): string {
  const headersMasked = maskPairs(text, onMasked).replace(HEADER, (all, scheme: string, value: string) => {
    if (!looksRandom(value, "token")) return all;
    onMasked(scheme);
    return `${scheme} ${MASK}`;
  });
  return maskKnownTokens(maskAddresses(headersMasked, onMasked), MASK, () => onMasked("token"));
}

/** `https://me:secret@host/` becomes `https://me:***@host/`; a user name that is a token is masked too. */
export function maskAddresses(text: string, onMasked: OnMasked = ignore): string {
  if (!text.includes("://")) return text;
  return text.replace(ADDRESS, (all, scheme: string, user: string, password: string | undefined) => {
    const secret = password ?? (isKnownToken(user) || looksRandom(user, "token") ? user : "");
    if (secret === "" || secret === MASK) return all;
    onMasked("url");
    return password === undefined ? `${scheme}${MASK}@` : `${scheme}${user}:${MASK}@`;
  });
}

const PLAIN = { enumerable: true, writable: true, configurable: true };
const HEADER = /\b(Bearer|Basic|Token)\s+([A-Za-z0-9+/=_.~-]{8,})/gi;
const ADDRESS = /([A-Za-z][A-Za-z0-9+.-]{0,30}:\/\/)([^\s:@/?#"']*)(?::([^\s/?#"']*))?@/g;
/** A name and what separates it from its value; the value follows. Anchored at word starts: linear in time. */
const PAIR = /(?<![\w.-])(?:--?([A-Za-z][\w-]*)(?:\s+|=)["']?|([A-Za-z_][\w.-]*)["']?\s*[=:]\s*["']?)/g;
const VALUE = /[^\s"'&;|<>,}]+/y;

function maskPairs(text: string, onMasked: OnMasked): string {
  let masked = "";
  let taken = 0;
  PAIR.lastIndex = 0;
  for (let match = PAIR.exec(text); match; match = PAIR.exec(text)) {
    const name = match[1] ?? match[2] ?? "";
    if (!isCredentialName(name)) continue;
    VALUE.lastIndex = PAIR.lastIndex;
    const value = VALUE.exec(text)?.[0] ?? "";
    if (!looksRandom(value, name)) continue;
    onMasked(name);
    masked += text.slice(taken, PAIR.lastIndex) + MASK;
    taken = PAIR.lastIndex = PAIR.lastIndex + value.length;
  }
  return masked + text.slice(taken);
}

function maskValue(key: string, value: Json, onMasked: OnMasked): Json {
  if (typeof value === "string") return maskNamed(key, value, onMasked);
  if (Array.isArray(value)) return value.map((item: Json) => maskValue(key, item, onMasked));
  return typeof value === "object" && value !== null ? maskConfig(value as JsonObject, onMasked) : value;
}

function maskNamed(name: string, value: string, onMasked: OnMasked): string {
  if (!isCredentialName(name) || !looksRandom(value, name)) return maskText(value, onMasked);
  onMasked(name);
  return MASK;
}

function ignore(): void {}
