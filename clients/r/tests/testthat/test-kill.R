# SIGKILL and SIGTERM of the script, of its engine, of both, at a random moment: no call that returned is lost.
# DATMO_SOAK=1: 26 times each, 208 in all.

acknowledging <- c(
  "run <- datmo_init(snapshots = FALSE, capture = FALSE)",
  "acknowledge <- file('acknowledged', 'wb')",
  "cat(if (is.null(run$sender)) 0 else run$sender$connection$pid(), '\\n'); flush(stdout())",
  "i <- 0",
  "repeat { i <- i + 1; datmo_log(list(x = i)); if (i %% 7 == 0) datmo_log(list(a = i, b = -i), step = i)",
  "  writeBin(i, acknowledge); flush(acknowledge) }"
)

kill_once <- function(who, signal, engine = TRUE) {
  folder <- new_project()
  script <- start_script(folder, acknowledging, engine = engine)
  on.exit(script$kill(), add = TRUE)
  line <- ""
  wait_until(function() {
    script$poll_io(200)
    line <<- paste0(line, script$read_output())
    grepl("\n", line)
  })
  engine_pid <- as.integer(line)
  expect_true(wait_until(function() isTRUE(file.size(file.path(folder, "acknowledged")) > 0)))
  Sys.sleep(stats::runif(1, 0, 0.5))
  if (who != "script") tools::pskill(engine_pid, signal)
  if (who == "engine") Sys.sleep(stats::runif(1, 0, 0.3))
  if (who == "engine") script$kill() else script$signal(signal)
  expect_true(wait_until(function() !script$is_alive()))
  if (engine_pid > 0) wait_until(function() !file.exists(sprintf("/proc/%d/fd", engine_pid)), 20)
  acknowledged <- readBin(file.path(folder, "acknowledged"), "double", 1e7)
  values <- if (engine) {
    reader <- datmo_engine(folder)
    on.exit(reader$close(), add = TRUE)
    run <- datmo_runs(engine = reader)
    expect_length(run$id, 1)
    # R runs no code of its own when it is terminated.
    expect_identical(run$status, "lost")
    datmo_history(run$id, "x", engine = reader)$value
  } else {
    points <- points_of(folder)
    points$value[points$name == "x"]
  }
  last <- max(0, acknowledged)
  expect_gt(last, 0)
  # All that was acknowledged, in order, nothing twice; perhaps one more whose call had not returned.
  expect_identical(values, as.numeric(seq_along(values)))
  expect_gte(length(values), last)
  expect_lte(length(values), last + 1)
}

rounds <- function(few) if (nzchar(Sys.getenv("DATMO_SOAK"))) 26L else few

kills <- function(who, few, engine = TRUE) {
  skip_on_os("windows")
  if (engine) skip_without_engine()
  began <- Sys.time()
  for (signal in c(9L, 15L)) for (i in seq_len(rounds(few))) kill_once(who, signal, engine)
  if (nzchar(Sys.getenv("DATMO_SOAK"))) {
    seconds <- as.numeric(Sys.time() - began, units = "secs")
    cat(sprintf("\n%d kills of %s in %.0f s\n", 2L * rounds(few), if (engine) who else "script without an engine", seconds))
  }
}

test_that("a killed script loses nothing, without an engine", {
  kills("script", 2L, engine = FALSE)
})

test_that("a killed script loses nothing", {
  kills("script", 1L)
})

test_that("a killed engine loses nothing", {
  kills("engine", 1L)
})

test_that("script and engine killed together lose nothing", {
  kills("both", 1L)
})

test_that("a script that datmo stops has stopped, though R says no word", {
  skip_without_engine()
  skip_on_os("windows")
  folder <- new_project()
  script <- start_script(folder, acknowledging, engine = TRUE)
  on.exit(script$kill(), add = TRUE)
  expect_true(wait_until(function() isTRUE(file.size(file.path(folder, "acknowledged")) > 0)))
  reader <- datmo_engine(folder)
  on.exit(reader$close(), add = TRUE)
  wait_until(function() nrow(datmo_runs(engine = reader)) == 1)
  id <- datmo_runs(engine = reader)$id
  datmo_run_stop(id, engine = reader)
  run <- datmo_run_wait(id, timeout_ms = 60000, engine = reader)
  expect_identical(run$status, "stopped")
  acknowledged <- readBin(file.path(folder, "acknowledged"), "double", 1e7)
  expect_gte(length(datmo_history(id, "x", engine = reader)$value), max(acknowledged))
})
