# A run as the script that it records sees it: an environment of class "datmo_run".

finish_seconds <- 10

new_run <- function(id, project, directory) {
  run <- new.env(parent = emptyenv())
  run$id <- id
  run$project <- project
  run$directory <- directory
  run$spool <- file.path(directory, "spool")
  run$pid <- Sys.getpid()
  run$name <- NULL
  run$config <- empty_map()
  run$summary <- empty_map()
  run$texts <- list()
  run$journal <- new_journal(directory)
  run$writer <- NULL
  run$writers <- list()
  run$queue <- list()
  run$queue_count <- 0L
  run$next_step <- 0
  run$tended <- 0
  run$sender <- NULL
  run$capture <- NULL
  # This process begins and ends the run; without, it takes part in another's.
  run$owner <- FALSE
  # The engine outside answers.
  run$is_heard <- TRUE
  run$recording <- TRUE
  run$disabled <- FALSE
  structure(run, class = "datmo_run")
}

# A run that records nothing: DATMO_MODE=disabled, or nowhere to write.
disabled_run <- function(config) {
  run <- structure(new.env(parent = emptyenv()), class = "datmo_run")
  run$id <- ""
  run$pid <- Sys.getpid()
  run$config <- config
  run$summary <- empty_map()
  run$recording <- TRUE
  run$disabled <- TRUE
  run
}

#' @export
print.datmo_run <- function(x, ...) {
  name <- if (is.null(x$name) && !is.null(x$sender)) x$sender$name else x$name
  state <- if (x$disabled) "disabled" else paste0(substr(x$id, 1L, 8L), if (!x$recording) ", ended")
  cat(sprintf("<datmo run %s>\n", paste(c(name, state), collapse = " ")))
  invisible(x)
}

# The first line of a run that this process begins; `create`: params of `run.create`.
begin_run <- function(run, create, config, first_step) {
  run$name <- create$name
  run$config <- config
  run$next_step <- first_step
  text <- json(create, NULL)
  if (nchar(text, "bytes") + 200 < longest_line) return(journal_append(run$journal, "begin", list(run = text)))
  given <- create$config
  create$config <- empty_map()
  journal_append(run$journal, "begin", list(run = json(create, NULL)))
  journal_append_map(run$journal, "config", "config", given)
}

# What init was given when the run had begun before: `chosen` values win over `given` ones.
take_facts <- function(run, chosen, given, facts) {
  run$config <- merge_maps(run$config, chosen)
  added <- without_overrides(given, run$config)
  if (length(added)) change_config(run, added)
  if (length(facts$tags)) journal_append(run$journal, "tag", list(add = json(I(as.character(facts$tags)))))
  update_run(run, facts[c("name", "group", "note")])
}

update_run <- function(run, facts) {
  facts <- facts[!vapply(facts, is.null, TRUE)]
  if (!length(facts)) return(invisible())
  if (!is.null(facts$name)) run$name <- facts$name
  journal_append(run$journal, "update", lapply(facts, json))
}

change_config <- function(run, changes) {
  run$config <- merge_maps(run$config, changes)
  if (!run$disabled) journal_append_map(run$journal, "config", "config", changes)
}

write_summary <- function(run, values) {
  if (!run$disabled) journal_append_map(run$journal, "summary", "summary", values)
}

# Ends the run in this process: an own one for all, otherwise only what this process takes part in.
finish_run <- function(run, end, seconds) {
  if (!run$recording) return(invisible())
  if (run$disabled) {
    run$recording <- FALSE
    return(invisible())
  }
  if (run$pid != Sys.getpid()) start_again_in_child(run)
  settle_writer(run)
  flush_queue(run)
  run$recording <- FALSE
  retire_writer(run)
  if (run$queue_count) note(sprintf("%d points could not be written; there is no space left on the disk.", run$queue_count))
  if (run$owner) journal_append(run$journal, "end", lapply(end, json))
  journal_flush(run$journal)
  if (!is.null(run$sender)) sender_finish(run$sender, c(end, list(endedAt = rfc3339())), seconds)
  if (!is.null(run$capture)) stop_capture(run$capture)
  invisible()
}

end_of_code <- function(code) {
  list(status = if (code == 0) "succeeded" else "failed", exitCode = code)
}

end_of_error <- function(condition) {
  list(status = "failed", exitCode = 1, error = list(
    kind = class(condition)[[1L]], message = substr(utf8(paste(conditionMessage(condition), collapse = "\n")), 1L, 10000L)
  ))
}
