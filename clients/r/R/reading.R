#' Runs of the project as a data frame
#'
#' @param filter Such as `metrics.acc > 0.9 and tag = best`.
#' @param sort Keys such as `-metrics.acc,created`; newest first when absent.
#' @param limit At most so many; all when absent.
#' @param engine From [datmo_engine()]; the current folder's project when absent.
#' @return A data frame with a row per run: its fields, a column `config.<key>` for each key of the configs (nested
#'   ones with dots) and `metrics.<name>` for each metric's last value.
#' @examples
#' \dontrun{
#' runs <- datmo_runs("metrics.accuracy > 0.9", sort = "-metrics.accuracy", limit = 10)
#' plot(runs$config.lr, runs$metrics.accuracy)
#' }
#' @export
datmo_runs <- function(filter = NULL, sort = NULL, limit = NULL, engine = NULL) {
  items <- .datmo_items("run.list", list(filter = filter, sort = sort), limit, engine)
  frame <- .datmo_frame(items, .datmo_shapes$Run)
  keep <- !names(frame) %in% c("config", "metrics")
  parts <- lapply(c("config", "metrics"), function(field) spread(lapply(items, `[[`, field), paste0(field, ".")))
  do.call(cbind, c(list(frame[keep]), parts))
}

# A data frame with a column for each key of maps that need not have the same ones.
spread <- function(maps, prefix) {
  rows <- lapply(maps, function(map) flatten_exactly(simplify(as.list(map))))
  keys <- unique(unlist(lapply(rows, names)))
  columns <- lapply(keys, function(key) column_of(lapply(rows, function(row) row[[key, exact = TRUE]])))
  names(columns) <- paste0(rep(prefix, length(keys)), keys)
  as_frame(columns, length(maps))
}

# Plain values of one kind become a vector with NA for what is absent, anything else stays a list.
column_of <- function(values) {
  values <- lapply(values, words_to_number)
  there <- values[lengths(values) > 0L]
  plain <- all(vapply(there, function(x) is.atomic(x) && length(x) == 1L, TRUE))
  if (!plain || length(unique(vapply(there, kind_of, ""))) > 1L) return(lapply(values, simplify))
  if (!length(there)) return(rep(NA, length(values)))
  absent <- there[[1L]][NA_integer_]
  filled <- unlist(lapply(values, function(x) if (length(x)) x else absent))
  if (is.numeric(filled)) as.numeric(filled) else filled
}

words_to_number <- function(x) {
  if (is.character(x) && length(x) == 1L && x %in% number_words) .datmo_numbers(x) else x
}

number_words <- c("NaN", "Infinity", "-Infinity")

as_frame <- function(columns, rows) {
  structure(columns, class = "data.frame", row.names = .set_row_names(rows))
}

#' Points of one metric as a data frame
#'
#' @param run A run from this package, or id, name or unique prefix of one; the current run when absent.
#' @param name Name of the metric.
#' @param buckets At most about so many points, smallest and largest of each stretch; all when absent.
#' @param engine From [datmo_engine()]; the current folder's project when absent.
#' @return A data frame with `step`, `value` and `at` (times, `POSIXct` in UTC), in the order of logging.
#' @examples
#' \dontrun{
#' loss <- datmo_history("quiet-heron", "loss")
#' plot(loss$step, loss$value, type = "l")
#' }
#' @export
datmo_history <- function(run = NULL, name, buckets = NULL, engine = NULL) {
  if (is.null(run)) {
    run <- the$run
    if (is.null(run)) stop("there is no current run; name one")
  }
  points <- .datmo_call("metric.history", list(runId = run, name = name, buckets = buckets), engine)$points
  if (is.null(points)) points <- list()
  data.frame(
    step = as.numeric(unlist(points$step)), value = .datmo_numbers(points$value),
    at = .POSIXct(as.numeric(unlist(points$at)), tz = "UTC")
  )
}

#' An engine of one's own
#'
#' Everything the protocol has. The engine is started with the first request, ended by `close()` or with the session,
#' and started anew with the next request when it has died. The functions named `datmo_<noun>_<verb>()` take it as
#' `engine`.
#'
#' @param project Folder to look for the project from, upwards.
#' @return An R6 object: `$request(method, params)` sends one request and returns its result as nested lists,
#'   `$close()` ends the engine.
#' @examples
#' \dontrun{
#' engine <- datmo_engine("~/projects/iris")
#' datmo_run_list(engine = engine)
#' engine$close()
#' }
#' @export
datmo_engine <- function(project = getwd()) {
  engine <- new_engine(project)
  the$engines[[paste("own", random_id())]] <- engine
  hook_exit()
  engine
}

#' Send any request of the protocol
#'
#' @param method Such as `"run.list"`.
#' @param params Its params: a named list with the protocol's own names. A vector of length one is a single value;
#'   `I("one")` is a list of one.
#' @param engine From [datmo_engine()]; the current folder's project when absent.
#' @return The result as nested lists, as it came.
#' @examples
#' \dontrun{
#' datmo_request("run.list", list(limit = 3))
#' }
#' @export
datmo_request <- function(method, params = list(), engine = NULL) {
  if (is.null(engine)) engine <- default_engine()
  if (!R6::is.R6(engine)) stop("`engine` must come from datmo_engine()", call. = FALSE)
  engine$request(method, params)
}

#' Where datmo is
#'
#' `datmo_sitrep()` tells which Node and engine are found, and the project of the current folder. `datmo_available()`
#' tells whether an engine can be started; without one runs are recorded all the same, and read later.
#'
#' @return `datmo_sitrep()`: a list of class `datmo_sitrep`. `datmo_available()`: `TRUE` or `FALSE`.
#' @examples
#' datmo_sitrep()
#' datmo_available()
#' @export
datmo_sitrep <- function() {
  told <- list(package = package_version_text(), r = R.version.string, mode = if (disabled()) "disabled" else "enabled")
  command <- tryCatch(engine_command(), error = identity)
  if (inherits(command, "error")) {
    told$problem <- conditionMessage(command)
  } else {
    told$command <- command
    told$node <- tryCatch(
      trimws(processx::run(command[[1L]], "--version", timeout = 10, error_on_status = FALSE)$stdout),
      error = function(e) ""
    )
    engine <- new_engine(getwd())
    on.exit(engine$close())
    answer <- tryCatch(engine$request("project.doctor"), error = identity)
    if (inherits(answer, "error")) told$problem <- conditionMessage(answer)
    else told$engine <- answer$engine$version
  }
  told$project <- find_project(getwd())
  run <- the$run
  if (!is.null(run) && !run$disabled) told$run <- run$id
  structure(told, class = "datmo_sitrep")
}

#' @rdname datmo_sitrep
#' @export
datmo_available <- function() {
  command <- tryCatch(engine_command(), error = function(e) NULL)
  !is.null(command) && (!grepl("node", basename(command[[1L]])) || !nzchar(node_problem(command[[1L]])))
}

#' @export
print.datmo_sitrep <- function(x, ...) {
  cli::cat_line(cli::rule("datmo"))
  facts <- c(
    "R package" = x$package, "R" = x$r, "mode" = x$mode, "Node" = x$node, "engine" = x$engine,
    "command" = if (!is.null(x$command)) paste(x$command, collapse = " "),
    "project" = if (is.null(x$project)) "none here; datmo_init() creates one" else x$project, "run" = x$run
  )
  for (name in names(facts)) cli::cat_bullet(format(name, width = 10), facts[[name]], bullet = "tick", bullet_col = "green")
  if (!is.null(x$problem)) cli::cat_bullet(x$problem, bullet = "cross", bullet_col = "red")
  invisible(x)
}
