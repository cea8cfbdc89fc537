# Careful writing: for this user alone, and so that a reader sees all of a file or nothing.

make_private <- function(path) {
  if (!dir.exists(path)) dir.create(path, showWarnings = FALSE, mode = "0700")
  if (!dir.exists(path)) stop_io(sprintf("the folder %s cannot be created", path), path)
  invisible(path)
}

# A connection to a file that only this user may read.
open_private <- function(path, mode) {
  mask <- Sys.umask("077")
  on.exit(Sys.umask(mask))
  tryCatch(
    suppressWarnings(file(path, mode)),
    error = function(e) stop_io(sprintf("the file %s cannot be written", path), path)
  )
}

# With `replace = FALSE` a file that is there already is an error of class "datmo_file_exists".
write_atomically <- function(path, text, replace = TRUE) {
  temporary <- paste0(path, ".", random_id(), ".tmp")
  bytes <- charToRaw(utf8(text))
  con <- open_private(temporary, "wb")
  done <- FALSE
  on.exit(if (!done) unlink(temporary))
  tryCatch({
    writeBin(bytes, con)
    flush(con)
  }, finally = close(con))
  if (!identical(file.size(temporary), as.numeric(length(bytes)))) stop_io("there is no space left on the disk", path)
  if (replace) {
    if (!suppressWarnings(file.rename(temporary, path))) stop_io(sprintf("the file %s cannot be written", path), path)
  } else {
    linked <- suppressWarnings(file.link(temporary, path))
    unlink(temporary)
    if (!linked && file.exists(path)) {
      stop(structure(class = c("datmo_file_exists", "error", "condition"), list(message = path, call = NULL)))
    }
    if (!linked) stop_io(sprintf("the file %s cannot be written", path), path)
  }
  done <- TRUE
  invisible(path)
}

read_text <- function(path) {
  tryCatch(
    suppressWarnings({
      con <- file(path, "rb", raw = TRUE)
      on.exit(close(con))
      pieces <- list()
      repeat {
        piece <- readBin(con, "raw", 65536L)
        if (!length(piece)) break
        pieces[[length(pieces) + 1L]] <- piece
      }
      raw_to_text(unlist(pieces))
    }),
    error = function(e) ""
  )
}

raw_to_text <- function(bytes) {
  if (!length(bytes)) return("")
  text <- rawToChar(bytes[bytes != as.raw(0L)])
  Encoding(text) <- "UTF-8"
  text
}

stop_io <- function(reason, path) {
  stop(structure(class = c("datmo_io", "error", "condition"), list(message = reason, call = NULL, path = path)))
}
