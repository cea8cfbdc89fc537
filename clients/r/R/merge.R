# Merging configs, as the engine does with `config` lines.

merge_maps <- function(into, changes) {
  into <- as.list(into)
  for (i in seq_along(changes)) {
    key <- names(changes)[[i]]
    value <- changes[[i]]
    old <- into[[key, exact = TRUE]]
    merged <- if (is_map(old) && is_map(value)) merge_maps(old, value) else value
    # list(NULL) keeps a NULL as a value of its own.
    into[key] <- list(merged)
  }
  into
}

# What init(config =) adds to values that the command line chose; the latter win, key by key.
without_overrides <- function(given, chosen) {
  added <- empty_map()
  for (i in seq_along(given)) {
    key <- names(given)[[i]]
    value <- given[[i]]
    if (!key %in% names(chosen)) {
      added[key] <- list(value)
    } else if (is_map(value) && is_map(chosen[[key, exact = TRUE]])) {
      inner <- without_overrides(value, chosen[[key, exact = TRUE]])
      if (length(inner)) added[key] <- list(inner)
    }
  }
  added
}

is_map <- function(x) is.list(x) && !is.data.frame(x) && (!is.null(names(x)) || length(x) == 0L) && !is.null(x)

# list(a = list(b = 1)) becomes a.b; anything that is no named list stays as it is.
flatten <- function(x, prefix = "") {
  if (!nzchar(prefix) && !is.null(names(x)) && all(nzchar(names(x))) && !any(vapply(x, is.list, TRUE))) return(x)
  out <- list()
  keys <- member_names(x)
  for (i in seq_along(x)) {
    key <- paste0(prefix, keys[[i]])
    value <- x[[i]]
    if (is.list(value) && !is.null(names(value)) && length(value) && !is.object(value)) out <- c(out, flatten(value, paste0(key, ".")))
    else out[key] <- list(value)
  }
  out
}

# The same, but a key with a dot of its own is in backticks beside a nested one that reads the same.
flatten_exactly <- function(x) {
  marked <- function(values) {
    keys <- names(values)
    if (is.null(keys)) return(values)
    names(values) <- ifelse(grepl(".", keys, fixed = TRUE), paste0("\001", keys, "\001"), keys)
    nested <- vapply(values, function(value) is.list(value) && !is.object(value), TRUE)
    values[nested] <- lapply(values[nested], marked)
    values
  }
  found <- flatten(marked(x))
  if (!length(found)) return(found)
  plain <- gsub("\001", "", names(found), fixed = TRUE)
  twice <- duplicated(plain) | duplicated(plain, fromLast = TRUE)
  names(found) <- ifelse(twice, gsub("\001", "`", names(found), fixed = TRUE), plain)
  found
}

# What jsonlite read, with arrays of plain values as vectors; one of length one is I(), so that it stays an array.
simplify <- function(x) {
  if (!is.list(x)) return(x)
  if (!is.null(names(x))) return(lapply(x, simplify))
  kinds <- unique(vapply(x, function(item) if (is.null(item) || is.list(item)) "" else kind_of(item), ""))
  if (length(kinds) == 1L && nzchar(kinds)) return(if (length(x) == 1L) I(x[[1L]]) else unlist(x))
  lapply(x, simplify)
}

kind_of <- function(x) if (is.numeric(x)) "number" else typeof(x)

read_json <- function(text) {
  if (!nzchar(text)) return(NULL)
  tryCatch(jsonlite::fromJSON(text, simplifyVector = FALSE), error = function(e) NULL)
}

# A JSON object in a file; empty when there is none.
read_map <- function(path) {
  found <- if (nzchar(path) && file.exists(path)) read_json(read_text(path))
  if (is.null(names(found))) empty_map() else simplify(found)
}
