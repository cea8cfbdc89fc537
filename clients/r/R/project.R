# The project: the folder that holds `.datmo` with its file `format`.

# The nearest folder from `directory` upwards that is a project; NULL when none is.
find_project <- function(directory) {
  repeat {
    if (file.exists(file.path(directory, ".datmo", "format"))) return(directory)
    parent <- dirname(directory)
    if (parent == directory) return(NULL)
    directory <- parent
  }
}

# Creates a project here and says so; through the engine, and where there is none by hand. Answers its root.
create_project <- function(directory) {
  root <- tryCatch({
    engine <- new_engine(directory)
    on.exit(engine$close())
    engine$request("project.create", list(directory = directory))$project$directory
  }, datmo_error = function(e) {
    if (!e$kind %in% c("ENGINE_NOT_FOUND", "ENGINE_GONE")) stop(e)
    create_by_hand(directory)
    directory
  })
  note(sprintf("created a project in %s", root))
  root
}

# The two files that make a folder a project; the first engine adds the rest.
create_by_hand <- function(directory) {
  inside <- file.path(directory, ".datmo")
  make_private(inside)
  write_atomically(file.path(inside, ".gitignore"), "*\n")
  text <- sprintf("{\"layout\":1,\"project\":\"%s\"}\n", random_uuid())
  tryCatch(write_atomically(file.path(inside, "format"), text, replace = FALSE), datmo_file_exists = function(e) NULL)
}

random_uuid <- function() {
  bytes <- as.integer(random_bytes(16L))
  bytes[7L] <- bytes[7L] %% 16L + 64L
  bytes[9L] <- bytes[9L] %% 64L + 128L
  hex <- paste(sprintf("%02x", bytes), collapse = "")
  paste(substring(hex, c(1, 9, 13, 17, 21), c(8, 12, 16, 20, 32)), collapse = "-")
}

task_directory <- function(project, run_id) file.path(project, ".datmo", "tasks", run_id)

# Makes the run's own folder and what it holds, for this user alone.
make_task_directory <- function(project, run_id) {
  folder <- task_directory(project, run_id)
  make_private(dirname(folder))
  make_private(folder)
  make_run_folders(folder)
  folder
}

make_run_folders <- function(folder) {
  for (name in c("journal", "spool", "reply")) make_private(file.path(folder, name))
}

# Writes `.datmo/open/<id>.json`: from now on an engine that finds this process gone ends the run.
announce <- function(project, run_id, replace) {
  folder <- file.path(project, ".datmo", "open")
  make_private(folder)
  document <- list(v = 1, type = "recorded", createdAt = rfc3339(), owner = owner())
  write_atomically(file.path(folder, paste0(run_id, ".json")), paste0(json(document), "\n"), replace)
}

# Another process, alive as far as one can tell, has begun this run.
owner_lives <- function(project, run_id) {
  other <- read_json(read_text(file.path(project, ".datmo", "open", paste0(run_id, ".json"))))$owner
  if (!is.list(other)) return(FALSE)
  mine <- owner()
  if (!identical(other$host, mine$host)) return(TRUE)
  if (!identical(other$bootId, mine$bootId)) return(FALSE)
  !identical(as.numeric(other$pid), as.numeric(mine$pid)) && identical(other$startTime, start_time(other$pid))
}
