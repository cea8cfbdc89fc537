json <- datmo:::json

test_that("numbers keep every digit", {
  numbers <- c(1 / 3, 0.1, pi, 2 / 3 * 1e-300, .Machine$double.xmax, 2^-1074, -1e15 - 0.5, 123456789.123456789, 2^53, 1e22)
  back <- jsonlite::fromJSON(json(numbers), simplifyVector = TRUE)
  expect_identical(back, numbers)
  expect_identical(json(c(64, -3)), "[64,-3]")
  expect_identical(json(c(a = 0.5)), "{\"a\":0.5}")
})

test_that("every kind of value has a form", {
  expect_identical(json(NULL), "null")
  expect_identical(json(NA), "null")
  expect_identical(json(c("a", NA)), "[\"a\",null]")
  expect_identical(json(c(NaN, Inf, -Inf, NA)), "[\"NaN\",\"Infinity\",\"-Infinity\",null]")
  expect_identical(json(TRUE), "true")
  expect_identical(json(I("one")), "[\"one\"]")
  expect_identical(json(factor(c("x", "y"))), "[\"x\",\"y\"]")
  expect_identical(json(as.Date("2024-02-29")), "\"2024-02-29\"")
  expect_identical(json(.POSIXct(1700000000.25, tz = "Asia/Tokyo")), "\"2023-11-14T22:13:20.250Z\"")
  expect_identical(json(as.POSIXlt(.POSIXct(1700000000, tz = "UTC"))), "\"2023-11-14T22:13:20.000Z\"")
  expect_identical(json(list(a = list(b = NULL, c = list()), 2)), "{\"a\":{\"b\":null,\"c\":[]},\"2\":2}")
  expect_identical(json(matrix(1:4, 2)), "[[1,3],[2,4]]")
  expect_identical(json(data.frame(x = 1, y = "z")), "{\"x\":[1],\"y\":[\"z\"]}")
  expect_identical(json(structure(list(), names = character())), "{}")
  expect_identical(json(y ~ x + 1), "\"y ~ x + 1\"")
  expect_identical(json(as.raw(255)), "255")
})

test_that("what has no form is kept as text and said once", {
  expect_message(text <- json(list(f = function(x) x)), "f is a function, which has no JSON form")
  expect_match(text, "^\\{\"f\":\"function")
  expect_silent(json(list(f = function(x) x)))
})

test_that("text is UTF-8 whatever it was", {
  latin <- "caf\xe9"
  Encoding(latin) <- "latin1"
  expect_identical(charToRaw(json(latin)), charToRaw("\"caf\u00e9\""))
  expect_identical(json("a\"b\\c\nd\te\001"), "\"a\\\"b\\\\c\\nd\\te\\u0001\"")
  strange <- "\u6771\u4eac \U1F642"
  expect_identical(jsonlite::fromJSON(json(list(strange)))[[1]], strange)
})

test_that("configs merge key by key, and what was chosen wins", {
  merge <- datmo:::merge_maps
  expect_identical(merge(list(a = list(b = 1, c = 2)), list(a = list(b = 3), d = 4)), list(a = list(b = 3, c = 2), d = 4))
  expect_identical(
    datmo:::without_overrides(list(lr = 1, o = list(x = 1, y = 2), n = NULL), list(lr = 5, o = list(x = 7))),
    list(o = list(y = 2), n = NULL)
  )
})
