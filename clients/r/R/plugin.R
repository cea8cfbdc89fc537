#' Answer the engine as a plugin
#'
#' The side of a plugin: a program of \code{"runtime": "process"} calls this last, and answers the engine until that
#' closes its input. What is printed meanwhile goes to standard error.
#'
#' @param definition A list of \code{commands} (functions by the names in the manifest), \code{hooks} (functions by
#'   event, such as \code{run.finished}), and for every other kind \code{calls} (functions by the engine's call, see
#'   \code{protocol/SPEC.md}) with what they provide, as \code{"KIND NAME"}, in \code{provides}. A command and a call
#'   take their params, a hook a list of events, oldest first; all take the engine as second argument:
#'   \code{engine$request(method, params)} calls it, \code{engine$cancelled()} tells whether nobody waits any more,
#'   \code{engine$project_directory} and \code{engine$granted} are what they say. What a function answers becomes JSON;
#'   its error is the plugin's, and the kind of that error is its first class.
#' @return Nothing: the session ends with the conversation.
#' @examples
#' \dontrun{
#' best <- function(params, engine) {
#'   engine$request("run.list", list(sort = paste0("-metrics.", params$metric), limit = 1))$items
#' }
#' datmo_plugin_serve(list(commands = list(best = best)))
#' }
#' @export
datmo_plugin_serve <- function(definition) {
  # Standard output is the protocol's.
  sink(stderr())
  PluginConversation$new(definition)$run()
  base::quit(save = "no", status = 0L)
}

# One thread: what comes while a call is carried out waits, but for answers and cancellations.
PluginConversation <- R6::R6Class("datmo_plugin_conversation", cloneable = FALSE,
  public = list(
    initialize = function(definition) {
      private$definition <- definition
      private$reader <- FrameReader$new()
      private$input <- processx::conn_create_fd(0L, encoding = "UTF-8")
      private$output <- processx::conn_create_fd(1L, encoding = "UTF-8")
    },

    run = function() {
      repeat {
        while (!length(private$waiting)) if (!private$read()) return(invisible())
        message <- private$waiting[[1L]]
        private$waiting <- private$waiting[-1L]
        private$answer(message)
      }
    },

    request = function(method, params = list()) {
      id <- private$last_id <- private$last_id + 1
      private$write(sprintf(
        "{\"jsonrpc\":\"2.0\",\"id\":%.0f,\"method\":%s,\"params\":%s}", id, json_string(method), json_map(params, "params")
      ))
      key <- as.character(id)
      while (is.null(private$answers[[key]])) if (!private$read()) stop_stream("the engine has left")
      message <- private$answers[[key]]
      private$answers[[key]] <- NULL
      if (!is.null(message$error)) stop(.datmo_condition_from_wire(message$error))
      message$result
    }
  ),
  private = list(
    definition = NULL, reader = NULL, input = NULL, output = NULL, facts = list(), last_id = 0,
    waiting = list(), answers = list(), cancelled = character(),

    # Takes what has come, waiting so many milliseconds for it (-1: for ever); FALSE at the end.
    read = function(millis = -1) {
      # Reading would wait where nothing is.
      if (processx::poll(list(private$input), as.integer(millis))[[1L]] %in% c("timeout", "silent")) return(TRUE)
      text <- processx::conn_read_chars(private$input)
      if (!nzchar(text) && !processx::conn_is_incomplete(private$input)) return(FALSE)
      for (message in private$reader$feed(charToRaw(text))) private$take(message)
      TRUE
    },

    take = function(message) {
      if (is.null(message$method)) private$answers[[as.character(message$id)]] <- message
      else if (message$method == "$/cancelRequest") private$cancelled <- c(private$cancelled, as.character(message$params$id))
      else private$waiting[[length(private$waiting) + 1L]] <- message
    },

    answer = function(message) {
      id <- message$id
      engine <- list(
        request = self$request, project_directory = private$facts$projectDirectory, granted = private$facts$granted,
        cancelled = function() {
          private$read(0)
          as.character(id) %in% private$cancelled
        }
      )
      body <- tryCatch(
        sprintf("\"result\":%s", private$result(message$method, message$params, engine)),
        error = function(e) {
          if (inherits(e, "datmo_stream")) stop(e)
          kind <- if (inherits(e, "datmo_error")) e$kind else class(e)[[1L]]
          text <- substr(conditionMessage(e), 1L, 4000L)
          sprintf("\"error\":{\"code\":1,\"message\":%s,\"data\":{\"kind\":%s}}", json_string(text), json_string(kind))
        }
      )
      private$write(sprintf("{\"jsonrpc\":\"2.0\",\"id\":%.0f,%s}", id, body))
    },

    # As JSON text.
    result = function(method, params, engine) {
      given <- private$definition
      if (method == "initialize") {
        private$facts <- params
        named <- c(sprintf("command %s", names(given$commands)), sprintf("hook %s", names(given$hooks)))
        return(sprintf("{\"provides\":%s}", json(I(as.character(c(named, unlist(given$provides)))))))
      }
      if (method == "command.call") {
        value <- given$commands[[params$name]](params$params, engine)
        return(sprintf("{\"result\":%s}", json(value, NULL, most = Inf)))
      }
      if (method == "hook.deliver") {
        given$hooks[[params$event]](params$events, engine)
        return("{}")
      }
      handler <- given$calls[[method]]
      if (is.null(handler)) stop(sprintf("this plugin has no answer to %s", method))
      json(handler(params, engine), NULL, most = Inf)
    },

    write = function(text) {
      bytes <- frame(text)
      while (length(bytes)) {
        left <- processx::conn_write(private$output, bytes)
        # The engine is behind with reading.
        if (length(left) == length(bytes)) Sys.sleep(0.01)
        bytes <- left
      }
    }
  )
)
