import { join } from "node:path";
import type { Variables } from "../../../util/executables.ts";
import { readRegularFile } from "../regular-file.ts";

const LARGEST = 1 << 20;
const DEEPEST = 20;

/**
 * The variables that R sees in a project after it has read its start-up files, in its order: R's own, the
 * site's, and the project's or else the user's.
 */
export function startUpVariables(
  projectDirectory: string,
  variables: Variables,
  home: string,
): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  for (const [name, value] of Object.entries(variables)) if (value !== undefined) values.set(name, value);
  const own = readRegularFile(join(projectDirectory, ".Renviron"), LARGEST);
  const files = [
    readRegularFile(join(home, "etc", "Renviron"), LARGEST),
    readRegularFile(join(home, "etc", "Renviron.site"), LARGEST),
    own ?? readRegularFile(join(variables["HOME"] ?? "/", ".Renviron"), LARGEST),
  ];
  for (const file of files) {
    for (const [, name = "", value = ""] of (file?.toString("utf8") ?? "").matchAll(/^[ \t]*(\w+)=(.*)$/gm)) {
      values.set(name, expand(value.trim(), values));
    }
  }
  return values;
}

/** Replaces `${NAME}` and `${NAME-default}`; an empty variable counts as unset. Quotes fall away. */
function expand(text: string, values: ReadonlyMap<string, string>, depth = 0): string {
  const begin = text.indexOf("${");
  const end = begin === -1 ? -1 : closingBrace(text, begin + 2);
  if (end === -1 || depth > DEEPEST) return text.replace(/["']/g, "");
  const [, name = "", fallback = ""] = /^(\w+)(?::?-(.*))?$/s.exec(text.slice(begin + 2, end)) ?? [];
  const value = values.get(name) || expand(fallback, values, depth + 1);
  return text.slice(0, begin).replace(/["']/g, "") + value + expand(text.slice(end + 1), values, depth + 1);
}

function closingBrace(text: string, from: number): number {
  let depth = 1;
  for (let i = from; i < text.length; i++) {
    if (text[i] === "{") depth++;
    if (text[i] === "}" && --depth === 0) return i;
  }
  return -1;
}
