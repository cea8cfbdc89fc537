# Many processes, one run: an id that all ranks of a distributed job arrive at by themselves.

may_share <- function() any(nzchar(Sys.getenv(c("DATMO_RUN_ID", "SLURM_PROCID", "TORCHELASTIC_RUN_ID"))))

# DATMO_RUN_ID, else derived from the job that Slurm or torchrun started; NULL for a process on its own.
shared_run_id <- function(project) {
  named <- Sys.getenv("DATMO_RUN_ID")
  if (is_id(named)) return(named)
  job <- slurm_job()
  if (!nzchar(job)) job <- torchrun_job()
  if (nzchar(job)) content_id(paste(project_id(project), job))
}

slurm_job <- function() {
  # Without `srun` a batch script is one process after another, and each of them may be a run of its own.
  several <- variable_count("SLURM_STEP_NUM_TASKS", "SLURM_NTASKS") >= 2
  if (is.na(Sys.getenv("SLURM_PROCID", NA)) || !several || !nzchar(Sys.getenv("SLURM_JOB_ID"))) return("")
  names <- c("SLURM_JOB_ID", "SLURM_ARRAY_JOB_ID", "SLURM_ARRAY_TASK_ID", "SLURM_STEP_ID", "SLURM_RESTART_COUNT")
  paste0("slurm ", paste(Sys.getenv(names), collapse = " "))
}

torchrun_job <- function() {
  job <- Sys.getenv("TORCHELASTIC_RUN_ID")
  ranked <- variable_count("WORLD_SIZE") >= 2 && !is.na(Sys.getenv("RANK", NA))
  if (ranked && nzchar(job) && job != "none") paste("torchrun", job) else ""
}

variable_count <- function(...) {
  for (name in c(...)) {
    text <- Sys.getenv(name)
    if (grepl("^[0-9]+$", text)) return(as.numeric(text))
  }
  0
}

project_id <- function(project) {
  id <- read_json(read_text(file.path(project, ".datmo", "format")))$project
  if (is.null(id)) project else as.character(id)
}
