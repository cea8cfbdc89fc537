import { banner, type Contract, type ErrorRow, type Located, type MethodRecord } from "./model.ts";
import { snakeName } from "./names.ts";
import { rShapes } from "./r-shapes.ts";
import { ascii, formals, isList, quoteR, rFunction, rName, rParams, targetOf } from "./r-text.ts";
import { fullText, wrap } from "./text.ts";

/** `clients/r/R/protocol.R`: an exported function per method, the table of errors, the shapes of results. */
export function emitR(contract: Contract): string {
  const { errors, categories } = contract.errorTable;
  const methods = contract.methods.filter(({ record }) => record.plumbing !== true);
  return `# ${banner}

# A function per method; arguments left NULL are absent from the request. Their pages in man/ are generated too.

.datmo_protocol_version <- ${contract.protocolVersion}L
${methods.map((method) => methodFunction(method, contract)).join("")}
# Lists that come in pages.
.datmo_paged <- c(
${methods
  .filter(({ record }) => isList(record) && record.params.properties?.["cursor"] !== undefined)
  .map(({ name }) => `  ${quoteR(name)}`)
  .join(",\n")}
)

${rShapes(contract, methods)}
# Kind: code, category, whether trying again may help, message and hint with placeholders.
.datmo_errors <- list(
${errors.map(errorRow).join(",\n")}
)

# Category: first and last code.
.datmo_error_categories <- list(
${categories.map((row) => `  ${row.name} = c(${row.from}L, ${row.to}L)`).join(",\n")}
)
`;
}

function methodFunction({ name, record }: Located<MethodRecord>, contract: Contract): string {
  const values = rParams(record).map(
    ([key, property]) => `    ${rName(key)} = ${argument(key, targetOf(property, contract).type)}`,
  );
  const list = values.length === 0 ? "list()" : `list(\n${values.join(",\n")}\n  )`;
  const helper = isList(record) ? ".datmo_list" : ".datmo_answer";
  return `
${wrap(ascii(fullText(record)), 117)
  .map((line) => `# ${line}\n`)
  .join("")}${rFunction(name)} <- function(${formals(record, "  ")}) {
  ${helper}(${quoteR(name)}, ${list}, engine)
}
`;
}

/** R tells neither a scalar from a vector of one nor an empty list from an empty object; the schema does. */
function argument(key: string, type: string | undefined): string {
  const name = rName(snakeName(key));
  if (type === "array") return `.datmo_array(${name})`;
  if (type === "object") return `.datmo_object(${name})`;
  return name;
}

function errorRow(row: ErrorRow): string {
  const { code, category, retryable, message, hint } = row;
  return `  ${row.kind} = list(
    code = ${code}L, category = ${quoteR(category)}, retryable = ${retryable ? "TRUE" : "FALSE"},
    message = ${quoteR(message)},
    hint = ${quoteR(hint)}
  )`;
}
