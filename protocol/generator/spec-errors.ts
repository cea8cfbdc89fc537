import type { ErrorCategoryRow, ErrorRow, ErrorTable } from "./model.ts";

/** A table of errors for each category. */
export function errorTables({ categories, errors }: ErrorTable): string {
  return `## Errors

On the wire an error is \`{"code": …, "message": …, "data": {"kind": …, "details": {…}, "hint"?: …, "log"?: […]}}\`. \`kind\`
and \`code\` are stable for ever. A command that fails is no error but a result with \`status: "failed"\`. Any method may
answer errors of the categories protocol, project and store; those a method names are its own.

| category | codes | exit code of the command line | |
|---|---|---|---|
${categories.map((row) => `| [${row.name}](#${row.name}-errors) | ${row.from}–${row.to} | ${row.exitCode} | ${row.description} |\n`).join("")}${categories.map((row) => categorySection(row, errors)).join("")}`;
}

function categorySection(category: ErrorCategoryRow, errors: readonly ErrorRow[]): string {
  const rows = errors.filter((row) => row.category === category.name).sort((a, b) => a.code - b.code);
  const table = `| kind | code | exit | retry | message, hint | details | |\n|---|---|---|---|---|---|---|\n${rows.map(errorRow).join("")}`;
  return `\n### ${category.name} errors\n\n${rows.length === 0 ? "None yet.\n" : table}`;
}

function errorRow(row: ErrorRow): string {
  const details = Object.keys(row.details.properties ?? {}).map((name) => `\`${name}\``);
  const text = row.hint === "" ? row.message : `${row.message} *${row.hint}*`;
  const cells = [
    `\`${row.kind}\``,
    row.code,
    row.exitCode,
    row.retryable ? "yes" : "",
    text,
    details.join(", "),
    row.description,
  ];
  return `| ${cells.map((cell) => String(cell).replaceAll("|", "\\|")).join(" | ")} |\n`;
}
