# Tells the engine of a recorded run what is new in the spool, and never holds up the script: it works while the
# script logs, and never waits for the engine.
#
# All that matters is in the run's folder before this hears of it: when the engine dies, stops answering or was never
# there, the next engine takes everything in from there.

silence_seconds <- 5
silent_wait_seconds <- 0.5

# `connection`: to an engine that nobody has spoken to yet; `create`: params of `run.create` as JSON text.
new_sender <- function(project, connection, run, create) {
  s <- new.env(parent = emptyenv())
  s$project <- project
  s$connection <- connection
  s$run_id <- run$id
  s$create <- create
  s$name <- NULL
  s$told <- list()
  s$silent <- FALSE
  # In one go: the engine reads all of it as soon as it is up.
  s$greeting <- start_greeting(connection, project, log_messages = TRUE)
  s$created <- connection$send("run.create", create)
  s
}

# Sends news and takes answers. `writers`: the spool files that the engine may not know in full.
sender_tend <- function(s, run) {
  attempt(s, {
    s$connection$pump(0)
    if (!is.null(s$connection$gone)) stop(s$connection$gone)
    take_greeting(s)
    take_answers(s, run)
    # The engine knows the run once it has answered.
    if (is.null(s$greeting)) for (w in run$writers) tell_stretch(s, w)
  })
}

# A request about this run that is waited for. Raises datmo_error.
sender_request <- function(s, method, params) {
  if (!s$connection$alive()) reconnect(s)
  if (!is.null(s$greeting)) s$connection$wait(s$created)
  s$connection$request(method, params)
}

# Waits, at most so long, until what was logged before this call is in the run's record. FALSE: it may not be.
sender_show <- function(s, seconds) {
  until <- now() + if (s$silent) silent_wait_seconds else seconds
  # That the engine has died may show only when it is spoken to.
  for (attempt in 1:2) {
    answered <- tryCatch({
      if (!s$connection$alive()) reconnect(s)
      if (!is.null(s$greeting) && !s$connection$wait(s$created, until - now())) return(FALSE)
      take_greeting(s)
      # It takes everything in before it answers.
      id <- s$connection$send("run.get", sprintf("{\"id\":\"%s\"}", s$run_id))
      answered <- s$connection$wait(id, until - now())
      if (answered) s$connection$take(id)
      answered
    }, datmo_error = function(e) NA)
    if (!is.na(answered)) {
      s$silent <- !answered
      return(answered)
    }
  }
  FALSE
}

# Tells the engine the end, waiting at most so long. What it was not told yet it reads in the run's folder, as it does
# when this process was killed.
sender_finish <- function(s, end, seconds) {
  if (s$silent) seconds <- silent_wait_seconds
  answered <- FALSE
  attempt(s, {
    began <- now()
    if (!is.null(s$greeting)) s$connection$wait(s$created, seconds)
    else s$connection$pump(0)
    if (!s$connection$alive()) reconnect(s)
    take_greeting(s)
    seconds <- max(0.1, seconds - (now() - began))
    id <- s$connection$send("run.finish", json(c(list(id = s$run_id), end)))
    answered <- s$connection$wait(id, seconds)
    if (answered) s$connection$take(id)
    else note(sprintf(
      "the engine does not answer; run %s is safe in its folder and is taken in later.", substr(s$run_id, 1L, 8L)
    ))
  })
  s$connection$release()
}

attempt <- function(s, work) {
  tryCatch(work, error = function(e) {
    note_once(paste("engine", s$run_id), paste(plain_text(e), "Recording goes on; the next engine takes the run in."))
  })
  invisible()
}

reconnect <- function(s) {
  s$connection <- connect(s$project, outlives = TRUE, notified = print_log)
  # The run may be known from the engine that has died: nothing of it may be made anew.
  answer <- s$connection$request("run.create", sub("^\\{", "{\"resume\":true,", sub("\"resume\":true,", "", s$create)))
  s$name <- answer$run$name
  s$greeting <- NULL
  s$told <- list()
}

take_greeting <- function(s) {
  if (is.null(s$greeting) || !s$connection$settled(s$created)) return(invisible())
  greeting <- s$greeting
  s$greeting <- NULL
  s$connection$take(greeting)
  s$name <- s$connection$take(s$created)$run$name
}

tell_stretch <- function(s, w) {
  # One stretch of a file at a time is on its way, so that a stopped engine's pipe never fills.
  if (w$verified <= w$told || w$verified <= spool_header_bytes || !is.null(s$told[[w$name]])) return(invisible())
  id <- s$connection$send("metric.log", sprintf(
    "{\"runId\":\"%s\",\"spool\":{\"file\":\"%s\",\"from\":%.0f,\"to\":%.0f}}", s$run_id, w$name, w$told, w$verified
  ))
  s$told[[w$name]] <- list(writer = w, id = id, since = now())
  w$told <- w$verified
}

take_answers <- function(s, run) {
  for (name in names(s$told)) {
    told <- s$told[[name]]
    if (!s$connection$settled(told$id)) {
      if (now() - told$since > silence_seconds) {
        s$silent <- TRUE
        note_once(paste("silent", s$run_id), "the engine does not answer; recording goes on without it.")
      }
      next
    }
    s$told[[name]] <- NULL
    s$silent <- FALSE
    durable <- s$connection$take(told$id)$durableTo
    w <- told$writer
    if (w$closed && !is.null(durable) && durable >= w$verified) forget_writer(run, w)
  }
}

# The engine's warnings, where its stderr leads nowhere.
print_log <- function(method, params) {
  if (method != "$/logMessage" || !isTRUE(params$level %in% c("error", "warn"))) return(invisible())
  if (is.null(message_target(outlives = TRUE))) note(as.character(params$message))
}
