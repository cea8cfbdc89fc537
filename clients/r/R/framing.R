# `Content-Length` frames, as in LSP.

largest_message <- 64 * 2^20

# Header and body of a JSON text. The length counts bytes.
frame <- function(text) {
  body <- charToRaw(utf8(text))
  c(charToRaw(sprintf("Content-Length: %d\r\n\r\n", length(body))), body)
}

# Takes bytes as they come, and answers the messages that are whole, as jsonlite reads them. Pieces are put together
# once a message is whole: a long one would cost the square of its length otherwise.
FrameReader <- R6::R6Class("datmo_frame_reader", cloneable = FALSE,
  public = list(
    feed = function(bytes) {
      messages <- list()
      if (!length(bytes)) return(messages)
      private$pieces[[length(private$pieces) + 1L]] <- bytes
      private$size <- private$size + length(bytes)
      while ((!is.null(private$needed) || private$read_header()) && private$size >= private$needed) {
        buffer <- private$whole()
        body <- buffer[seq_len(private$needed)]
        private$keep(if (private$size > private$needed) buffer[(private$needed + 1):private$size] else raw())
        private$needed <- NULL
        message <- read_json(raw_to_text(body))
        if (!is.list(message)) stop_stream("it sent a message that is no JSON")
        messages[[length(messages) + 1L]] <- message
      }
      messages
    }
  ),
  private = list(
    pieces = list(), size = 0, needed = NULL,

    read_header = function() {
      buffer <- private$whole()
      end <- grepRaw("\r\n\r\n", buffer, fixed = TRUE)
      if (!length(end)) {
        if (length(buffer) > 4096L) stop_stream("it did not speak datmo's protocol")
        return(FALSE)
      }
      header <- rawToChar(buffer[seq_len(end - 1L)])
      found <- regmatches(header, regexec("content-length: *([0-9]+)", header, ignore.case = TRUE))[[1L]]
      if (length(found) != 2L) stop_stream("it did not speak datmo's protocol")
      private$needed <- as.numeric(found[[2L]])
      if (private$needed > largest_message) stop_stream("it sent a message that is too large")
      private$keep(buffer[-seq_len(end + 3L)])
      TRUE
    },

    whole = function() {
      if (length(private$pieces) != 1L) private$pieces <- list(as.raw(unlist(private$pieces)))
      private$pieces[[1L]]
    },

    keep = function(bytes) {
      private$pieces <- list(bytes)
      private$size <- length(bytes)
    }
  )
)

stop_stream <- function(reason) {
  stop(structure(class = c("datmo_stream", "error", "condition"), list(message = reason, call = NULL)))
}
