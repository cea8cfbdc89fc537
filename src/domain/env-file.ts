import type { Variables } from "../util/executables.ts";

export interface ParsedEnvFile {
  readonly variables: Readonly<Record<string, string>>;
  /** The first line that is none, as the end of a sentence. Absent: all of it was understood. */
  readonly problem?: string;
}

const LINE = /^\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_.-]*)\s*(?:=(.*))?$/;
const ESCAPES: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t" };

/**
 * Lines `NAME=VALUE`, as Docker's `--env-file` and dotenv files have them: `#` begins a comment, `export` is left out,
 * quotes around a value are taken off, and in double ones `\n` is a line feed. A name alone takes the value of
 * `environment`.
 */
export function parseEnvFile(text: string, environment: Variables): ParsedEnvFile {
  const variables: Record<string, string> = {};
  for (const [at, line] of text
    .replace(/^\uFEFF/, "")
    .split(/\r?\n/)
    .entries()) {
    if (/^\s*(#|$)/.test(line)) continue;
    const match = LINE.exec(line);
    const name = match?.[1];
    // The line itself may hold a secret.
    if (name === undefined) return { variables, problem: `line ${at + 1} is not NAME=VALUE` };
    const value = match?.[2] === undefined ? environment[name] : unquoted(match[2].trim());
    if (value !== undefined) variables[name] = value;
  }
  return { variables };
}

function unquoted(text: string): string {
  const quoted = /^(["'])(.*?)\1\s*(#.*)?$/.exec(text) ?? /^(")((?:[^"\\]|\\.)*)"\s*(#.*)?$/.exec(text);
  if (!quoted) return text.replace(/(^|\s)#.*$/, "").trim();
  const inside = quoted[2] ?? "";
  if (quoted[1] === "'") return inside;
  return inside.replace(
    /\\(.)/g,
    (all, letter: string) => ESCAPES[letter] ?? (/["\\$]/.test(letter) ? letter : all),
  );
}
