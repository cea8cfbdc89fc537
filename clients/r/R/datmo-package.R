#' datmo: record, compare and repeat runs
#'
#' A script begins a run with [datmo_init()], logs with [datmo_log()], and ends it with [datmo_finish()] or by ending.
#' [datmo_runs()] and [datmo_history()] read what was recorded. Everything else that the engine can do is in the
#' functions named `datmo_<noun>_<verb>()`, a page each.
#'
#' Errors are conditions of class `datmo_error`, with a class for their category (`datmo_error_run`) and for their kind
#' (`datmo_error_run_not_found`), and the fields `kind`, `code`, `details` and `hint`.
#'
#' Environment variables: `DATMO_NODE` names Node.js, `DATMO_ENGINE` another engine, `DATMO_MODE=disabled` turns every
#' call into a no-op, `DATMO_STRICT=1` makes errors of what would be notes at the start of a run.
#'
#' @keywords internal
"_PACKAGE"
