import { wrap } from "./text.ts";

const keywords = new Set(
  (
    "False None True and as assert async await break class continue def del elif else except finally for from global " +
    "if import in is lambda nonlocal not or pass raise return try while with yield"
  ).split(" "),
);

export function isPythonName(name: string): boolean {
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(name) && !keywords.has(name);
}

/** A Python string literal; JSON's escapes are Python's too. */
export function quote(text: string): string {
  return JSON.stringify(text);
}

/** A docstring, wrapped; nothing when there is no text. */
export function docstring(text: string, indent = ""): string {
  if (text === "") return "";
  const lines = wrap(text.replaceAll("\\", "\\\\").replaceAll('"""', "'''"), 106 - indent.length - 6);
  const last = lines.at(-1)!;
  // A quote at the end would run into the closing ones.
  if (last.endsWith('"')) lines[lines.length - 1] = `${last} `;
  if (lines.length === 1) return `${indent}"""${lines[0]}"""\n`;
  return `${indent}"""${lines.join(`\n${indent}`)}\n${indent}"""\n`;
}
