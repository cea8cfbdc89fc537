# Where the engine and Node are.

oldest_node <- 20

# The words that start an engine on its standard input and output. Raises ENGINE_NOT_FOUND, which lists every place
# that was looked at.
engine_command <- function() {
  named <- Sys.getenv("DATMO_ENGINE")
  if (nzchar(named) && !grepl("\\.[mc]?js$", named)) return(c(shell_words(named), "--stdio"))
  c(find_node(), find_bundle(named), "--stdio")
}

# Whether the engine runs on this machine for sure: a command that is named may lead to another one.
engine_is_here <- function() {
  named <- Sys.getenv("DATMO_ENGINE")
  !nzchar(named) || grepl("\\.[mc]?js$", named)
}

find_bundle <- function(named) {
  places <- if (nzchar(named)) c(DATMO_ENGINE = named) else c("inside the package" = embedded_engine())
  for (path in places) if (file.exists(path)) return(path)
  engine_missing("The engine was not found", places)
}

embedded_engine <- function() {
  folder <- system.file(package = "datmo")
  file.path(folder, "engine", "engine.js")
}

find_node <- function() {
  program <- if (.Platform$OS.type == "windows") "node.exe" else "node"
  named <- Sys.getenv("DATMO_NODE")
  folders <- strsplit(Sys.getenv("PATH"), .Platform$path.sep, fixed = TRUE)[[1L]]
  places <- if (nzchar(named)) c(DATMO_NODE = named) else file.path(folders[nzchar(folders)], program)
  for (path in places) if (is_program(path)) return(path)
  if (!nzchar(named)) places <- c(PATH = Sys.getenv("PATH"))
  engine_missing("Node.js was not found", places)
}

# Why this Node cannot run the engine; empty when it can. Starts it, so only asked when something failed.
node_problem <- function(node) {
  told <- tryCatch(processx::run(node, "--version", timeout = 10, error_on_status = FALSE)$stdout, error = identity)
  if (inherits(told, "error")) return(sprintf("%s cannot be started", node))
  version <- trimws(told)
  if (!grepl("^v[0-9]+\\.", version)) return(sprintf("%s is no Node.js", node))
  if (as.numeric(sub("^v([0-9]+).*", "\\1", version)) >= oldest_node) return("")
  sprintf("%s is Node %s; datmo needs %d or newer", node, version, oldest_node)
}

is_program <- function(path) file.exists(path) && !dir.exists(path) && file.access(path, 1L) == 0L

engine_missing <- function(what, places) {
  looked <- paste0(names(places), ": ", places, collapse = "; ")
  stop(.datmo_condition("ENGINE_NOT_FOUND", list(reason = sprintf("%s. Looked at: %s", what, looked))))
}

# Words of a command line, with quotes as in a shell.
shell_words <- function(text) {
  found <- regmatches(text, gregexpr("\"[^\"]*\"|'[^']*'|[^ \t\"']+", text))[[1L]]
  gsub("^([\"'])(.*)\\1$", "\\2", found)
}
