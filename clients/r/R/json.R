# R's values as JSON text. Numbers keep all their digits; jsonlite would cut them to 15.

most_elements <- 10000
deepest <- 50L

# `name`: where the value belongs, for the note when it has no JSON form; NULL says nothing. `most`: with more elements
# it is kept as text.
json <- function(x, name = "", depth = 0L, most = most_elements) {
  if (is.null(x)) return("null")
  if (inherits(x, "json")) return(utf8(paste(x, collapse = "")))
  if (depth > deepest || !(is.atomic(x) || is.list(x)) || isS4(x)) return(json_text(x, name))
  if (is.data.frame(x)) return(json_columns(x, name, depth, most))
  if (is.list(x) && !inherits(x, "POSIXlt")) return(json_list(x, name, depth, most))
  values <- json_values(x)
  if (is.null(values)) return(json_text(x, name))
  if (!is.null(dim(x)) && length(dim(x)) > 1L) return(json_array(values, dim(x), most))
  if (!is.null(names(x)) && !inherits(x, "AsIs")) return(json_object(values, member_names(x)))
  if (length(values) == 1L && !inherits(x, "AsIs")) values else paste0("[", paste(values, collapse = ","), "]")
}

# A list, named vector, data frame or environment as a JSON object.
json_map <- function(x, what, most = most_elements) {
  x <- as_map(x, what)
  if (length(x)) json(x, what, most = most) else "{}"
}

as_map <- function(x, what) {
  if (is.null(x)) return(empty_map())
  if (is.environment(x)) x <- as.list(x)
  if (is.data.frame(x) && nrow(x) == 1L) x <- as.list(x)
  is_map <- (is.list(x) || is.atomic(x)) && (length(x) == 0L || (!is.null(names(x)) && all(nzchar(names(x)))))
  if (!is_map) {
    stop(.datmo_condition("INVALID_PARAMS", list(
      summary = sprintf("%s takes values by name, such as list(lr = 0.1), not %s.", what, describe(x)), problems = list()
    )))
  }
  if (length(x)) as.list(x) else empty_map()
}

empty_map <- function() structure(list(), names = character())

json_string <- function(x) {
  x <- utf8(x)
  x <- gsub("\\", "\\\\", x, fixed = TRUE)
  x <- gsub("\"", "\\\"", x, fixed = TRUE)
  if (any(grepl("[\001-\037]", x, useBytes = TRUE))) {
    for (code in 1:31) {
      escape <- switch(as.character(code), "9" = "\\t", "10" = "\\n", "13" = "\\r", sprintf("\\u%04x", code))
      x <- gsub(rawToChar(as.raw(code)), escape, x, fixed = TRUE)
    }
  }
  paste0("\"", x, "\"")
}

# A number, or one of three words: JSON has no others. Always as many digits as it takes to read the same number.
json_number <- function(x) {
  out <- sprintf("%.17g", x)
  whole <- is.finite(x) & x == trunc(x) & abs(x) < 1e15
  out[whole] <- sprintf("%.0f", x[whole])
  out[is.nan(x)] <- "\"NaN\""
  out[is.na(x) & !is.nan(x)] <- "null"
  out[x %in% Inf] <- "\"Infinity\""
  out[x %in% -Inf] <- "\"-Infinity\""
  out
}

# Text in UTF-8, whatever the session's locale. Bytes that are no UTF-8 are taken for Latin-1.
utf8 <- function(x) {
  x <- as.character(x)
  marked <- Encoding(x)
  other <- marked == "latin1"
  if (any(other)) x[other] <- iconv(x[other], "latin1", "UTF-8")
  # A text of unknown encoding that is good UTF-8 is UTF-8: in the C locale scripts are read as bytes.
  unknown <- marked %in% c("unknown", "bytes") & !is.na(x)
  valid <- unknown & validUTF8(x)
  y <- x[unknown & !valid]
  if (length(y)) x[unknown & !valid] <- iconv(y, if (l10n_info()[["UTF-8"]]) "latin1" else "", "UTF-8", sub = "byte")
  Encoding(x) <- "UTF-8"
  x
}

json_values <- function(x) {
  if (is.factor(x)) x <- as.character(x)
  if (inherits(x, "Date")) return(json_plain(format(x, "%Y-%m-%d"), is.na(x)))
  if (inherits(x, "POSIXt")) return(json_plain(rfc3339(as.numeric(as.POSIXct(x))), is.na(x)))
  if (inherits(x, "integer64")) return(json_integer64(x))
  if (inherits(x, c("difftime", "numeric_version", "roman", "octmode", "hexmode"))) x <- format(x)
  if (is.character(x)) return(json_plain(x, is.na(x)))
  if (is.logical(x)) return(ifelse(is.na(x), "null", ifelse(x, "true", "false")))
  if (is.numeric(x)) return(json_number(as.numeric(x)))
  if (is.raw(x)) return(as.character(as.integer(x)))
  if (is.complex(x)) return(json_string(format(x, digits = 15)))
  NULL
}

json_plain <- function(text, missing) ifelse(missing, "null", json_string(text))

# Whole numbers beyond 2^53 lose digits in whoever holds numbers as float64: those are texts.
json_integer64 <- function(x) {
  if (!isNamespaceLoaded("bit64")) return(NULL)
  text <- as.character(x)
  ifelse(is.na(text), "null", ifelse(abs(as.numeric(text)) <= 2^53, text, json_string(text)))
}

json_list <- function(x, name, depth, most) {
  x <- unclass(x)
  if (is.finite(most) && element_count(x) > most) return(json_text(x, name))
  keys <- if (is.null(names(x))) NULL else member_names(x)
  if (is.null(keys)) {
    items <- vapply(x, json, "", name = name, depth = depth + 1L, most = most)
    return(paste0("[", paste(items, collapse = ","), "]"))
  }
  below <- if (is.null(name)) NULL else if (nzchar(name)) paste0(name, ".", keys) else keys
  values <- vapply(seq_along(x), function(i) json(x[[i]], below[i], depth + 1L, most), "")
  json_object(values, keys)
}

json_object <- function(values, keys) {
  if (!length(values)) return("{}")
  paste0("{", paste0(json_string(keys), ":", values, collapse = ","), "}")
}

json_columns <- function(x, name, depth, most) {
  if (prod(dim(x)) > most) return(json_text(x, name))
  json_list(lapply(as.list(x), function(column) if (is.list(column)) unname(column) else I(column)), name, depth, most)
}

# A matrix row by row, higher arrays likewise.
json_array <- function(values, dims, most) {
  if (length(values) > most) return(json_string(sprintf("array of %s", paste(dims, collapse = " x "))))
  if (length(dims) == 1L) return(paste0("[", paste(values, collapse = ","), "]"))
  values <- array(values, dims)
  rows <- apply(values, 1L, function(row) json_array(as.vector(row), dims[-1L], most))
  paste0("[", paste(rows, collapse = ","), "]")
}

# What JSON has no form for is kept as text, said once per name.
json_text <- function(x, name) {
  plain <- is.language(x) && !is.function(x)
  if (!plain && !is.null(name)) {
    note_once(paste("text", name), sprintf(
      "%s is %s, which has no JSON form; it is kept as text.", if (nzchar(name)) name else "a value", describe(x)
    ))
  }
  shown <- if (is.language(x) || is.function(x)) deparse(x, nlines = 100L) else sprintf("<%s>", describe(x))
  json_string(substr(paste(shown, collapse = "\n"), 1L, 10000L))
}

describe <- function(x) {
  kind <- if (is.function(x)) "function" else class(x)[[1L]]
  size <- if (is.data.frame(x) || is.matrix(x)) sprintf(" of %s", paste(dim(x), collapse = " x ")) else
    if (is.list(x) || (is.atomic(x) && length(x) != 1L)) sprintf(" of length %d", length(x)) else ""
  article <- if (grepl("^[aeiouAEIOU]", kind)) "an" else "a"
  paste0(article, " ", kind, size)
}

member_names <- function(x) {
  keys <- names(x)
  ifelse(is.na(keys) | !nzchar(keys), as.character(seq_along(x)), keys)
}

element_count <- function(x) {
  if (!is.list(x)) return(length(x))
  sum(1, vapply(x, function(item) if (is.list(item)) element_count(unclass(item)) else 1 * length(item), 1))
}
