# How a script ends: its error or exit code finds its way into the run that it records.
#
# R tells a finalizer nothing about the end that it runs in. An error that nobody catches is seen by a global calling
# handler; the code of quit() by a function of that name in this package (see quit()). When neither saw anything, the
# depth of evaluation tells the end of a script from a quit() called somewhere else.

# Installs what sees the end, once a session, as far as it can be: handlers only while no others are in place.
hook_exit <- function() {
  if (!the$hooked) {
    the$hooked <- TRUE
    the$depth <- NULL
    the$last_error <- geterrmessage()
    run_first_at_exit()
  }
  if (!isTRUE(the$watching) && !has_handlers()) {
    globalCallingHandlers(error = see_error, interrupt = see_interrupt, message = keep_message, warning = keep_message)
    the$watching <- TRUE
  }
  invisible()
}

# R runs its last finalizers first, and processx registers some with each process: once those have run, using the
# process is a segfault. So this is called again after each process that was started.
run_first_at_exit <- function() {
  if (!the$hooked) return(invisible())
  the$exit_hook <- new.env(parent = emptyenv())
  reg.finalizer(the$exit_hook, at_exit, onexit = TRUE)
}

# Whether a caller has handlers in place (knitr, testthat, tryCatch): R refuses global ones then.
has_handlers <- function() {
  establishing <- list(base::withCallingHandlers, base::tryCatch)
  for (i in seq_len(sys.nframe())) {
    if (any(vapply(establishing, identical, TRUE, sys.function(i)))) return(TRUE)
  }
  FALSE
}

see_error <- function(condition) {
  the$failure <- end_of_error(condition)
  keep_text(paste0("Error: ", conditionMessage(condition), "\n"))
}

see_interrupt <- function(condition) the$failure <- list(status = "stopped", exitCode = 130)

at_exit <- function(hook) {
  depth <- Cstack_info()[["eval_depth"]]
  # An older one, collected in the middle of the session, or at its end after the newest.
  if (!identical(hook, the$exit_hook)) return(invisible())
  run <- the$run
  if (!is.null(run) && run$recording && run$pid == Sys.getpid()) {
    try(finish_run(run, end_of_session(depth), finish_seconds), silent = TRUE)
  }
  for (engine in the$engines) try(engine$close(), silent = TRUE)
}

end_of_session <- function(depth) {
  if (!is.null(the$quit_status)) return(end_of_code(the$quit_status))
  quits <- depth > session_depth
  # A console goes on after an error, and so does a script whose `options(error =)` does not end it.
  if (interactive() || (!is.null(getOption("error")) && !quits)) return(end_of_code(0))
  if (!is.null(the$failure)) return(the$failure)
  # Where the handlers could not be installed, what R said last tells of an error; one that was caught may be told too.
  if (!isTRUE(the$watching) && !identical(geterrmessage(), the$last_error)) {
    return(end_of_error(simpleError(sub("^Error( in [^\n]*? :)?[: ]*", "", trimws(geterrmessage()), perl = TRUE))))
  }
  # A quit() that was not ours: its code stays unknown.
  if (quits) list(status = "succeeded") else end_of_code(0)
}

# Evaluation depth of a finalizer when nothing else is being evaluated, and a little more; quit() adds two at least.
session_depth <- 4L

#' Quit R
#'
#' [base::quit()], which also tells the run that this script records its exit code: R offers no other way to learn
#' it. Everything else is as in base R. A `quit()` of another package is not seen; the run then ends without an exit
#' code.
#'
#' @param save,status,runLast As in [base::quit()].
#' @return Does not return.
#' @examples
#' \dontrun{
#' quit(status = 3)
#' }
#' @name quit
#' @export
quit <- function(save = "default", status = 0, runLast = TRUE) {
  the$quit_status <- tryCatch(as.integer(status) %% 256L, error = function(e) 0L)
  # Not reached again unless base::quit() refuses.
  on.exit(the$quit_status <- NULL)
  base::quit(save = save, status = status, runLast = runLast)
}

#' @rdname quit
#' @export
q <- quit

# library(datmo) need not tell that these two stand in for base R's.
.onAttach <- function(libname, pkgname) {
  assign(".conflicts.OK", TRUE, envir = as.environment(paste0("package:", pkgname)))
}
