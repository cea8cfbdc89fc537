# What datmo has to tell the user, on stderr, each thing once. A message condition: suppressMessages() silences it.

note <- function(text) {
  condition <- structure(
    class = c("datmo_note", "message", "condition"),
    list(message = paste0("datmo: ", gsub("[\r\n]+", " ", text), "\n"), call = NULL)
  )
  try(message(condition), silent = TRUE)
  invisible()
}

note_once <- function(key, text) {
  if (!key %in% the$said) {
    the$said <- c(the$said, key)
    note(text)
  }
  invisible()
}

# A condition as one line, with its hint.
plain_text <- function(condition) {
  if (inherits(condition, "datmo_error")) paste(c(condition$message, condition$hint), collapse = " ")
  else conditionMessage(condition)
}

# DATMO_MODE=disabled turns every call into a no-op.
disabled <- function() tolower(Sys.getenv("DATMO_MODE")) == "disabled"

# DATMO_STRICT=1: what would be a note at the start of a run is an error.
strict <- function() !Sys.getenv("DATMO_STRICT") %in% c("", "0")
