#' Begin the run of this script
#'
#' Begins a run that this script records, or, inside `datmo run`, joins the enclosing one. The run ends with
#' [datmo_finish()] or with the script, also when an error ends it. What is recorded is in the project's folder before
#' a call returns; a missing engine or Node is said once on stderr, and the script goes on.
#'
#' Inside `datmo run` neither Node nor an engine is needed. With the environment variable `DATMO_MODE=disabled` every
#' function does nothing; with `DATMO_STRICT=1` what would be a note at the start is an error.
#'
#' @param config The script's settings: a named list (nested ones too), vector or one-row data frame. Inside a run what
#'   the command line chose wins; [datmo_config()] holds the result.
#' @param name Readable name; one is made when absent.
#' @param tags Character vector of tags.
#' @param group Group that the run belongs to.
#' @param notes Free text.
#' @param resume Id, name or unique prefix of a run to append to.
#' @param snapshots Record the state of the project before and after, in the background.
#' @param capture Keep what is printed in the run's `output.log`: standard output, messages, warnings and the final
#'   error. What bypasses R's streams, such as child processes, is not kept.
#' @param project Folder to look for the project from, upwards; the current one when absent. Where there is none, a
#'   project is created in it.
#' @param id 26 base32 characters, for processes that share a run.
#' @return The run, invisibly: an environment of class `datmo_run` with `id`, `project`, `directory` and `config`.
#' @examples
#' Sys.setenv(DATMO_MODE = "disabled") # record nothing in this example
#' datmo_init(config = list(lr = 0.1, layers = c(64, 32)))
#' datmo_config()$lr
#' datmo_finish()
#' Sys.unsetenv("DATMO_MODE")
#' @export
datmo_init <- function(config = NULL, name = NULL, tags = NULL, group = NULL, notes = NULL, resume = NULL,
                       snapshots = TRUE, capture = TRUE, project = NULL, id = NULL) {
  if (!is.null(id) && !is_id(id)) {
    summary <- sprintf("%s is no id: 26 characters of a-z and 2-7.", paste(id, collapse = " "))
    stop(.datmo_condition("INVALID_PARAMS", list(summary = summary, problems = list())))
  }
  config <- as_map(config, "config")
  facts <- list(name = name, tags = as.character(tags), group = group, note = notes)
  if (disabled()) return(invisible(the$run <- disabled_run(config)))
  task <- Sys.getenv("DATMO_TASK_DIR")
  if (nzchar(task) && nzchar(Sys.getenv("DATMO_RUN_ID")) && dir.exists(task) && is.null(id) && is.null(resume)) {
    return(invisible(join_run(task, Sys.getenv("DATMO_RUN_ID"), config, facts)))
  }
  if (!is.null(the$run)) datmo_finish()
  directory <- normalizePath(if (is.null(project)) getwd() else project, mustWork = FALSE)
  wish <- list(config = config, facts = facts, snapshots = isTRUE(snapshots), capture = isTRUE(capture))
  run <- tryCatch(begin(directory, resume, id, wish), error = function(e) {
    about_the_place <- inherits(e, "datmo_io") ||
      (inherits(e, "datmo_error") && e$kind %in% c("PROJECT_UNWRITABLE", "FORMAT_NEWER", "READ_ONLY", "DISK_FULL"))
    if (strict() || !about_the_place) stop(e)
    note(paste(plain_text(e), "The script goes on; nothing is recorded."))
    disabled_run(config)
  })
  the$run <- run
  hook_exit()
  invisible(run)
}

# Inside a run: takes part in it, with files of this process's own.
join_run <- function(task, run_id, config, facts) {
  run <- the$run
  if (is.null(run) || run$disabled || run$id != run_id || !run$recording || run$pid != Sys.getpid()) {
    project <- find_project(dirname(normalizePath(task)))
    make_run_folders(task)
    run <- new_run(run_id, if (is.null(project)) getwd() else project, task)
    the$run <- run
    hook_exit()
  }
  take_facts(run, read_map(Sys.getenv("DATMO_CONFIG")), config, facts)
  run
}

# Inside `datmo run` nobody has to call datmo_init() first.
joined_run <- function() {
  if (disabled()) return(NULL)
  if (nzchar(Sys.getenv("DATMO_TASK_DIR"))) {
    datmo_init()
    return(the$run)
  }
  note_once("no run", "there is no run; call datmo_init() first.")
  NULL
}

begin <- function(directory, resume, id, wish) {
  project <- find_project(directory)
  if (is.null(project)) project <- create_project(directory)
  past <- if (!is.null(resume)) look_up_run(project, resume)
  shared <- FALSE
  run_id <- if (is.null(past)) id else past$id
  if (is.null(past) && (!is.null(id) || may_share())) {
    if (is.null(run_id)) run_id <- shared_run_id(project)
    shared <- !is.null(run_id)
  }
  if (is.null(run_id)) run_id <- random_id()
  if (shared && owner_lives(project, run_id)) return(attach_run(project, run_id, wish))
  connection <- start_engine()
  tryCatch(begin_own(project, run_id, past, shared, wish, connection), error = function(e) {
    if (!is.null(connection)) connection$release()
    # Another rank was faster.
    if (shared && inherits(e, "datmo_file_exists")) return(attach_run(project, run_id, wish))
    stop(e)
  })
}

# Everything is on disk before the engine hears of it.
begin_own <- function(project, run_id, past, shared, wish, connection) {
  resumes <- !is.null(past) || dir.exists(task_directory(project, run_id))
  folder <- make_task_directory(project, run_id)
  tryCatch(announce(project, run_id, replace = !shared), datmo_file_exists = function(e) {
    # The folder tells nothing: the rank that made it may not have announced itself yet. A live owner does.
    if (owner_lives(project, run_id)) stop(e)
    announce(project, run_id, replace = TRUE)
  })
  run <- new_run(run_id, project, folder)
  run$owner <- TRUE
  create <- create_params(run_id, wish, resumes)
  begin_run(run, create, first_config(project, wish, past), if (is.null(past)) 0 else past$next_step)
  run$journal$begun <- TRUE
  if (!is.null(connection)) run$sender <- new_sender(project, connection, run, json(create, NULL))
  if (wish$capture) run$capture <- start_capture(file.path(folder, "output.log"))
  run
}

attach_run <- function(project, run_id, wish) {
  run <- new_run(run_id, project, make_task_directory(project, run_id))
  take_facts(run, empty_map(), wish$config, wish$facts)
  run
}

start_engine <- function() {
  tryCatch(Connection$new(outlives = TRUE, notified = print_log), datmo_error = function(e) {
    if (strict() || e$kind != "ENGINE_NOT_FOUND") stop(e)
    note_once("no engine", paste(
      plain_text(e), "Recording goes on in the project's folder; the next engine takes the run in."
    ))
    NULL
  })
}

create_params <- function(run_id, wish, resumes) {
  facts <- wish$facts
  params <- list(
    id = run_id, directory = getwd(), snapshots = wish$snapshots, startedAt = rfc3339(), processId = Sys.getpid()
  )
  for (key in c("name", "group", "note")) if (!is.null(facts[[key]])) params[[key]] <- as.character(facts[[key]])
  if (length(facts$tags)) params$tags <- I(facts$tags)
  if (is_knitting()) params$type <- "notebook"
  command <- script_command()
  if (length(command)) params$command <- I(command)
  if (length(wish$config)) params$config <- wish$config
  if (resumes) params$resume <- TRUE
  params
}

is_knitting <- function() isTRUE(getOption("knitr.in.progress"))

# How this session was started, in the words that start it again.
script_command <- function(words = commandArgs()) {
  own <- match("--args", words)
  given <- if (is.na(own)) character() else words[-seq_len(own)]
  before <- if (is.na(own)) words[-1L] else words[seq_len(own - 1L)][-1L]
  script <- sub("^--file=", "", before[grepl("^--file=", before)])
  if (length(script)) return(c("Rscript", script[[1L]], given))
  at <- which(before == "-e")
  # Rscript hands expressions over with their spaces written so.
  expressions <- gsub("~+~", " ", before[at + 1L], fixed = TRUE)
  if (length(expressions)) return(c("Rscript", c(rbind("-e", expressions)), given))
  c("R", given)
}

first_config <- function(project, wish, past) {
  if (!is.null(past)) return(merge_maps(past$config, wish$config))
  # `config.json` at the root stands in when no config is given; the engine reads the same file.
  if (length(wish$config)) wish$config else read_map(file.path(project, "config.json"))
}

# A run that is resumed: its id, its config, and the step after its last. Without an engine a complete id will do.
look_up_run <- function(project, wanted) {
  engine <- new_engine(project)
  on.exit(engine$close())
  tryCatch({
    run <- engine$request("run.get", list(id = wanted))$run
    metrics <- engine$request("metric.list", list(runId = run$id))$items
    steps <- vapply(metrics, function(metric) as.numeric(metric$lastStep), 1)
    list(id = run$id, config = simplify(run$config), next_step = max(-1, steps) + 1)
  }, datmo_error = function(e) {
    known <- is_id(wanted) && dir.exists(task_directory(project, wanted))
    if (!e$kind %in% c("ENGINE_NOT_FOUND", "ENGINE_GONE") || !known) stop(e)
    list(id = wanted, config = empty_map(), next_step = 0)
  })
}
