spool_in <- function(env = parent.frame()) {
  folder <- tempfile("datmo-spool-")
  dir.create(folder)
  remove_later(folder, env)
  datmo:::open_spool(folder, strrep("a", 26))
}

test_that("CRC-32 is the one everybody has", {
  expect_equal(datmo:::crc32(charToRaw("123456789")), 0xCBF43926)
  expect_equal(datmo:::crc32(raw()), 0)
  expect_equal(datmo:::xor32(0xFFFFFFFF, 0x80000001), 0x7FFFFFFE)
})

test_that("ids are base32 and differ, and R's random numbers are left alone", {
  set.seed(1)
  before <- .Random.seed
  ids <- replicate(50, datmo:::random_id())
  expect_identical(.Random.seed, before)
  expect_true(all(grepl("^[a-z2-7]{26}$", ids)))
  expect_length(unique(ids), 50)
  expect_identical(datmo:::content_id("abc"), "xj4bnp4pahh6uqkbidpf3lrceo")
})

test_that("points are in the file when the call returns, in the documented form", {
  w <- spool_in()
  steps <- c(0, 1, -1, 2^31, -2^31, 2^40 + 5, -2^40)
  values <- c(1 / 3, NaN, Inf, -Inf, -0, 2^-1074, 1e300)
  long <- paste0(strrep("x", 999), "\u00e9")
  names <- c("loss", "\u640d\u5931", "a b", "loss", long, "z", "a b")
  for (i in seq_along(steps)) expect_true(datmo:::put_point(w, names[i], values[i], steps[i], 1700000000 + i / 4))
  expect_true(datmo:::put_points(w, c("loss", "z"), c(5, 6), 9, 1.5))
  found <- read_spool(w$path)
  expect_identical(found$run_id, strrep("a", 26))
  expect_equal(found$end, file.size(w$path))
  expect_identical(found$points$step, c(steps, 9, 9))
  expect_identical(found$points$value, c(values, 5, 6))
  expect_identical(found$points$name, c(names[1:4], strrep("x", 999), names[6:7], "loss", "z"))
  expect_true(datmo:::verify_spool(w))
  expect_identical(datmo:::valid_end(w), file.size(w$path))
  datmo:::close_spool(w)
})

test_that("checks of every slot fit, the one that is no integer in R too", {
  expect_identical(datmo:::as_int32(c(0, 2^31 - 1, 2^31, 2^31 + 1, 2^32 - 1)), c(0L, 2147483647L, NA, -2147483647L, -1L))
  expect_identical(writeBin(datmo:::as_int32(2^31), raw(), endian = "little"), as.raw(c(0, 0, 0, 128)))
})

test_that("a file that lost its end is given up, and only what is missing goes on elsewhere", {
  w <- spool_in()
  for (i in 1:10) datmo:::put_point(w, "x", i, i, 1)
  con <- file(w$path, "r+b")
  seek(con, 64 + 32 * 2 + 32 * 6 + 7, rw = "write")
  truncate(con)
  close(con)
  expect_false(datmo:::verify_spool(w))
  missing <- datmo:::abandon_spool(w)
  expect_identical(vapply(missing, `[[`, 1, "value"), c(7, 8, 9, 10))
  expect_identical(read_spool(w$path)$points$value, as.numeric(1:6))
})
