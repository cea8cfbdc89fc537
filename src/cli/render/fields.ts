import type { Style } from "../style.ts";

/** Names and values under each other; entries without a value are left out. */
export function fieldsText(
  fields: readonly (readonly [name: string, value: string | undefined])[],
  style: Style,
): string {
  const shown = fields.filter(([, value]) => value !== undefined && value !== "");
  const width = Math.max(0, ...shown.map(([name]) => name.length));
  return shown.map(([name, value]) => `${style.dim(name.padEnd(width))}  ${value}`).join("\n");
}

/** A title with lines below it, indented; empty without lines. */
export function sectionText(title: string, lines: readonly string[], style: Style): string {
  if (lines.length === 0) return "";
  return [style.bold(title), ...lines.map((line) => `  ${line}`)].join("\n");
}
