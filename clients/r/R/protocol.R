# generated from protocol/, do not edit; npm run generate

# A function per method; arguments left NULL are absent from the request. Their pages in man/ are generated too.

.datmo_protocol_version <- 1L

# Deep-merges values into a run's config.
datmo_config_log <- function(run_id, config, engine = NULL) {
  .datmo_answer("config.log", list(
    runId = run_id,
    config = .datmo_object(config)
  ), engine)
}

# Environments that can be set up. Datmo's own entries first, then those of granted plugins.
datmo_environment_catalog <- function(engine = NULL) {
  .datmo_answer("environment.catalog", list(), engine)
}

# Writes an environment of the catalogue into `datmo_environment/` and records it.
datmo_environment_setup <- function(
  framework = NULL, kind = NULL, type = NULL, language = NULL, name = NULL,
  force = NULL, engine = NULL
) {
  .datmo_answer("environment.setup", list(
    framework = framework,
    kind = kind,
    type = type,
    language = language,
    name = name,
    force = force
  ), engine)
}

# Records an environment: from paths, an image, `datmo_environment/`, a Dockerfile at the root, or the packages that
# the project's scripts import, in this order.
datmo_environment_create <- function(
  paths = NULL, image = NULL, kind = NULL, python = NULL, name = NULL,
  description = NULL, engine = NULL
) {
  .datmo_answer("environment.create", list(
    paths = .datmo_array(paths),
    image = image,
    kind = kind,
    python = python,
    name = name,
    description = description
  ), engine)
}

# One environment: files, packages, builds, and what uses it.
datmo_environment_get <- function(id, engine = NULL) {
  .datmo_answer("environment.get", list(
    id = id
  ), engine)
}

# Environments, newest first; the last one is the host.
datmo_environment_list <- function(limit = NULL, cursor = NULL, engine = NULL) {
  .datmo_list("environment.list", list(
    limit = limit,
    cursor = cursor
  ), engine)
}

# Changes name or description.
datmo_environment_update <- function(id, name = NULL, description = NULL, engine = NULL) {
  .datmo_answer("environment.update", list(
    id = id,
    name = name,
    description = description
  ), engine)
}

# Makes an environment the one that runs use when nothing else is said, on this machine.
datmo_environment_use <- function(id = NULL, engine = NULL) {
  .datmo_answer("environment.use", list(
    id = id
  ), engine)
}

# Makes what an environment needs to run: an image, or a venv.
datmo_environment_build <- function(id = NULL, no_cache = NULL, engine = NULL) {
  .datmo_answer("environment.build", list(
    id = id,
    noCache = no_cache
  ), engine)
}

# Deletes environments. Their images and venvs stay unless asked for.
datmo_environment_delete <- function(ids, force = NULL, images = NULL, engine = NULL) {
  .datmo_answer("environment.delete", list(
    ids = .datmo_array(ids),
    force = force,
    images = images
  ), engine)
}

# Writes a folder that `docker build` builds anywhere.
datmo_environment_export <- function(id, directory, engine = NULL) {
  .datmo_answer("environment.export", list(
    id = id,
    directory = directory
  ), engine)
}

# Writes runs as the files of another tool. Exporting again brings the files up to date. Files that datmo did not write
# there are left alone. Safe to cut off: files are complete or not there, and the next time goes on.
datmo_exporter_run <- function(
  format, directory, runs = NULL, filter = NULL, system = NULL, force = NULL,
  engine = NULL
) {
  .datmo_answer("exporter.run", list(
    format = format,
    directory = directory,
    runs = .datmo_array(runs),
    filter = filter,
    system = system,
    force = force
  ), engine)
}

# Keeps a file with a run.
datmo_file_log <- function(run_id, path, name = NULL, engine = NULL) {
  .datmo_answer("file.log", list(
    runId = run_id,
    path = path,
    name = name
  ), engine)
}

# Files of a run or snapshot.
datmo_file_list <- function(run_id = NULL, snapshot_id = NULL, engine = NULL) {
  .datmo_list("file.list", list(
    runId = run_id,
    snapshotId = snapshot_id
  ), engine)
}

# One kept file.
datmo_file_get <- function(
  path, run_id = NULL, snapshot_id = NULL, destination = NULL, engine = NULL
) {
  .datmo_answer("file.get", list(
    path = path,
    runId = run_id,
    snapshotId = snapshot_id,
    destination = destination
  ), engine)
}

# Snapshots as nodes, runs as edges, newest first.
datmo_graph_get <- function(limit = NULL, engine = NULL) {
  .datmo_answer("graph.get", list(
    limit = limit
  ), engine)
}

# Takes over the runs of another tool. Importing again adds only what is new. Safe to cut off: what is missing comes
# with the next time. Nothing of the source is changed.
datmo_importer_run <- function(path, format = NULL, dry_run = NULL, engine = NULL) {
  .datmo_answer("importer.run", list(
    path = path,
    format = format,
    dryRun = dry_run
  ), engine)
}

# Logs points: inline columns, or a stretch of a spool file. Inline points: answered when they survive the end of the
# engine; on disk within a second. Nothing is dropped: repeated and out-of-order steps are kept.
datmo_metric_log <- function(run_id, points = NULL, spool = NULL, engine = NULL) {
  .datmo_answer("metric.log", list(
    runId = run_id,
    points = .datmo_object(points),
    spool = .datmo_object(spool)
  ), engine)
}

# The metrics of a run.
datmo_metric_list <- function(run_id, system = NULL, engine = NULL) {
  .datmo_list("metric.list", list(
    runId = run_id,
    system = system
  ), engine)
}

# The points of one metric, in order of step.
datmo_metric_history <- function(
  run_id, name, from_step = NULL, to_step = NULL, buckets = NULL,
  system = NULL, engine = NULL
) {
  .datmo_answer("metric.history", list(
    runId = run_id,
    name = name,
    fromStep = from_step,
    toStep = to_step,
    buckets = buckets,
    system = system
  ), engine)
}

# Installs a plugin from a folder, or replaces the one of the same name. The folder's files are copied. Nothing of it
# runs before it was granted what it asks for, and a grant holds for exactly these files.
datmo_plugin_install <- function(directory, engine = NULL) {
  .datmo_answer("plugin.install", list(
    directory = directory
  ), engine)
}

# The installed plugins, by name, then those that are part of datmo.
datmo_plugin_list <- function(engine = NULL) {
  .datmo_list("plugin.list", list(), engine)
}

# One plugin, and what it asks for in words.
datmo_plugin_get <- function(name, engine = NULL) {
  .datmo_answer("plugin.get", list(
    name = name
  ), engine)
}

# Grants permissions to a plugin, for this project and exactly its present content. Adds to what was granted to this
# content before, and lets a plugin that rests after failures run again. The grant is kept in the user's own folder,
# not in the project.
datmo_plugin_grant <- function(
  name, permissions = NULL, asked = NULL, all = NULL, engine = NULL
) {
  .datmo_answer("plugin.grant", list(
    name = name,
    permissions = .datmo_object(permissions),
    asked = asked,
    all = all
  ), engine)
}

# Takes back everything that was granted to a plugin; it is not run any more.
datmo_plugin_revoke <- function(name, engine = NULL) {
  .datmo_answer("plugin.revoke", list(
    name = name
  ), engine)
}

# Removes a plugin and what was granted to it.
datmo_plugin_remove <- function(name, engine = NULL) {
  .datmo_answer("plugin.remove", list(
    name = name
  ), engine)
}

# Calls a command of a plugin. The plugin's process is started by the first call and kept for the next.
datmo_plugin_call <- function(
  name, command, params = NULL, timeout_ms = NULL, engine = NULL
) {
  .datmo_answer("plugin.call", list(
    name = name,
    command = command,
    params = .datmo_object(params),
    timeoutMs = timeout_ms
  ), engine)
}

# Writes the folder of a new plugin that works: manifest, code, tests. Nothing is installed, and no project is needed.
# A folder that is there is left alone.
datmo_plugin_create <- function(
  name, directory = NULL, kind = NULL, language = NULL, description = NULL,
  engine = NULL
) {
  .datmo_answer("plugin.create", list(
    name = name,
    directory = directory,
    kind = kind,
    language = language,
    description = description
  ), engine)
}

# Starts a plugin's process and shakes hands, so that what is wrong shows before it is needed. It is kept for the next
# call, as after `plugin.call`. One that runs already is left alone.
datmo_plugin_start <- function(name, engine = NULL) {
  .datmo_answer("plugin.start", list(
    name = name
  ), engine)
}

# Tests a plugin's folder against projects that are made for it and thrown away. Its types are checked, its own tests
# run, it is started, and each test of its `tests.json` (`schemas/plugin-tests.schema.json`) is carried out in a
# project of its own. What reaches beyond such a project (hosts, variables, programs, other folders) is granted only
# with `asked` or `all`.
datmo_plugin_test <- function(directory, asked = NULL, all = NULL, engine = NULL) {
  .datmo_answer("plugin.test", list(
    directory = directory,
    asked = asked,
    all = all
  ), engine)
}

# Creates a project, or updates the one that is there. All or nothing: when it fails, nothing is left behind.
datmo_project_create <- function(
  directory = NULL, name = NULL, description = NULL, engine = NULL
) {
  .datmo_answer("project.create", list(
    directory = directory,
    name = name,
    description = description
  ), engine)
}

# The connection's project.
datmo_project_get <- function(engine = NULL) {
  .datmo_answer("project.get", list(), engine)
}

# Changes name or description.
datmo_project_update <- function(name = NULL, description = NULL, engine = NULL) {
  .datmo_answer("project.update", list(
    name = name,
    description = description
  ), engine)
}

# Is anything unsaved, and against what.
datmo_project_status <- function(limit = NULL, verify = NULL, engine = NULL) {
  .datmo_answer("project.status", list(
    limit = limit,
    verify = verify
  ), engine)
}

# Removes `.datmo` and everything datmo keeps of the project. The project's own files stay.
datmo_project_delete <- function(confirm, engine = NULL) {
  .datmo_answer("project.delete", list(
    confirm = confirm
  ), engine)
}

# What datmo found on this machine, and how to get what is missing. Works without a project.
datmo_project_doctor <- function(engine = NULL) {
  .datmo_answer("project.doctor", list(), engine)
}

# Records a run as queued and takes its before-snapshot; a worker executes it later. The command, its config and its
# variables are kept until then, so a run whose command or config holds a credential is refused. Of variables that look
# like credentials only the names are kept: the worker must have them in its own environment.
datmo_queue_add <- function(
  command, directory = NULL, driver = NULL, gpu = NULL, timeout_ms = NULL,
  variables = NULL, secrets = NULL, env_files = NULL, secret_values = NULL,
  name = NULL, tags = NULL, group = NULL, note = NULL, config = NULL,
  message = NULL, parse = NULL, parser = NULL, usage = NULL,
  snapshot_id = NULL, trust = NULL, environment = NULL,
  environment_paths = NULL, memory_bytes = NULL, cpus = NULL, ports = NULL,
  data = NULL, engine = NULL
) {
  .datmo_answer("queue.add", list(
    command = command,
    directory = directory,
    driver = driver,
    gpu = gpu,
    timeoutMs = timeout_ms,
    variables = .datmo_object(variables),
    secrets = .datmo_array(secrets),
    envFiles = .datmo_array(env_files),
    secretValues = .datmo_object(secret_values),
    name = name,
    tags = .datmo_array(tags),
    group = group,
    note = note,
    config = .datmo_object(config),
    message = message,
    parse = parse,
    parser = parser,
    usage = usage,
    snapshotId = snapshot_id,
    trust = trust,
    environment = environment,
    environmentPaths = .datmo_array(environment_paths),
    memoryBytes = memory_bytes,
    cpus = cpus,
    ports = .datmo_array(ports),
    data = .datmo_array(data)
  ), engine)
}

# Runs that wait, in the order in which workers take them.
datmo_queue_list <- function(engine = NULL) {
  .datmo_list("queue.list", list(), engine)
}

# Takes the oldest queued run that can be started and starts it in this engine. Answers when its command has started,
# or could not be; without a run when none can be started now. A run that asks for GPUs gets free ones of those named;
# the oldest that has to wait for its GPUs keeps younger ones from taking them.
datmo_queue_claim <- function(gpus = NULL, sweep_id = NULL, engine = NULL) {
  .datmo_answer("queue.claim", list(
    gpus = .datmo_array(gpus),
    sweepId = sweep_id
  ), engine)
}

# Takes queued runs out of the queue; they end as stopped. All of them or none: one that has started is refused.
datmo_queue_cancel <- function(ids, engine = NULL) {
  .datmo_answer("queue.cancel", list(
    ids = .datmo_array(ids)
  ), engine)
}

# Executes a command; answers when the run is durable and its process has started. A command that fails is a result
# (`status` is `failed`), not an error. Cancelling before the process has started takes everything back.
datmo_run_start <- function(
  command, directory = NULL, driver = NULL, environment = NULL,
  environment_paths = NULL, gpu = NULL, memory_bytes = NULL, cpus = NULL,
  ports = NULL, data = NULL, timeout_ms = NULL, variables = NULL,
  secrets = NULL, env_files = NULL, secret_values = NULL, interactive = NULL,
  name = NULL, tags = NULL, group = NULL, note = NULL, config = NULL,
  message = NULL, parse = NULL, parser = NULL, usage = NULL, detached = NULL,
  isolated = NULL, engine = NULL
) {
  .datmo_answer("run.start", list(
    command = command,
    directory = directory,
    driver = driver,
    environment = environment,
    environmentPaths = .datmo_array(environment_paths),
    gpu = gpu,
    memoryBytes = memory_bytes,
    cpus = cpus,
    ports = .datmo_array(ports),
    data = .datmo_array(data),
    timeoutMs = timeout_ms,
    variables = .datmo_object(variables),
    secrets = .datmo_array(secrets),
    envFiles = .datmo_array(env_files),
    secretValues = .datmo_object(secret_values),
    interactive = interactive,
    name = name,
    tags = .datmo_array(tags),
    group = group,
    note = note,
    config = .datmo_object(config),
    message = message,
    parse = parse,
    parser = parser,
    usage = usage,
    detached = detached,
    isolated = isolated
  ), engine)
}

# Begins a recorded run: the caller is the run.
datmo_run_create <- function(
  name = NULL, tags = NULL, group = NULL, note = NULL, config = NULL,
  id = NULL, type = NULL, command = NULL, directory = NULL,
  python_executable = NULL, snapshots = NULL, started_at = NULL,
  process_id = NULL, resume = NULL, engine = NULL
) {
  .datmo_answer("run.create", list(
    name = name,
    tags = .datmo_array(tags),
    group = group,
    note = note,
    config = .datmo_object(config),
    id = id,
    type = type,
    command = command,
    directory = directory,
    pythonExecutable = python_executable,
    snapshots = snapshots,
    startedAt = started_at,
    processId = process_id,
    resume = resume
  ), engine)
}

# Ends a recorded run. Answers once the end is durable; the after-snapshot may still be on its way.
datmo_run_finish <- function(
  id, status = NULL, exit_code = NULL, error = NULL, ended_at = NULL,
  engine = NULL
) {
  .datmo_answer("run.finish", list(
    id = id,
    status = status,
    exitCode = exit_code,
    error = .datmo_object(error),
    endedAt = ended_at
  ), engine)
}

# One run with everything that is known of it.
datmo_run_get <- function(id, engine = NULL) {
  .datmo_answer("run.get", list(
    id = id
  ), engine)
}

# Runs, by default the newest first.
datmo_run_list <- function(
  filter = NULL, sort = NULL, limit = NULL, cursor = NULL, status = NULL,
  tags = NULL, deleted = NULL, system = NULL, engine = NULL
) {
  .datmo_list("run.list", list(
    filter = filter,
    sort = sort,
    limit = limit,
    cursor = cursor,
    status = .datmo_array(status),
    tags = .datmo_array(tags),
    deleted = deleted,
    system = system
  ), engine)
}

# Changes name, tags, note or group.
datmo_run_update <- function(
  id, name = NULL, add_tags = NULL, remove_tags = NULL, note = NULL,
  group = NULL, engine = NULL
) {
  .datmo_answer("run.update", list(
    id = id,
    name = name,
    addTags = .datmo_array(add_tags),
    removeTags = .datmo_array(remove_tags),
    note = note,
    group = group
  ), engine)
}

# Deletes runs that have ended; undone by `run.undelete` until `gc`.
datmo_run_delete <- function(ids, engine = NULL) {
  .datmo_answer("run.delete", list(
    ids = .datmo_array(ids)
  ), engine)
}

# Takes a deletion back.
datmo_run_undelete <- function(ids, engine = NULL) {
  .datmo_answer("run.undelete", list(
    ids = .datmo_array(ids)
  ), engine)
}

# Answers when the run has ended and its after-snapshot is taken. Cancelling does not stop the run.
datmo_run_wait <- function(id, timeout_ms = NULL, engine = NULL) {
  .datmo_answer("run.wait", list(
    id = id,
    timeoutMs = timeout_ms
  ), engine)
}

# Stops a run, or all active ones: graceful, then killed.
datmo_run_stop <- function(
  id = NULL, all = NULL, grace_ms = NULL, signal = NULL, engine = NULL
) {
  .datmo_answer("run.stop", list(
    id = id,
    all = all,
    graceMs = grace_ms,
    signal = signal
  ), engine)
}

# Output of a run.
datmo_run_logs <- function(
  id, offset = NULL, limit = NULL, encoding = NULL, engine = NULL
) {
  .datmo_answer("run.logs", list(
    id = id,
    offset = offset,
    limit = limit,
    encoding = encoding
  ), engine)
}

# What differs between two runs. Code, environment and definition files are compared between the before-snapshots,
# files between the after-snapshots.
datmo_run_diff <- function(
  a, b, text = NULL, context = NULL, paths = NULL, engine = NULL
) {
  .datmo_answer("run.diff", list(
    a = a,
    b = b,
    text = text,
    context = context,
    paths = .datmo_array(paths)
  ), engine)
}

# A new run of the same task on the run's before-snapshot, in an isolated copy.
datmo_run_rerun <- function(
  id, snapshot_id = NULL, environment = NULL, config = NULL, name = NULL,
  tags = NULL, timeout_ms = NULL, trust = NULL, secret_values = NULL,
  engine = NULL
) {
  .datmo_answer("run.rerun", list(
    id = id,
    snapshotId = snapshot_id,
    environment = environment,
    config = .datmo_object(config),
    name = name,
    tags = .datmo_array(tags),
    timeoutMs = timeout_ms,
    trust = trust,
    secretValues = .datmo_object(secret_values)
  ), engine)
}

# Compares a repetition with its original, and says what differs and why.
datmo_run_verify <- function(
  rerun_id, original_id = NULL, tolerance = NULL, engine = NULL
) {
  .datmo_answer("run.verify", list(
    rerunId = rerun_id,
    originalId = original_id,
    tolerance = tolerance
  ), engine)
}

# Takes all five components in one step. Nothing changed: the same snapshot.
datmo_snapshot_create <- function(
  message, label = NULL, run_id = NULL, environment = NULL,
  environment_paths = NULL, config = NULL, metrics = NULL, config_file = NULL,
  metrics_file = NULL, paths = NULL, pointers = NULL, engine = NULL
) {
  .datmo_answer("snapshot.create", list(
    message = message,
    label = label,
    runId = run_id,
    environment = environment,
    environmentPaths = .datmo_array(environment_paths),
    config = .datmo_object(config),
    metrics = .datmo_object(metrics),
    configFile = config_file,
    metricsFile = metrics_file,
    paths = .datmo_array(paths),
    pointers = .datmo_array(pointers)
  ), engine)
}

# One snapshot with its environment.
datmo_snapshot_get <- function(id, verify = NULL, engine = NULL) {
  .datmo_answer("snapshot.get", list(
    id = id,
    verify = verify
  ), engine)
}

# Snapshots, newest first.
datmo_snapshot_list <- function(
  all = NULL, text = NULL, mark_current = NULL, limit = NULL, cursor = NULL,
  engine = NULL
) {
  .datmo_list("snapshot.list", list(
    all = all,
    text = text,
    markCurrent = mark_current,
    limit = limit,
    cursor = cursor
  ), engine)
}

# Changes message, label, visibility; merges config and metrics.
datmo_snapshot_update <- function(
  id, message = NULL, label = NULL, visible = NULL, config = NULL,
  metrics = NULL, engine = NULL
) {
  .datmo_answer("snapshot.update", list(
    id = id,
    message = message,
    label = label,
    visible = visible,
    config = .datmo_object(config),
    metrics = .datmo_object(metrics)
  ), engine)
}

# Deletes snapshots; content goes with `gc`.
datmo_snapshot_delete <- function(ids, force = NULL, engine = NULL) {
  .datmo_answer("snapshot.delete", list(
    ids = .datmo_array(ids),
    force = force
  ), engine)
}

# Brings a snapshot's code back into the project's folder.
datmo_snapshot_checkout <- function(id, force = NULL, engine = NULL) {
  .datmo_answer("snapshot.checkout", list(
    id = id,
    force = force
  ), engine)
}

# What differs between two snapshots, or between a snapshot and the project's folder. The folder has no kept files, and
# has a config and metrics when `config.json` and `metrics.json` (or `stats.json`) lie at its root; what a side does
# not have is not compared.
datmo_snapshot_diff <- function(
  a = NULL, b = NULL, text = NULL, context = NULL, paths = NULL, engine = NULL
) {
  .datmo_answer("snapshot.diff", list(
    a = a,
    b = b,
    text = text,
    context = context,
    paths = .datmo_array(paths)
  ), engine)
}

# Puts a snapshot's code and files into a folder outside `.datmo`.
datmo_snapshot_export <- function(id, directory, only = NULL, engine = NULL) {
  .datmo_answer("snapshot.export", list(
    id = id,
    directory = directory,
    only = only
  ), engine)
}

# Folds the journal and refreshes `datmo.sqlite` for stock sqlite3.
datmo_store_sync <- function(engine = NULL) {
  .datmo_answer("store.sync", list(), engine)
}

# Reads everything the project keeps and says what is damaged. Changes nothing. Git objects with their hashes, big
# files with theirs, references, metric points, journal and the folders of runs.
datmo_store_fsck <- function(engine = NULL) {
  .datmo_answer("store.fsck", list(), engine)
}

# Sends what a remote does not have: snapshots, runs, tasks and metrics. Safe to repeat and to cut off. What was
# deleted here is deleted there.
datmo_store_push <- function(remote = NULL, engine = NULL) {
  .datmo_answer("store.push", list(
    remote = remote
  ), engine)
}

# Takes in what a remote has and this project has not. A union: nothing that is here is lost, but what was deleted
# elsewhere is deleted. Safe to repeat and to cut off.
datmo_store_pull <- function(remote = NULL, engine = NULL) {
  .datmo_answer("store.pull", list(
    remote = remote
  ), engine)
}

# Removes what nothing needs any more: deleted runs and snapshots, and what only they used. Safe beside everything
# else, and safe to cut off and repeat. What work under way may need goes with a later call.
datmo_store_gc <- function(dry_run = NULL, engine = NULL) {
  .datmo_answer("store.gc", list(
    dryRun = dry_run
  ), engine)
}

# Where the bytes are: parts of `.datmo`, runs and snapshots, the largest first.
datmo_store_usage <- function(engine = NULL) {
  .datmo_answer("store.usage", list(), engine)
}

# Removes a recorded secret for good: files in everything that was recorded, or whole snapshots. Snapshots that hold
# the content are written anew without it, with their ids, dates and messages. A record of it stays, which other copies
# of the project respect.
datmo_store_purge <- function(targets, dry_run = NULL, engine = NULL) {
  .datmo_answer("store.purge", list(
    targets = .datmo_array(targets),
    dryRun = dry_run
  ), engine)
}

# Queues a run for every combination that has none yet. With the `id` of a sweep that is there, what it was started
# with counts, and only missing runs are added: so it may be repeated after a crash, and adds nothing twice. Those that
# were deleted are not added again.
datmo_sweep_start <- function(
  id = NULL, name = NULL, command = NULL, spec = NULL, config = NULL,
  group = NULL, directory = NULL, driver = NULL, gpu = NULL,
  timeout_ms = NULL, variables = NULL, secrets = NULL, env_files = NULL,
  secret_values = NULL, tags = NULL, note = NULL, message = NULL,
  parse = NULL, parser = NULL, usage = NULL, environment = NULL,
  environment_paths = NULL, memory_bytes = NULL, cpus = NULL, ports = NULL,
  data = NULL, engine = NULL
) {
  .datmo_answer("sweep.start", list(
    id = id,
    name = name,
    command = command,
    spec = .datmo_object(spec),
    config = .datmo_object(config),
    group = group,
    directory = directory,
    driver = driver,
    gpu = gpu,
    timeoutMs = timeout_ms,
    variables = .datmo_object(variables),
    secrets = .datmo_array(secrets),
    envFiles = .datmo_array(env_files),
    secretValues = .datmo_object(secret_values),
    tags = .datmo_array(tags),
    note = note,
    message = message,
    parse = parse,
    parser = parser,
    usage = usage,
    environment = environment,
    environmentPaths = .datmo_array(environment_paths),
    memoryBytes = memory_bytes,
    cpus = cpus,
    ports = .datmo_array(ports),
    data = .datmo_array(data)
  ), engine)
}

# A sweep with its runs.
datmo_sweep_get <- function(id, engine = NULL) {
  .datmo_answer("sweep.get", list(
    id = id
  ), engine)
}

# All sweeps, newest first.
datmo_sweep_list <- function(limit = NULL, cursor = NULL, engine = NULL) {
  .datmo_list("sweep.list", list(
    limit = limit,
    cursor = cursor
  ), engine)
}

# Keeps a task; the same definition is the same task.
datmo_task_create <- function(
  command, directory = NULL, driver = NULL, environment_id = NULL, gpu = NULL,
  memory_bytes = NULL, cpus = NULL, ports = NULL, data = NULL,
  timeout_ms = NULL, variables = NULL, secrets = NULL, env_files = NULL,
  interactive = NULL, engine = NULL
) {
  .datmo_answer("task.create", list(
    command = command,
    directory = directory,
    driver = driver,
    environmentId = environment_id,
    gpu = gpu,
    memoryBytes = memory_bytes,
    cpus = cpus,
    ports = .datmo_array(ports),
    data = .datmo_array(data),
    timeoutMs = timeout_ms,
    variables = .datmo_object(variables),
    secrets = .datmo_array(secrets),
    envFiles = .datmo_array(env_files),
    interactive = interactive
  ), engine)
}

# One task.
datmo_task_get <- function(id, engine = NULL) {
  .datmo_answer("task.get", list(
    id = id
  ), engine)
}

# All tasks, newest first.
datmo_task_list <- function(limit = NULL, cursor = NULL, engine = NULL) {
  .datmo_list("task.list", list(
    limit = limit,
    cursor = cursor
  ), engine)
}

# A new run of the task on a state, in an isolated copy. Answers when the run is durable and its command has started.
datmo_task_run <- function(
  id, snapshot_id = NULL, config = NULL, parser = NULL, name = NULL,
  tags = NULL, group = NULL, note = NULL, timeout_ms = NULL, trust = NULL,
  secret_values = NULL, detached = NULL, engine = NULL
) {
  .datmo_answer("task.run", list(
    id = id,
    snapshotId = snapshot_id,
    config = .datmo_object(config),
    parser = parser,
    name = name,
    tags = .datmo_array(tags),
    group = group,
    note = note,
    timeoutMs = timeout_ms,
    trust = trust,
    secretValues = .datmo_object(secret_values),
    detached = detached
  ), engine)
}

# Starts a workspace; answers when its program answers. Where the environment lacks the program, a layer with it is
# made and cached; the environment itself stays what it is. A program that ends or does not answer in time is an error,
# and its run is kept as what it was. `terminal` needs an engine in the process that has the terminal.
datmo_workspace_start <- function(
  kind, directory = NULL, driver = NULL, environment = NULL,
  environment_paths = NULL, gpu = NULL, memory_bytes = NULL, cpus = NULL,
  ports = NULL, data = NULL, variables = NULL, name = NULL, tags = NULL,
  group = NULL, note = NULL, config = NULL, message = NULL, port = NULL,
  ready_ms = NULL, idle_ms = NULL, transcript = NULL, detached = NULL,
  rerun_of = NULL, here = NULL, force = NULL, trust = NULL, engine = NULL
) {
  .datmo_answer("workspace.start", list(
    kind = kind,
    directory = directory,
    driver = driver,
    environment = environment,
    environmentPaths = .datmo_array(environment_paths),
    gpu = gpu,
    memoryBytes = memory_bytes,
    cpus = cpus,
    ports = .datmo_array(ports),
    data = .datmo_array(data),
    variables = .datmo_object(variables),
    name = name,
    tags = .datmo_array(tags),
    group = group,
    note = note,
    config = .datmo_object(config),
    message = message,
    port = port,
    readyMs = ready_ms,
    idleMs = idle_ms,
    transcript = transcript,
    detached = detached,
    rerunOf = rerun_of,
    here = here,
    force = force,
    trust = trust
  ), engine)
}

# The workspaces that run. Addresses are told only for those of this machine.
datmo_workspace_list <- function(engine = NULL) {
  .datmo_list("workspace.list", list(), engine)
}

# Ends workspaces gracefully; answers when their after-snapshots are taken.
datmo_workspace_stop <- function(id = NULL, all = NULL, grace_ms = NULL, engine = NULL) {
  .datmo_answer("workspace.stop", list(
    id = id,
    all = all,
    graceMs = grace_ms
  ), engine)
}

# Lists that come in pages.
.datmo_paged <- c(
  "environment.list",
  "run.list",
  "snapshot.list",
  "sweep.list",
  "task.list"
)

# Objects of the protocol by field: "s" text, "n" number, "b" truth, "t" time, "m" metric value, "a" anything.
.datmo_shapes <- list(
  FileEntry = list(path = "s", bytes = "n", sha256 = "s", source = "s"),
  KeyChange = list(key = "s", a = "a", b = "a"),
  PathSide = list(mode = "s", bytes = "n", sha256 = "s"),
  HunkLine = list(kind = "s", text = "s", noNewline = "b"),
  Hunk = list(
    oldStart = "n",
    oldLines = "n",
    newStart = "n",
    newLines = "n",
    lines = list(`[]` = "HunkLine")
  ),
  CellChange = list(
    status = "s",
    type = "s",
    oldType = "s",
    id = "s",
    oldIndex = "n",
    newIndex = "n",
    added = "n",
    removed = "n",
    hunks = list(`[]` = "Hunk")
  ),
  ContentChange = list(
    kind = "s",
    added = "n",
    removed = "n",
    coarse = "b",
    hunks = list(`[]` = "Hunk"),
    cells = list(`[]` = "CellChange")
  ),
  PathChange = list(
    path = "s",
    status = "s",
    from = "s",
    similarity = "n",
    a = "PathSide",
    b = "PathSide",
    content = "ContentChange"
  ),
  PackageChange = list(name = "s", a = "s", b = "s"),
  StateDiff = list(
    config = list(`[]` = "KeyChange"),
    metrics = list(`[]` = "KeyChange"),
    environment = list(`[]` = "KeyChange"),
    packages = list(`[]` = "PackageChange"),
    environmentFiles = list(`[]` = "PathChange"),
    code = list(`[]` = "PathChange"),
    files = list(`[]` = "PathChange")
  ),
  Problem = list(kind = "s", message = "s", details = "a"),
  PortMapping = list(host = "n", container = "n"),
  DataSource = list(source = "s", name = "s", readOnly = "b"),
  BuildFacts = list(
    at = "s",
    host = "s",
    engine = "s",
    imageId = "s",
    digests = list(`[]` = "s"),
    bases = list(`[]` = "s"),
    venvKey = "s",
    python = "s",
    r = "s",
    platform = "s",
    bytes = "n",
    packageCount = "n"
  ),
  Environment = list(
    id = "s",
    name = "s",
    kind = "s",
    description = "s",
    image = "s",
    python = "s",
    framework = "s",
    type = "s",
    language = "s",
    createdAt = "t",
    files = list(`[]` = "FileEntry"),
    build = "BuildFacts",
    active = "b",
    from = "s"
  ),
  EnvironmentFile = list(path = "s", bytes = "n", text = "s"),
  EnvironmentPackage = list(name = "s", version = "s"),
  CatalogueEntry = list(
    framework = "s",
    description = "s",
    variants = list(`[]` = list(type = "s", language = "s", image = "s")),
    plugin = "s"
  ),
  ExportedFacts = list(
    id = "s",
    name = "s",
    status = "s",
    exitCode = "n",
    command = "s",
    createdAt = "t",
    startedAt = "t",
    endedAt = "t",
    group = "s",
    note = "s",
    message = "s",
    environmentId = "s",
    beforeSnapshotId = "s",
    afterSnapshotId = "s",
    tags = list(`[]` = "s"),
    config = "a",
    summary = "a",
    metrics = list(`[]` = "s"),
    last = list(`{}` = "m"),
    files = list(`[]` = "FileEntry"),
    userGit = "UserGit"
  ),
  ExportPiece = list(path = "s", mode = "s", text = "s", base64 = "s", kept = "s"),
  GraphSnapshot = list(
    id = "s",
    message = "s",
    label = "s",
    visible = "b",
    createdAt = "t",
    metrics = list(`{}` = "m")
  ),
  GraphRun = list(
    id = "s",
    name = "s",
    status = "s",
    command = "s",
    createdAt = "t",
    from = "s",
    to = "s",
    metrics = list(`{}` = "m")
  ),
  HookEvent = list(
    id = "s",
    at = "s",
    runId = "s",
    runName = "s",
    status = "s",
    exitCode = "n",
    snapshotId = "s",
    visible = "b",
    from = "n",
    to = "n"
  ),
  ImportedFacts = list(
    name = "s",
    status = "s",
    startedAt = "t",
    endedAt = "t",
    exitCode = "n",
    command = "s",
    group = "s",
    note = "s",
    message = "s",
    tags = list(`[]` = "s"),
    labels = "a",
    config = "a",
    summary = "a",
    machine = "a",
    userGit = "UserGit",
    error = list(kind = "s", message = "s")
  ),
  ImportedPoints = list(stream = "s", from = "n", points = "Points", system = "b"),
  ImportedFile = list(name = "s", path = "s", text = "s"),
  ImportPiece = list(
    run = "s",
    identity = "s",
    facts = "ImportedFacts",
    points = list(`[]` = "ImportedPoints"),
    files = list(`[]` = "ImportedFile"),
    output = list(from = "n", text = "s"),
    problems = list(`[]` = "s")
  ),
  ClientInfo = list(name = "s", version = "s", language = "s"),
  ClientCapabilities = list(notifications = list(`[]` = "s"), logMessages = "b"),
  EngineInfo = list(name = "s", version = "s"),
  Points = list(
    name = list(`[]` = "s"),
    step = list(`[]` = "n"),
    value = list(`[]` = "m"),
    at = list(`[]` = "n")
  ),
  MetricSummary = list(
    name = "s",
    last = "m",
    lastStep = "n",
    lastAt = "t",
    min = "m",
    max = "m",
    count = "n",
    mean = "n"
  ),
  SystemMetric = list(last = "n", min = "n", max = "n", mean = "n", count = "n"),
  ParsedPoint = list(name = "s", step = "n", value = "m"),
  PluginPermissions = list(
    read = list(`[]` = "s"),
    write = list(`[]` = "s"),
    net = list(`[]` = "s"),
    env = list(`[]` = "s"),
    run = list(`[]` = "s"),
    engine = list(`[]` = "s")
  ),
  PluginProvides = list(kind = "s", name = "s", description = "s", params = "a", on = list(`[]` = "s")),
  Plugin = list(
    name = "s",
    version = "s",
    description = "s",
    runtime = "s",
    hash = "s",
    provides = list(`[]` = "PluginProvides"),
    asks = "PluginPermissions",
    state = "s",
    problem = "s",
    granted = "PluginPermissions",
    grantedAll = "b",
    grantedAt = "t",
    installedAt = "t",
    source = "s"
  ),
  PluginPermission = list(kind = "s", value = "s", sentence = "s", granted = "b"),
  PluginTestOutcome = list(name = "s", kind = "s", passed = "b", durationMs = "n", problem = "s"),
  Project = list(
    id = "s",
    name = "s",
    description = "s",
    directory = "s",
    createdAt = "t",
    updatedAt = "t"
  ),
  SnapshotRef = list(id = "s", message = "s", label = "s", createdAt = "t"),
  RunRef = list(id = "s", name = "s", status = "s", command = "s"),
  ToolFact = list(name = "s", found = "b", version = "s", path = "s", problem = "s", howToGet = "s"),
  QueuedRun = list(run = "Run", gpu = "s", sweepId = "s", held = "b"),
  Run = list(
    id = "s",
    name = "s",
    type = "s",
    origin = "s",
    imported = list(format = "s", key = "s", labels = "a"),
    from = "s",
    status = "s",
    exitCode = "n",
    outOfMemory = "b",
    command = "s",
    directory = "s",
    driver = "s",
    taskId = "s",
    environmentId = "s",
    environment = list(name = "s", kind = "s", reason = "s"),
    image = list(id = "s", digests = list(`[]` = "s")),
    container = list(id = "s", gpus = list(`[]` = "a"), ports = list(`[]` = "PortMapping")),
    gpu = "s",
    memoryBytes = "n",
    cpus = "n",
    ports = list(`[]` = "PortMapping"),
    data = list(`[]` = "DataSource"),
    dataContents = list(`[]` = "DataContent"),
    beforeSnapshotId = "s",
    afterSnapshotId = "s",
    late = "b",
    rerunOf = "s",
    isolated = "b",
    notCaptured = list(`[]` = "s"),
    parser = "s",
    parserProblem = "s",
    config = "a",
    metrics = list(`{}` = "m"),
    system = list(`{}` = "SystemMetric"),
    summary = "a",
    tags = list(`[]` = "s"),
    group = "s",
    sweepId = "s",
    note = "s",
    message = "s",
    createdAt = "t",
    startedAt = "t",
    endedAt = "t",
    durationMs = "n",
    error = list(kind = "s", message = "s"),
    deleted = "b"
  ),
  MachineFacts = list(
    host = "s",
    os = "s",
    kernel = "s",
    arch = "s",
    cpu = "s",
    cpus = "n",
    memoryBytes = "n",
    gpus = list(`[]` = "a"),
    variables = "a"
  ),
  UserGit = list(commit = "s", branch = "s", remote = "s"),
  DataContent = list(name = "s", kind = "s", files = "n", bytes = "n", sha256 = "s", reason = "s"),
  Difference = list(kind = "s", role = "s", name = "s", a = "a", b = "a", step = "n"),
  Snapshot = list(
    id = "s",
    message = "s",
    label = "s",
    visible = "b",
    createdAt = "t",
    runId = "s",
    codeId = "s",
    codeFiles = "n",
    codeBytes = "n",
    environmentId = "s",
    config = "a",
    metrics = list(`{}` = "m"),
    files = list(`[]` = "FileEntry"),
    late = "b",
    current = "b"
  ),
  EnvironmentSummary = list(
    kind = "s",
    python = "s",
    r = "s",
    packages = list(`[]` = list(name = "s", version = "s")),
    requirements = "s",
    definition = list(`[]` = "s")
  ),
  Skipped = list(path = "s", reason = "s"),
  PointerState = list(key = "s", target = "s", sha256 = "s", size = "n", state = "s", reason = "s"),
  SweepSpec = list(
    grid = list(`[]` = list(name = "s", values = list(`[]` = "a"))),
    random = list(
    count = "n",
    seed = "n",
    parameters = list(`[]` = list(name = "s", kind = "s", low = "n", high = "n", log = "b", values = list(`[]` = "a")))
  )
  ),
  Sweep = list(
    id = "s",
    name = "s",
    group = "s",
    command = "s",
    spec = "SweepSpec",
    total = "n",
    snapshotId = "s",
    createdAt = "t"
  ),
  SweepRun = list(index = "n", values = "a", run = "Run"),
  SweepOverview = list(sweep = "Sweep", counts = list(`{}` = "n")),
  Task = list(
    id = "s",
    command = "s",
    directory = "s",
    driver = "s",
    environmentId = "s",
    gpu = "s",
    memoryBytes = "n",
    cpus = "n",
    ports = list(`[]` = "PortMapping"),
    data = list(`[]` = "DataSource"),
    timeoutMs = "n",
    variables = list(`{}` = "s"),
    secrets = list(`[]` = "s"),
    envFiles = list(`[]` = "s"),
    interactive = "b",
    runs = "n",
    createdAt = "t"
  ),
  Workspace = list(
    runId = "s",
    name = "s",
    kind = "s",
    status = "s",
    environment = "s",
    startedAt = "t",
    url = "s",
    port = "n",
    user = "s",
    password = "s",
    openFile = "s"
  )
)

.datmo_results <- list(
  "config.log" = list(config = "a"),
  "environment.catalog" = list(entries = list(`[]` = "CatalogueEntry"), problems = list(`[]` = "s")),
  "environment.setup" = list(
    environment = "Environment",
    created = "b",
    written = list(`[]` = "s"),
    notes = list(`[]` = "s")
  ),
  "environment.create" = list(environment = "Environment", created = "b", source = "s", notes = list(`[]` = "s")),
  "environment.get" = list(
    environment = "Environment",
    files = list(`[]` = "EnvironmentFile"),
    packages = list(`[]` = "EnvironmentPackage"),
    builds = list(`[]` = "BuildFacts"),
    runs = list(`[]` = "RunRef"),
    runCount = "n",
    snapshotCount = "n"
  ),
  "environment.list" = list(items = list(`[]` = "Environment"), nextCursor = "s"),
  "environment.update" = list(environment = "Environment"),
  "environment.use" = list(environment = "Environment", reason = "s", folderDiffers = "b"),
  "environment.build" = list(environment = "Environment", build = "BuildFacts", cached = "b", notes = list(`[]` = "s")),
  "environment.delete" = list(ids = list(`[]` = "s"), images = list(`[]` = "s")),
  "environment.export" = list(files = "n", bytes = "n"),
  "exporter.run" = list(
    format = "s",
    directory = "s",
    runs = "n",
    files = "n",
    unchanged = "n",
    bytes = "n",
    problems = list(`[]` = "s")
  ),
  "file.log" = list(file = "FileEntry"),
  "file.list" = list(items = list(`[]` = "FileEntry")),
  "file.get" = list(file = "FileEntry", content = "s"),
  "graph.get" = list(snapshots = list(`[]` = "GraphSnapshot"), runs = list(`[]` = "GraphRun"), more = "b"),
  "importer.run" = list(
    format = "s",
    path = "s",
    dryRun = "b",
    newRuns = "n",
    changedRuns = "n",
    unchangedRuns = "n",
    points = "n",
    files = "n",
    runIds = list(`[]` = "s"),
    problems = list(`[]` = list(run = "s", message = "s")),
    problemCount = "n"
  ),
  "metric.log" = list(points = "n", durableTo = "n"),
  "metric.list" = list(items = list(`[]` = "MetricSummary")),
  "metric.history" = list(
    name = "s",
    points = list(step = list(`[]` = "n"), value = list(`[]` = "m"), at = list(`[]` = "n"))
  ),
  "plugin.install" = list(plugin = "Plugin", replaced = "b"),
  "plugin.list" = list(items = list(`[]` = "Plugin")),
  "plugin.get" = list(
    plugin = "Plugin",
    permissions = list(`[]` = "PluginPermission"),
    files = list(`[]` = "s"),
    sandbox = "s"
  ),
  "plugin.grant" = list(plugin = "Plugin"),
  "plugin.revoke" = list(plugin = "Plugin"),
  "plugin.remove" = list(name = "s"),
  "plugin.call" = list(result = "a"),
  "plugin.create" = list(directory = "s", files = list(`[]` = "s"), language = "s"),
  "plugin.start" = list(plugin = "Plugin"),
  "plugin.test" = list(
    plugin = "Plugin",
    permissions = list(`[]` = "PluginPermission"),
    results = list(`[]` = "PluginTestOutcome"),
    passed = "n",
    failed = "n",
    output = "s"
  ),
  "project.create" = list(project = "Project", created = "b"),
  "project.get" = list(project = "Project"),
  "project.update" = list(project = "Project"),
  "project.status" = list(
    project = "Project",
    clean = "b",
    changes = list(`[]` = "PathChange"),
    changeCount = "n",
    current = "SnapshotRef",
    newestUser = "SnapshotRef",
    newestAutomatic = "SnapshotRef",
    environment = list(kind = "s", name = "s", id = "s", reason = "s"),
    environmentChanges = list(`[]` = "PackageChange"),
    activeRuns = list(`[]` = "RunRef"),
    interruptedCheckout = list(targetId = "s", heldId = "s"),
    problems = list(`[]` = "Problem"),
    keptChanges = list(`[]` = "PathChange"),
    definitionChanges = list(`[]` = "PathChange"),
    unstable = list(`[]` = "s"),
    skipped = list(`[]` = "Skipped"),
    pointers = list(`[]` = "PointerState")
  ),
  "project.delete" = list(directory = "s", bytes = "n", images = "n", containers = "n"),
  "project.doctor" = list(
    engine = "EngineInfo",
    tools = list(`[]` = "ToolFact"),
    gpus = list(`[]` = "a"),
    project = "Project",
    problems = list(`[]` = "Problem")
  ),
  "queue.add" = list(run = "Run"),
  "queue.list" = list(items = list(`[]` = "QueuedRun")),
  "queue.claim" = list(run = "Run", gpus = list(`[]` = "s"), waiting = "n", held = "n", unfit = "n"),
  "queue.cancel" = list(runs = list(`[]` = "Run")),
  "run.start" = list(run = "Run"),
  "run.create" = list(run = "Run", taskDirectory = "s"),
  "run.finish" = list(run = "Run"),
  "run.get" = list(
    run = "Run",
    machine = "MachineFacts",
    userGit = "UserGit",
    files = list(`[]` = "FileEntry"),
    taskDirectory = "s"
  ),
  "run.list" = list(items = list(`[]` = "Run"), nextCursor = "s", total = "n"),
  "run.update" = list(run = "Run"),
  "run.delete" = list(ids = list(`[]` = "s")),
  "run.undelete" = list(ids = list(`[]` = "s")),
  "run.wait" = list(run = "Run"),
  "run.stop" = list(runs = list(`[]` = "Run")),
  "run.logs" = list(text = "s", offset = "n", nextOffset = "n", size = "n", ended = "b"),
  "run.diff" = list(a = "Run", b = "Run", diff = "StateDiff"),
  "run.rerun" = list(run = "Run"),
  "run.verify" = list(
    same = "b",
    first = "Difference",
    cause = "Difference",
    tolerance = "n",
    original = "Run",
    rerun = "Run",
    differences = list(`[]` = "Difference"),
    comparedMetrics = "n",
    comparedFiles = "n",
    notCaptured = list(`[]` = "s")
  ),
  "snapshot.create" = list(
    snapshot = "Snapshot",
    created = "b",
    unstable = list(`[]` = "s"),
    skipped = list(`[]` = "Skipped")
  ),
  "snapshot.get" = list(
    snapshot = "Snapshot",
    environment = "EnvironmentSummary",
    codeFiles = "n",
    codeBytes = "n",
    unstable = list(`[]` = "s"),
    skipped = list(`[]` = "Skipped"),
    pointers = list(`[]` = "PointerState")
  ),
  "snapshot.list" = list(items = list(`[]` = "Snapshot"), nextCursor = "s"),
  "snapshot.update" = list(snapshot = "Snapshot"),
  "snapshot.delete" = list(ids = list(`[]` = "s")),
  "snapshot.checkout" = list(
    snapshot = "Snapshot",
    saved = "Snapshot",
    written = "n",
    removed = "n",
    displaced = list(`[]` = "s"),
    restored = list(`[]` = "s"),
    notRestored = list(`[]` = "s")
  ),
  "snapshot.diff" = list(a = "Snapshot", b = "Snapshot", diff = "StateDiff", skipped = list(`[]` = "Skipped")),
  "snapshot.export" = list(files = "n", bytes = "n"),
  "store.sync" = list(generation = "n", sqlitePath = "s", records = "n"),
  "store.fsck" = list(
    clean = "b",
    problems = list(`[]` = "Problem"),
    objects = list(`[]` = list(
    path = "s",
    problem = "s",
    snapshots = list(`[]` = "s"),
    runs = list(`[]` = "s"),
    hint = "s"
  )),
    notes = list(`[]` = list(path = "s", note = "s", hint = "s"))
  ),
  "store.push" = list(
    remote = "s",
    nothingNew = "b",
    snapshots = "n",
    removed = "n",
    runs = "n",
    records = "n",
    points = "n",
    objects = "n",
    bigFiles = "n",
    bytes = "n",
    waiting = "n",
    keptBack = list(`[]` = "s")
  ),
  "store.pull" = list(
    remote = "s",
    nothingNew = "b",
    snapshots = "n",
    removed = "n",
    runs = "n",
    records = "n",
    points = "n",
    objects = "n",
    bigFiles = "n",
    bytes = "n"
  ),
  "store.gc" = list(
    dryRun = "b",
    collected = list(`[]` = list(kind = "s", count = "n", bytes = "n")),
    bytes = "n",
    laterBytes = "n",
    displaced = list(count = "n", bytes = "n")
  ),
  "store.usage" = list(
    bytes = "n",
    parts = list(`[]` = list(name = "s", bytes = "n")),
    runs = list(`[]` = list(id = "s", name = "s", bytes = "n", taskBytes = "n", seriesBytes = "n", deleted = "b")),
    snapshots = list(`[]` = list(
    id = "s",
    message = "s",
    label = "s",
    runId = "s",
    visible = "b",
    bytes = "n",
    ownBytes = "n"
  ))
  ),
  "store.purge" = list(
    dryRun = "b",
    id = "s",
    paths = list(`[]` = "s"),
    contents = "n",
    snapshots = list(`[]` = "s"),
    removedSnapshots = list(`[]` = "s"),
    stillThere = list(`[]` = "s"),
    taskFiles = list(`[]` = list(runId = "s", path = "s"))
  ),
  "sweep.start" = list(sweep = "Sweep", added = "n"),
  "sweep.get" = list(sweep = "Sweep", runs = list(`[]` = "SweepRun"), counts = list(`{}` = "n")),
  "sweep.list" = list(items = list(`[]` = "SweepOverview"), nextCursor = "s"),
  "task.create" = list(task = "Task", created = "b"),
  "task.get" = list(task = "Task", runs = list(`[]` = "Run")),
  "task.list" = list(items = list(`[]` = "Task"), nextCursor = "s"),
  "task.run" = list(run = "Run"),
  "workspace.start" = list(workspace = "Workspace", run = "Run"),
  "workspace.list" = list(items = list(`[]` = "Workspace")),
  "workspace.stop" = list(runs = list(`[]` = "Run"))
)

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
  PARSER_UNKNOWN = list(
    code = 1118L, category = "run", retryable = FALSE,
    message = "There is no parser \"{name}\" here.",
    hint = "Available: {available}; `datmo plugin install` brings more."
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
  SECRET_MISSING = list(
    code = 1136L, category = "run", retryable = FALSE,
    message = "The command needs {names}, which is kept nowhere and not in the environment.",
    hint = "Set it in the environment of this command; on a terminal it is asked for."
  ),
  ENV_FILE_INVALID = list(
    code = 1137L, category = "run", retryable = FALSE,
    message = "The variables in {path} cannot be used: {reason}.",
    hint = "It is read again whenever the command is started: put it back, or correct the line."
  ),
  WORKSPACE_FAILED = list(
    code = 1150L, category = "run", retryable = FALSE,
    message = "{program} ended before it answered: {reason}.",
    hint = "All it printed: `datmo run logs {id}`."
  ),
  WORKSPACE_NOT_READY = list(
    code = 1151L, category = "run", retryable = TRUE,
    message = "{program} did not answer within {seconds} s and was stopped.",
    hint = "Give it more time with --ready 2m; all it printed: `datmo run logs {id}`."
  ),
  WORKSPACE_NOT_FOUND = list(
    code = 1152L, category = "run", retryable = FALSE,
    message = "Run {id} is no workspace that runs.",
    hint = "`datmo workspace ls` lists those that run."
  ),
  IMPORT_SOURCE_UNKNOWN = list(
    code = 1140L, category = "run", retryable = FALSE,
    message = "No importer knows what {path} is.",
    hint = "Say what it is with --from: {known}. Name the folder or file that the other tool writes, such as `mlruns` or `run-\u2026.wandb`."
  ),
  IMPORT_FORMAT_UNKNOWN = list(
    code = 1141L, category = "run", retryable = FALSE,
    message = "There is no importer \"{format}\".",
    hint = "These are known: {known}."
  ),
  IMPORT_SOURCE_INVALID = list(
    code = 1142L, category = "run", retryable = FALSE,
    message = "{path} cannot be imported as {format}: {reason}.",
    hint = ""
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
  WORKSPACE_PROGRAM_MISSING = list(
    code = 1350L, category = "environment", retryable = FALSE,
    message = "{program} is not in environment {name} and could not be added: {reason}.",
    hint = "{how}"
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
  REGISTRY_DENIED = list(
    code = 1415L, category = "container", retryable = FALSE,
    message = "The registry {registry} does not give {image}: {reason}.",
    hint = "Log in with `docker login {registry}`: what it keeps is used here, too."
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
  PLUGIN_NOT_FOUND = list(
    code = 1600L, category = "plugin", retryable = FALSE,
    message = "There is no plugin \"{name}\" in this project.",
    hint = "`datmo plugin ls` lists those that are installed; `datmo plugin install DIR` installs one."
  ),
  PLUGIN_INVALID = list(
    code = 1601L, category = "plugin", retryable = FALSE,
    message = "The plugin {name} cannot be used: {reason}.",
    hint = "A plugin is a folder with `datmo-plugin.json` (`schemas/plugin-manifest.schema.json`) that imports nothing from outside."
  ),
  PLUGIN_TOO_NEW = list(
    code = 1602L, category = "plugin", retryable = FALSE,
    message = "The plugin {name} is for protocol version {wanted}; this engine speaks {engine}.",
    hint = "Take the version of the plugin that fits, or another datmo."
  ),
  PLUGIN_CONFLICT = list(
    code = 1603L, category = "plugin", retryable = FALSE,
    message = "The plugin {name} provides the {what}, and so does {other}.",
    hint = "Remove the other one first: `datmo plugin remove {other}`."
  ),
  PLUGIN_NOT_GRANTED = list(
    code = 1604L, category = "plugin", retryable = FALSE,
    message = "The plugin {name} was not granted what it asks for: {asks}.",
    hint = "See `datmo plugin show {name}`, then `datmo plugin grant {name} --asked`, or grant parts of it."
  ),
  PLUGIN_PERMISSION_DENIED = list(
    code = 1605L, category = "plugin", retryable = FALSE,
    message = "The plugin {name} may not {act}.",
    hint = "A permission has to be asked for in the manifest and granted with `datmo plugin grant {name}`."
  ),
  PLUGIN_NOT_ASKED = list(
    code = 1606L, category = "plugin", retryable = FALSE,
    message = "The plugin {name} does not ask for {permission}.",
    hint = "`datmo plugin show {name}` lists what it asks for."
  ),
  PLUGIN_CRASHED = list(
    code = 1607L, category = "plugin", retryable = FALSE,
    message = "The plugin {name} has ended: {reason}.",
    hint = "It is started again by the next call."
  ),
  PLUGIN_TIMEOUT = list(
    code = 1608L, category = "plugin", retryable = FALSE,
    message = "The plugin {name} gave no answer to {what} within {seconds} s and was killed.",
    hint = "It is started again by the next call."
  ),
  PLUGIN_OFF = list(
    code = 1609L, category = "plugin", retryable = TRUE,
    message = "The plugin {name} rests after {failures} failures in a row; the last: {reason}.",
    hint = "Try again later, or let it run at once: `datmo plugin grant {name}`."
  ),
  PLUGIN_COMMAND_UNKNOWN = list(
    code = 1610L, category = "plugin", retryable = FALSE,
    message = "The plugin {name} has no command \"{command}\".",
    hint = "`datmo plugin show {name}` lists its commands."
  ),
  PLUGIN_FAILED = list(
    code = 1611L, category = "plugin", retryable = FALSE,
    message = "The plugin {name} failed: {message}",
    hint = "This is the plugin's own error, not datmo's."
  ),
  PLUGIN_LIMIT = list(
    code = 1612L, category = "plugin", retryable = FALSE,
    message = "The answer of plugin {name} cannot be taken: {reason}.",
    hint = "Let it answer with less, or write a file that it was granted."
  ),
  DENO_NOT_FOUND = list(
    code = 1613L, category = "plugin", retryable = FALSE,
    message = "Plugins are off, because Deno was not found ({looked}).",
    hint = "Get it with `npm install -g deno`, or from https://deno.com, or set DATMO_DENO to its path."
  ),
  PLUGIN_ANSWER = list(
    code = 1614L, category = "plugin", retryable = FALSE,
    message = "The plugin {name} answered {call} with what it may not: {problem}.",
    hint = "The shape is in `protocol/SPEC.md`; `deno check` finds most of such errors in its code."
  ),
  PLUGIN_BUILT_IN = list(
    code = 1615L, category = "plugin", retryable = FALSE,
    message = "The plugin {name} is part of datmo and cannot be {act}.",
    hint = "`datmo plugin show {name}` tells what it may do."
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
  METHOD_NOT_GRANTED = list(
    code = 1705L, category = "protocol", retryable = FALSE,
    message = "{method} may not be called here: {reason}.",
    hint = "Whoever started `datmo mcp` can allow it with --allow-exec."
  ),
  ENGINE_NOT_FOUND = list(
    code = 1704L, category = "protocol", retryable = FALSE,
    message = "The datmo engine could not be started: {reason}.",
    hint = "Install Node 20 or newer, or set DATMO_NODE."
  ),
  EXPORT_FORMAT_UNKNOWN = list(
    code = 1640L, category = "plugin", retryable = FALSE,
    message = "Nothing here writes \"{format}\".",
    hint = "Known: {known}."
  ),
  EXPORT_IN_THE_WAY = list(
    code = 1641L, category = "plugin", retryable = FALSE,
    message = "{path} was not written by an export, or was changed since.",
    hint = "Export to an empty folder, or replace what is there with --force."
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
