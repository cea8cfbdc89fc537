test_that("a summary function of caret is wrapped", {
  folder <- new_project()
  run_script(folder, c(
    "datmo_init()",
    "wrapped <- datmo_summary_caret(function(data, lev, model) c(RMSE = mean(data), R2 = 0.5), prefix = 'cv.')",
    "stopifnot(identical(wrapped(c(1, 3), NULL, NULL), c(RMSE = 2, R2 = 0.5)))",
    "wrapped(c(2, 4), NULL, NULL)"
  ))
  points <- points_of(folder)
  expect_identical(points$value[points$name == "cv.RMSE"], c(2, 3))
  expect_identical(points$step[points$name == "cv.R2"], c(0, 1))
})

test_that("each resample that caret trains is one point, and nothing else is", {
  if (Sys.getenv("DATMO_TEST_REQUIRE") != "all") skip_if_not_installed("caret")
  folder <- new_project()
  run_script(folder, c(
    "suppressPackageStartupMessages(library(caret))",
    "datmo_init(); set.seed(1)",
    "control <- trainControl(method = 'cv', number = 5, summaryFunction = datmo_summary_caret())",
    "fit <- train(dist ~ speed, cars, method = 'lm', trControl = control)",
    "datmo_summary(rmse = I(fit$resample$RMSE))"
  ), timeout = 300)
  points <- points_of(folder)
  rmse <- points$value[points$name == "RMSE"]
  expect_length(rmse, 5)
  expect_identical(rmse, as.numeric(unlist(lines_of(folder, "summary")[[1L]]$summary$rmse)))
  expect_identical(points$step[points$name == "MAE"], as.numeric(0:4))
})
