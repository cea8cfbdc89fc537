test_that("inside a run: journal and spool only, no Node, what the command line chose wins", {
  folder <- new_project()
  id <- strrep("b", 26)
  task <- file.path(folder, ".datmo", "tasks", id)
  dir.create(task, recursive = TRUE)
  writeLines("{\"lr\":0.5,\"o\":{\"x\":1},\"list\":[1]}", file.path(folder, "chosen.json"))
  done <- run_script(folder, variables = c(
    DATMO_TASK_DIR = task, DATMO_RUN_ID = id, DATMO_CONFIG = file.path(folder, "chosen.json")
  ), c(
    "datmo_log(list(x = 1))",
    "datmo_init(config = list(lr = 0.1, o = list(y = 2)), tags = 't')",
    "str(datmo_config()[c('lr', 'o')]); datmo_log(list(x = 2)); stop('late')"
  ), status = 1)
  expect_identical(done$stderr, "Error: late\nExecution halted\n")
  expect_match(done$stdout, "lr: num 0.5")
  expect_identical(points_of(folder)$value, c(1, 2))
  expect_identical(lines_of(folder, "config")[[1L]]$config, list(o = list(y = 2L)))
  expect_length(c(lines_of(folder, "begin"), lines_of(folder, "end")), 0)
  expect_false(dir.exists(file.path(folder, ".datmo", "open")))
})

test_that("`datmo run` of an R script, with a snapshot asked for from inside", {
  skip_without_engine()
  folder <- new_project()
  write_script(folder, c(
    "datmo_init(config = list(seed = 1)); for (i in 1:100) datmo_log(list(loss = 1 / i), i)",
    "s <- datmo_snapshot('inside', label = 'mid'); datmo_summary(snap = s$id)"
  ))
  engine <- datmo_engine(folder)
  on.exit(engine$close(), add = TRUE)
  libs <- paste(.libPaths(), collapse = ":")
  run <- datmo_run_start(c(rscript(), "--vanilla", "script.R"), config = list(seed = 7),
    variables = list(R_LIBS = libs, DATMO_NODE = "/nowhere"), engine = engine)
  run <- datmo_run_wait(run, timeout_ms = 60000, engine = engine)
  expect_identical(run$status, "succeeded", info = datmo_run_logs(run, engine = engine)$text)
  expect_equal(run$config$seed, 7)
  expect_identical(datmo_history(run, "loss", engine = engine)$value, 1 / (1:100))
  expect_identical(datmo_snapshot_get("mid", engine = engine)$snapshot$id, run$summary$snap)
})
