local_engine <- function(env = parent.frame()) {
  skip_without_engine()
  folder <- new_project(env)
  engine <- datmo_engine(folder)
  do.call(on.exit, list(bquote(.(engine)$close()), add = TRUE), envir = env)
  engine
}

test_that("errors are conditions with a class for category and kind, and their hint is printed", {
  engine <- local_engine()
  error <- expect_error(datmo_run_get("nosuch", engine = engine), class = "datmo_error_run_not_found")
  expect_s3_class(error, c("datmo_error_run_not_found", "datmo_error_run", "datmo_error", "rlang_error"), exact = FALSE)
  expect_identical(error$kind, "RUN_NOT_FOUND")
  expect_identical(error$code, 1100L)
  expect_identical(error$details$id, "nosuch")
  expect_match(conditionMessage(error), error$hint, fixed = TRUE)
  expect_error(datmo_run_list(filter = "metrics.x >", engine = engine), class = "datmo_error_filter_invalid")
  expect_error(datmo_request("run.get", list(nothing = 1), engine), class = "datmo_error_invalid_params")
})

test_that("lists are data frames with typed columns, empty ones too", {
  engine <- local_engine()
  empty <- datmo_run_list(engine = engine)
  expect_identical(dim(empty)[1], 0L)
  expect_s3_class(empty$created_at, "POSIXct")
  ids <- vapply(1:5, function(i) datmo_run_create(name = paste("run", i), tags = "one", engine = engine)$run$id, "")
  for (i in 1:5) {
    datmo_metric_log(ids[i], points = list(name = I("x"), step = I(0), value = I(c(NaN, Inf, -Inf, 1 / 3, 2)[i]), at = I(1)), engine = engine)
    datmo_run_finish(ids[i], exit_code = i %% 2, engine = engine)
  }
  runs <- datmo_run_list(engine = engine)
  expect_identical(runs$id, rev(ids))
  expect_identical(runs$exit_code, c(1, 0, 1, 0, 1))
  expect_identical(runs$tags[[1]], "one")
  wide <- datmo_runs(sort = "created", engine = engine)
  expect_identical(wide$metrics.x, c(NaN, Inf, -Inf, 1 / 3, 2))
  expect_identical(nrow(datmo_runs(limit = 2, engine = engine)), 2L)
  page <- datmo_run_list(limit = 2, cursor = NULL, engine = engine)
  expect_identical(nrow(page), 2L)
  expect_identical(datmo_history(ids[4], "x", engine = engine)$value, 1 / 3)
  record <- datmo_run_get(ids[1], engine = engine)$run
  expect_s3_class(record, "datmo_record")
  expect_output(print(record), "<datmo run>")
  expect_identical(as.data.frame(record)$id, ids[1])
})

test_that("a recorded run is whole: config, points, files, snapshots, end", {
  skip_without_engine()
  folder <- new_project()
  run_script(folder, engine = TRUE, c(
    "datmo_init(config = list(lr = 1/3, text = 'a b \u6771', nested = list(x = list(1, 'two'))), name = 'first one', tags = c('a', 'b'))",
    "for (i in 1:3000) datmo_log(list(loss = 1/i, acc = i), step = i)",
    "writeLines('kept', 'm.txt'); datmo_log_file('m.txt', 'model'); datmo_summary(best = 0.5)",
    "s <- datmo_snapshot('middle', label = 'mid'); stopifnot(inherits(s, 'datmo_record'), nchar(s$id) == 26)",
    "h <- datmo_history(name = 'loss'); cat(nrow(h))"
  ))
  engine <- datmo_engine(folder)
  on.exit(engine$close(), add = TRUE)
  run <- datmo_run_get("first one", engine = engine)
  expect_identical(run$run$status, "succeeded")
  expect_identical(run$run$config$lr, 1 / 3)
  expect_identical(run$run$config$text, "a b \u6771")
  expect_identical(run$run$tags, c("a", "b"))
  expect_identical(run$files$path, "model")
  expect_identical(datmo_history(run$run, "loss", engine = engine)$value, 1 / (1:3000))
  expect_equal(run$run$metrics$best, 0.5)
  expect_true("mid" %in% datmo_snapshot_list(all = TRUE, engine = engine)$label)
})

test_that("an engine that dies is told once, and nothing is lost", {
  skip_without_engine()
  folder <- new_project()
  done <- run_script(folder, engine = TRUE, c(
    "run <- datmo_init(snapshots = FALSE); sender <- run$sender",
    "while (is.null(sender$name)) { datmo_log(list(x = 0)); Sys.sleep(0.11) }",
    "n <- run$next_step; for (i in 1:500) datmo_log(list(y = i))",
    "tools::pskill(sender$connection$pid(), 9); Sys.sleep(0.3)",
    "for (k in 1:4) { for (i in 1:500) datmo_log(list(y = i)); Sys.sleep(0.11) }"
  ))
  expect_length(gregexpr("datmo: The datmo engine has ended (signal 9)", done$stderr, fixed = TRUE)[[1]], 1L)
  engine <- datmo_engine(folder)
  on.exit(engine$close(), add = TRUE)
  runs <- datmo_runs(engine = engine)
  expect_identical(runs$status, "succeeded")
  expect_identical(datmo_history(runs$id, "y", engine = engine)$value, as.numeric(rep(1:500, 5)))
})

test_that("an engine that is stopped holds up nothing", {
  skip_without_engine()
  skip_on_os("windows")
  folder <- new_project()
  run_script(folder, engine = TRUE, c(
    "run <- datmo_init(snapshots = FALSE, capture = FALSE); pid <- run$sender$connection$pid(); tools::pskill(pid, 19)",
    "for (i in 1:3000) { datmo_log(list(y = i)); if (i %% 500 == 0) { Sys.sleep(0.12); datmo_config(list(text = strrep('x', 50000))) } }",
    "run$sender$silent <- TRUE; datmo_finish(); tools::pskill(pid, 9)"
  ))
  expect_identical(points_of(folder)$value, as.numeric(1:3000))
  expect_identical(end_of(folder)$status, "succeeded")
})

test_that("a run is resumed where it ended", {
  skip_without_engine()
  folder <- new_project()
  run_script(folder, engine = TRUE, "datmo_init(config = list(a = 1), name = 'long one'); for (i in 1:3) datmo_log(list(x = i))")
  run_script(folder, engine = TRUE, "datmo_init(resume = 'long one'); stopifnot(datmo_config()$a == 1); datmo_log(list(x = 4))")
  engine <- datmo_engine(folder)
  on.exit(engine$close(), add = TRUE)
  history <- datmo_history("long one", "x", engine = engine)
  expect_identical(history$value, c(1, 2, 3, 4))
  expect_identical(history$step, c(0, 1, 2, 3))
})

test_that("datmo_sitrep() tells what is there, and what is not", {
  skip_without_engine()
  found <- datmo_sitrep()
  expect_match(found$node, "^v[0-9]+")
  expect_output(print(found), "engine")
  folder <- new_project()
  done <- run_script(folder, "print(datmo_sitrep()); cat(datmo_available())")
  expect_match(done$stdout, "Node.js was not found")
  expect_match(done$stdout, "FALSE$")
})

own <- c(
  "stopifnot('own' %in% datmo_runs()$name)",
  "for (i in 1:15) {",
  "  datmo_log(list(x = i), i); datmo_config(i = i); datmo_tag(paste0('t', i)); datmo_summary(s = i)",
  "  found <- datmo_runs(sprintf('metrics.x = %d and config.i = %d and tag = t%d', i, i, i))",
  "  stopifnot(nrow(found) == 1, found$name == 'own', identical(datmo_history(found$id, 'x')$step, as.numeric(1:i)))",
  "  stopifnot(identical(datmo_history(name = 'x')$step, as.numeric(1:i)))",
  "}",
  "cat('seen\\n')"
)

test_that("a script finds its own run as it is now, also when its engine has died", {
  skip_without_engine()
  folder <- new_project()
  done <- run_script(folder, engine = TRUE, c("run <- datmo_init(name = 'own', snapshots = FALSE)", own))
  expect_identical(done$stdout, "seen\n")
  expect_identical(done$stderr, "")
  folder <- new_project()
  done <- run_script(folder, engine = TRUE, c(
    "run <- datmo_init(name = 'own', snapshots = FALSE); invisible(datmo_runs())",
    "tools::pskill(run$sender$connection$pid(), 9)", own
  ))
  expect_match(done$stdout, "seen")
  expect_no_match(done$stderr, "does not answer")
})

test_that("a run that was joined finds itself as it is now", {
  skip_without_engine()
  folder <- new_project()
  write_script(folder, c("datmo_init()", own))
  engine <- datmo_engine(folder)
  on.exit(engine$close(), add = TRUE)
  variables <- list(R_LIBS = paste(.libPaths(), collapse = ":"), DATMO_ENGINE = Sys.getenv("DATMO_ENGINE"))
  run <- datmo_run_start(c(rscript(), "--vanilla", "script.R"), name = "own",
    variables = variables[nzchar(variables)], engine = engine)
  run <- datmo_run_wait(run, timeout_ms = 60000, engine = engine)
  expect_identical(datmo_run_logs(run, engine = engine)$text, "seen\n")
})

test_that("an engine that is stopped is waited for once, and not long", {
  skip_without_engine()
  skip_on_os("windows")
  folder <- new_project()
  done <- run_script(folder, engine = TRUE, c(
    "run <- datmo_init(snapshots = FALSE, capture = FALSE); stopifnot(nrow(datmo_runs()) == 1)",
    "pid <- run$sender$connection$pid(); tools::pskill(pid, 19); run$sender$silent <- TRUE",
    "datmo_log(list(y = 1)); stopifnot(nrow(datmo_runs()) == 1, nrow(datmo_runs()) == 1)",
    "tools::pskill(pid, 18)"
  ))
  expect_length(gregexpr("may lack the latest of this run", done$stderr, fixed = TRUE)[[1]], 1L)
})

test_that("a key with a dot stands beside a nested one", {
  engine <- local_engine()
  config <- list(a.b = 1, a = list(b = 2, c.d = 3), e.f = 4, "g`h" = 5)
  id <- datmo_run_create(config = config, snapshots = FALSE, engine = engine)$run$id
  datmo_run_finish(id, engine = engine)
  expect_identical(datmo_run_get(id, engine = engine)$run$config$a.b, 1L)
  runs <- datmo_runs(engine = engine)
  found <- runs[grepl("^config", names(runs))]
  expect_setequal(names(found), c("config.`a.b`", "config.a.b", "config.a.c.d", "config.e.f", "config.g`h"))
  expect_identical(c(found$`config.\`a.b\``, found$config.a.b, found$config.a.c.d, found$config.e.f), c(1, 2, 3, 4))
  expect_identical(nrow(datmo_runs("config.`a.b` = 1 and config.a.b = 2 and config.e.f = 4", engine = engine)), 1L)
})
