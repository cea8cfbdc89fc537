# Asking the engine outside from within a run: a line in the journal, an answer in a file beside it.

# How often a process that waits looks after the one that should answer.
look_seconds <- 1

# The result of the request. Raises TIMEOUT when nobody answers in time, ENGINE_GONE when nobody is there to answer.
ask_outside <- function(run, method, params, seconds) {
  id <- random_id()
  journal_append(run$journal, "request", list(id = json_string(id), method = json_string(method), params = params))
  path <- file.path(run$directory, "reply", paste0(run$journal$writer, ".jsonl"))
  began <- looked <- now()
  pause <- 0.005
  gone <- FALSE
  while (now() - began < seconds) {
    answer <- find_reply(path, id)
    if (!is.null(answer)) return(reply_result(answer))
    if (gone) {
      stop(.datmo_condition("ENGINE_GONE", list(reason = "the one that executed this run is gone"), hint =
        "The run goes on, and what it logs is kept; snapshots within it cannot be taken any more."))
    }
    if (now() - looked >= look_seconds) {
      # Once more for an answer that it gave on its way out.
      gone <- owner_is_gone(run$directory)
      looked <- now()
    }
    Sys.sleep(pause)
    pause <- min(pause * 1.5, 0.1)
  }
  stop(.datmo_condition("TIMEOUT", list(seconds = seconds), hint =
    "The engine that executes this run does not answer; is it stopped?"))
}

find_reply <- function(path, id) {
  if (!file.exists(path)) return(NULL)
  text <- read_text(path)
  # The last line counts once its newline is there.
  lines <- strsplit(sub("[^\n]*$", "", text), "\n", fixed = TRUE)[[1L]]
  for (line in lines[grepl(id, lines, fixed = TRUE)]) {
    answer <- read_json(line)
    if (identical(answer$id, id)) return(answer)
  }
  NULL
}

reply_result <- function(answer) {
  error <- answer$error
  if (is.null(error)) return(answer$result)
  data <- list(kind = error$kind, details = error$details, hint = error$hint)
  stop(.datmo_condition_from_wire(list(code = error$code, message = error$message, data = data)))
}

# Whether the process that owns the run is gone; FALSE when that cannot be told, as in a container.
owner_is_gone <- function(directory) {
  folder <- dirname(normalizePath(directory, mustWork = FALSE))
  path <- file.path(dirname(folder), "open", paste0(basename(directory), ".json"))
  process <- read_json(read_text(path))$owner
  is.list(process) && is_gone(process)
}
