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
