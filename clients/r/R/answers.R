# What the generated functions are made of: a request, and its result in R's shapes.

# Sends a request; arguments that are NULL are absent. Answers nested lists; NULL with DATMO_MODE=disabled.
.datmo_call <- function(method, params, engine = NULL) {
  params <- params[!vapply(params, is.null, TRUE)]
  params <- lapply(params, function(value) if (inherits(value, c("datmo_record", "datmo_run"))) value$id else value)
  if (is.null(engine)) engine <- default_engine()
  engine$request(method, params)
}

# Sends a request and shapes its result. One with a single field is that field.
.datmo_answer <- function(method, params, engine = NULL) {
  answer <- .datmo_call(method, params, engine)
  if (is.null(answer)) return(invisible())
  shape <- .datmo_results[[method]]
  if (length(shape) == 1L) .datmo_shape(answer[[names(shape)]], shape[[1L]]) else .datmo_shape(answer, shape)
}

# A list method as a data frame: every page, unless a limit or a cursor is given.
.datmo_list <- function(method, params, engine = NULL) {
  limit <- params$limit
  if (is.null(params$cursor)) {
    items <- .datmo_items(method, params[!names(params) %in% c("limit", "cursor")], limit, engine)
    return(.datmo_frame(items, .datmo_results[[method]]$items[["[]"]]))
  }
  answer <- .datmo_call(method, params, engine)
  frame <- .datmo_frame(answer$items, .datmo_results[[method]]$items[["[]"]])
  attr(frame, "next_cursor") <- answer$nextCursor
  frame
}

.datmo_page <- 1000

.datmo_items <- function(method, params, limit = NULL, engine = NULL) {
  pages <- list()
  left <- if (is.null(limit)) Inf else limit
  # Lists that come whole take no limit.
  paged <- method %in% .datmo_paged
  repeat {
    if (left <= 0) break
    if (paged) params$limit <- min(.datmo_page, left)
    answer <- .datmo_call(method, params, engine)
    pages[[length(pages) + 1L]] <- answer$items
    left <- left - length(answer$items)
    params$cursor <- answer$nextCursor
    if (is.null(answer$nextCursor)) break
  }
  do.call(c, pages)
}

# A JSON array, whatever the length.
.datmo_array <- function(x) if (is.null(x)) NULL else if (is.list(x)) unname(x) else I(unname(x))

# A JSON object, though it may be empty.
.datmo_object <- function(x) {
  if (is.null(x)) NULL else if (length(x)) as.list(x) else empty_map()
}

# Shapes (generated): a letter for a value ("s" text, "n" number, "b" truth, "t" time, "m" metric value, "a" anything),
# the name of another shape, list(`[]` = ) for an array, list(`{}` = ) for a map, a list by field for an object.
.datmo_shape <- function(x, shape) {
  if (is.null(x)) return(NULL)
  if (is.character(shape)) {
    if (nchar(shape) == 1L) return(.datmo_value(x, shape))
    record <- .datmo_shape(x, .datmo_shapes[[shape]])
    return(structure(record, class = c(paste0("datmo_record_", .datmo_snake(shape)), "datmo_record")))
  }
  if (identical(names(shape), "[]")) return(.datmo_sequence(x, shape[["[]"]]))
  if (identical(names(shape), "{}")) return(lapply(x, .datmo_shape, shape[["{}"]]))
  fields <- names(shape)[names(shape) %in% names(x)]
  out <- lapply(fields, function(field) .datmo_shape(x[[field]], shape[[field]]))
  names(out) <- .datmo_snake(fields)
  # What a later engine adds stays as it came.
  more <- setdiff(names(x), fields)
  out[.datmo_snake(more)] <- x[more]
  out
}

.datmo_value <- function(x, kind) {
  switch(kind,
    s = if (is.list(x)) unlist(x) else x,
    n = if (is.null(x)) NA_real_ else as.numeric(x),
    t = from_rfc3339(as.character(x)),
    m = .datmo_numbers(x),
    a = simplify(x),
    x
  )
}

# Metric values: numbers, and three words for what JSON cannot hold.
.datmo_numbers <- function(x) {
  vapply(x, function(value) {
    if (is.null(value)) NA_real_
    else if (is.character(value)) switch(value, "NaN" = NaN, "Infinity" = Inf, "-Infinity" = -Inf, NA_real_)
    else as.numeric(value)
  }, 1, USE.NAMES = FALSE)
}

# An array: of objects a data frame, of plain values a vector, else a list.
.datmo_sequence <- function(x, shape) {
  fields <- .datmo_fields(shape)
  if (!is.null(fields)) return(.datmo_frame(x, fields))
  if (!is.character(shape) || shape == "a") return(lapply(x, .datmo_shape, shape))
  empty <- switch(shape, n = , m = numeric(), b = logical(), t = .POSIXct(numeric(), "UTC"), character())
  if (!length(x)) empty else if (shape == "m") .datmo_numbers(x) else .datmo_value(unlist(x), shape)
}

# The fields of an object's shape; NULL for any other.
.datmo_fields <- function(shape) {
  if (is.character(shape)) return(if (nchar(shape) > 1L) .datmo_fields(.datmo_shapes[[shape]]))
  if (identical(names(shape), "[]") || identical(names(shape), "{}")) NULL else shape
}

# Objects as rows. Columns have the type of their field, NA where it is absent; what is no plain value is a list.
.datmo_frame <- function(items, shape) {
  fields <- .datmo_fields(shape)
  columns <- lapply(names(fields), function(field) .datmo_column(lapply(items, `[[`, field), fields[[field]]))
  names(columns) <- .datmo_snake(names(fields))
  as_frame(columns, length(items))
}

.datmo_column <- function(values, shape) {
  kind <- if (is.character(shape) && nchar(shape) == 1L) shape else "list"
  absent <- switch(kind, s = NA_character_, n = NA_real_, b = NA, t = NA_character_, m = NA_real_, NULL)
  if (is.null(absent)) return(lapply(values, .datmo_shape, shape))
  if (!length(values)) return(if (kind == "t") .POSIXct(numeric(), "UTC") else absent[0L])
  if (kind == "m") return(.datmo_numbers(values))
  filled <- lapply(values, function(value) if (is.null(value)) absent else value)
  # A command is one text or several.
  if (any(lengths(filled) != 1L)) return(lapply(values, .datmo_shape, shape))
  .datmo_value(unlist(filled), kind)
}

.datmo_snake <- function(names) tolower(gsub("([a-z0-9])([A-Z])", "\\1_\\2", names))

#' @export
print.datmo_record <- function(x, ...) {
  kind <- gsub("_", " ", sub("^datmo_record_", "", class(x)[[1L]]))
  cat(sprintf("<datmo %s>\n", kind))
  utils::str(unclass(x), give.head = FALSE, no.list = TRUE, comp.str = "", indent.str = " ", give.attr = FALSE, max.level = 2)
  invisible(x)
}

#' @export
as.data.frame.datmo_record <- function(x, ...) {
  plain <- vapply(unclass(x), function(field) is.atomic(field) && length(field) == 1L, TRUE)
  as.data.frame(unclass(x)[plain], ...)
}
