import {
  banner,
  type Contract,
  type ErrorRow,
  type Located,
  type MethodRecord,
  type Schema,
} from "./model.ts";
import { refName, snakeName } from "./names.ts";
import { fullText, wrap } from "./text.ts";

/** `clients/r/R/protocol.R`: an internal function per method, the table of errors and their condition classes. */
export function emitR(contract: Contract): string {
  const { errors, categories } = contract.errorTable;
  return `# ${banner}

# A function per method: it sends one request with \`con$request(method, params)\` and returns the result, a list.
# Arguments left NULL are absent from the request.

.datmo_protocol_version <- ${contract.protocolVersion}L
${contract.methods.map((method) => methodFunction(method, contract)).join("")}
# Kind: code, category, whether trying again may help, message and hint with placeholders.
.datmo_errors <- list(
${errors.map(errorRow).join(",\n")}
)

# Category: first and last code.
.datmo_error_categories <- list(
${categories.map((row) => `  ${row.name} = c(${row.from}L, ${row.to}L)`).join(",\n")}
)
${helpers}`;
}

function methodFunction({ name, record }: Located<MethodRecord>, contract: Contract): string {
  const required = new Set(record.params.required ?? []);
  const all = Object.entries(record.params.properties ?? {});
  const properties = [
    ...all.filter(([key]) => required.has(key)),
    ...all.filter(([key]) => !required.has(key)),
  ];
  const formals = [
    "con",
    ...properties.map(([key]) => (required.has(key) ? rName(key) : `${rName(key)} = NULL`)),
  ];
  const values = properties.map(
    ([key, property]) => `    ${rName(key)} = ${argument(key, property, contract)}`,
  );
  const list = values.length === 0 ? "list()" : `list(\n${values.join(",\n")}\n  )`;
  return `
${roxygen(fullText(record))}#'
${roxygen("@param con Connection to an engine.")}${properties.map(([key, property]) => roxygen(`@param ${key} ${describe(property, contract)}`)).join("")}${roxygen(`@return A list${returns(record.result)}.`)}#' @keywords internal
#' @noRd
.datmo_${snakeName(name)} <- function(${formalList(formals)}) {
  .datmo_call(con, ${quote(name)}, ${list})
}
`;
}

function formalList(formals: readonly string[]): string {
  const line = formals.join(", ");
  return line.length < 80 ? line : `\n  ${wrap(line, 100).join("\n  ")}\n`;
}

/** R tells neither a scalar from a vector of one nor an empty list from an empty object; the schema does. */
function argument(key: string, property: Schema, contract: Contract): string {
  const { type } = target(property, contract);
  if (type === "array") return `.datmo_array(${rName(key)})`;
  if (type === "object") return `.datmo_object(${rName(key)})`;
  return rName(key);
}

function describe(property: Schema, contract: Contract): string {
  return property.description ?? target(property, contract).description ?? "";
}

function target(property: Schema, contract: Contract): Schema {
  if (property.$ref === undefined) return property;
  const name = refName(property.$ref);
  return contract.defs.find((def) => def.name === name)?.record ?? {};
}

function returns(result: Schema): string {
  const names = Object.keys(result.properties ?? {}).map((name) => `\`${name}\``);
  return names.length === 0 ? ", empty" : `: ${names.join(", ")}`;
}

function errorRow(row: ErrorRow): string {
  const { code, category, retryable, message, hint } = row;
  return `  ${row.kind} = list(
    code = ${code}L, category = ${quote(category)}, retryable = ${retryable ? "TRUE" : "FALSE"},
    message = ${quote(message)},
    hint = ${quote(hint)}
  )`;
}

function roxygen(text: string): string {
  const [first, ...rest] = wrap(ascii(text), 97);
  const indent = text.startsWith("@") ? "  " : "";
  return [first, ...rest.map((line) => indent + line)].map((line) => `#' ${line}\n`).join("");
}

/** R packages are ASCII; escapes do in strings, comments get look-alikes. */
function ascii(text: string): string {
  const plain = text.replaceAll("…", "...").replaceAll("→", "->").replaceAll("≥", ">=").replaceAll("≤", "<=");
  return plain.replace(/[^\x20-\x7e]/g, "?");
}

function quote(text: string): string {
  return JSON.stringify(text).replace(
    /[^\x20-\x7e]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

function rName(name: string): string {
  const reserved = /^(if|else|repeat|while|function|for|next|break|in|TRUE|FALSE|NULL|Inf|NaN|NA)$/;
  return reserved.test(name) ? `\`${name}\`` : name;
}

const helpers = `
.datmo_call <- function(con, method, params) {
  con$request(method, .datmo_object(params[!vapply(params, is.null, logical(1))]))
}

# A JSON array, whatever the length.
.datmo_array <- function(x) {
  if (is.null(x)) NULL else unname(as.list(x))
}

# A JSON object, though it may be empty.
.datmo_object <- function(x) {
  if (is.null(x)) return(NULL)
  x <- as.list(x)
  if (length(x) == 0L) names(x) <- character(0)
  x
}

# Classes of the condition of a kind, the most special first.
.datmo_error_classes <- function(kind, category) {
  c(
    paste0("datmo_error_", tolower(kind)), if (length(category)) paste0("datmo_", category, "_error"),
    "datmo_error", "error", "condition"
  )
}

# The condition of a kind of the table, its message and hint filled from the details; raise it with stop().
.datmo_condition <- function(kind, details = list(), hint = NULL, log = character()) {
  row <- .datmo_errors[[kind]]
  if (is.null(hint)) hint <- .datmo_fill(row$hint, details)
  .datmo_new_condition(kind, row$code, row$category, row$retryable, .datmo_fill(row$message, details), details, hint, log)
}

# The condition for a JSON-RPC error object; a kind this version does not know keeps its name.
.datmo_condition_from_wire <- function(error) {
  code <- as.integer(error$code)
  data <- if (is.list(error$data)) error$data else list()
  kind <- if (is.null(data$kind)) .datmo_kind_of_code(code) else data$kind
  row <- .datmo_errors[[kind]]
  category <- if (is.null(row)) .datmo_category_of_code(code) else row$category
  .datmo_new_condition(
    kind, code, category, isTRUE(row$retryable), as.character(error$message), as.list(data$details),
    data$hint, as.character(unlist(data$log))
  )
}

.datmo_new_condition <- function(kind, code, category, retryable, text, details, hint, log) {
  advised <- length(hint) == 1L && nzchar(hint)
  structure(
    class = .datmo_error_classes(kind, category),
    list(
      message = if (advised) paste0(text, "\\n", hint) else text, call = NULL, kind = kind, code = code,
      details = details, hint = if (advised) hint, log = log, retryable = retryable
    )
  )
}

.datmo_fill <- function(template, details) {
  for (name in names(details)) {
    value <- unlist(details[[name]])
    if (is.numeric(value)) value <- format(value, trim = TRUE, scientific = FALSE, digits = 15)
    template <- gsub(paste0("{", name, "}"), paste(value, collapse = ", "), template, fixed = TRUE)
  }
  template
}

.datmo_kind_of_code <- function(code) {
  found <- Filter(function(row) row$code == code, .datmo_errors)
  if (length(found)) names(found)[[1L]] else "INTERNAL_ERROR"
}

.datmo_category_of_code <- function(code) {
  found <- Filter(function(range) code >= range[[1L]] && code <= range[[2L]], .datmo_error_categories)
  if (length(found)) names(found)[[1L]] else character()
}
`;
