# Who reads finds what this session has written: another engine has the current run, and may not have all of it yet.

# What these show may come from a run.
nouns_of_runs <- c("config", "file", "graph", "metric", "project", "run", "snapshot", "store", "sweep")
# These begin something, or are about runs of the engine that is asked.
other_methods <- c("run.create", "run.finish", "run.rerun", "run.start", "project.create")
show_seconds <- 5

# Before a request to an engine of this project: waits, at most 5 s, until it finds all of the current run.
show_current_run <- function(project, method) {
  run <- the$run
  if (is.null(run) || run$disabled || !run$recording || method %in% other_methods) return(invisible())
  if (!sub("\\..*", "", method) %in% nouns_of_runs) return(invisible())
  root <- find_project(project)
  if (is.null(root) || normalizePath(root) != normalizePath(run$project)) return(invisible())
  if (run$pid != Sys.getpid()) start_again_in_child(run)
  tend(run)
  # Without an engine of its own, nobody but the next engine takes the run in.
  shown <- if (!is.null(run$sender)) sender_show(run$sender, show_seconds) else run$owner || show_outside(run)
  if (!shown) note_once(paste("unseen", run$id), "the engine does not answer; what is read may lack the latest of this run.")
  invisible()
}

show_outside <- function(run) {
  # Nobody waits for it a second time.
  if (run$is_heard) run$is_heard <- tryCatch({
    ask_outside(run, "run.get", "{}", show_seconds)
    TRUE
  }, datmo_error = function(e) FALSE)
  run$is_heard
}
