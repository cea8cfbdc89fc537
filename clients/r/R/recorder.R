# datmo_log(): from a call in the training loop into the spool.

tend_seconds <- 0.1
# Points that wait for space on a full disk: about 100 MB of R's memory.
most_waiting <- 200000L
largest_step <- 2^52

#' Record metrics of the current run
#'
#' Records values by name at one step. What was logged when the call returns survives `kill -9` of R and of the
#' engine. A call never fails and never waits for the engine; what cannot be logged is said once on stderr.
#'
#' @param data Numbers by name: a named list or vector. `NaN` and infinities are kept, a missing number counts as
#'   `NaN`. Lists inside give dotted names. Anything that is no single number is kept in the run's summary.
#' @param step A whole number. `NULL`: one more than the last.
#' @return Nothing, invisibly.
#' @examples
#' Sys.setenv(DATMO_MODE = "disabled") # record nothing in this example
#' datmo_init()
#' for (epoch in 1:3) datmo_log(list(loss = 1 / epoch, lr = 0.1), step = epoch)
#' datmo_finish()
#' Sys.unsetenv("DATMO_MODE")
#' @export
datmo_log <- function(data, step = NULL) {
  run <- the$run
  # One number under a known name goes the short way; everything here is there to save microseconds.
  if (!is.null(run) && !is.null(w <- run$writer) && length(data) == 1L && !is.null(name <- names(data))) {
    value <- if (is.list(data)) .subset2(data, 1L) else data
    if (is.null(step)) step <- run$next_step
    number <- if (nzchar(name) && w$fast && !w$dirty) w$numbers[[name]]
    if (!is.null(number) && is.double(value) && length(value) == 1L && !is.object(value) &&
        is.numeric(step) && length(step) == 1L && !is.object(step) &&
        isTRUE(step >= 0 && step < largest_step && step == trunc(step)) && run$pid == Sys.getpid()) {
      index <- w$index
      check <- (index * slot_factor + number + 1) %% 4294967296
      if (check >= 2147483648) check <- check - 4294967296
      bits <- step * smallest
      con <- w$con
      if (index < 2097000 && w$recent_count < recent_size && check > -2147483648 && (bits > 0 || step == 0) &&
          match(w$con_number, getAllConnections(), 0L) > 0L &&
          summary.connection(con)[["description"]] == w$con_name) {
        at <- unclass(Sys.time())
        w$dirty <- TRUE
        writeBin(c(bits, as.double(value), at), con, endian = "little")
        writeBin(as.integer(c(number, check)), con, endian = "little")
        flush.connection(con)
        w$index <- index + 1
        w$recent <- list(c(index, number, step, value, at), w$recent)
        w$recent_count <- w$recent_count + 1L
        w$dirty <- FALSE
        run$next_step <- step + 1
        if (at - run$tended > tend_seconds) tend(run)
        return(invisible())
      }
    }
  }
  if (is.null(run)) run <- joined_run()
  if (!is.null(run) && !run$disabled) log_slowly(run, data, step)
  invisible()
}

log_slowly <- function(run, data, step) {
  tryCatch({
    if (!run$recording) {
      note_once(paste("ended", run$id), sprintf(
        "run %s has ended; what is logged now is left out.", substr(run$id, 1L, 8L)
      ))
      return(invisible())
    }
    if (run$pid != Sys.getpid()) start_again_in_child(run)
    step <- whole_step(run, step)
    at <- now()
    items <- flatten(as_values(data))
    w <- run$writer
    at_once <- !is.null(w) && !run$queue_count && w$recent_count < recent_size && all_numbers(items) &&
      tryCatch(put_points(w, names(items), as.double(items), step, at), error = function(e) FALSE)
    if (at_once) items <- NULL
    for (i in seq_along(items)) {
      name <- names(items)[[i]]
      value <- to_number(items[[i]])
      if (is.null(value)) log_text(run, name, items[[i]]) else record_point(run, name, value, step, at)
    }
    if (is.null(run$writer) || at - run$tended > tend_seconds || run$writer$recent_count >= recent_size) tend(run)
  }, error = function(e) note_once(paste("log", conditionMessage(e)), paste("could not log:", conditionMessage(e))))
  invisible()
}

# One point into the spool, or, while the disk is full, into the queue.
record_point <- function(run, name, value, step, at) {
  w <- run$writer
  if (!is.null(w) && (w$dirty || w$recent_count >= recent_size)) {
    settle_writer(run)
    w <- run$writer
  }
  if (is.null(w) && !run$queue_count) w <- renew_writer(run)
  written <- FALSE
  if (!is.null(w)) {
    written <- tryCatch(put_point(w, name, value, step, at), error = function(e) NA)
    if (identical(written, FALSE)) {
      # The file is full.
      settle_writer(run)
      retire_writer(run)
      w <- renew_writer(run)
      written <- !is.null(w) && isTRUE(tryCatch(put_point(w, name, value, step, at), error = function(e) NA))
    }
  }
  if (!isTRUE(written)) {
    if (!is.null(run$writer)) settle_writer(run)
    enqueue(run, list(list(name = name, value = value, step = step, at = at)))
  }
}

# Tries again what could not be written, and tells the engine what is new. Called several times a second.
tend <- function(run) {
  run$tended <- now()
  tryCatch({
    settle_writer(run)
    flush_queue(run)
    if (length(run$journal$waiting)) journal_flush(run$journal)
    if (!is.null(run$sender)) sender_tend(run$sender, run)
  }, error = function(e) note_once(paste("tend", conditionMessage(e)), conditionMessage(e)))
  invisible()
}

# Looks whether the file holds what was written to it. When it does not, it is given up and the rest goes on elsewhere.
settle_writer <- function(run) {
  w <- run$writer
  if (is.null(w) || verify_spool(w)) return(invisible())
  missing <- abandon_spool(w)
  run$writer <- NULL
  enqueue(run, missing)
  flush_queue(run)
}

retire_writer <- function(run) {
  if (!is.null(run$writer)) close_spool(run$writer)
  run$writer <- NULL
}

# A new file; NULL when it cannot be had now.
renew_writer <- function(run) {
  run$writer <- tryCatch(open_spool(run$spool, run$id), error = function(e) {
    note_once("disk full", sprintf(
      "cannot write points (%s); they wait in memory until there is space.", conditionMessage(e)
    ))
    NULL
  })
  if (!is.null(run$writer)) run$writers[[run$writer$name]] <- run$writer
  run$writer
}

forget_writer <- function(run, w) {
  run$writers[[w$name]] <- NULL
  unlink(w$path)
}

enqueue <- function(run, points) {
  for (point in points) {
    if (run$queue_count >= most_waiting) {
      note_once(paste("lost", run$id), "the disk is full and so is the queue; points are being lost from now on.")
      return(invisible())
    }
    run$queue_count <- run$queue_count + 1L
    run$queue[[run$queue_count]] <- point
  }
}

flush_queue <- function(run) {
  if (!run$queue_count) return(invisible())
  w <- if (is.null(run$writer)) renew_writer(run) else run$writer
  if (is.null(w)) return(invisible())
  points <- run$queue[seq_len(run$queue_count)]
  done <- 0L
  for (point in points) {
    written <- tryCatch(put_point(w, point$name, point$value, point$step, point$at), error = function(e) NA)
    if (!isTRUE(written)) break
    done <- done + 1L
    if (w$recent_count >= recent_size && !verify_spool(w)) break
  }
  if (verify_spool(w)) {
    kept <- points[-seq_len(done)]
    if (!done) kept <- points
  } else {
    # Those that are in the file count; the rest waits on.
    kept <- c(abandon_spool(w), if (done) points[-seq_len(done)] else points)
    run$writer <- NULL
    note_once("disk full", "cannot write points (there is no space left on the disk); they wait in memory until there is space.")
  }
  if (done && identical(written, FALSE)) retire_writer(run)
  run$queue <- kept
  run$queue_count <- length(kept)
}

# In a forked child (parallel::mclapply): the files are the parent's, and so is the end of the run.
start_again_in_child <- function(run) {
  run$pid <- Sys.getpid()
  run$writer <- NULL
  run$writers <- list()
  run$queue <- list()
  run$queue_count <- 0L
  run$journal <- new_journal(run$directory)
  run$sender <- NULL
  run$owner <- FALSE
}

all_numbers <- function(items) {
  for (item in items) if (!is.double(item) || length(item) != 1L || is.object(item)) return(FALSE)
  length(items) > 0L && !anyDuplicated(names(items))
}

as_values <- function(data) {
  named <- !is.null(names(data)) && all(nzchar(names(data)))
  if (!(is.list(data) || is.atomic(data)) || (length(data) && !named)) {
    stop("datmo_log() takes values by name, such as list(loss = 0.3)", call. = FALSE)
  }
  as.list(data)
}

# The value as a number; NULL when it is none (a text that looks like one is none).
to_number <- function(x) {
  if (length(x) != 1L || is.factor(x)) return(NULL)
  if (inherits(x, "integer64")) return(if (isNamespaceLoaded("bit64")) as.double(as.character(x)))
  if (!(is.numeric(x) || is.logical(x)) || inherits(x, c("Date", "POSIXt", "difftime"))) return(NULL)
  number <- as.double(x)
  # NA has a payload that other languages do not know.
  if (is.na(number)) NaN else number
}

log_text <- function(run, name, value) {
  note_once(paste("number", name), sprintf(
    "\"%s\" is %s, not a number; its last value is kept in the summary.", name, describe(value)
  ))
  text <- json(value, NULL)
  if (!identical(run$texts[[name, exact = TRUE]], text)) {
    run$texts[[name]] <- text
    write_summary(run, stats::setNames(list(structure(text, class = "json")), name))
  }
}

whole_step <- function(run, step) {
  if (is.null(step)) step <- run$next_step
  good <- length(step) == 1L && is.numeric(step) && !is.na(step)
  if (!good || (is.finite(step) && step != trunc(step))) {
    note_once("step", sprintf("a step must be a whole number, not %s; datmo counts on by itself.", paste(format(step), collapse = " ")))
    step <- if (good) trunc(step) else run$next_step
  }
  step <- max(-2^62, min(2^62, as.double(step)))
  run$next_step <- step + 1
  step
}
