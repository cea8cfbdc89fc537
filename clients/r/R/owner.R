# Who this process is, so that another one can tell later whether it still lives.

owner <- function() {
  pid <- Sys.getpid()
  list(pid = pid, startTime = start_time(pid), bootId = boot_id(), host = host_name())
}

# Field 22 of /proc/<pid>/stat; without /proc what `ps` says; empty when neither is there.
start_time <- function(pid) {
  text <- read_text(sprintf("/proc/%d/stat", pid))
  if (!nzchar(text)) return(ps_start_time(pid))
  # The name of the program, in brackets, may hold spaces and brackets itself.
  fields <- strsplit(sub("^.*\\) *", "", text), " ", fixed = TRUE)[[1L]]
  if (length(fields) > 19L) fields[[20L]] else ""
}

# Whether a process that was written down so has ended. Of another machine's nobody can tell: not gone.
is_gone <- function(process) {
  if (!identical(process$host, host_name())) return(FALSE)
  if (!identical(process$bootId, boot_id())) return(TRUE)
  pid <- process$pid
  if (!is.numeric(pid) || pid <= 0) return(FALSE)
  state <- substr(sub("^.*\\) *", "", read_text(sprintf("/proc/%d/stat", pid))), 1L, 1L)
  state %in% c("Z", "X") || !identical(start_time(pid), process$startTime)
}

ps_start_time <- function(pid) {
  if (.Platform$OS.type == "windows") return("")
  # The engine asks in the same words and compares the texts.
  told <- tryCatch(
    suppressWarnings(system2(
      "ps", c("-o", "lstart=", "-p", pid), stdout = TRUE, stderr = FALSE, env = c("LC_ALL=C", "TZ=UTC")
    )),
    error = function(e) character()
  )
  trimws(paste(told, collapse = ""))
}

boot_id <- function() trimws(read_text("/proc/sys/kernel/random/boot_id"))

host_name <- function() {
  if (.Platform$OS.type == "windows") Sys.getenv("COMPUTERNAME") else Sys.info()[["nodename"]]
}
