# A plugin in R, spoken to as the engine does.

test_that("a plugin answers, asks, fails and is told of events", {
  script <- tempfile(fileext = ".R")
  writeLines(c(
    "library(datmo)",
    "echo <- function(params, engine) { print('said aloud'); cat('more\\n'); list(got = params$a, at = engine$project_directory) }",
    "fail <- function(params, engine) stop('my fault')",
    "ask <- function(params, engine) tryCatch(engine$request(params$method), datmo_error = function(e) e$kind)",
    "gone <- function(params, engine) { while (!engine$cancelled()) Sys.sleep(0.01); 'cancelled' }",
    "told <- function(events, engine) engine$request('run.get', list(id = events[[1]]$runId))",
    "datmo_plugin_serve(list(commands = list(echo = echo, fail = fail, ask = ask, gone = gone), hooks = list(run.finished = told),",
    "  calls = list(importer.open = function(params, engine) list(opened = params$path)), provides = 'importer csv'))"
  ), script)
  plugin <- processx::process$new(
    file.path(R.home("bin"), "Rscript"), c("--vanilla", script), stdin = "|", stdout = "|", stderr = "|", encoding = "UTF-8"
  )
  on.exit(plugin$kill())
  reader <- datmo:::FrameReader$new()
  arrived <- list()
  send <- function(text) {
    bytes <- datmo:::frame(text)
    while (length(bytes)) bytes <- plugin$write_input(bytes)
  }
  receive <- function() {
    until <- Sys.time() + 120
    while (!length(arrived) && Sys.time() < until) {
      plugin$poll_io(1000)
      arrived <<- c(arrived, reader$feed(charToRaw(plugin$read_output())))
    }
    message <- arrived[[1]]
    arrived <<- arrived[-1]
    message
  }
  call <- function(id, name, params = "{}") {
    send(sprintf("{\"jsonrpc\":\"2.0\",\"id\":%d,\"method\":\"command.call\",\"params\":{\"name\":\"%s\",\"params\":%s}}", id, name, params))
  }

  send("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"initialize\",\"params\":{\"projectDirectory\":\"/project\",\"granted\":{}}}")
  expect_equal(
    unlist(receive()$result$provides),
    c("command echo", "command fail", "command ask", "command gone", "hook run.finished", "importer csv")
  )
  call(2L, "echo", "{\"a\":\"\u00fc\"}")
  expect_equal(receive()$result$result, list(got = "\u00fc", at = "/project"))
  call(3L, "fail")
  error <- receive()$error
  expect_equal(c(error$message, error$data$kind), c("my fault", "simpleError"))
  call(4L, "ask", "{\"method\":\"run.list\"}")
  asked <- receive()
  expect_equal(asked$method, "run.list")
  send(sprintf(
    "{\"jsonrpc\":\"2.0\",\"id\":%d,\"error\":{\"code\":1605,\"message\":\"No.\",\"data\":{\"kind\":\"PLUGIN_PERMISSION_DENIED\"}}}", asked$id
  ))
  expect_equal(receive()$result$result, "PLUGIN_PERMISSION_DENIED")
  call(5L, "gone")
  send("{\"jsonrpc\":\"2.0\",\"method\":\"$/cancelRequest\",\"params\":{\"id\":5}}")
  expect_equal(receive()$result$result, "cancelled")
  send("{\"jsonrpc\":\"2.0\",\"id\":6,\"method\":\"hook.deliver\",\"params\":{\"event\":\"run.finished\",\"events\":[{\"runId\":\"r\"}]}}")
  asked <- receive()
  expect_equal(asked$params$id, "r")
  send(sprintf("{\"jsonrpc\":\"2.0\",\"id\":%d,\"result\":{}}", asked$id))
  expect_equal(receive()$id, 6)
  send("{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"importer.open\",\"params\":{\"path\":\"x\"}}")
  expect_equal(receive()$result$opened, "x")

  close(plugin$get_input_connection())
  plugin$wait(60000)
  expect_equal(plugin$get_exit_status(), 0L)
  expect_match(plugin$read_all_error(), "said aloud.*more")
})
