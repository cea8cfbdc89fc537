# The current run, as scripts use it.

current_run <- function() {
  run <- the$run
  if (is.null(run)) run <- joined_run()
  if (is.null(run) || !run$recording) return(NULL)
  if (run$pid != Sys.getpid() && !run$disabled) start_again_in_child(run)
  run
}

# Named arguments, or maps among them, as one map.
gather <- function(given, what) {
  changes <- empty_map()
  keys <- names(given)
  for (i in seq_along(given)) {
    named <- !is.null(keys) && nzchar(keys[[i]])
    part <- if (named) stats::setNames(given[i], keys[[i]]) else as_map(given[[i]], what)
    changes <- merge_maps(changes, part)
  }
  changes
}

#' Config of the current run
#'
#' Reads the run's config, or merges values into it, nested lists key by key.
#'
#' @param ... Values by name, or named lists. Without any, nothing is changed.
#' @return The config as it is now: a named list, invisibly when it was changed. Empty without a run.
#' @examples
#' Sys.setenv(DATMO_MODE = "disabled") # record nothing in this example
#' datmo_init(config = list(optimizer = list(name = "adam")))
#' datmo_config(optimizer = list(lr = 1e-3), batch_size = 64)
#' str(datmo_config())
#' datmo_finish()
#' Sys.unsetenv("DATMO_MODE")
#' @export
datmo_config <- function(...) {
  changes <- gather(list(...), "config")
  run <- current_run()
  if (is.null(run)) return(if (length(changes)) invisible(changes) else changes)
  if (!length(changes)) return(run$config)
  change_config(run, changes)
  if (!run$disabled) tend(run)
  invisible(run$config)
}

#' Values that stand in place of a metric's last value
#'
#' @param ... Values by name, or named lists: numbers, texts, and what else a config may hold. Without any, nothing is
#'   changed.
#' @return What was set so far: a named list, invisibly when it was changed.
#' @examples
#' Sys.setenv(DATMO_MODE = "disabled") # record nothing in this example
#' datmo_init()
#' datmo_summary(best_accuracy = 0.93)
#' datmo_finish()
#' Sys.unsetenv("DATMO_MODE")
#' @export
datmo_summary <- function(...) {
  changes <- gather(list(...), "summary")
  run <- current_run()
  if (is.null(run) || !length(changes)) return(if (is.null(run)) changes else run$summary)
  for (key in names(changes)) run$summary[key] <- changes[key]
  write_summary(run, changes)
  if (!run$disabled) tend(run)
  invisible(run$summary)
}

#' Keep a file or folder with the current run
#'
#' It is kept as it is when the engine comes to it: soon, at the latest at the end of the run.
#'
#' @param path File or folder.
#' @param name Name to keep it under; its own name when absent.
#' @return Nothing, invisibly. A path that is not there is an error of class `datmo_error_file_not_found`.
#' @examples
#' Sys.setenv(DATMO_MODE = "disabled") # record nothing in this example
#' datmo_init()
#' model <- lm(dist ~ speed, cars)
#' path <- tempfile(fileext = ".rds")
#' saveRDS(model, path)
#' datmo_log_file(path, "model.rds")
#' datmo_finish()
#' Sys.unsetenv("DATMO_MODE")
#' @export
datmo_log_file <- function(path, name = NULL) {
  run <- current_run()
  if (is.null(run) || run$disabled) return(invisible())
  if (!file.exists(path)) stop(.datmo_condition("FILE_NOT_FOUND", list(path = path), call = sys.call()))
  members <- list(path = json_string(normalizePath(path)))
  if (!is.null(name)) members$name <- json_string(name)
  journal_append(run$journal, "file", members)
  tend(run)
  invisible()
}

#' Tags, name, group and notes of the current run
#'
#' @param ... Tags to add: character vectors.
#' @param remove Tags to remove.
#' @param name,group,notes New values; what is absent stays.
#' @return Nothing, invisibly.
#' @examples
#' Sys.setenv(DATMO_MODE = "disabled") # record nothing in this example
#' datmo_init()
#' datmo_tag("baseline", "cpu")
#' datmo_describe(notes = "trained on half of the data")
#' datmo_finish()
#' Sys.unsetenv("DATMO_MODE")
#' @export
datmo_tag <- function(..., remove = NULL) {
  run <- current_run()
  add <- as.character(c(...))
  members <- list()
  if (length(add)) members$add <- json(I(add))
  if (length(remove)) members$remove <- json(I(as.character(remove)))
  if (is.null(run) || run$disabled || !length(members)) return(invisible())
  journal_append(run$journal, "tag", members)
  tend(run)
  invisible()
}

#' @rdname datmo_tag
#' @export
datmo_describe <- function(name = NULL, group = NULL, notes = NULL) {
  run <- current_run()
  if (is.null(run) || run$disabled) return(invisible())
  update_run(run, list(name = name, group = group, note = notes))
  tend(run)
  invisible()
}

#' Take a snapshot of the project
#'
#' One state of code, environment, files, config and metrics. With a current run it becomes part of it; inside
#' `datmo run` the engine outside takes it.
#'
#' @param message What it is.
#' @param label A short name to find it by.
#' @param timeout Seconds to wait for the engine, inside `datmo run`.
#' @return The snapshot, a list of class `datmo_record`, invisibly; see [datmo_snapshot_get()].
#' @examples
#' \dontrun{
#' datmo_snapshot("before the big change", label = "stable")
#' }
#' @export
datmo_snapshot <- function(message, label = NULL, timeout = 300) {
  if (disabled()) return(invisible())
  params <- list(message = message)
  if (!is.null(label)) params$label <- label
  run <- if (!is.null(the$run) || nzchar(Sys.getenv("DATMO_TASK_DIR"))) current_run()
  if (is.null(run)) {
    answer <- default_engine()$request("snapshot.create", params)
  } else if (run$disabled) {
    return(invisible())
  } else if (!is.null(run$sender)) {
    tend(run)
    answer <- sender_request(run$sender, "snapshot.create", json(c(params, list(runId = run$id))))
  } else if (run$owner) {
    stop(.datmo_condition("ENGINE_NOT_FOUND", list(reason = "there was none when this run began"), call = sys.call()))
  } else {
    tend(run)
    answer <- ask_outside(run, "snapshot.create", json(params), timeout)
  }
  invisible(.datmo_shape(answer$snapshot, "Snapshot"))
}

#' End the current run
#'
#' Waits up to 10 s for the engine. Called for you when the script ends.
#'
#' @param exit_code The run is `failed` with a code other than 0.
#' @return Nothing, invisibly.
#' @examples
#' Sys.setenv(DATMO_MODE = "disabled") # record nothing in this example
#' datmo_init()
#' datmo_finish()
#' Sys.unsetenv("DATMO_MODE")
#' @export
datmo_finish <- function(exit_code = 0) {
  run <- the$run
  if (!is.null(run)) finish_run(run, end_of_code(exit_code), finish_seconds)
  the$run <- NULL
  the$failure <- NULL
  invisible()
}
