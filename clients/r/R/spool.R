# The spool: a file that holds a metric point before the call that logged it returns (docs/formats.md).
#
# R cannot map files. A point is written and flushed at once, so it is in the kernel's page cache, which survives the
# death of this process. R does not say when flushing fails (a full disk), so the size of the file is compared with
# what it must be several times a second, and what was written since the last look is kept until then.

spool_header_bytes <- 64
slot_bytes <- 32
largest_spool <- 64 * 2^20
slot_factor <- 2654435761
longest_name <- 1000L
definition_mark <- 4294967295
recent_size <- 2048L

# A whole number times this has the same bits as a 64-bit integer of that value: a denormal number.
smallest <- 2^-1074

# Raises "datmo_io" when the file cannot be had.
open_spool <- function(folder, run_id) {
  name <- paste0(random_id(), ".bin")
  path <- file.path(folder, name)
  # Nobody ever finds one without its header. Windows renames no open files.
  made <- if (.Platform$OS.type == "windows") path else paste0(path, ".tmp")
  con <- open_private(made, "wb")
  header <- spool_header(run_id)
  writeBin(header, con)
  flush(con)
  whole <- identical(file.size(made), spool_header_bytes)
  if (!whole || (made != path && !suppressWarnings(file.rename(made, path)))) {
    close(con)
    unlink(made)
    stop_io("there is no space left on the disk", path)
  }
  w <- new.env(parent = emptyenv())
  w$name <- name
  w$path <- path
  w$con <- con
  w$con_number <- as.integer(con)
  w$con_name <- summary.connection(con)[["description"]]
  w$numbers <- new.env(parent = emptyenv())
  w$names <- character()
  w$index <- 0
  # Bytes that are on disk for certain; bytes that the engine was told of.
  w$verified <- spool_header_bytes
  w$told <- 0
  # The newest first, each list(point, older): no vector that grows is copied.
  w$recent <- NULL
  w$recent_count <- 0L
  # TRUE while a write is under way, and for ever when it was torn off.
  w$dirty <- FALSE
  w$closed <- FALSE
  w$fast <- identical(writeBin(5 * smallest, raw(), endian = "little"), as.raw(c(5, 0, 0, 0, 0, 0, 0, 0)))
  w
}

# One point, slowly: any step, a new name. FALSE: the file is full.
put_point <- function(w, name, value, step, at) {
  number <- w$numbers[[name]]
  if (is.null(number)) {
    name_bytes <- cut_name(name)
    if (spool_end(w) + slot_bytes * (2 + ceiling(length(name_bytes) / slot_bytes)) > largest_spool) return(FALSE)
    number <- length(w$names)
    write_slots(w, definition_slots(name_bytes, number, w$index))
    w$names <- c(w$names, name)
    w$numbers[[name]] <- number
  }
  if (spool_end(w) + slot_bytes > largest_spool) return(FALSE)
  index <- w$index
  write_slots(w, point_slot(index, step, value, at, number))
  remember(w, index, number, step, value, at)
  TRUE
}

# Several points under known names in one write. FALSE: one by one, please.
put_points <- function(w, names, values, step, at) {
  count <- length(values)
  numbers <- unlist(mget(names, envir = w$numbers, ifnotfound = NA_real_), use.names = FALSE)
  if (w$dirty || anyNA(numbers) || spool_end(w) + slot_bytes * count > largest_spool) return(FALSE)
  indices <- w$index + seq_len(count) - 1
  doubles <- writeBin(as.double(rbind(values, at)), raw(), endian = "little")
  checks <- writeBin(as_int32(rbind(numbers, slot_check(indices, numbers))), raw(), endian = "little")
  write_slots(w, as.vector(rbind(
    matrix(int64(step), 8L, count), matrix(doubles, 16L), matrix(checks, 8L)
  )))
  for (i in seq_len(count)) remember(w, indices[[i]], numbers[[i]], step, values[[i]], at)
  TRUE
}

# Whether the file holds all that was written to it.
verify_spool <- function(w) {
  if (w$dirty || !is_own_connection(w)) return(FALSE)
  end <- spool_end(w)
  if (!identical(file.size(w$path), end)) return(FALSE)
  w$verified <- end
  w$recent <- NULL
  w$recent_count <- 0L
  TRUE
}

# Gives the file up and answers the points that are not in it, each a list(name, value, step, at).
abandon_spool <- function(w) {
  close_spool(w)
  end <- valid_end(w)
  w$verified <- end
  missing <- list()
  recent <- w$recent
  while (!is.null(recent)) {
    point <- recent[[1L]]
    recent <- recent[[2L]]
    # Later ones are not in the file either, so this one is the first that may be.
    if (spool_header_bytes + slot_bytes * (point[[1L]] + 1) <= end) break
    missing[[length(missing) + 1L]] <- list(
      name = w$names[[point[[2L]] + 1L]], value = point[[4L]], step = point[[3L]], at = point[[5L]]
    )
  }
  rev(missing)
}

close_spool <- function(w) {
  if (w$closed) return(invisible())
  w$closed <- TRUE
  if (is_own_connection(w)) try(close(w$con), silent = TRUE)
  invisible()
}

spool_end <- function(w) spool_header_bytes + slot_bytes * w$index

# closeAllConnections() may have closed it, and its number may be another file's by now.
is_own_connection <- function(w) {
  match(w$con_number, getAllConnections(), 0L) > 0L && summary.connection(w$con)[["description"]] == w$con_name
}

remember <- function(w, index, number, step, value, at) {
  w$recent <- list(c(index, number, step, value, at), w$recent)
  w$recent_count <- w$recent_count + 1L
}

write_slots <- function(w, bytes) {
  if (!is_own_connection(w)) stop_io("its connection was closed", w$path)
  w$dirty <- TRUE
  writeBin(bytes, w$con)
  flush(w$con)
  w$index <- w$index + length(bytes) / slot_bytes
  w$dirty <- FALSE
}

spool_header <- function(run_id) {
  bytes <- c(
    charToRaw("DATMOSPL"), writeBin(c(1L, 64L), raw(), endian = "little"), random_bytes(8L),
    charToRaw(run_id), raw(10L)
  )
  c(bytes, writeBin(as_int32(crc32(bytes)), raw(), endian = "little"))
}

slot_check <- function(index, number) (index * slot_factor + number + 1) %% 4294967296

point_slot <- function(index, step, value, at, number) {
  c(
    int64(step), writeBin(as.double(c(value, at)), raw(), endian = "little"),
    writeBin(as_int32(c(number, slot_check(index, number))), raw(), endian = "little")
  )
}

# One slot for the number and length of a name, then its bytes, zero padded.
definition_slots <- function(name_bytes, number, index) {
  check <- xor32(crc32(name_bytes), slot_check(index, definition_mark))
  padding <- -length(name_bytes) %% slot_bytes
  c(
    int64(number), writeBin(c(length(name_bytes), 0), raw(), endian = "little"),
    writeBin(as_int32(c(definition_mark, check)), raw(), endian = "little"), name_bytes, raw(padding)
  )
}

int64 <- function(x) {
  writeBin(as_int32(c(x %% 4294967296, (x %/% 4294967296) %% 4294967296)), raw(), endian = "little")
}

# The name in UTF-8, at most 1,000 bytes, cut between characters.
cut_name <- function(name) {
  name <- utf8(name)
  if (is.na(name) || !nzchar(name)) name <- "unnamed"
  bytes <- charToRaw(name)
  if (length(bytes) <= longest_name) return(bytes)
  end <- longest_name
  # Bytes 10xxxxxx go on with a character.
  while (end > 0L && bitwAnd(as.integer(bytes[end + 1L]), 0xC0L) == 0x80L) end <- end - 1L
  bytes[seq_len(end)]
}

# Where the slots that hold end, looked at from what is known to be good.
valid_end <- function(w) {
  size <- file.size(w$path)
  end <- w$verified
  if (is.na(size) || size <= end) return(if (is.na(size)) spool_header_bytes else end)
  con <- file(w$path, "rb", raw = TRUE)
  on.exit(close(con))
  seek(con, end)
  bytes <- readBin(con, "raw", size - end)
  at <- 0
  while (at + slot_bytes <= length(bytes)) {
    slots <- slots_at(bytes, at, (end + at - spool_header_bytes) / slot_bytes)
    if (slots == 0) break
    at <- at + slots * slot_bytes
  }
  end + at
}

# Number of slots that the record at this place takes; 0: it does not hold.
slots_at <- function(bytes, at, index) {
  slot <- bytes[at + 1:32]
  number <- uint32(slot[25:28])
  check <- uint32(slot[29:32])
  if (number != definition_mark) return(if (check == slot_check(index, number)) 1 else 0)
  size <- readBin(slot[9:16], "double", endian = "little")
  if (is.na(size) || size < 1 || size > longest_name || at + 32 + size > length(bytes)) return(0)
  name <- bytes[at + 32 + seq_len(size)]
  if (check != xor32(crc32(name), slot_check(index, number))) return(0)
  1 + ceiling(size / slot_bytes)
}

uint32 <- function(bytes) sum(as.integer(bytes) * c(1, 256, 65536, 16777216))
