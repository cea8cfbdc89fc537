# Placeholders and expectations of the scenarios (../README.md). Values are lists as jsonlite reads them.

# The value with its placeholders filled in.
resolve <- function(value, saved) {
  if (!is.list(value)) return(value)
  if (length(value) == 1 && !is.null(names(value))) {
    given <- value[[1]]
    filled <- switch(names(value),
      "$saved" = saved[[given]],
      "$divide" = given[[1]] / given[[2]],
      "$repeat" = strrep(given[[1]], given[[2]]),
      "$number" = as.numeric(given)
    )
    if (!is.null(filled)) return(filled)
  }
  lapply(value, resolve, saved)
}

# What does not match, one text each; none when all does. `literally`: no expectations in it.
differences <- function(expected, got, path = "", missing = FALSE, literally = FALSE) {
  if (!literally && is.list(expected) && length(expected) == 1 && any(grepl("^\\$", names(expected)))) {
    fits <- special(names(expected), expected[[1]], got, missing)
    return(if (fits) character() else unlike(path, expected, got, missing))
  }
  if (missing) return(paste0(path, ": is not there"))
  if (is_object(expected)) {
    if (!is_object(got)) return(unlike(path, expected, got))
    return(unlist(lapply(names(expected), function(key) {
      below <- if (nzchar(path)) paste0(path, ".", key) else key
      differences(expected[[key]], got[[key]], below, !key %in% names(got), literally)
    })))
  }
  if (is.list(expected)) {
    if (!is.list(got) || is_object(got) || length(got) != length(expected)) return(unlike(path, expected, got))
    return(unlist(lapply(seq_along(expected), function(i) {
      differences(expected[[i]], got[[i]], sprintf("%s[%d]", path, i - 1), FALSE, literally)
    })))
  }
  same <- if (is.numeric(expected) && is.numeric(got)) as.numeric(expected) == as.numeric(got) else identical(expected, got)
  if (isTRUE(same)) character() else unlike(path, expected, got)
}

# The value at a path such as `items.0.id`.
pick <- function(value, path) {
  for (key in strsplit(path, ".", fixed = TRUE)[[1]]) value <- value[[if (is_object(value)) key else as.integer(key) + 1]]
  value
}

special <- function(key, wanted, got, missing) {
  if (key == "$absent") return(missing)
  if (missing) return(FALSE)
  switch(key,
    "$type" = type_of(got) == wanted,
    "$matches" = is.character(got) && grepl(wanted, got, perl = TRUE),
    "$length" = (if (is.list(got)) length(got) else if (is.character(got)) nchar(got, "chars") else -1) == wanted,
    "$has" = is.list(got) && any(vapply(got, function(item) length(differences(wanted, item)) == 0, TRUE)),
    stop("no such expectation: ", key)
  )
}

type_of <- function(x) {
  if (is.null(x)) "null" else if (is_object(x)) "object" else if (is.list(x)) "array"
  else if (is.character(x)) "string" else if (is.logical(x)) "boolean" else "number"
}

is_object <- function(x) is.list(x) && !is.null(names(x))

unlike <- function(path, expected, got, missing = FALSE) {
  shown <- function(x) substr(datmo:::json(x, NULL), 1, 200)
  sprintf("%s: expected %s, got %s", if (nzchar(path)) path else "it", shown(expected), if (missing) "nothing" else shown(got))
}
