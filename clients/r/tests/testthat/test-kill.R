# SIGKILL of the script, of its engine, of both, at a random moment: no call that returned is lost.

acknowledging <- c(
  "run <- datmo_init(snapshots = FALSE, capture = FALSE)",
  "acknowledge <- file('acknowledged', 'wb')",
  "cat(if (is.null(run$sender)) 0 else run$sender$connection$pid(), '\\n'); flush(stdout())",
  "i <- 0",
  "repeat { i <- i + 1; datmo_log(list(x = i)); if (i %% 7 == 0) datmo_log(list(a = i, b = -i), step = i)",
  "  writeBin(i, acknowledge); flush(acknowledge) }"
)

kill_once <- function(who, engine) {
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
  if (who != "script") tools::pskill(engine_pid, 9)
  if (who == "engine") Sys.sleep(stats::runif(1, 0, 0.3))
  script$kill()
  if (engine_pid > 0) wait_until(function() !file.exists(sprintf("/proc/%d/fd", engine_pid)), 20)
  acknowledged <- readBin(file.path(folder, "acknowledged"), "double", 1e7)
  values <- if (engine) {
    reader <- datmo_engine(folder)
    on.exit(reader$close(), add = TRUE)
    id <- datmo_runs(engine = reader)$id
    expect_length(id, 1)
    datmo_history(id, "x", engine = reader)$value
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

rounds <- function(few) if (nzchar(Sys.getenv("DATMO_SOAK"))) 70L else few

test_that("a killed script loses nothing, without an engine", {
  skip_on_os("windows")
  for (i in seq_len(rounds(3L))) kill_once("script", engine = FALSE)
})

test_that("a killed script loses nothing", {
  skip_without_engine()
  skip_on_os("windows")
  for (i in seq_len(rounds(2L))) kill_once("script", engine = TRUE)
})

test_that("a killed engine loses nothing", {
  skip_without_engine()
  skip_on_os("windows")
  for (i in seq_len(rounds(2L))) kill_once("engine", engine = TRUE)
})

test_that("script and engine killed together lose nothing", {
  skip_without_engine()
  skip_on_os("windows")
  for (i in seq_len(rounds(2L))) kill_once("both", engine = TRUE)
})
