# The run's journal: everything but points, one JSON document a line (schemas/run-journal.schema.json).

# The engine gives longer ones up.
longest_line <- 1e6

new_journal <- function(task_directory) {
  j <- new.env(parent = emptyenv())
  j$writer <- random_id()
  j$path <- file.path(task_directory, "journal", paste0(j$writer, ".jsonl"))
  j$size <- 0
  j$torn <- FALSE
  j$waiting <- list()
  j
}

# Writes one line; `members` are JSON texts by name. What cannot be written yet waits and is tried again.
journal_append <- function(j, type, members) {
  line <- journal_line(type, members)
  if (length(line) > longest_line) {
    note_once(paste("long", type), sprintf(
      "a %s record of %.0f KB is too large and was left out.", type, length(line) / 1024
    ))
    return(FALSE)
  }
  j$waiting[[length(j$waiting) + 1L]] <- line
  journal_flush(j)
}

# Writes `{member: values}` in several lines when one would be too long.
journal_append_map <- function(j, type, member, values) {
  text <- json_map(values, type)
  if (length(values) < 2L || nchar(text, "bytes") + 200 < longest_line) {
    return(journal_append(j, type, stats::setNames(list(text), member)))
  }
  half <- seq_len(length(values) %/% 2L)
  journal_append_map(j, type, member, values[half])
  journal_append_map(j, type, member, values[-half])
}

journal_flush <- function(j) {
  while (length(j$waiting)) {
    failure <- tryCatch({
      journal_write(j, j$waiting[[1L]])
      NULL
    }, error = conditionMessage)
    if (!is.null(failure)) {
      note_once(paste("journal", j$path), sprintf("cannot write %s (%s); it is tried again.", j$path, failure))
      return(FALSE)
    }
    j$waiting[[1L]] <- NULL
  }
  TRUE
}

journal_line <- function(type, members) {
  all <- c(list(v = "1", type = json_string(type), at = json_string(rfc3339())), members)
  c(charToRaw(paste0("{", paste0("\"", names(all), "\":", unlist(all), collapse = ","), "}")), as.raw(10L))
}

# Opened for each line: lines are few, and so no other code of this session can close or take the connection.
journal_write <- function(j, line) {
  # A full disk cut the last line short; its rest must not swallow this one.
  bytes <- if (j$torn) c(as.raw(10L), line) else line
  con <- open_private(j$path, "ab")
  tryCatch({
    writeBin(bytes, con)
    flush(con)
  }, finally = close(con))
  size <- file.size(j$path)
  written <- if (is.na(size)) 0 else size - j$size
  j$size <- if (is.na(size)) 0 else size
  j$torn <- written > 0 && written != length(bytes)
  if (written != length(bytes)) stop_io("there is no space left on the disk", j$path)
}
