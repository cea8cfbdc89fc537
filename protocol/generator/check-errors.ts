import type { ErrorCategoryRow, ErrorRow, ErrorTable } from "./model.ts";

/** Kinds and codes are unique, codes lie in the range of their category, placeholders are details that are always there. */
export function checkErrors({ categories, errors }: ErrorTable): string[] {
  const problems = errors.flatMap((row) => checkRow(row, categories));
  const kinds = new Set<string>();
  const codes = new Set<number>();
  for (const { kind, code } of errors) {
    if (kinds.has(kind)) problems.push(`errors.json: ${kind} is there twice`);
    if (codes.has(code)) problems.push(`errors.json: ${kind} has code ${code}, which another kind has`);
    kinds.add(kind);
    codes.add(code);
  }
  return problems;
}

/** Names in braces. */
export function placeholders(template: string): string[] {
  return [...template.matchAll(/\{(\w+)\}/g)].map((match) => match[1]!);
}

function checkRow(row: ErrorRow, categories: readonly ErrorCategoryRow[]): string[] {
  const always = new Set(row.details.required ?? []);
  const missing = placeholders(row.message + row.hint).filter((name) => !always.has(name));
  const category = categories.find(({ name }) => name === row.category);
  const inRange = category !== undefined && row.code >= category.from && row.code <= category.to;
  const ofJsonRpc = row.category === "protocol" && row.code >= -32999 && row.code <= -32000;
  const stray = /[{}]/.test((row.message + row.hint).replace(/\{\w+\}/g, ""));
  return [
    ...(stray ? [`errors.json: ${row.kind} has a brace that is no placeholder`] : []),
    ...missing.map((name) => `errors.json: ${row.kind} uses {${name}}, which its details need not have`),
    ...(inRange || ofJsonRpc
      ? []
      : [`errors.json: ${row.kind} has code ${row.code}, outside of ${row.category}`]),
  ];
}
