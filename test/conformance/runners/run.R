# Runs scenarios with the R client (../README.md): `Rscript run.R SCENARIO.json...` or `--steps FILE`.

here <- dirname(normalizePath(sub("^--file=", "", grep("^--file=", commandArgs(), value = TRUE)[[1]])))
source(file.path(here, "matching.R"))

# The package from the sources, unless one is installed to be tested.
if (!nzchar(Sys.getenv("DATMO_CONFORMANCE_INSTALLED"))) {
  library_folder <- tempfile("datmo-library-")
  dir.create(library_folder)
  package <- file.path(here, "..", "..", "..", "clients", "r")
  words <- c("CMD", "INSTALL", "--no-docs", "--no-test-load", paste0("--library=", library_folder), package)
  installed <- processx::run(file.path(R.home("bin"), "R"), words, error_on_status = FALSE)
  if (installed$status != 0) stop(installed$stderr)
  Sys.setenv(DATMO_CONFORMANCE_INSTALLED = library_folder)
  Sys.setenv(R_LIBS = paste(c(library_folder, .libPaths()), collapse = .Platform$path.sep))
  .libPaths(c(library_folder, .libPaths()))
}
suppressMessages(library(datmo))
wait_seconds <- 120

# One scenario in the current folder: what to do for each kind of step.
new_scenario <- function() {
  engine <- datmo_engine()
  saved <- list()
  sent <- list()
  run <- NULL
  fill <- function(value) resolve(value, saved)
  text_of <- function(value) if (is.null(value)) "{}" else datmo:::json(value, NULL, most = Inf)

  hold <- function(step, ask) {
    result <- tryCatch(ask(), datmo_error = identity)
    if (inherits(result, "datmo_error")) {
      told <- list(kind = result$kind, code = result$code, message = result$message, details = result$details)
      told$hint <- result$hint
      if (!is.null(step$error)) return(match_all(step$error, told))
      if (!is.null(step$notError) && result$kind != step$notError) return(invisible())
      stop(sprintf("%s: %s", result$kind, result$message))
    }
    if (!is.null(step$error)) stop("expected an error, got a result")
    if (!is.null(step$expect)) match_all(step$expect, result)
    for (name in names(step$save)) saved[[name]] <<- pick(result, step$save[[name]])
  }
  match_all <- function(expected, got) {
    found <- differences(fill(expected), got)
    if (length(found)) stop(paste(utils::head(found, 5), collapse = "; "))
  }
  wait_for <- function(condition, complaint) {
    until <- Sys.time() + wait_seconds
    while (!condition()) {
      if (Sys.time() > until) stop(complaint)
      Sys.sleep(0.005)
    }
  }
  gone <- function(connection) {
    connection$pump(50)
    !connection$alive()
  }

  steps <- list(
    call = function(step) {
      hold(step, function() engine$connected()$request(step$method, text_of(fill(step$params))))
    },
    send = function(step) {
      connection <- engine$connected()
      sent[[step$as]] <<- list(on = connection, id = connection$send(step$method, text_of(fill(step$params))))
    },
    cancel = function(step) sent[[step$of]]$on$notify("$/cancelRequest", text_of(list(id = sent[[step$of]]$id))),
    answer = function(step) {
      request <- sent[[step$of]]
      if (!request$on$wait(request$id, wait_seconds)) stop("no answer in time")
      hold(step, function() request$on$take(request$id))
    },
    kill = function(step) {
      connection <- engine$connected()
      tools::pskill(connection$pid(), 9)
      wait_for(function() gone(connection), "the client has not noticed")
    },
    disconnect = function(step) engine$close(),
    connect = function(step) engine <<- datmo_engine(),
    echo = function(step) {
      bytes <- datmo:::frame(text_of(step$value))
      reader <- datmo:::FrameReader$new()
      pieces <- split(bytes, (seq_along(bytes) - 1) %/% 7)
      back <- do.call(c, unname(lapply(pieces, reader$feed)))
      found <- differences(step$value, back[[1]], literally = TRUE)
      if (length(back) != 1 || length(found)) stop(paste("came back otherwise:", found[1]))
    },
    init = function(step) {
      run <<- datmo_init(config = fill(step$config), name = step$name, tags = unlist(step$tags), group = step$group,
        notes = step$note, snapshots = FALSE, capture = FALSE)
      saved$run <<- run$id
    },
    log = function(step) datmo_log(fill(step$values), step$step),
    logMany = function(step) {
      for (index in seq_len(step$count) - 1) datmo_log(stats::setNames(list(index / step$divide), step$name), index)
    },
    config = function(step) datmo_config(fill(step$values)),
    summary = function(step) datmo_summary(fill(step$values)),
    tag = function(step) datmo_tag(unlist(step$tags)),
    note = function(step) datmo_describe(notes = fill(step$text)),
    logFile = function(step) datmo_log_file(step$path),
    finish = function(step) {
      datmo_finish(if (is.null(step$exitCode)) 0 else step$exitCode)
      run <<- NULL
    },
    killRecorder = function(step) {
      wait_for(function() {
        datmo:::tend(run)
        !is.null(run$sender$name)
      }, "the run is not known to its engine")
      connection <- run$sender$connection
      tools::pskill(connection$pid(), 9)
      wait_for(function() gone(connection), "the client has not noticed")
    },
    process = function(step) {
      path <- tempfile(fileext = ".json")
      writeLines(datmo:::json(list(steps = step$steps), NULL, most = Inf), path, useBytes = TRUE)
      words <- c(file.path(here, "run.R"), "--steps", path)
      done <- processx::run(file.path(R.home("bin"), "Rscript"), words, error_on_status = FALSE, timeout = wait_seconds)
      ends <- if (identical(step$ends, "killed")) -9 else if (is.null(step$ends)) 0 else step$ends
      if (done$status != ends) stop(sprintf("ended with %d: %s%s", done$status, done$stdout, done$stderr))
    },
    die = function(step) {
      tools::pskill(Sys.getpid(), 9)
      Sys.sleep(60)
    },
    write = function(step) {
      con <- file(step$path, "wb")
      on.exit(close(con))
      writeBin(charToRaw(enc2utf8(fill(step$text))), con)
    },
    checkMany = function(step) {
      points <- datmo_history(saved$run, step$name, engine = engine)
      index <- seq_len(step$count) - 1
      if (!identical(points$step, index) || !identical(points$value, index / step$divide)) {
        stop(sprintf("%d points that are not the %d that were logged", nrow(points), step$count))
      }
    }
  )
  list(
    create = function() engine$request("project.create"),
    # Answers NULL, or number and problem of the step that failed.
    carry_out = function(all) {
      for (number in seq_along(all)) {
        step <- all[[number]]
        problem <- tryCatch({
          steps[[step$do]](step)
          NULL
        }, error = function(e) paste0(step$do, ": ", paste(conditionMessage(e), collapse = " ")))
        if (!is.null(problem)) return(list(step = number, problem = problem))
      }
      NULL
    },
    close = function() {
      engine$close()
      if (!is.null(run)) datmo_finish()
    }
  )
}

read_scenario <- function(path) jsonlite::fromJSON(datmo:::read_text(path), simplifyVector = FALSE)

run_file <- function(path) {
  scenario <- read_scenario(path)
  folder <- tempfile("datmo-conformance-")
  dir.create(folder)
  before <- setwd(folder)
  running <- new_scenario()
  on.exit({
    running$close()
    setwd(before)
    unlink(folder, recursive = TRUE, force = TRUE)
  })
  problem <- tryCatch({
    if (!identical(scenario$project, FALSE)) running$create()
    running$carry_out(scenario$steps)
  }, error = function(e) list(step = 0, problem = conditionMessage(e)))
  c(list(scenario = sub("[.]json$", "", basename(path)), ok = is.null(problem)), problem)
}

arguments <- commandArgs(TRUE)
if (arguments[[1]] == "--steps") {
  running <- new_scenario()
  problem <- running$carry_out(read_scenario(arguments[[2]])$steps)
  running$close()
  if (!is.null(problem)) {
    message(sprintf("step %d: %s", problem$step, problem$problem))
    quit(status = 1)
  }
} else {
  for (path in normalizePath(arguments)) {
    cat(datmo:::json(run_file(path), NULL), "\n", sep = "")
    flush(stdout())
  }
}
