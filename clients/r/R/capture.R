# Keeps what a recorded script prints in the run's output.log: standard output by a sink that also prints, messages,
# warnings and the last error by the handlers of exits.R. What bypasses them is not kept: child processes, C's stdout.

# NULL when the streams are somebody else's already: knitr, capture.output(), testthat.
start_capture <- function(path) {
  if (is_knitting() || sink.number() > 0L) return(NULL)
  con <- open_private(path, "ab")
  sink(con, append = TRUE, type = "output", split = TRUE)
  list(con = con, level = sink.number(), path = path)
}

stop_capture <- function(capture) {
  # A sink that was set later lies on top of ours and is the script's.
  if (sink.number() == capture$level) {
    sink(type = "output")
    close(capture$con)
  }
  invisible()
}

keep_message <- function(condition) {
  text <- conditionMessage(condition)
  if (inherits(condition, "warning")) text <- paste0("Warning: ", text, "\n")
  keep_text(text)
}

keep_text <- function(text) {
  run <- the$run
  capture <- if (!is.null(run) && !run$disabled && run$pid == Sys.getpid()) run$capture
  if (is.null(capture) || !run$recording) return(invisible())
  # Through a connection of its own: closeAllConnections() may have closed the sink's.
  try({
    con <- open_private(capture$path, "ab")
    tryCatch(writeBin(charToRaw(utf8(text)), con), finally = close(con))
  }, silent = TRUE)
  invisible()
}
