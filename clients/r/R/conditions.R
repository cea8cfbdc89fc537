# Errors: rlang's conditions, with the hint as a bullet.

# The condition of a kind of the table, its message and hint filled from the details; raise it with stop().
.datmo_condition <- function(kind, details = list(), hint = NULL, log = character(), call = NULL) {
  row <- .datmo_errors[[kind]]
  if (is.null(hint)) hint <- .datmo_fill(row$hint, details)
  .datmo_new_condition(
    kind, row$code, row$category, row$retryable, .datmo_fill(row$message, details), details, hint, log, call
  )
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

# Classes of the condition of a kind, the most special first.
.datmo_error_classes <- function(kind, category) {
  c(paste0("datmo_error_", tolower(kind)), if (length(category)) paste0("datmo_error_", category), "datmo_error")
}

.datmo_new_condition <- function(kind, code, category, retryable, text, details, hint, log, call = NULL) {
  advised <- length(hint) == 1L && nzchar(hint)
  rlang::error_cnd(
    class = .datmo_error_classes(kind, category), message = text, call = call, use_cli_format = FALSE,
    footer = if (advised) c(i = hint), kind = kind, code = code, details = details, hint = if (advised) hint,
    log = log, retryable = retryable
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
