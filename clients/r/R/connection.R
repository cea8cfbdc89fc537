# A conversation with one engine over its pipes. R has one thread: what came is looked at with `pump()`.

Connection <- R6::R6Class("datmo_connection", cloneable = FALSE,
  public = list(
    # The condition that says why the engine is gone; NULL while it is there.
    gone = NULL,

    # `outlives`: the engine goes on when this session ends. Raises ENGINE_NOT_FOUND.
    initialize = function(outlives, notified = NULL) {
      command <- engine_command()
      private$command <- command
      private$owner <- Sys.getpid()
      private$reader <- FrameReader$new()
      private$notified <- notified
      private$process <- tryCatch(
        processx::process$new(
          command[[1L]], command[-1L], stdin = "|", stdout = "|", stderr = message_target(outlives),
          env = engine_environment(), cleanup = !outlives, encoding = "UTF-8"
        ),
        error = function(e) {
          stop(.datmo_condition("ENGINE_NOT_FOUND", list(reason = sprintf("%s cannot be started", command[[1L]]))))
        }
      )
      run_first_at_exit()
    },

    alive = function() is.null(self$gone) && private$owner == Sys.getpid(),

    pid = function() private$process$get_pid(),

    # Sends a request and does not wait; `params`: JSON text. Answers its id.
    send = function(method, params = "{}") {
      id <- private$last_id <- private$last_id + 1
      private$answers[[as.character(id)]] <- list(done = FALSE)
      private$write(sprintf(
        "{\"jsonrpc\":\"2.0\",\"id\":%.0f,\"method\":%s,\"params\":%s}", id, json_string(method), params
      ))
      id
    },

    notify = function(method, params = "{}") {
      private$write(sprintf("{\"jsonrpc\":\"2.0\",\"method\":%s,\"params\":%s}", json_string(method), params))
    },

    # Whether the answer is there; `take` gives it or raises its error, once.
    settled = function(id) isTRUE(private$answers[[as.character(id)]]$done),

    take = function(id) {
      key <- as.character(id)
      answer <- private$answers[[key]]
      private$answers[[key]] <- NULL
      if (!is.null(answer$error)) stop(answer$error)
      answer$result
    },

    # Waits for the answer, at most so long; FALSE: it is not there yet.
    wait = function(id, seconds = Inf) {
      until <- now() + seconds
      while (!self$settled(id)) {
        left <- until - now()
        if (left <= 0) return(FALSE)
        self$pump(min(200, left * 1000))
      }
      TRUE
    },

    # Sends a request and waits. An interrupt cancels it in the engine.
    request = function(method, params = "{}") {
      id <- self$send(method, params)
      done <- FALSE
      on.exit(if (!done) self$notify("$/cancelRequest", sprintf("{\"id\":%.0f}", id)))
      self$wait(id)
      done <- TRUE
      self$take(id)
    },

    # Writes what is waiting and takes what has come, waiting at most so many milliseconds for the first of it.
    pump = function(millis = 0) {
      if (!self$alive()) return(invisible())
      tryCatch(private$exchange(millis), datmo_stream = function(e) private$fail(conditionMessage(e)))
      invisible()
    },

    # End of input: the engine finishes by itself, in its own time.
    release = function() {
      if (private$owner == Sys.getpid()) try(close(private$process$get_input_connection()), silent = TRUE)
      invisible()
    },

    # Ends the engine: politely, then by closing its input, then, after so many seconds, by a signal.
    close = function(seconds = 5) {
      if (private$owner != Sys.getpid()) return(invisible())
      if (self$alive()) {
        self$wait(self$send("shutdown"), seconds)
        self$notify("exit")
      }
      self$release()
      try({
        private$process$wait(seconds * 1000)
        if (private$process$is_alive()) private$process$signal(15L)
      }, silent = TRUE)
      private$fail("it was closed")
    }
  ),
  private = list(
    process = NULL, command = NULL, owner = 0L, notified = NULL, last_id = 0, answers = list(),
    outgoing = list(), reader = NULL,

    write = function(text) {
      if (!self$alive()) return(private$settle_all())
      private$outgoing[[length(private$outgoing) + 1L]] <- frame(text)
      tryCatch(private$write_out(), datmo_stream = function(e) private$fail(conditionMessage(e)))
      invisible()
    },

    # Never waits: the pipe of an engine that is stopped is full.
    write_out = function() {
      while (length(private$outgoing)) {
        bytes <- private$outgoing[[1L]]
        left <- tryCatch(private$process$write_input(bytes), error = function(e) stop_stream("it cannot be written to"))
        if (length(left)) {
          private$outgoing[[1L]] <- left
          if (length(left) == length(bytes)) return(FALSE)
        } else {
          private$outgoing[[1L]] <- NULL
        }
      }
      TRUE
    },

    exchange = function(millis) {
      if (!private$write_out()) millis <- min(millis, 10)
      repeat {
        state <- private$process$poll_io(as.integer(millis))[["output"]]
        if (state == "timeout" || state == "silent") return()
        text <- tryCatch(private$process$read_output(), error = function(e) "")
        if (!nzchar(text) && (state == "closed" || private$at_end())) stop_stream("it closed the connection")
        for (message in private$reader$feed(charToRaw(text))) private$accept(message)
        millis <- 0
      }
    },

    at_end = function() tryCatch(!private$process$is_incomplete_output(), error = function(e) TRUE),

    accept = function(message) {
      if (!is.null(message$method)) {
        if (!is.null(private$notified) && is.null(message$id)) private$notified(message$method, message$params)
        return()
      }
      key <- as.character(message$id)
      # Nobody waits for the answer of a request that was given up.
      if (!length(key) || is.null(private$answers[[key]])) return()
      error <- if (!is.null(message$error)) .datmo_condition_from_wire(message$error)
      private$answers[[key]] <- list(done = TRUE, result = message$result, error = error)
    },

    fail = function(reason) {
      if (!is.null(self$gone)) return()
      status <- try({
        private$process$wait(1000)
        private$process$get_exit_status()
      }, silent = TRUE)
      if (is.numeric(status)) reason <- if (status < 0) paste("signal", -status) else paste("exit code", status)
      self$gone <- private$explain(reason)
      private$settle_all()
    },

    # An engine that did not even say a word is explained by its Node's version.
    explain = function(reason) {
      node <- private$command[[1L]]
      problem <- if (!private$greeted() && grepl("node", basename(node))) node_problem(node) else ""
      if (nzchar(problem)) .datmo_condition("ENGINE_NOT_FOUND", list(reason = problem))
      else .datmo_condition("ENGINE_GONE", list(reason = reason))
    },

    greeted = function() is.null(private$answers[["1"]]) || private$answers[["1"]]$done,

    settle_all = function() {
      error <- if (is.null(self$gone)) .datmo_condition("ENGINE_GONE", list(reason = "this process was forked")) else self$gone
      private$answers <- lapply(private$answers, function(answer) if (answer$done) answer else list(done = TRUE, error = error))
      invisible()
    }
  )
)

# Where the engine writes its messages: as processx takes it, NULL for nowhere. When it may outlive this process not
# into a pipe: whoever reads that (`Rscript train.R 2>&1 | tee log`) would wait for the engine's end.
message_target <- function(outlives) {
  piped <- grepl("^(pipe|socket):", Sys.readlink("/proc/self/fd/2"))
  if (outlives && piped && !nzchar(Sys.getenv("DATMO_LOG"))) NULL else ""
}

# The engine is nobody's run: what it executes gets these anew. Another R is told where its own files are by itself.
engine_environment <- function() {
  all <- Sys.getenv()
  hidden <- c(
    "DATMO_RUN_ID", "DATMO_TASK_DIR", "DATMO_DATA_DIR", "DATMO_CONFIG",
    "R_HOME", "R_SHARE_DIR", "R_INCLUDE_DIR", "R_DOC_DIR", "R_SESSION_TMPDIR"
  )
  kept <- !names(all) %in% hidden
  stats::setNames(as.character(all)[kept], names(all)[kept])
}
