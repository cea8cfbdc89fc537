# Projects in temporary folders, child scripts, an independent reader of the formats.

engine_there <- nzchar(Sys.getenv("DATMO_ENGINE")) || file.exists(system.file("engine", "engine.js", package = "datmo"))

skip_without_engine <- function() {
  if (Sys.getenv("DATMO_TEST_REQUIRE") != "all" && !datmo_available()) skip("no engine, or no Node.js")
}

# A folder that is a project, removed at the end of the test. The least that makes it one.
new_project <- function(env = parent.frame()) {
  folder <- normalizePath(tempfile("datmo-test-"), mustWork = FALSE)
  dir.create(file.path(folder, ".datmo"), recursive = TRUE, mode = "0700")
  text <- "{\"layout\":1,\"project\":\"00000000-0000-4000-8000-000000000000\"}"
  writeLines(text, file.path(folder, ".datmo", "format"))
  remove_later(folder, env)
  normalizePath(folder)
}

remove_later <- function(folder, env) {
  call <- bquote(unlink(.(folder), recursive = TRUE, force = TRUE))
  do.call(on.exit, list(call, add = TRUE), envir = env)
}

script_environment <- function(folder, engine, variables) {
  base <- c(
    PATH = Sys.getenv("PATH"), HOME = folder, R_LIBS = paste(.libPaths(), collapse = .Platform$path.sep),
    TMPDIR = Sys.getenv("TMPDIR", "/tmp"), LC_ALL = "C.UTF-8"
  )
  base <- c(base, if (engine) c(DATMO_ENGINE = Sys.getenv("DATMO_ENGINE")) else c(DATMO_NODE = file.path(folder, "no-node")))
  base <- base[nzchar(base)]
  c(base[setdiff(names(base), names(variables))], variables)
}

write_script <- function(folder, code) {
  path <- file.path(folder, "script.R")
  con <- file(path, "wb")
  writeLines(enc2utf8(c("library(datmo)", code)), con, useBytes = TRUE)
  close(con)
  path
}

rscript <- function() file.path(R.home("bin"), "Rscript")

# Runs the code as script.R of the project.
run_script <- function(folder, code, engine = FALSE, variables = character(), status = 0, args = character(), timeout = 120) {
  write_script(folder, code)
  done <- processx::run(
    rscript(), c("--vanilla", "script.R", args), wd = folder, error_on_status = FALSE, timeout = timeout,
    env = script_environment(folder, engine, variables)
  )
  if (!is.null(status)) expect_equal(done$status, status, info = paste(done$stdout, done$stderr))
  done
}

start_script <- function(folder, code, engine = FALSE, variables = character()) {
  write_script(folder, code)
  processx::process$new(
    rscript(), c("--vanilla", "script.R"), wd = folder, stdout = "|", stderr = file.path(folder, "stderr.txt"),
    env = script_environment(folder, engine, variables), cleanup = TRUE
  )
}

task_directory <- function(folder) {
  all <- list.files(file.path(folder, ".datmo", "tasks"), full.names = TRUE)
  stopifnot(length(all) == 1L)
  all
}

points_of <- function(folder, task = task_directory(folder)) {
  files <- list.files(file.path(task, "spool"), "\\.bin$", full.names = TRUE)
  frames <- lapply(files, function(path) read_spool(path)$points)
  do.call(rbind, c(list(data.frame(name = character(), step = numeric(), value = numeric(), at = numeric())), frames))
}

lines_of <- function(folder, kind = NULL, task = task_directory(folder)) {
  files <- list.files(file.path(task, "journal"), full.names = TRUE)
  texts <- unlist(lapply(files, readLines, warn = FALSE, encoding = "UTF-8"))
  lines <- lapply(texts, jsonlite::fromJSON, simplifyVector = FALSE)
  Filter(function(line) is.null(kind) || line$type == kind, lines)
}

end_of <- function(folder) {
  lines <- lines_of(folder, "end")
  stopifnot(length(lines) == 1L)
  lines[[1L]][setdiff(names(lines[[1L]]), c("v", "type", "at"))]
}

# Written from docs/formats.md alone, with its own arithmetic.
read_spool <- function(path) {
  bytes <- readBin(path, "raw", file.size(path))
  u32 <- function(at) sum(as.integer(bytes[at + 1:4]) * 256^(0:3))
  i64 <- function(at) u32(at) + (u32(at + 4) - if (u32(at + 4) >= 2^31) 2^32 else 0) * 2^32
  f64 <- function(at) readBin(bytes[at + 1:8], "double", endian = "little")
  stopifnot(rawToChar(bytes[1:8]) == "DATMOSPL", u32(8) == 1, u32(12) == 64, all(bytes[51:60] == 0))
  stopifnot(u32(60) == bitwise_crc(bytes[1:60]))
  names <- list()
  rows <- list()
  at <- 64
  while (at + 32 <= length(bytes)) {
    index <- (at - 64) / 32
    number <- u32(at + 24)
    expected <- (index * 2654435761 + number + 1) %% 2^32
    if (number == 2^32 - 1) {
      size <- f64(at + 8)
      name <- bytes[at + 32 + seq_len(size)]
      text <- rawToChar(name)
      Encoding(text) <- "UTF-8"
      names[[i64(at) + 1]] <- text
      at <- at + 32 + ceiling(size / 32) * 32
      next
    }
    if (u32(at + 28) != expected) break
    rows[[length(rows) + 1L]] <- list(name = names[[number + 1]], step = i64(at), value = f64(at + 8), at = f64(at + 16))
    at <- at + 32
  }
  column <- function(field, empty) if (length(rows)) unlist(lapply(rows, `[[`, field)) else empty
  list(run_id = rawToChar(bytes[25:50]), end = at, points = data.frame(
    name = column("name", character()), step = column("step", numeric()), value = column("value", numeric()),
    at = column("at", numeric()), stringsAsFactors = FALSE
  ))
}

# CRC-32 bit by bit, on vectors of bits.
bitwise_crc <- function(bytes) {
  as_bits <- function(x) as.integer(rev(rawToBits(as.raw(c(x %/% 2^24, x %/% 2^16 %% 256, x %/% 256 %% 256, x %% 256))[4:1])))
  polynomial <- as_bits(3988292384)
  register <- rep(1L, 32)
  for (byte in as.integer(bytes)) {
    low <- as.integer(rev(intToBits(byte)[1:8]))
    register[25:32] <- xor(register[25:32], low) * 1L
    for (i in 1:8) {
      odd <- register[32] == 1L
      register <- c(0L, register[1:31])
      if (odd) register <- xor(register, polynomial) * 1L
    }
  }
  sum((1L - register) * 2^(31:0))
}

wait_until <- function(condition, seconds = 60) {
  until <- Sys.time() + seconds
  while (Sys.time() < until) {
    if (isTRUE(tryCatch(condition(), error = function(e) FALSE))) return(TRUE)
    Sys.sleep(0.02)
  }
  FALSE
}
