test_that("a script logs without Node and without an engine, and says so once", {
  folder <- new_project()
  done <- run_script(folder, c(
    "datmo_init(config = list(lr = 1/3, name = 'Zo\u00eb', n = NULL))",
    "for (i in 1:1000) datmo_log(list(loss = 1/i), step = i)",
    "datmo_log(c(acc = 0.5, f1 = 0.25)); datmo_log(list(a = 1L, b = TRUE, c = NA_real_, d = list(e = Inf)), step = 7)",
    "datmo_log(list(acc = 0.75))",
    "datmo_config(layers = c(64, 32)); datmo_summary(best = 0.9); datmo_tag('x', 'y'); datmo_describe(notes = 'n')",
    "cat('out\\n'); message('told'); print(runif(1))"
  ))
  expect_match(done$stderr, "Node.js was not found. Looked at: DATMO_NODE")
  expect_length(gregexpr("datmo: ", done$stderr, fixed = TRUE)[[1]], 1L)
  points <- points_of(folder)
  expect_identical(points$value[points$name == "loss"], 1 / (1:1000))
  expect_identical(points$step[points$name == "acc"], c(1001, 8))
  expect_identical(points$value[points$name %in% c("a", "b", "c", "d.e")], c(1, 1, NaN, Inf))
  begin <- lines_of(folder, "begin")[[1L]]$run
  expect_identical(begin$config$lr, 1 / 3)
  expect_identical(begin$config$name, "Zo\u00eb")
  expect_true("n" %in% names(begin$config))
  expect_identical(unlist(begin$command), c("Rscript", "script.R"))
  expect_identical(lines_of(folder, "config")[[1L]]$config, list(layers = list(64L, 32L)))
  expect_identical(end_of(folder), list(status = "succeeded", exitCode = 0L))
  output <- readLines(file.path(task_directory(folder), "output.log"))
  expect_identical(output[1:2], c("out", "told"))
})

test_that("logging never fails, and says once what it cannot keep", {
  folder <- new_project()
  done <- run_script(folder, c(
    "datmo_log(list(early = 1)); datmo_init(); datmo_log(1:3); datmo_log('x'); datmo_log(NULL); datmo_log(list())",
    "for (i in 1:3) datmo_log(list(text = 'abc', ok = i, vector = c(1, 2), when = Sys.Date(), f = function() 1))",
    "datmo_log(list(x = 1), step = 1.5); datmo_log(list(x = 2), step = 'a'); datmo_log(list(x = 3), step = NA)",
    "options(warn = 2); datmo_log(list(x = 4), step = -5); closeAllConnections(); datmo_log(list(x = 5)); datmo_log(list(x = 6))",
    "other <- file('other.bin', 'wb'); datmo_log(list(x = 7)); close(other); stopifnot(file.size('other.bin') == 0)",
    "datmo_finish(); datmo_log(list(x = 8)); datmo_config(a = 1); datmo_finish()"
  ))
  expect_match(done$stderr, "there is no run; call datmo_init\\(\\) first")
  expect_length(gregexpr("\"text\" is a character, not a number", done$stderr, fixed = TRUE)[[1]], 1L)
  points <- points_of(folder)
  expect_identical(points$value[points$name == "ok"], c(1, 2, 3))
  expect_identical(sort(points$value[points$name == "x"]), c(1, 2, 3, 4, 5, 6, 7))
  texts <- lapply(lines_of(folder, "summary"), function(line) line$summary)
  expect_true(any(vapply(texts, identical, TRUE, list(text = "abc"))))
})

test_that("many values, new names, and more than fits into one look", {
  folder <- new_project()
  run_script(folder, c(
    "datmo_init(capture = FALSE)",
    "for (i in 1:6000) datmo_log(list(x = i))",
    "for (i in 1:300) datmo_log(as.list(setNames(rep(i, 20) + 0, paste0('m', 1:20))), step = i)",
    "for (i in 1:500) datmo_log(setNames(list(i + 0), paste('name', i)))"
  ))
  points <- points_of(folder)
  expect_identical(points$value[points$name == "x"], as.numeric(1:6000))
  expect_identical(sum(grepl("^m[0-9]+$", points$name)), 6000L)
  expect_identical(points$value[grepl("^name ", points$name)], as.numeric(1:500))
})

test_that("a full disk loses nothing that another file can hold", {
  skip_on_os("windows")
  folder <- new_project()
  write_script(folder, c("datmo_init(capture = FALSE)", "for (i in 1:20000) datmo_log(list(x = i))"))
  # Files of at most 100 KB: what is beyond is refused just like on a full disk.
  done <- processx::run(
    "/bin/bash", c("-c", paste("trap '' XFSZ; ulimit -f 100; exec", rscript(), "--vanilla script.R")), wd = folder,
    env = script_environment(folder, FALSE, character()), error_on_status = FALSE, timeout = 120
  )
  expect_equal(done$status, 0, info = done$stderr)
  expect_identical(sort(points_of(folder)$value), as.numeric(1:20000))
})

test_that("DATMO_MODE=disabled does nothing at all", {
  folder <- new_project()
  done <- run_script(folder, variables = c(DATMO_MODE = "disabled"), c(
    "run <- datmo_init(config = list(lr = 1)); print(run); datmo_log(list(x = 1)); datmo_config(b = 2)",
    "stopifnot(identical(datmo_config(), list(lr = 1, b = 2))); datmo_summary(s = 1); datmo_tag('t')",
    "datmo_log_file('nowhere'); datmo_snapshot('s'); stopifnot(nrow(datmo_runs()) == 0); datmo_finish()"
  ))
  expect_match(done$stdout, "<datmo run disabled>")
  expect_false(dir.exists(file.path(folder, ".datmo", "tasks")))
})

test_that("a project is created where there is none, by hand without an engine", {
  folder <- tempfile("datmo-test-")
  dir.create(folder)
  on.exit(unlink(folder, recursive = TRUE))
  done <- run_script(folder, "datmo_init(); datmo_log(list(x = 1))")
  expect_match(done$stderr, "datmo: created a project in ")
  expect_identical(readLines(file.path(folder, ".datmo", ".gitignore")), "*")
  expect_equal(nrow(points_of(folder)), 1)
})

test_that("forked workers keep their points, and end nothing", {
  skip_on_os("windows")
  folder <- new_project()
  run_script(folder, c(
    "datmo_init(); datmo_log(list(parent = 1))",
    "invisible(parallel::mclapply(1:3, function(k) { for (i in 1:200) datmo_log(setNames(list(i + 0), paste0('w', k))); datmo_config(k = k) }, mc.cores = 3))",
    "datmo_log(list(parent = 2))"
  ))
  counts <- table(points_of(folder)$name)
  expect_identical(as.list(counts), list(parent = 2L, w1 = 200L, w2 = 200L, w3 = 200L))
  expect_identical(end_of(folder)$status, "succeeded")
  expect_length(lines_of(folder, "config"), 3)
})
