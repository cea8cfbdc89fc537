import { createHash } from "node:crypto";

const MOST_NAME_BYTES = 120;

/** A name of a folder for a run that says something to people and is nobody else's. */
export function runFolder(facts: { readonly id: string; readonly name: string }): string {
  const readable = facts.name.replace(/[^\p{L}\p{N}_.-]+/gu, "_").replace(/^\.+/, "_");
  return `${cut(readable, MOST_NAME_BYTES)}-${facts.id.slice(0, 8)}`;
}

/**
 * Names of one sort as relative paths: as they are where they can be, else changed and told apart by a hash. A name that
 * is also the folder of another one is such a name, too.
 */
export function pathNames(
  names: readonly string[],
  options: { readonly mostBytes: number; isFit(name: string): boolean; readonly suffix?: string },
): Map<string, string> {
  const suffix = options.suffix ?? "";
  const folders = new Set<string>();
  for (const name of names) {
    for (let at = name.indexOf("/"); at >= 0; at = name.indexOf("/", at + 1)) folders.add(name.slice(0, at));
  }
  const clashes = (name: string): boolean =>
    folders.has(name + suffix) || (suffix === "" && folders.has(name));
  const fits = (name: string): boolean =>
    options.isFit(name) && !clashes(name) && isPlainPath(name, suffix, options.mostBytes);
  return new Map(names.map((name) => [name, fits(name) ? name : changed(name)]));
}

/** Leads nowhere else, on no system. */
function isPlainPath(name: string, suffix: string, mostBytes: number): boolean {
  if (/[\\\x00-\x1f\x7f]/.test(name) || Buffer.byteLength(name) > mostBytes) return false;
  return (
    `${name}${suffix}`
      .split("/")
      .every(
        (part) =>
          part !== "" &&
          !/^\.+$/.test(part) &&
          !/^\.(git|datmo)(\W|$)/i.test(part) &&
          Buffer.byteLength(part) <= 200,
      ) && !name.endsWith("/")
  );
}

function changed(name: string): string {
  const hash = createHash("sha256").update(name).digest("hex").slice(0, 12);
  return `${cut(name.replace(/[^\p{L}\p{N}_-]+/gu, "_"), 100)}_${hash}`;
}

/** At most so many bytes, no character in half. */
function cut(text: string, bytes: number): string {
  let kept = "";
  let length = 0;
  for (const character of text) {
    length += Buffer.byteLength(character);
    if (length > bytes) break;
    kept += character;
  }
  return kept;
}
