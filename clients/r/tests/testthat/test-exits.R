test_that("how a script ends is how its run ends", {
  ends <- list(
    list(code = "invisible()", status = 0, end = list(status = "succeeded", exitCode = 0L)),
    list(code = "quit(status = 3)", status = 3, end = list(status = "failed", exitCode = 3L)),
    list(code = "f <- function() q('no', 4); f()", status = 4, end = list(status = "failed", exitCode = 4L)),
    list(code = "base::quit(status = 5)", status = 5, end = list(status = "succeeded")),
    list(code = "try(stop('caught'), silent = TRUE); tryCatch(stop('x'), error = identity)", status = 0,
         end = list(status = "succeeded", exitCode = 0L)),
    list(code = "tools::pskill(Sys.getpid(), 2); Sys.sleep(5)", status = 1, end = list(status = "stopped", exitCode = 130L)),
    list(code = "datmo_finish(9)", status = 0, end = list(status = "failed", exitCode = 9L))
  )
  for (case in ends) {
    folder <- new_project()
    run_script(folder, c("datmo_init()", "datmo_log(list(x = 1))", case$code), status = case$status)
    expect_identical(end_of(folder), case$end, info = case$code)
    expect_equal(nrow(points_of(folder)), 1)
  }
})

test_that("an error is kept with its class and message, and printed as ever", {
  folder <- new_project()
  done <- run_script(folder, c("datmo_init()", "f <- function() stop('it \u00e9xploded')", "f()", "cat('never\\n')"), status = 1)
  expect_match(done$stderr, "Execution halted")
  expect_false(grepl("never", done$stdout))
  end <- end_of(folder)
  expect_identical(end[c("status", "exitCode")], list(status = "failed", exitCode = 1L))
  expect_identical(end$error, list(kind = "simpleError", message = "it \u00e9xploded"))
})

test_that("an error inside handlers that were there before is kept too", {
  folder <- new_project()
  run_script(folder, "withCallingHandlers({ datmo_init(); stop('deep') }, error = function(e) NULL)", status = 1)
  expect_identical(end_of(folder)$status, "failed")
  expect_identical(end_of(folder)$error$message, "deep")
})

test_that("a document that is knitted is a run", {
  skip_if_not_installed("knitr")
  folder <- new_project()
  writeLines(c("```{r}", "library(datmo); datmo_init(); datmo_log(list(x = 1)); cat('seen')", "```"), file.path(folder, "d.Rmd"))
  run_script(folder, "invisible(knitr::knit('d.Rmd', quiet = TRUE))")
  expect_match(paste(readLines(file.path(folder, "d.md")), collapse = "\n"), "seen")
  expect_identical(lines_of(folder, "begin")[[1L]]$run$type, "notebook")
  expect_identical(end_of(folder)$status, "succeeded")
})

test_that("loading the package starts nothing and loads little", {
  folder <- new_project()
  done <- run_script(folder, "cat(intersect(loadedNamespaces(), c('jsonlite', 'processx', 'rlang', 'cli', 'R6')))")
  expect_identical(done$stdout, "")
  expect_identical(done$stderr, "")
})
