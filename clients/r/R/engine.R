# Engines: found, started, greeted, and started again when they have died.

Engine <- R6::R6Class("datmo_engine", cloneable = FALSE,
  public = list(
    project = NULL,

    initialize = function(project) {
      self$project <- normalizePath(project, mustWork = FALSE)
    },

    # Sends one request and waits for its result, a list as jsonlite reads it. With DATMO_MODE=disabled: NULL.
    request = function(method, params = list()) {
      if (disabled()) return(NULL)
      show_current_run(self$project, method)
      self$connected()$request(method, json_map(params, method, most = Inf))
    },

    # The connection to an engine that lives.
    connected = function() {
      if (is.null(private$connection) || !private$connection$alive()) {
        private$connection <- connect(self$project, outlives = FALSE)
      }
      private$connection
    },

    # Ends the engine; waits up to 5 s for what it is doing. Executed runs go on.
    close = function() {
      connection <- private$connection
      private$connection <- NULL
      if (!is.null(connection)) connection$close(5)
      invisible(self)
    },

    print = function(...) {
      cat(sprintf("<datmo engine of %s>\n", self$project))
      invisible(self)
    }
  ),
  private = list(connection = NULL)
)

new_engine <- function(project) Engine$new(project)

# The engine of the project that the current folder is in.
default_engine <- function() {
  root <- find_project(getwd())
  if (is.null(root)) root <- getwd()
  engine <- the$engines[[root, exact = TRUE]]
  if (is.null(engine)) {
    hook_exit()
    engine <- the$engines[[root]] <- new_engine(root)
  }
  engine
}

# Starts an engine and shakes hands.
connect <- function(project, outlives, notified = NULL) {
  connection <- Connection$new(outlives, notified)
  greeting <- start_greeting(connection, project, log_messages = outlives)
  finish_greeting(connection, greeting)
  connection
}

# Sends the handshake; requests may follow at once. The answer is for finish_greeting().
start_greeting <- function(connection, project, log_messages = FALSE) {
  params <- list(
    protocolVersion = .datmo_protocol_version,
    client = list(name = "datmo-r", version = package_version_text(), language = "r"),
    projectDir = project,
    capabilities = list(logMessages = log_messages)
  )
  if (engine_is_here()) params$processId <- Sys.getpid()
  greeting <- connection$send("initialize", json(params))
  connection$notify("initialized")
  greeting
}

finish_greeting <- function(connection, greeting) {
  connection$wait(greeting)
  tryCatch(connection$take(greeting), error = function(e) {
    connection$release()
    stop(e)
  })
}

package_version_text <- function() as.character(utils::packageVersion("datmo"))
