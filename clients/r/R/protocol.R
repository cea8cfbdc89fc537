# generated from protocol/, do not edit; npm run generate

# A function per method: it sends one request with `con$request(method, params)` and returns the result, a list.
# Arguments left NULL are absent from the request.

.datmo_protocol_version <- 1L

#' Deep-merges values into a run's config.
#'
#' @param con Connection to an engine.
#' @param runId Id of the run.
#' @param config Values by key; nested objects are merged.
#' @return A list: `config`.
#' @keywords internal
#' @noRd
.datmo_config_log <- function(con, runId, config) {
  .datmo_call(con, "config.log", list(
    runId = runId,
    config = .datmo_object(config)
  ))
}

#' Environments that can be set up.
#'
#' @param con Connection to an engine.
#' @return A list: `entries`.
#' @keywords internal
#' @noRd
.datmo_environment_catalog <- function(con) {
  .datmo_call(con, "environment.catalog", list())
}

#' Writes an environment of the catalogue into `datmo_environment/` and records it.
#'
#' @param con Connection to an engine.
#' @param framework Entry of the catalogue; `requirements`: the packages that the project's scripts
#'   import. Absent: `python-base`.
#' @param type `cpu` or `gpu`. Absent: `cpu`.
#' @param language Language and version. Absent: the entry's default.
#' @param name Name. Absent: `framework:type-language`.
#' @param force Replace files in `datmo_environment/` that no environment holds. Absent: refuse.
#' @return A list: `environment`, `created`, `written`.
#' @keywords internal
#' @noRd
.datmo_environment_setup <- function(con, framework = NULL, type = NULL, language = NULL, name = NULL, force = NULL) {
  .datmo_call(con, "environment.setup", list(
    framework = framework,
    type = type,
    language = language,
    name = name,
    force = force
  ))
}

#' Records an environment: from paths, an image, `datmo_environment/`, a Dockerfile at the root, or
#' the packages that the project's scripts import, in this order.
#'
#' @param con Connection to an engine.
#' @param paths Files and folders, each `SRC` or `SRC>NAME`; a single folder stands for what is in
#'   it. Absent: none.
#' @param image An image, by name. Absent: none.
#' @param kind `docker` or `venv`, where the files allow both. Absent: `docker` when there is a
#'   Dockerfile or nothing at all, else `venv`.
#' @param python Version of Python for a venv or a generated Dockerfile, such as `3.12`. Absent:
#'   that of the project.
#' @param name Name. Absent: made from what it is.
#' @param description What it is for. Absent: none.
#' @return A list: `environment`, `created`, `source`, `notes`.
#' @keywords internal
#' @noRd
.datmo_environment_create <- function(
  con, paths = NULL, image = NULL, kind = NULL, python = NULL, name = NULL, description = NULL
) {
  .datmo_call(con, "environment.create", list(
    paths = .datmo_array(paths),
    image = image,
    kind = kind,
    python = python,
    name = name,
    description = description
  ))
}

#' One environment: files, packages, builds, and what uses it.
#'
#' @param con Connection to an engine.
#' @param id Id, name or unique prefix; `host` is the machine as it is.
#' @return A list: `environment`, `files`, `packages`, `builds`, `runs`, `runCount`,
#'   `snapshotCount`.
#' @keywords internal
#' @noRd
.datmo_environment_get <- function(con, id) {
  .datmo_call(con, "environment.get", list(
    id = id
  ))
}

#' Environments, newest first; the last one is the host.
#'
#' @param con Connection to an engine.
#' @param limit At most this many items. Absent: 100.
#' @param cursor `nextCursor` of the answer before. Absent: from the beginning.
#' @return A list: `items`, `nextCursor`.
#' @keywords internal
#' @noRd
.datmo_environment_list <- function(con, limit = NULL, cursor = NULL) {
  .datmo_call(con, "environment.list", list(
    limit = limit,
    cursor = cursor
  ))
}

#' Changes name or description.
#'
#' @param con Connection to an engine.
#' @param id Id, name or unique prefix.
#' @param name New name. Absent: unchanged.
#' @param description New description. Absent: unchanged.
#' @return A list: `environment`.
#' @keywords internal
#' @noRd
.datmo_environment_update <- function(con, id, name = NULL, description = NULL) {
  .datmo_call(con, "environment.update", list(
    id = id,
    name = name,
    description = description
  ))
}

#' Makes an environment the one that runs use when nothing else is said, on this machine.
#'
#' @param con Connection to an engine.
#' @param id Id, name or unique prefix; `host` is the machine as it is. Absent: forget the choice;
#'   then `datmo_environment/` counts, else the host.
#' @return A list: `environment`, `reason`, `folderDiffers`.
#' @keywords internal
#' @noRd
.datmo_environment_use <- function(con, id = NULL) {
  .datmo_call(con, "environment.use", list(
    id = id
  ))
}

#' Makes what an environment needs to run: an image, or a venv.
#'
#' @param con Connection to an engine.
#' @param id Id, name or unique prefix. Absent: the active one.
#' @param noCache Build again although it is there. Absent: no.
#' @param originId Any text; comes back in the `environment.buildOutput` notifications of this
#'   request. Absent: none.
#' @param progressToken Asks for `$/progress` notifications carrying this token. Absent: none are
#'   sent.
#' @return A list: `environment`, `build`, `cached`, `notes`.
#' @keywords internal
#' @noRd
.datmo_environment_build <- function(con, id = NULL, noCache = NULL, originId = NULL, progressToken = NULL) {
  .datmo_call(con, "environment.build", list(
    id = id,
    noCache = noCache,
    originId = originId,
    progressToken = progressToken
  ))
}

#' Deletes environments. Their images and venvs stay unless asked for.
#'
#' @param con Connection to an engine.
#' @param ids Ids, names or unique prefixes.
#' @param force Also those that runs or snapshots used. Absent: no.
#' @param images Remove their images from the container engine as well. Absent: no.
#' @return A list: `ids`, `images`.
#' @keywords internal
#' @noRd
.datmo_environment_delete <- function(con, ids, force = NULL, images = NULL) {
  .datmo_call(con, "environment.delete", list(
    ids = .datmo_array(ids),
    force = force,
    images = images
  ))
}

#' Writes a folder that `docker build` builds anywhere.
#'
#' @param con Connection to an engine.
#' @param id Id, name or unique prefix.
#' @param directory Absolute path of an empty or absent folder.
#' @param progressToken Asks for `$/progress` notifications carrying this token. Absent: none are
#'   sent.
#' @return A list: `files`, `bytes`.
#' @keywords internal
#' @noRd
.datmo_environment_export <- function(con, id, directory, progressToken = NULL) {
  .datmo_call(con, "environment.export", list(
    id = id,
    directory = directory,
    progressToken = progressToken
  ))
}

#' Keeps a file with a run.
#'
#' @param con Connection to an engine.
#' @param runId Id of the run.
#' @param path File, absolute or relative to the project's root.
#' @param name Name to keep it under. Absent: the file's own name.
#' @return A list: `file`.
#' @keywords internal
#' @noRd
.datmo_file_log <- function(con, runId, path, name = NULL) {
  .datmo_call(con, "file.log", list(
    runId = runId,
    path = path,
    name = name
  ))
}

#' Files of a run or snapshot.
#'
#' @param con Connection to an engine.
#' @param runId A run. Absent: `snapshotId` is given.
#' @param snapshotId A snapshot. Absent: `runId` is given.
#' @return A list: `items`.
#' @keywords internal
#' @noRd
.datmo_file_list <- function(con, runId = NULL, snapshotId = NULL) {
  .datmo_call(con, "file.list", list(
    runId = runId,
    snapshotId = snapshotId
  ))
}

#' One kept file.
#'
#' @param con Connection to an engine.
#' @param path Its path in the component.
#' @param runId A run. Absent: `snapshotId` is given.
#' @param snapshotId A snapshot. Absent: `runId` is given.
#' @param destination File to write it to, absolute; must not exist. Absent: the content is in the
#'   answer, up to 8 MiB.
#' @return A list: `file`, `content`.
#' @keywords internal
#' @noRd
.datmo_file_get <- function(con, path, runId = NULL, snapshotId = NULL, destination = NULL) {
  .datmo_call(con, "file.get", list(
    path = path,
    runId = runId,
    snapshotId = snapshotId,
    destination = destination
  ))
}

#' Snapshots as nodes, runs as edges, newest first.
#'
#' @param con Connection to an engine.
#' @param limit At most this many snapshots and this many runs. Absent: 100.
#' @return A list: `snapshots`, `runs`, `more`.
#' @keywords internal
#' @noRd
.datmo_graph_get <- function(con, limit = NULL) {
  .datmo_call(con, "graph.get", list(
    limit = limit
  ))
}

#' Opens the connection; must be the first request.
#'
#' @param con Connection to an engine.
#' @param protocolVersion Version of the protocol the client speaks.
#' @param client Who is calling.
#' @param processId The client's process; the engine leaves when it is gone. Absent: the engine
#'   watches its parent only.
#' @param projectDir Folder to look for the project from, upwards. Absent: the engine's working
#'   directory.
#' @param capabilities What the client can do. Absent: nothing beyond the basics.
#' @return A list: `protocolVersion`, `engine`, `capabilities`.
#' @keywords internal
#' @noRd
.datmo_initialize <- function(
  con, protocolVersion, client, processId = NULL, projectDir = NULL, capabilities = NULL
) {
  .datmo_call(con, "initialize", list(
    protocolVersion = protocolVersion,
    client = .datmo_object(client),
    processId = processId,
    projectDir = projectDir,
    capabilities = .datmo_object(capabilities)
  ))
}

#' Asks the engine to finish what it began; `exit` follows.
#'
#' @param con Connection to an engine.
#' @return A list, empty.
#' @keywords internal
#' @noRd
.datmo_shutdown <- function(con) {
  .datmo_call(con, "shutdown", list())
}

#' Logs points: inline columns, or a stretch of a spool file. Inline points: answered when they
#' survive the end of the engine; on disk within a second. Nothing is dropped: repeated and
#' out-of-order steps are kept.
#'
#' @param con Connection to an engine.
#' @param runId Id of the run.
#' @param points Points as columns. Absent: `spool` is given.
#' @param spool A stretch of a spool file (docs/formats.md) in the run's folder, or in the folder
#'   registered with the run. Absent: `points` is given.
#' @return A list: `points`, `durableTo`.
#' @keywords internal
#' @noRd
.datmo_metric_log <- function(con, runId, points = NULL, spool = NULL) {
  .datmo_call(con, "metric.log", list(
    runId = runId,
    points = .datmo_object(points),
    spool = .datmo_object(spool)
  ))
}

#' The metrics of a run.
#'
#' @param con Connection to an engine.
#' @param runId Id, name or unique prefix.
#' @return A list: `items`.
#' @keywords internal
#' @noRd
.datmo_metric_list <- function(con, runId) {
  .datmo_call(con, "metric.list", list(
    runId = runId
  ))
}

#' The points of one metric, in order of step.
#'
#' @param con Connection to an engine.
#' @param runId Id, name or unique prefix.
#' @param name Name of the metric.
#' @param fromStep First step. Absent: the beginning.
#' @param toStep Last step. Absent: the end.
#' @param buckets Down-sample to this many stretches, keeping the minimum and maximum of each.
#'   Absent: every point.
#' @return A list: `name`, `points`.
#' @keywords internal
#' @noRd
.datmo_metric_history <- function(con, runId, name, fromStep = NULL, toStep = NULL, buckets = NULL) {
  .datmo_call(con, "metric.history", list(
    runId = runId,
    name = name,
    fromStep = fromStep,
    toStep = toStep,
    buckets = buckets
  ))
}

#' Creates a project, or updates the one that is there. All or nothing: when it fails, nothing is
#' left behind.
#'
#' @param con Connection to an engine.
#' @param directory Its root. Absent: the connection's project folder.
#' @param name Its name. Absent: the folder's name for a new project, unchanged for an existing one.
#' @param description What it is about. Absent: empty, or unchanged.
#' @return A list: `project`, `created`.
#' @keywords internal
#' @noRd
.datmo_project_create <- function(con, directory = NULL, name = NULL, description = NULL) {
  .datmo_call(con, "project.create", list(
    directory = directory,
    name = name,
    description = description
  ))
}

#' The connection's project.
#'
#' @param con Connection to an engine.
#' @return A list: `project`.
#' @keywords internal
#' @noRd
.datmo_project_get <- function(con) {
  .datmo_call(con, "project.get", list())
}

#' Changes name or description.
#'
#' @param con Connection to an engine.
#' @param name New name. Absent: unchanged.
#' @param description New description. Absent: unchanged.
#' @return A list: `project`.
#' @keywords internal
#' @noRd
.datmo_project_update <- function(con, name = NULL, description = NULL) {
  .datmo_call(con, "project.update", list(
    name = name,
    description = description
  ))
}

#' Is anything unsaved, and against what.
#'
#' @param con Connection to an engine.
#' @param limit At most this many changed paths. Absent: 1,000.
#' @param progressToken Asks for `$/progress` notifications carrying this token. Absent: none are
#'   sent.
#' @param verify Read the files that pointers name, however big. Absent: only those that are read
#'   quickly.
#' @return A list: `project`, `clean`, `changes`, `changeCount`, `current`, `newestUser`,
#'   `newestAutomatic`, `environment`, `environmentChanges`, `activeRuns`, `interruptedCheckout`,
#'   `problems`, `keptChanges`, `definitionChanges`, `unstable`, `skipped`, `pointers`.
#' @keywords internal
#' @noRd
.datmo_project_status <- function(con, limit = NULL, progressToken = NULL, verify = NULL) {
  .datmo_call(con, "project.status", list(
    limit = limit,
    progressToken = progressToken,
    verify = verify
  ))
}

#' Removes `.datmo` and everything datmo keeps of the project. The project's own files stay.
#'
#' @param con Connection to an engine.
#' @param confirm Id of the project, as a safeguard.
#' @return A list: `directory`, `bytes`, `images`, `containers`.
#' @keywords internal
#' @noRd
.datmo_project_delete <- function(con, confirm) {
  .datmo_call(con, "project.delete", list(
    confirm = confirm
  ))
}

#' What datmo found on this machine, and how to get what is missing. Works without a project.
#'
#' @param con Connection to an engine.
#' @return A list: `engine`, `tools`, `project`, `problems`.
#' @keywords internal
#' @noRd
.datmo_project_doctor <- function(con) {
  .datmo_call(con, "project.doctor", list())
}

#' Records a run as queued and takes its before-snapshot; a worker executes it later. The command,
#' its config and its variables are kept until then, so a run whose command or config holds a
#' credential is refused. Of variables that look like credentials only the names are kept: the
#' worker must have them in its own environment.
#'
#' @param con Connection to an engine.
#' @param command A command. One string is given to /bin/sh; an array is executed as it is, word by
#'   word.
#' @param directory Working directory, relative to the project's root. Absent: the root.
#' @param driver Where it runs. Absent: `host`.
#' @param gpu GPUs for the command: `all`, a number of them, or their ids joined by commas (`0,2`,
#'   `GPU-...`; a single index is `device=0`). Absent: none are asked for.
#' @param timeoutMs Time limit in milliseconds. Absent: none.
#' @param variables Environment variables given to the command besides those of the engine. Absent:
#'   none. Values that look like credentials are masked in what is kept.
#' @param name Readable name. Absent: one is made.
#' @param tags Tags. Absent: none.
#' @param group Group. Absent: none.
#' @param note Free text. Absent: none.
#' @param config The run's config. Absent: `config.json` at the root when it is there, else empty.
#' @param message Message for its snapshots. Absent: made from the command.
#' @param parse Lines of the output that are exactly `name: number` become metrics. Absent: yes.
#' @param snapshotId State to run on: id, label or unique prefix of a snapshot. Absent: the project
#'   as it is now.
#' @param trust Run it on a state that came from elsewhere. Absent: no.
#' @param progressToken Asks for `$/progress` notifications carrying this token. Absent: none are
#'   sent.
#' @param environment Environment: id, name or unique prefix; `host`; `docker`: the Dockerfile at
#'   the root; `venv`: the lock file there. Absent: `environmentPaths`, the active one,
#'   `datmo_environment/`, `host`.
#' @param environmentPaths Definition files, each `SRC` or `SRC>NAME`, instead of `environment`.
#'   Absent: none.
#' @param memoryBytes Limit of memory in bytes, swap included; needs a container. Absent: none.
#' @param cpus Limit of processors, in parts of one; needs a container. Absent: none.
#' @param ports Ports of the container that this machine shows. Absent: none.
#' @param data Files and folders in the data folder, in place of the project's `data`. Absent: the
#'   project's.
#' @return A list: `run`.
#' @keywords internal
#' @noRd
.datmo_queue_add <- function(
  con, command, directory = NULL, driver = NULL, gpu = NULL, timeoutMs = NULL, variables = NULL, name
  = NULL, tags = NULL, group = NULL, note = NULL, config = NULL, message = NULL, parse = NULL,
  snapshotId = NULL, trust = NULL, progressToken = NULL, environment = NULL, environmentPaths = NULL,
  memoryBytes = NULL, cpus = NULL, ports = NULL, data = NULL
) {
  .datmo_call(con, "queue.add", list(
    command = command,
    directory = directory,
    driver = driver,
    gpu = gpu,
    timeoutMs = timeoutMs,
    variables = .datmo_object(variables),
    name = name,
    tags = .datmo_array(tags),
    group = group,
    note = note,
    config = .datmo_object(config),
    message = message,
    parse = parse,
    snapshotId = snapshotId,
    trust = trust,
    progressToken = progressToken,
    environment = environment,
    environmentPaths = .datmo_array(environmentPaths),
    memoryBytes = memoryBytes,
    cpus = cpus,
    ports = .datmo_array(ports),
    data = .datmo_array(data)
  ))
}

#' Runs that wait, in the order in which workers take them.
#'
#' @param con Connection to an engine.
#' @return A list: `items`.
#' @keywords internal
#' @noRd
.datmo_queue_list <- function(con) {
  .datmo_call(con, "queue.list", list())
}

#' Takes the oldest queued run that can be started and starts it in this engine. Answers when its
#' command has started, or could not be; without a run when none can be started now. A run that asks
#' for GPUs gets free ones of those named; the oldest that has to wait for its GPUs keeps younger
#' ones from taking them.
#'
#' @param con Connection to an engine.
#' @param gpus GPUs that runs may be given. Absent: those of this machine.
#' @param sweepId Only runs of this sweep. Absent: any.
#' @param progressToken Asks for `$/progress` notifications carrying this token. Absent: none are
#'   sent.
#' @return A list: `run`, `gpus`, `waiting`, `held`, `unfit`.
#' @keywords internal
#' @noRd
.datmo_queue_claim <- function(con, gpus = NULL, sweepId = NULL, progressToken = NULL) {
  .datmo_call(con, "queue.claim", list(
    gpus = .datmo_array(gpus),
    sweepId = sweepId,
    progressToken = progressToken
  ))
}

#' Takes queued runs out of the queue; they end as stopped. All of them or none: one that has
#' started is refused.
#'
#' @param con Connection to an engine.
#' @param ids Ids, names or unique prefixes.
#' @return A list: `runs`.
#' @keywords internal
#' @noRd
.datmo_queue_cancel <- function(con, ids) {
  .datmo_call(con, "queue.cancel", list(
    ids = .datmo_array(ids)
  ))
}

#' Executes a command; answers when the run is durable and its process has started. A command that
#' fails is a result (`status` is `failed`), not an error. Cancelling before the process has started
#' takes everything back.
#'
#' @param con Connection to an engine.
#' @param command A command. One string is given to /bin/sh; an array is executed as it is, word by
#'   word.
#' @param directory Working directory, relative to the project's root. Absent: the root.
#' @param driver Where it runs: `host`, `docker`. Absent: what goes with the environment.
#' @param environment Environment: id, name or unique prefix; `host`; `docker`: the Dockerfile at
#'   the root; `venv`: the lock file there. Absent: `environmentPaths`, the active one,
#'   `datmo_environment/`, `host`.
#' @param environmentPaths Definition files, each `SRC` or `SRC>NAME`, instead of `environment`.
#'   Absent: none.
#' @param gpu GPUs for the command: `all`, a number of them, or their ids joined by commas (`0,2`,
#'   `GPU-...`; a single index is `device=0`). Absent: none are asked for.
#' @param memoryBytes Limit of memory in bytes, swap included; needs a container. Absent: none.
#' @param cpus Limit of processors, in parts of one; needs a container. Absent: none.
#' @param ports Ports of the container that this machine shows. Absent: none.
#' @param data Files and folders in the data folder, in place of the project's `data`. Absent: the
#'   project's.
#' @param timeoutMs Time limit in milliseconds. Absent: none.
#' @param variables Environment variables given to the command besides those of the engine. Absent:
#'   none. Values that look like credentials are masked in what is kept.
#' @param interactive The command gets the terminal or standard input. Absent: no.
#' @param name Readable name. Absent: one is made.
#' @param tags Tags. Absent: none.
#' @param group Group. Absent: none.
#' @param note Free text. Absent: none.
#' @param config The run's config. Absent: `config.json` at the root when it is there, else empty.
#' @param message Message for its snapshots. Absent: made from the command.
#' @param parse Lines of the output that are exactly `name: number` become metrics. Absent: yes.
#' @param detached The run belongs to a process of its own and goes on when this engine leaves.
#'   Absent: no.
#' @param isolated Run in a copy of the before-snapshot. Absent: no, in the project's folder.
#' @param originId Made by the client; echoed on every notification about this run, so that early
#'   output can be placed. Absent: none.
#' @param progressToken Asks for `$/progress` notifications carrying this token. Absent: none are
#'   sent.
#' @return A list: `run`.
#' @keywords internal
#' @noRd
.datmo_run_start <- function(
  con, command, directory = NULL, driver = NULL, environment = NULL, environmentPaths = NULL, gpu =
  NULL, memoryBytes = NULL, cpus = NULL, ports = NULL, data = NULL, timeoutMs = NULL, variables =
  NULL, interactive = NULL, name = NULL, tags = NULL, group = NULL, note = NULL, config = NULL,
  message = NULL, parse = NULL, detached = NULL, isolated = NULL, originId = NULL, progressToken =
  NULL
) {
  .datmo_call(con, "run.start", list(
    command = command,
    directory = directory,
    driver = driver,
    environment = environment,
    environmentPaths = .datmo_array(environmentPaths),
    gpu = gpu,
    memoryBytes = memoryBytes,
    cpus = cpus,
    ports = .datmo_array(ports),
    data = .datmo_array(data),
    timeoutMs = timeoutMs,
    variables = .datmo_object(variables),
    interactive = interactive,
    name = name,
    tags = .datmo_array(tags),
    group = group,
    note = note,
    config = .datmo_object(config),
    message = message,
    parse = parse,
    detached = detached,
    isolated = isolated,
    originId = originId,
    progressToken = progressToken
  ))
}

#' Begins a recorded run: the caller is the run.
#'
#' @param con Connection to an engine.
#' @param name Readable name. Absent: one is made.
#' @param tags Tags. Absent: none.
#' @param group Group. Absent: none.
#' @param note Free text. Absent: none.
#' @param config The run's config. Absent: `config.json` at the root when it is there, else empty.
#' @param id Id made by the client, 26 base32 characters; repeating the call with the same id
#'   changes nothing. Absent: made here.
#' @param type Kind of run. Absent: `script`.
#' @param command How the script was called. Absent: not told.
#' @param directory Its working directory, absolute. Absent: the project's root.
#' @param pythonExecutable The interpreter it runs in. Absent: not Python.
#' @param snapshots Take before- and after-snapshots in the background. Absent: yes.
#' @param startedAt When the script began, RFC 3339 UTC. Absent: now.
#' @param processId Process of the script, watched for its end. Absent: the client's.
#' @param resume Append to the run with this id although it has ended. Absent: no.
#' @return A list: `run`, `taskDirectory`.
#' @keywords internal
#' @noRd
.datmo_run_create <- function(
  con, name = NULL, tags = NULL, group = NULL, note = NULL, config = NULL, id = NULL, type = NULL,
  command = NULL, directory = NULL, pythonExecutable = NULL, snapshots = NULL, startedAt = NULL,
  processId = NULL, resume = NULL
) {
  .datmo_call(con, "run.create", list(
    name = name,
    tags = .datmo_array(tags),
    group = group,
    note = note,
    config = .datmo_object(config),
    id = id,
    type = type,
    command = command,
    directory = directory,
    pythonExecutable = pythonExecutable,
    snapshots = snapshots,
    startedAt = startedAt,
    processId = processId,
    resume = resume
  ))
}

#' Ends a recorded run. Answers once the end is durable; the after-snapshot may still be on its way.
#'
#' @param con Connection to an engine.
#' @param id Id of the run.
#' @param status How it ended. Absent: `succeeded`, or `failed` with an exit code other than 0.
#' @param exitCode Exit code of the script. Absent: unknown.
#' @param error Why it failed. Absent: nothing more is known.
#' @param endedAt When it ended, RFC 3339 UTC. Absent: now.
#' @return A list: `run`.
#' @keywords internal
#' @noRd
.datmo_run_finish <- function(con, id, status = NULL, exitCode = NULL, error = NULL, endedAt = NULL) {
  .datmo_call(con, "run.finish", list(
    id = id,
    status = status,
    exitCode = exitCode,
    error = .datmo_object(error),
    endedAt = endedAt
  ))
}

#' One run with everything that is known of it.
#'
#' @param con Connection to an engine.
#' @param id Id, name or unique prefix.
#' @return A list: `run`, `machine`, `userGit`, `files`, `taskDirectory`.
#' @keywords internal
#' @noRd
.datmo_run_get <- function(con, id) {
  .datmo_call(con, "run.get", list(
    id = id
  ))
}

#' Runs, by default the newest first.
#'
#' @param con Connection to an engine.
#' @param filter A filter, docs/filter.md. Absent: all.
#' @param sort Sort keys, comma-separated, `-` in front for descending. Absent: `-created`.
#' @param limit At most this many items. Absent: 100.
#' @param cursor `nextCursor` of the answer before. Absent: from the beginning.
#' @param status Only these statuses. Absent: any.
#' @param tags Only runs with all these tags. Absent: any.
#' @param deleted Deleted runs instead. Absent: no.
#' @return A list: `items`, `nextCursor`, `total`.
#' @keywords internal
#' @noRd
.datmo_run_list <- function(
  con, filter = NULL, sort = NULL, limit = NULL, cursor = NULL, status = NULL, tags = NULL, deleted =
  NULL
) {
  .datmo_call(con, "run.list", list(
    filter = filter,
    sort = sort,
    limit = limit,
    cursor = cursor,
    status = .datmo_array(status),
    tags = .datmo_array(tags),
    deleted = deleted
  ))
}

#' Changes name, tags, note or group.
#'
#' @param con Connection to an engine.
#' @param id Id, name or unique prefix.
#' @param name New name. Absent: unchanged.
#' @param addTags Tags to add. Absent: none.
#' @param removeTags Tags to remove. Absent: none.
#' @param note New note. Absent: unchanged.
#' @param group New group. Absent: unchanged.
#' @return A list: `run`.
#' @keywords internal
#' @noRd
.datmo_run_update <- function(
  con, id, name = NULL, addTags = NULL, removeTags = NULL, note = NULL, group = NULL
) {
  .datmo_call(con, "run.update", list(
    id = id,
    name = name,
    addTags = .datmo_array(addTags),
    removeTags = .datmo_array(removeTags),
    note = note,
    group = group
  ))
}

#' Deletes runs that have ended; undone by `run.undelete` until `gc`.
#'
#' @param con Connection to an engine.
#' @param ids Ids, names or unique prefixes.
#' @return A list: `ids`.
#' @keywords internal
#' @noRd
.datmo_run_delete <- function(con, ids) {
  .datmo_call(con, "run.delete", list(
    ids = .datmo_array(ids)
  ))
}

#' Takes a deletion back.
#'
#' @param con Connection to an engine.
#' @param ids Ids or unique prefixes.
#' @return A list: `ids`.
#' @keywords internal
#' @noRd
.datmo_run_undelete <- function(con, ids) {
  .datmo_call(con, "run.undelete", list(
    ids = .datmo_array(ids)
  ))
}

#' Answers when the run has ended and its after-snapshot is taken. Cancelling does not stop the run.
#'
#' @param con Connection to an engine.
#' @param id Id, name or unique prefix.
#' @param timeoutMs Answer after this time with the run as it is. Absent: wait for the end.
#' @return A list: `run`.
#' @keywords internal
#' @noRd
.datmo_run_wait <- function(con, id, timeoutMs = NULL) {
  .datmo_call(con, "run.wait", list(
    id = id,
    timeoutMs = timeoutMs
  ))
}

#' Stops a run, or all active ones: graceful, then killed.
#'
#' @param con Connection to an engine.
#' @param id Id, name or unique prefix. Absent: needs `all`.
#' @param all Every active run. Absent: no.
#' @param graceMs Time between the request to end and the kill. Absent: 10,000.
#' @param signal How it is asked to end. Absent: `SIGTERM`.
#' @return A list: `runs`.
#' @keywords internal
#' @noRd
.datmo_run_stop <- function(con, id = NULL, all = NULL, graceMs = NULL, signal = NULL) {
  .datmo_call(con, "run.stop", list(
    id = id,
    all = all,
    graceMs = graceMs,
    signal = signal
  ))
}

#' Output of a run.
#'
#' @param con Connection to an engine.
#' @param id Id, name or unique prefix.
#' @param offset First byte wanted. Negative: counted from the end. Absent: 0.
#' @param limit At most this many bytes. Absent: 1 MiB.
#' @param encoding `utf8`: what is not UTF-8 is replaced. Absent: `utf8`.
#' @return A list: `text`, `offset`, `nextOffset`, `size`, `ended`.
#' @keywords internal
#' @noRd
.datmo_run_logs <- function(con, id, offset = NULL, limit = NULL, encoding = NULL) {
  .datmo_call(con, "run.logs", list(
    id = id,
    offset = offset,
    limit = limit,
    encoding = encoding
  ))
}

#' What differs between two runs. Code, environment and definition files are compared between the
#' before-snapshots, files between the after-snapshots.
#'
#' @param con Connection to an engine.
#' @param a Id, name or unique prefix of the left side.
#' @param b Of the right side.
#' @param text Compare the text of files: `stat` only counts lines, `full` tells them. Absent: only
#'   which paths differ.
#' @param context Lines told around those that differ. Absent: 3.
#' @param paths Only these files and folders, in the code and the kept files; relative to the root
#'   of the project, or absolute in it. Absent: all.
#' @return A list: `a`, `b`, `diff`.
#' @keywords internal
#' @noRd
.datmo_run_diff <- function(con, a, b, text = NULL, context = NULL, paths = NULL) {
  .datmo_call(con, "run.diff", list(
    a = a,
    b = b,
    text = text,
    context = context,
    paths = .datmo_array(paths)
  ))
}

#' A new run of the same task on the run's before-snapshot, in an isolated copy.
#'
#' @param con Connection to an engine.
#' @param id Id, name or unique prefix.
#' @param snapshotId Another state to run on. Absent: the run's before-snapshot.
#' @param environment Another environment: as in `run.start`; `captured`: a venv with the packages
#'   that the run recorded. Absent: the run's own, by the same image.
#' @param config Values that replace those of the run's config, deep-merged. Absent: none.
#' @param name Readable name. Absent: one is made.
#' @param tags Tags. Absent: none.
#' @param timeoutMs Time limit in milliseconds. Absent: none.
#' @param trust Run a command that came from elsewhere. Absent: no.
#' @param originId As in `run.start`. Absent: none.
#' @param progressToken Asks for `$/progress` notifications carrying this token. Absent: none are
#'   sent.
#' @return A list: `run`.
#' @keywords internal
#' @noRd
.datmo_run_rerun <- function(
  con, id, snapshotId = NULL, environment = NULL, config = NULL, name = NULL, tags = NULL, timeoutMs =
  NULL, trust = NULL, originId = NULL, progressToken = NULL
) {
  .datmo_call(con, "run.rerun", list(
    id = id,
    snapshotId = snapshotId,
    environment = environment,
    config = .datmo_object(config),
    name = name,
    tags = .datmo_array(tags),
    timeoutMs = timeoutMs,
    trust = trust,
    originId = originId,
    progressToken = progressToken
  ))
}

#' Compares a repetition with its original, and says what differs and why.
#'
#' @param con Connection to an engine.
#' @param rerunId The repetition; must have ended.
#' @param originalId The original. Absent: the run that `rerunId` repeats.
#' @param tolerance Metrics may differ by this share of the larger magnitude. Absent: 0, exactly
#'   equal.
#' @return A list: `same`, `first`, `cause`, `tolerance`, `original`, `rerun`, `differences`,
#'   `comparedMetrics`, `comparedFiles`, `notCaptured`.
#' @keywords internal
#' @noRd
.datmo_run_verify <- function(con, rerunId, originalId = NULL, tolerance = NULL) {
  .datmo_call(con, "run.verify", list(
    rerunId = rerunId,
    originalId = originalId,
    tolerance = tolerance
  ))
}

#' Takes all five components in one step. Nothing changed: the same snapshot.
#'
#' @param con Connection to an engine.
#' @param message What it is.
#' @param label Short category. Absent: none.
#' @param runId Make the run's after-snapshot a visible one (for an active run: a snapshot within
#'   it). Absent: none.
#' @param environment Environment that it holds, as in `run.start`; not for a snapshot of a run.
#'   Absent: the active one.
#' @param config Its config. Absent: `config.json` at the root when it is there, else empty.
#' @param metrics Its metrics. Absent: `metrics.json` or `stats.json` at the root when it is there,
#'   else empty.
#' @param configFile A JSON file with the config, instead of `config`. Absent: none.
#' @param metricsFile A JSON file with the metrics, instead of `metrics`. Absent: none.
#' @param paths Files and folders for the files component, each `SRC` or `SRC>NAME`. Absent: none.
#' @param progressToken Asks for `$/progress` notifications carrying this token. Absent: none are
#'   sent.
#' @param pointers Pointers to files that are not kept, for its config: size and SHA-256 are
#'   computed. Absent: none.
#' @return A list: `snapshot`, `created`, `unstable`, `skipped`.
#' @keywords internal
#' @noRd
.datmo_snapshot_create <- function(
  con, message, label = NULL, runId = NULL, environment = NULL, config = NULL, metrics = NULL,
  configFile = NULL, metricsFile = NULL, paths = NULL, progressToken = NULL, pointers = NULL
) {
  .datmo_call(con, "snapshot.create", list(
    message = message,
    label = label,
    runId = runId,
    environment = environment,
    config = .datmo_object(config),
    metrics = .datmo_object(metrics),
    configFile = configFile,
    metricsFile = metricsFile,
    paths = .datmo_array(paths),
    progressToken = progressToken,
    pointers = .datmo_array(pointers)
  ))
}

#' One snapshot with its environment.
#'
#' @param con Connection to an engine.
#' @param id Id, label or unique prefix.
#' @param verify Read the files that pointers name, however big. Absent: only those that are read
#'   quickly.
#' @param progressToken Asks for `$/progress` notifications carrying this token. Absent: none are
#'   sent.
#' @return A list: `snapshot`, `environment`, `codeFiles`, `codeBytes`, `unstable`, `skipped`,
#'   `pointers`.
#' @keywords internal
#' @noRd
.datmo_snapshot_get <- function(con, id, verify = NULL, progressToken = NULL) {
  .datmo_call(con, "snapshot.get", list(
    id = id,
    verify = verify,
    progressToken = progressToken
  ))
}

#' Snapshots, newest first.
#'
#' @param con Connection to an engine.
#' @param all Those that runs made as well. Absent: no.
#' @param text Only those whose message or label contains it. Absent: all.
#' @param markCurrent Mark the one that equals the project's folder. Absent: no.
#' @param limit At most this many items. Absent: 100.
#' @param cursor `nextCursor` of the answer before. Absent: from the beginning.
#' @return A list: `items`, `nextCursor`.
#' @keywords internal
#' @noRd
.datmo_snapshot_list <- function(con, all = NULL, text = NULL, markCurrent = NULL, limit = NULL, cursor = NULL) {
  .datmo_call(con, "snapshot.list", list(
    all = all,
    text = text,
    markCurrent = markCurrent,
    limit = limit,
    cursor = cursor
  ))
}

#' Changes message, label, visibility; merges config and metrics.
#'
#' @param con Connection to an engine.
#' @param id Id, label or unique prefix.
#' @param message New message. Absent: unchanged.
#' @param label New label; empty removes it. Absent: unchanged.
#' @param visible Absent: unchanged.
#' @param config Merged into its config. Absent: nothing.
#' @param metrics Merged into its metrics. Absent: nothing.
#' @return A list: `snapshot`.
#' @keywords internal
#' @noRd
.datmo_snapshot_update <- function(
  con, id, message = NULL, label = NULL, visible = NULL, config = NULL, metrics = NULL
) {
  .datmo_call(con, "snapshot.update", list(
    id = id,
    message = message,
    label = label,
    visible = visible,
    config = .datmo_object(config),
    metrics = .datmo_object(metrics)
  ))
}

#' Deletes snapshots; content goes with `gc`.
#'
#' @param con Connection to an engine.
#' @param ids Ids, labels or unique prefixes.
#' @param force Also those that a run needs. Absent: no.
#' @return A list: `ids`.
#' @keywords internal
#' @noRd
.datmo_snapshot_delete <- function(con, ids, force = NULL) {
  .datmo_call(con, "snapshot.delete", list(
    ids = .datmo_array(ids),
    force = force
  ))
}

#' Brings a snapshot's code back into the project's folder.
#'
#' @param con Connection to an engine.
#' @param id Id, label or unique prefix.
#' @param force Save unsaved work as a snapshot first, then go on; move files in the way to
#'   `.datmo/displaced`. Absent: refuse.
#' @param progressToken Asks for `$/progress` notifications carrying this token. Absent: none are
#'   sent.
#' @return A list: `snapshot`, `saved`, `written`, `removed`, `displaced`, `restored`,
#'   `notRestored`.
#' @keywords internal
#' @noRd
.datmo_snapshot_checkout <- function(con, id, force = NULL, progressToken = NULL) {
  .datmo_call(con, "snapshot.checkout", list(
    id = id,
    force = force,
    progressToken = progressToken
  ))
}

#' What differs between two snapshots, or between a snapshot and the project's folder. The folder
#' has no kept files, and has a config and metrics when `config.json` and `metrics.json` (or
#' `stats.json`) lie at its root; what a side does not have is not compared.
#'
#' @param con Connection to an engine.
#' @param a Id, label or unique prefix of the left side. Absent: the newest snapshot that was made
#'   on purpose; if there is none, the newest.
#' @param b Of the right side. Absent: the project's folder as it is.
#' @param text Compare the text of files: `stat` only counts lines, `full` tells them. Absent: only
#'   which paths differ.
#' @param context Lines told around those that differ. Absent: 3.
#' @param paths Only these files and folders, in the code and the kept files; relative to the root
#'   of the project, or absolute in it. Absent: all.
#' @return A list: `a`, `b`, `diff`, `skipped`.
#' @keywords internal
#' @noRd
.datmo_snapshot_diff <- function(con, a = NULL, b = NULL, text = NULL, context = NULL, paths = NULL) {
  .datmo_call(con, "snapshot.diff", list(
    a = a,
    b = b,
    text = text,
    context = context,
    paths = .datmo_array(paths)
  ))
}

#' Puts a snapshot's code and files into a folder outside `.datmo`.
#'
#' @param con Connection to an engine.
#' @param id Id, label or unique prefix.
#' @param directory Folder, absolute; must be empty or absent.
#' @param progressToken Asks for `$/progress` notifications carrying this token. Absent: none are
#'   sent.
#' @param only Only the code, or only the kept files. Absent: both, the kept files in `datmo_files`.
#' @return A list: `files`, `bytes`.
#' @keywords internal
#' @noRd
.datmo_snapshot_export <- function(con, id, directory, progressToken = NULL, only = NULL) {
  .datmo_call(con, "snapshot.export", list(
    id = id,
    directory = directory,
    progressToken = progressToken,
    only = only
  ))
}

#' Folds the journal and refreshes `datmo.sqlite` for stock sqlite3.
#'
#' @param con Connection to an engine.
#' @param progressToken Asks for `$/progress` notifications carrying this token. Absent: none are
#'   sent.
#' @return A list: `generation`, `sqlitePath`, `records`.
#' @keywords internal
#' @noRd
.datmo_store_sync <- function(con, progressToken = NULL) {
  .datmo_call(con, "store.sync", list(
    progressToken = progressToken
  ))
}

#' Reads everything the project keeps and says what is damaged. Changes nothing. Git objects with
#' their hashes, big files with theirs, references, metric points, journal and the folders of runs.
#'
#' @param con Connection to an engine.
#' @param progressToken Asks for `$/progress` notifications carrying this token. Absent: none are
#'   sent.
#' @return A list: `clean`, `problems`, `objects`, `notes`.
#' @keywords internal
#' @noRd
.datmo_store_fsck <- function(con, progressToken = NULL) {
  .datmo_call(con, "store.fsck", list(
    progressToken = progressToken
  ))
}

#' Sends what a remote does not have: snapshots, runs, tasks and metrics. Safe to repeat and to cut
#' off. What was deleted here is deleted there.
#'
#' @param con Connection to an engine.
#' @param remote The git repository: a path, or an https, ssh, git or file address. Absent: the one
#'   of the last push or pull.
#' @param progressToken Asks for `$/progress` notifications carrying this token. Absent: none are
#'   sent.
#' @return A list: `remote`, `nothingNew`, `snapshots`, `removed`, `runs`, `records`, `points`,
#'   `objects`, `bigFiles`, `bytes`, `waiting`, `keptBack`.
#' @keywords internal
#' @noRd
.datmo_store_push <- function(con, remote = NULL, progressToken = NULL) {
  .datmo_call(con, "store.push", list(
    remote = remote,
    progressToken = progressToken
  ))
}

#' Takes in what a remote has and this project has not. A union: nothing that is here is lost, but
#' what was deleted elsewhere is deleted. Safe to repeat and to cut off.
#'
#' @param con Connection to an engine.
#' @param remote The git repository: a path, or an https, ssh, git or file address. Absent: the one
#'   of the last push or pull.
#' @param progressToken Asks for `$/progress` notifications carrying this token. Absent: none are
#'   sent.
#' @return A list: `remote`, `nothingNew`, `snapshots`, `removed`, `runs`, `records`, `points`,
#'   `objects`, `bigFiles`, `bytes`.
#' @keywords internal
#' @noRd
.datmo_store_pull <- function(con, remote = NULL, progressToken = NULL) {
  .datmo_call(con, "store.pull", list(
    remote = remote,
    progressToken = progressToken
  ))
}

#' Removes what nothing needs any more: deleted runs and snapshots, and what only they used. Safe
#' beside everything else, and safe to cut off and repeat. What work under way may need goes with a
#' later call.
#'
#' @param con Connection to an engine.
#' @param dryRun Only say what would go. Absent: no.
#' @param progressToken Asks for `$/progress` notifications carrying this token. Absent: none are
#'   sent.
#' @return A list: `dryRun`, `collected`, `bytes`, `laterBytes`, `displaced`.
#' @keywords internal
#' @noRd
.datmo_store_gc <- function(con, dryRun = NULL, progressToken = NULL) {
  .datmo_call(con, "store.gc", list(
    dryRun = dryRun,
    progressToken = progressToken
  ))
}

#' Where the bytes are: parts of `.datmo`, runs and snapshots, the largest first.
#'
#' @param con Connection to an engine.
#' @param progressToken Asks for `$/progress` notifications carrying this token. Absent: none are
#'   sent.
#' @return A list: `bytes`, `parts`, `runs`, `snapshots`.
#' @keywords internal
#' @noRd
.datmo_store_usage <- function(con, progressToken = NULL) {
  .datmo_call(con, "store.usage", list(
    progressToken = progressToken
  ))
}

#' Removes a recorded secret for good: files in everything that was recorded, or whole snapshots.
#' Snapshots that hold the content are written anew without it, with their ids, dates and messages.
#' A record of it stays, which other copies of the project respect.
#'
#' @param con Connection to an engine.
#' @param targets Paths relative to the project, to the files of a snapshot or run (`*`, `**`, `?`
#'   allowed), or ids or labels of snapshots.
#' @param dryRun Only say what would go. Absent: no.
#' @param progressToken Asks for `$/progress` notifications carrying this token. Absent: none are
#'   sent.
#' @return A list: `dryRun`, `id`, `paths`, `contents`, `snapshots`, `removedSnapshots`,
#'   `stillThere`, `taskFiles`.
#' @keywords internal
#' @noRd
.datmo_store_purge <- function(con, targets, dryRun = NULL, progressToken = NULL) {
  .datmo_call(con, "store.purge", list(
    targets = .datmo_array(targets),
    dryRun = dryRun,
    progressToken = progressToken
  ))
}

#' Queues a run for every combination that has none yet. With the `id` of a sweep that is there,
#' what it was started with counts, and only missing runs are added: so it may be repeated after a
#' crash, and adds nothing twice. Those that were deleted are not added again.
#'
#' @param con Connection to an engine.
#' @param id Id, name or unique prefix of a sweep that is there, or a new id of 26 characters.
#'   Absent: a new one.
#' @param name Readable name. Absent: one is made.
#' @param command What every run executes. Absent: that of the sweep that is there.
#' @param spec Which values are tried. Absent: that of the sweep that is there.
#' @param config Values that all combinations have. Absent: `config.json` at the root when it is
#'   there, else empty.
#' @param group Group of its runs. Absent: its name.
#' @param directory Working directory, relative to the project's root. Absent: the root.
#' @param driver Where it runs. Absent: `host`.
#' @param gpu GPUs for the command: `all`, a number of them, or their ids joined by commas (`0,2`,
#'   `GPU-...`; a single index is `device=0`). Absent: none are asked for.
#' @param timeoutMs Time limit in milliseconds. Absent: none.
#' @param variables Environment variables given to the command besides those of the engine. Absent:
#'   none. Values that look like credentials are masked in what is kept.
#' @param tags Tags. Absent: none.
#' @param note Free text. Absent: none.
#' @param message Message for its snapshots. Absent: made from the command.
#' @param parse Lines of the output that are exactly `name: number` become metrics. Absent: yes.
#' @param progressToken Asks for `$/progress` notifications carrying this token. Absent: none are
#'   sent.
#' @param environment Environment: id, name or unique prefix; `host`; `docker`: the Dockerfile at
#'   the root; `venv`: the lock file there. Absent: `environmentPaths`, the active one,
#'   `datmo_environment/`, `host`.
#' @param environmentPaths Definition files, each `SRC` or `SRC>NAME`, instead of `environment`.
#'   Absent: none.
#' @param memoryBytes Limit of memory in bytes, swap included; needs a container. Absent: none.
#' @param cpus Limit of processors, in parts of one; needs a container. Absent: none.
#' @param ports Ports of the container that this machine shows. Absent: none.
#' @param data Files and folders in the data folder, in place of the project's `data`. Absent: the
#'   project's.
#' @return A list: `sweep`, `added`.
#' @keywords internal
#' @noRd
.datmo_sweep_start <- function(
  con, id = NULL, name = NULL, command = NULL, spec = NULL, config = NULL, group = NULL, directory =
  NULL, driver = NULL, gpu = NULL, timeoutMs = NULL, variables = NULL, tags = NULL, note = NULL,
  message = NULL, parse = NULL, progressToken = NULL, environment = NULL, environmentPaths = NULL,
  memoryBytes = NULL, cpus = NULL, ports = NULL, data = NULL
) {
  .datmo_call(con, "sweep.start", list(
    id = id,
    name = name,
    command = command,
    spec = .datmo_object(spec),
    config = .datmo_object(config),
    group = group,
    directory = directory,
    driver = driver,
    gpu = gpu,
    timeoutMs = timeoutMs,
    variables = .datmo_object(variables),
    tags = .datmo_array(tags),
    note = note,
    message = message,
    parse = parse,
    progressToken = progressToken,
    environment = environment,
    environmentPaths = .datmo_array(environmentPaths),
    memoryBytes = memoryBytes,
    cpus = cpus,
    ports = .datmo_array(ports),
    data = .datmo_array(data)
  ))
}

#' A sweep with its runs.
#'
#' @param con Connection to an engine.
#' @param id Id, name or unique prefix.
#' @return A list: `sweep`, `runs`, `counts`.
#' @keywords internal
#' @noRd
.datmo_sweep_get <- function(con, id) {
  .datmo_call(con, "sweep.get", list(
    id = id
  ))
}

#' All sweeps, newest first.
#'
#' @param con Connection to an engine.
#' @param limit At most this many items. Absent: 100.
#' @param cursor `nextCursor` of the answer before. Absent: from the beginning.
#' @return A list: `items`, `nextCursor`.
#' @keywords internal
#' @noRd
.datmo_sweep_list <- function(con, limit = NULL, cursor = NULL) {
  .datmo_call(con, "sweep.list", list(
    limit = limit,
    cursor = cursor
  ))
}

#' Keeps a task; the same definition is the same task.
#'
#' @param con Connection to an engine.
#' @param command A command. One string is given to /bin/sh; an array is executed as it is, word by
#'   word.
#' @param directory Working directory, relative to the project's root. Absent: the root.
#' @param driver Where it runs. Absent: `host`.
#' @param environmentId Where it runs: id, name or unique prefix of an environment. Absent: the
#'   machine as it is.
#' @param gpu GPUs for the command: `all`, a number of them, or their ids joined by commas (`0,2`,
#'   `GPU-...`; a single index is `device=0`). Absent: none are asked for.
#' @param memoryBytes Limit of memory in bytes, swap included; needs a container. Absent: none.
#' @param cpus Limit of processors, in parts of one; needs a container. Absent: none.
#' @param ports Ports of the container that this machine shows. Absent: none.
#' @param data Files and folders in the data folder, in place of the project's `data`. Absent: the
#'   project's.
#' @param timeoutMs Time limit in milliseconds. Absent: none.
#' @param variables Environment variables given to the command besides those of the engine. Absent:
#'   none. Values that look like credentials are masked in what is kept.
#' @param interactive The command gets the terminal or standard input. Absent: no.
#' @return A list: `task`, `created`.
#' @keywords internal
#' @noRd
.datmo_task_create <- function(
  con, command, directory = NULL, driver = NULL, environmentId = NULL, gpu = NULL, memoryBytes = NULL,
  cpus = NULL, ports = NULL, data = NULL, timeoutMs = NULL, variables = NULL, interactive = NULL
) {
  .datmo_call(con, "task.create", list(
    command = command,
    directory = directory,
    driver = driver,
    environmentId = environmentId,
    gpu = gpu,
    memoryBytes = memoryBytes,
    cpus = cpus,
    ports = .datmo_array(ports),
    data = .datmo_array(data),
    timeoutMs = timeoutMs,
    variables = .datmo_object(variables),
    interactive = interactive
  ))
}

#' One task.
#'
#' @param con Connection to an engine.
#' @param id Id or unique prefix.
#' @return A list: `task`, `runs`.
#' @keywords internal
#' @noRd
.datmo_task_get <- function(con, id) {
  .datmo_call(con, "task.get", list(
    id = id
  ))
}

#' All tasks, newest first.
#'
#' @param con Connection to an engine.
#' @param limit At most this many items. Absent: 100.
#' @param cursor `nextCursor` of the answer before. Absent: from the beginning.
#' @return A list: `items`, `nextCursor`.
#' @keywords internal
#' @noRd
.datmo_task_list <- function(con, limit = NULL, cursor = NULL) {
  .datmo_call(con, "task.list", list(
    limit = limit,
    cursor = cursor
  ))
}

#' A new run of the task on a state, in an isolated copy. Answers when the run is durable and its
#' command has started.
#'
#' @param con Connection to an engine.
#' @param id Id or unique prefix of the task.
#' @param snapshotId State to run on: id, label or unique prefix of a snapshot; its config counts.
#'   Absent: the project as it is now.
#' @param config Values that replace those of the state's config, deep-merged. Absent: none.
#' @param name Readable name. Absent: one is made.
#' @param tags Tags. Absent: none.
#' @param group Group. Absent: none.
#' @param note Free text. Absent: none.
#' @param timeoutMs Time limit in milliseconds. Absent: the task's.
#' @param trust Run a command that came from elsewhere. Absent: no.
#' @param detached The run belongs to a process of its own and goes on when this engine leaves.
#'   Absent: no.
#' @param originId As in `run.start`. Absent: none.
#' @param progressToken Asks for `$/progress` notifications carrying this token. Absent: none are
#'   sent.
#' @return A list: `run`.
#' @keywords internal
#' @noRd
.datmo_task_run <- function(
  con, id, snapshotId = NULL, config = NULL, name = NULL, tags = NULL, group = NULL, note = NULL,
  timeoutMs = NULL, trust = NULL, detached = NULL, originId = NULL, progressToken = NULL
) {
  .datmo_call(con, "task.run", list(
    id = id,
    snapshotId = snapshotId,
    config = .datmo_object(config),
    name = name,
    tags = .datmo_array(tags),
    group = group,
    note = note,
    timeoutMs = timeoutMs,
    trust = trust,
    detached = detached,
    originId = originId,
    progressToken = progressToken
  ))
}

# Kind: code, category, whether trying again may help, message and hint with placeholders.
.datmo_errors <- list(
  PARSE_ERROR = list(
    code = -32700L, category = "protocol", retryable = FALSE,
    message = "The message is not valid JSON: {reason}.",
    hint = "Send one JSON object per frame; numbers must be finite."
  ),
  INVALID_REQUEST = list(
    code = -32600L, category = "protocol", retryable = FALSE,
    message = "The message is not a JSON-RPC 2.0 request: {reason}.",
    hint = "Batches are not supported; send requests one by one."
  ),
  METHOD_NOT_FOUND = list(
    code = -32601L, category = "protocol", retryable = FALSE,
    message = "There is no method \"{method}\".",
    hint = "See protocol/SPEC.md for the methods of this version."
  ),
  INVALID_PARAMS = list(
    code = -32602L, category = "protocol", retryable = FALSE,
    message = "{summary}",
    hint = ""
  ),
  INTERNAL_ERROR = list(
    code = -32603L, category = "protocol", retryable = FALSE,
    message = "datmo met a bug (reference {reference}): {reason}.",
    hint = "Please report it with the engine's log (DATMO_LOG=debug)."
  ),
  NOT_INITIALIZED = list(
    code = -32002L, category = "protocol", retryable = FALSE,
    message = "The engine expects `initialize` first.",
    hint = "Send `initialize` and wait for its answer."
  ),
  CANCELLED = list(
    code = -32800L, category = "protocol", retryable = FALSE,
    message = "The request was cancelled.",
    hint = ""
  ),
  PROJECT_NOT_FOUND = list(
    code = 1000L, category = "project", retryable = FALSE,
    message = "There is no datmo project in {directory} or above it.",
    hint = "Run `datmo init` to create one here."
  ),
  PROJECT_TOO_LARGE = list(
    code = 1002L, category = "project", retryable = FALSE,
    message = "The project's index is {megabytes} MB; no new runs are taken above {limitMegabytes} MB.",
    hint = "Start a new project, or delete runs you no longer need."
  ),
  FORMAT_NEWER = list(
    code = 1003L, category = "project", retryable = FALSE,
    message = "The project was written by a newer datmo (format {found}; this one knows {known}).",
    hint = "Upgrade datmo. Nothing was changed."
  ),
  PROJECT_UNWRITABLE = list(
    code = 1004L, category = "project", retryable = FALSE,
    message = "Cannot create a project in {directory}: {reason}.",
    hint = "Choose a folder you may write to."
  ),
  DIRECTORY_NOT_FOUND = list(
    code = 1005L, category = "project", retryable = FALSE,
    message = "There is no folder {directory}.",
    hint = ""
  ),
  PROJECT_MOVED = list(
    code = 1006L, category = "project", retryable = FALSE,
    message = "The project in {directory} was moved or deleted while run {id} was going on; it is not recorded that its command ended with code {exitCode}.",
    hint = "If it was moved: the next datmo command in its new place records the end."
  ),
  RUN_NOT_FOUND = list(
    code = 1100L, category = "run", retryable = FALSE,
    message = "No run has the id or name \"{id}\".",
    hint = "`datmo run ls --all` lists every run."
  ),
  RUN_AMBIGUOUS = list(
    code = 1101L, category = "run", retryable = FALSE,
    message = "\"{id}\" fits {count} runs: {list}.",
    hint = "Give more characters of the id."
  ),
  RUN_NOT_ACTIVE = list(
    code = 1102L, category = "run", retryable = FALSE,
    message = "Run {id} has ended ({status}).",
    hint = ""
  ),
  RUN_ACTIVE = list(
    code = 1103L, category = "run", retryable = FALSE,
    message = "Run {id} is still active ({status}).",
    hint = "Stop it first: `datmo stop {id}`."
  ),
  TASK_NOT_FOUND = list(
    code = 1104L, category = "run", retryable = FALSE,
    message = "No task has the id \"{id}\".",
    hint = "`datmo task ls` lists the tasks."
  ),
  TASK_AMBIGUOUS = list(
    code = 1105L, category = "run", retryable = FALSE,
    message = "\"{id}\" fits {count} tasks: {list}.",
    hint = "Give more characters of the id."
  ),
  COMMAND_NOT_STARTED = list(
    code = 1106L, category = "run", retryable = FALSE,
    message = "The command could not be started: {reason}.",
    hint = ""
  ),
  FILTER_INVALID = list(
    code = 1107L, category = "run", retryable = FALSE,
    message = "The filter is wrong at character {position}: {reason}.",
    hint = "Example: metrics.accuracy > 0.9 and tag = best"
  ),
  SORT_INVALID = list(
    code = 1108L, category = "run", retryable = FALSE,
    message = "Cannot sort by \"{key}\".",
    hint = "Use created, name, status, duration, metrics.NAME or config.NAME, with a - in front for descending."
  ),
  METRIC_NOT_FOUND = list(
    code = 1109L, category = "run", retryable = FALSE,
    message = "Run {id} has no metric \"{name}\".",
    hint = "`datmo run metrics {id}` lists its metrics."
  ),
  FILE_NOT_FOUND = list(
    code = 1110L, category = "run", retryable = FALSE,
    message = "There is no file {path}.",
    hint = ""
  ),
  RUN_NOT_RERUNNABLE = list(
    code = 1111L, category = "run", retryable = FALSE,
    message = "Run {id} cannot be run again: {reason}.",
    hint = ""
  ),
  TIMEOUT = list(
    code = 1112L, category = "run", retryable = FALSE,
    message = "The command did not end within {seconds} s and was stopped.",
    hint = "Give more time with --timeout."
  ),
  DRIVER_UNKNOWN = list(
    code = 1113L, category = "run", retryable = FALSE,
    message = "There is no driver \"{name}\" here.",
    hint = "Available: {available}."
  ),
  RUN_LOST = list(
    code = 1114L, category = "run", retryable = FALSE,
    message = "The engine and the process of run {id} are gone without an end.",
    hint = "The output up to then: `datmo run logs {id}`."
  ),
  RUN_TRUST_NEEDED = list(
    code = 1115L, category = "run", retryable = FALSE,
    message = "Run {id} came from {from}; look at what it would run before you do: {command} in {directory}, {place}, with {variables}.",
    hint = "Add --trust to run it."
  ),
  RUN_NOT_STOPPABLE = list(
    code = 1116L, category = "run", retryable = TRUE,
    message = "Run {id} cannot be stopped from here: {reason}.",
    hint = ""
  ),
  RUN_COLLECTED = list(
    code = 1117L, category = "run", retryable = FALSE,
    message = "Run {id} was deleted and then collected on {at}; it cannot be brought back.",
    hint = "`datmo run ls --deleted` lists the runs that can be brought back."
  ),
  QUEUE_REFUSED = list(
    code = 1130L, category = "run", retryable = FALSE,
    message = "This run cannot wait in the queue: {reason}.",
    hint = "Give it as an environment variable that the worker has, or run it now."
  ),
  TASK_NOT_RUNNABLE = list(
    code = 1131L, category = "run", retryable = FALSE,
    message = "Task {id} cannot be run: {reason}.",
    hint = ""
  ),
  TASK_TRUST_NEEDED = list(
    code = 1132L, category = "run", retryable = FALSE,
    message = "Task {id} came from {from}; look at what it would run before you do: {command} in {directory}, {place}, with {variables}.",
    hint = "Add --trust to run it."
  ),
  SWEEP_INVALID = list(
    code = 1133L, category = "run", retryable = FALSE,
    message = "The sweep makes no sense: {reason}.",
    hint = "`datmo sweep --help` shows how keys and values are written."
  ),
  SWEEP_NOT_FOUND = list(
    code = 1134L, category = "run", retryable = FALSE,
    message = "No sweep has the id or name \"{id}\".",
    hint = "`datmo ls --columns name,group,sweepId` shows which runs belong to one."
  ),
  SWEEP_AMBIGUOUS = list(
    code = 1135L, category = "run", retryable = FALSE,
    message = "\"{id}\" fits {count} sweeps: {list}.",
    hint = "Give more characters of the id."
  ),
  SNAPSHOT_NOT_FOUND = list(
    code = 1200L, category = "snapshot", retryable = FALSE,
    message = "No snapshot has the id or label \"{id}\".",
    hint = "`datmo snapshot ls --all` lists every snapshot."
  ),
  SNAPSHOT_AMBIGUOUS = list(
    code = 1201L, category = "snapshot", retryable = FALSE,
    message = "\"{id}\" fits {count} snapshots: {list}.",
    hint = "Give more characters of the id."
  ),
  WORKING_TREE_DIRTY = list(
    code = 1202L, category = "snapshot", retryable = FALSE,
    message = "There is unsaved work: {list}.",
    hint = "Save it with `datmo snapshot create -m \u2026`, or add --force, which saves it first."
  ),
  SNAPSHOT_CORRUPT = list(
    code = 1203L, category = "snapshot", retryable = FALSE,
    message = "Snapshot {id} cannot be read: {reason}.",
    hint = "Run `datmo fsck` to see what else is damaged."
  ),
  PATH_NOT_FOUND = list(
    code = 1204L, category = "snapshot", retryable = FALSE,
    message = "There is no file or folder {path}.",
    hint = "Paths are relative to the project's root."
  ),
  PATH_INVALID = list(
    code = 1205L, category = "snapshot", retryable = FALSE,
    message = "The path {path} cannot be used: {reason}.",
    hint = ""
  ),
  PATH_DUPLICATE = list(
    code = 1206L, category = "snapshot", retryable = FALSE,
    message = "Two sources would have the name {name}.",
    hint = "Give one of them another name: SRC>NAME."
  ),
  PATH_IN_THE_WAY = list(
    code = 1207L, category = "snapshot", retryable = FALSE,
    message = "Files that no snapshot holds are in the way: {list}.",
    hint = "Move them, or add --force to have them moved to .datmo/displaced."
  ),
  SNAPSHOT_IN_USE = list(
    code = 1208L, category = "snapshot", retryable = FALSE,
    message = "Snapshot {id} belongs to run {runId}.",
    hint = "Delete the run first, or add --force."
  ),
  CHECKOUT_INTERRUPTED = list(
    code = 1209L, category = "snapshot", retryable = FALSE,
    message = "A checkout of {id} was interrupted.",
    hint = "Run `datmo snapshot checkout {id}` to finish it, or `datmo snapshot checkout {heldId}` to go back."
  ),
  CONFIG_INVALID = list(
    code = 1210L, category = "snapshot", retryable = FALSE,
    message = "{source} cannot be used: {reason}.",
    hint = "Give KEY=VALUE or KEY:VALUE, or a file with a JSON object."
  ),
  SNAPSHOT_NONE = list(
    code = 1211L, category = "snapshot", retryable = FALSE,
    message = "There is no snapshot yet.",
    hint = "Take one: `datmo snapshot create -m MESSAGE`."
  ),
  SNAPSHOT_TRUST_NEEDED = list(
    code = 1212L, category = "snapshot", retryable = FALSE,
    message = "Snapshot {id} came from {from}; look at its code before you run it: {command} would be executed in it.",
    hint = "`datmo snapshot export {id} DIR` brings its code somewhere to look at; add --trust to run it."
  ),
  ENVIRONMENT_NOT_FOUND = list(
    code = 1300L, category = "environment", retryable = FALSE,
    message = "No environment has the id or name \"{id}\".",
    hint = "`datmo environment ls` lists them."
  ),
  ENVIRONMENT_AMBIGUOUS = list(
    code = 1301L, category = "environment", retryable = FALSE,
    message = "\"{id}\" fits {count} environments: {list}.",
    hint = "Give more characters of the id."
  ),
  ENVIRONMENT_NAME_TAKEN = list(
    code = 1302L, category = "environment", retryable = FALSE,
    message = "The name \"{name}\" cannot be given: {reason}.",
    hint = "Choose another name."
  ),
  ENVIRONMENT_IN_USE = list(
    code = 1303L, category = "environment", retryable = FALSE,
    message = "Environment {name} was used by {runs} runs and {snapshots} snapshots.",
    hint = "Add --force to delete it all the same."
  ),
  ENVIRONMENT_CONFLICT = list(
    code = 1304L, category = "environment", retryable = FALSE,
    message = "Two environments were given: {first} and {second}.",
    hint = "Leave one of them out."
  ),
  ENVIRONMENT_NEEDS_CONTAINER = list(
    code = 1305L, category = "environment", retryable = FALSE,
    message = "The environment {name} is a container image ({reason}), and --on {driver} runs on the machine itself.",
    hint = "Leave --on {driver} out to run in the container, or add -e host to run on the machine as it is."
  ),
  ENVIRONMENT_NEEDS_ENGINE = list(
    code = 1306L, category = "environment", retryable = TRUE,
    message = "The environment {name} needs a container engine ({why}), and none answers: {reason}.",
    hint = "Start Docker (`datmo doctor` says what is missing), or add -e host to run on the machine as it is."
  ),
  ENVIRONMENT_NOT_CONTAINER = list(
    code = 1307L, category = "environment", retryable = FALSE,
    message = "The environment {name} ({reason}) is no container image, and --on {driver} needs one.",
    hint = "Add -e NAME with a docker environment, or -e docker for the Dockerfile at the root; or leave --on {driver} out."
  ),
  ENVIRONMENT_INVALID = list(
    code = 1308L, category = "environment", retryable = FALSE,
    message = "{source} is no environment: {reason}.",
    hint = "Give a Dockerfile, a requirements.txt, uv.lock, environment.yml or renv.lock, or an image with --image."
  ),
  CATALOGUE_UNKNOWN = list(
    code = 1309L, category = "environment", retryable = FALSE,
    message = "The catalogue has no {what} \"{value}\".",
    hint = "There is: {known}."
  ),
  ENVIRONMENT_FOLDER_CHANGED = list(
    code = 1310L, category = "environment", retryable = FALSE,
    message = "{directory} holds files that no environment has: {list}.",
    hint = "Keep them first with `datmo environment create`, or add --force to replace them."
  ),
  PYTHON_NOT_FOUND = list(
    code = 1311L, category = "environment", retryable = FALSE,
    message = "There is no Python {wanted} on this machine; found: {found}.",
    hint = "Install Python {wanted}, or uv (https://docs.astral.sh/uv), which brings it."
  ),
  PACKAGES_UNAVAILABLE = list(
    code = 1312L, category = "environment", retryable = FALSE,
    message = "These packages cannot be had here: {list}.",
    hint = "Change their versions in the definition, or use an environment of kind docker."
  ),
  VENV_FAILED = list(
    code = 1313L, category = "environment", retryable = FALSE,
    message = "The venv could not be made: {reason}.",
    hint = ""
  ),
  R_NOT_AVAILABLE = list(
    code = 1314L, category = "environment", retryable = FALSE,
    message = "The R library cannot be restored: {reason}.",
    hint = "Install R, then renv: Rscript -e 'install.packages(\"renv\")'."
  ),
  LOCK_FILE_INVALID = list(
    code = 1315L, category = "environment", retryable = FALSE,
    message = "{file} cannot be used: {reason}.",
    hint = "Make it anew with the tool that wrote it."
  ),
  CONTAINER_ENGINE_MISSING = list(
    code = 1400L, category = "container", retryable = FALSE,
    message = "No container engine was found: {reason}.",
    hint = "Install Docker (https://docs.docker.com/engine/install) or Podman, or run without containers: `-e host`."
  ),
  CONTAINER_ENGINE_STOPPED = list(
    code = 1401L, category = "container", retryable = TRUE,
    message = "The container engine at {endpoint} does not answer: {reason}.",
    hint = "Start it (`sudo systemctl start docker`, or Docker Desktop), or run without containers: `-e host`."
  ),
  CONTAINER_ENGINE_DENIED = list(
    code = 1402L, category = "container", retryable = FALSE,
    message = "You may not use the container engine at {endpoint}.",
    hint = "Join the group that may (`sudo usermod -aG docker $USER`) and log in again, or run without containers: `-e host`."
  ),
  CONTAINER_ENGINE_UNUSABLE = list(
    code = 1403L, category = "container", retryable = FALSE,
    message = "The container engine at {endpoint} cannot be used: {reason}.",
    hint = "Name another one in DOCKER_HOST or with `docker context use`, or run without containers: `-e host`."
  ),
  CONTAINER_ENGINE_FAILED = list(
    code = 1404L, category = "container", retryable = TRUE,
    message = "The container engine failed: {reason}.",
    hint = ""
  ),
  IMAGE_MISSING = list(
    code = 1405L, category = "container", retryable = FALSE,
    message = "There is no image {image}: {reason}.",
    hint = "Check its name, log in to its registry (`docker login`), or build it again."
  ),
  IMAGE_BUILD_FAILED = list(
    code = 1406L, category = "container", retryable = FALSE,
    message = "The image could not be built: {reason}.",
    hint = "Failing step: {step}\n{output}"
  ),
  DOCKERFILE_INVALID = list(
    code = 1407L, category = "container", retryable = FALSE,
    message = "The Dockerfile cannot be used: {reason}.",
    hint = ""
  ),
  COMMAND_NOT_IN_IMAGE = list(
    code = 1408L, category = "container", retryable = FALSE,
    message = "There is no program {command} in image {image}.",
    hint = "Install it in the environment's Dockerfile."
  ),
  PORT_TAKEN = list(
    code = 1409L, category = "container", retryable = TRUE,
    message = "Port {port} of this machine is taken.",
    hint = "Stop what uses it, or choose another: `-p OTHER:CONTAINER`."
  ),
  MOUNT_SOURCE_MISSING = list(
    code = 1410L, category = "container", retryable = FALSE,
    message = "There is no {path} to mount.",
    hint = "Check the path of `--data`."
  ),
  MEMORY_TOO_SMALL = list(
    code = 1411L, category = "container", retryable = FALSE,
    message = "A memory limit of {asked} bytes is too small: the engine needs {minimum}.",
    hint = "Give more with `-m`."
  ),
  CPUS_UNAVAILABLE = list(
    code = 1412L, category = "container", retryable = FALSE,
    message = "This engine does not have {asked} CPUs: {reason}.",
    hint = "Ask for fewer with `--cpus`."
  ),
  GPU_NOT_AVAILABLE = list(
    code = 1413L, category = "container", retryable = FALSE,
    message = "No GPU can be given to the command: {missing}.",
    hint = "{how}"
  ),
  GPU_MISMATCH = list(
    code = 1414L, category = "container", retryable = FALSE,
    message = "The container sees {seen} where GPUs {asked} were asked for; the command was not started.",
    hint = "Compare `nvidia-smi -L` on the machine with what was asked for."
  ),
  DISK_FULL = list(
    code = 1500L, category = "store", retryable = TRUE,
    message = "Cannot record {operation}: no space left on {directory}.",
    hint = "Everything acknowledged so far is safe. Free space and try again."
  ),
  STORAGE_IO = list(
    code = 1501L, category = "store", retryable = TRUE,
    message = "The disk reported an error while saving ({reason}); the last change was not saved.",
    hint = "Check the drive."
  ),
  READ_ONLY = list(
    code = 1502L, category = "store", retryable = FALSE,
    message = "The project can be read but not changed ({reason}).",
    hint = ""
  ),
  JOURNAL_DAMAGED = list(
    code = 1503L, category = "store", retryable = FALSE,
    message = "{file} is damaged at byte {offset}; {salvageable} later records can be salvaged.",
    hint = "Run `datmo fsck`."
  ),
  JOURNAL_GAP = list(
    code = 1504L, category = "store", retryable = FALSE,
    message = "The record file {file} is missing; was .datmo copied while in use?",
    hint = "Copy it again while nothing runs, or run `datmo fsck`."
  ),
  SNAPSHOT_BAD = list(
    code = 1505L, category = "store", retryable = FALSE,
    message = "The project's index {file} could not be read and was rebuilt from the one before; no data is lost.",
    hint = ""
  ),
  PROJECT_DAMAGED = list(
    code = 1506L, category = "store", retryable = FALSE,
    message = "Neither index of the project can be read ({reason}); it was opened read-only from the segments that are there.",
    hint = "Run `datmo fsck`, and restore .datmo from a backup if you have one."
  ),
  QUERY_TOO_LARGE = list(
    code = 1507L, category = "store", retryable = FALSE,
    message = "The query needs more memory than the engine may use.",
    hint = "Ask for less: add a filter or a limit."
  ),
  INDEX_NOT_REFRESHED = list(
    code = 1508L, category = "store", retryable = TRUE,
    message = "The project's index was not refreshed ({reason}).",
    hint = "Nothing is lost; it is tried again later."
  ),
  NETWORK_DRIVE = list(
    code = 1509L, category = "store", retryable = FALSE,
    message = "The project is on a network drive; changes from other machines may take up to a minute to show.",
    hint = ""
  ),
  STORE_CLOSED = list(
    code = 1510L, category = "store", retryable = FALSE,
    message = "The project's store is closed.",
    hint = ""
  ),
  SPOOL_INVALID = list(
    code = 1511L, category = "store", retryable = FALSE,
    message = "The spool file {file} cannot be used: {reason}.",
    hint = ""
  ),
  GIT_STORE_IO = list(
    code = 1512L, category = "store", retryable = TRUE,
    message = "Cannot save the snapshot: {reason}.",
    hint = ""
  ),
  TASK_FILE_INVALID = list(
    code = 1513L, category = "store", retryable = FALSE,
    message = "{file} in the folder of run {runId} cannot be used: {reason}.",
    hint = ""
  ),
  STORE_UNREADABLE = list(
    code = 1514L, category = "store", retryable = TRUE,
    message = "The project's records cannot be read: {reason}.",
    hint = ""
  ),
  CLOCK_AHEAD = list(
    code = 1515L, category = "store", retryable = FALSE,
    message = "A change in the project is dated {hours} hours ahead of this machine's clock; changes made now may show as older than they are.",
    hint = "Check the clocks of the machines that use the project."
  ),
  NOTHING_TO_PURGE = list(
    code = 1516L, category = "store", retryable = FALSE,
    message = "Nothing that was recorded has the path \"{target}\", and no snapshot that id or label.",
    hint = "Paths are relative to the project's root, or to the files of a run or snapshot; `*`, `**` and `?` may be used."
  ),
  STORE_DAMAGED = list(
    code = 1517L, category = "store", retryable = FALSE,
    message = "What the project keeps is damaged: {reason}.",
    hint = "Run `datmo fsck` to see which snapshots and runs it touches."
  ),
  REMOTE_NOT_FOUND = list(
    code = 1520L, category = "store", retryable = FALSE,
    message = "No git repository can be reached at {remote}: {reason}.",
    hint = "Check the address and the connection; a new remote is made with `git init --bare PATH`, or on your git server."
  ),
  REMOTE_REFUSED = list(
    code = 1521L, category = "store", retryable = FALSE,
    message = "{remote} refused: {reason}.",
    hint = "Check who may read and write there. datmo never asks for a password: set up a git credential helper or an ssh agent, and see that `git ls-remote` works."
  ),
  REMOTE_INVALID = list(
    code = 1522L, category = "store", retryable = FALSE,
    message = "{remote} cannot be used as a remote: {reason}.",
    hint = "Give a URL, `user@host:path`, or the path of a repository."
  ),
  REMOTE_BROKEN = list(
    code = 1523L, category = "store", retryable = TRUE,
    message = "The exchange with {remote} broke off: {reason}.",
    hint = "Nothing is half done: run the same command again. Damage that stays is the remote's: `git fsck` there tells more."
  ),
  GIT_NEEDED = list(
    code = 1524L, category = "store", retryable = FALSE,
    message = "git is needed for {remote}: {reason}.",
    hint = "Install git 2.20 or newer, or set DATMO_GIT to the path of one."
  ),
  REMOTE_NEWER = list(
    code = 1530L, category = "store", retryable = FALSE,
    message = "{remote} was written by a newer datmo (format {found}; this one knows {known}).",
    hint = "Upgrade datmo. Nothing was changed."
  ),
  REMOTE_NEEDED = list(
    code = 1531L, category = "store", retryable = FALSE,
    message = "No remote was given, and none was used before.",
    hint = "Name a git repository: `datmo sync push PATH|URL`."
  ),
  SHARE_REFUSED = list(
    code = 1532L, category = "store", retryable = FALSE,
    message = "{remote} holds something that no datmo writes, in {ref}: {reason}.",
    hint = "Nothing was changed. Whoever may write to the remote can remove the reference: `git push REMOTE :{ref}`."
  ),
  SHARE_BUSY = list(
    code = 1533L, category = "store", retryable = TRUE,
    message = "{remote} did not take {ref}: {reason}.",
    hint = "What was sent so far stays there. Try again; if it says the same, look at what the remote allows."
  ),
  PROTOCOL_VERSION_UNSUPPORTED = list(
    code = 1700L, category = "protocol", retryable = FALSE,
    message = "This engine speaks protocol {engine}, the client asked for {client}.",
    hint = "Install matching versions of the client and of datmo."
  ),
  MESSAGE_TOO_LARGE = list(
    code = 1701L, category = "protocol", retryable = FALSE,
    message = "A message of {megabytes} MB is over the limit of {limitMegabytes} MB.",
    hint = "Send large data as files or in several messages."
  ),
  ENGINE_BUSY = list(
    code = 1702L, category = "protocol", retryable = TRUE,
    message = "The engine has {count} requests waiting.",
    hint = "Wait for answers before sending more."
  ),
  ENGINE_GONE = list(
    code = 1703L, category = "protocol", retryable = TRUE,
    message = "The datmo engine has ended ({reason}).",
    hint = ""
  ),
  ENGINE_NOT_FOUND = list(
    code = 1704L, category = "protocol", retryable = FALSE,
    message = "The datmo engine could not be started: {reason}.",
    hint = "Install Node 20 or newer, or set DATMO_NODE."
  )
)

# Category: first and last code.
.datmo_error_categories <- list(
  protocol = c(1700L, 1799L),
  project = c(1000L, 1099L),
  run = c(1100L, 1199L),
  snapshot = c(1200L, 1299L),
  environment = c(1300L, 1399L),
  container = c(1400L, 1499L),
  store = c(1500L, 1599L),
  plugin = c(1600L, 1699L)
)

.datmo_call <- function(con, method, params) {
  con$request(method, .datmo_object(params[!vapply(params, is.null, logical(1))]))
}

# A JSON array, whatever the length.
.datmo_array <- function(x) {
  if (is.null(x)) NULL else unname(as.list(x))
}

# A JSON object, though it may be empty.
.datmo_object <- function(x) {
  if (is.null(x)) return(NULL)
  x <- as.list(x)
  if (length(x) == 0L) names(x) <- character(0)
  x
}

# Classes of the condition of a kind, the most special first.
.datmo_error_classes <- function(kind, category) {
  c(
    paste0("datmo_error_", tolower(kind)), if (length(category)) paste0("datmo_", category, "_error"),
    "datmo_error", "error", "condition"
  )
}

# The condition of a kind of the table, its message and hint filled from the details; raise it with stop().
.datmo_condition <- function(kind, details = list(), hint = NULL, log = character()) {
  row <- .datmo_errors[[kind]]
  if (is.null(hint)) hint <- .datmo_fill(row$hint, details)
  .datmo_new_condition(kind, row$code, row$category, row$retryable, .datmo_fill(row$message, details), details, hint, log)
}

# The condition for a JSON-RPC error object; a kind this version does not know keeps its name.
.datmo_condition_from_wire <- function(error) {
  code <- as.integer(error$code)
  data <- if (is.list(error$data)) error$data else list()
  kind <- if (is.null(data$kind)) .datmo_kind_of_code(code) else data$kind
  row <- .datmo_errors[[kind]]
  category <- if (is.null(row)) .datmo_category_of_code(code) else row$category
  .datmo_new_condition(
    kind, code, category, isTRUE(row$retryable), as.character(error$message), as.list(data$details),
    data$hint, as.character(unlist(data$log))
  )
}

.datmo_new_condition <- function(kind, code, category, retryable, text, details, hint, log) {
  advised <- length(hint) == 1L && nzchar(hint)
  structure(
    class = .datmo_error_classes(kind, category),
    list(
      message = if (advised) paste0(text, "\n", hint) else text, call = NULL, kind = kind, code = code,
      details = details, hint = if (advised) hint, log = log, retryable = retryable
    )
  )
}

.datmo_fill <- function(template, details) {
  for (name in names(details)) {
    value <- unlist(details[[name]])
    if (is.numeric(value)) value <- format(value, trim = TRUE, scientific = FALSE, digits = 15)
    template <- gsub(paste0("{", name, "}"), paste(value, collapse = ", "), template, fixed = TRUE)
  }
  template
}

.datmo_kind_of_code <- function(code) {
  found <- Filter(function(row) row$code == code, .datmo_errors)
  if (length(found)) names(found)[[1L]] else "INTERNAL_ERROR"
}

.datmo_category_of_code <- function(code) {
  found <- Filter(function(range) code >= range[[1L]] && code <= range[[2L]], .datmo_error_categories)
  if (length(found)) names(found)[[1L]] else character()
}
