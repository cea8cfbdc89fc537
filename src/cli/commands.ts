import type { Method } from "../protocol/methods.ts";
import type { CommandModule } from "./command-module.ts";
import { environmentCommands } from "./environment-commands.ts";
import { pluginCommands } from "./plugin-commands.ts";
import { snapshotCommands } from "./snapshot-commands.ts";
import { workspaceCommands } from "./workspace-commands.ts";

/** A word of the command line. It can be run (`load`), hold more words (`children`), or both. */
export interface CommandNode {
  readonly name: string;
  readonly summary: string;
  /** Methods whose result `--json` prints; which of them may depend on the options. */
  readonly methods?: readonly Method[];
  readonly load?: () => Promise<CommandModule>;
  readonly children?: readonly CommandNode[];
  /** Exits with the command's own code, 125 being datmo's. */
  readonly exitsLikeCommand?: boolean;
}

const runList = {
  methods: ["run.list"],
  load: async () => (await import("./commands/run-ls.ts")).runLs,
} as const satisfies Partial<CommandNode>;

const run: CommandNode = {
  name: "run",
  summary: "run a command and record what it was, used and gave",
  methods: ["run.wait", "run.start", "queue.add"],
  exitsLikeCommand: true,
  load: async () => (await import("./commands/run.ts")).run,
  children: [
    { name: "ls", summary: "list runs", ...runList },
    {
      name: "show",
      summary: "everything known of a run",
      methods: ["run.get"],
      load: async () => (await import("./commands/run-show.ts")).runShow,
    },
    {
      name: "logs",
      summary: "what a run printed",
      methods: ["run.logs"],
      load: async () => (await import("./commands/run-logs.ts")).runLogs,
    },
    {
      name: "wait",
      summary: "wait until runs have ended; exits with the first code that is not 0",
      methods: ["run.wait"],
      load: async () => (await import("./commands/run-wait.ts")).runWait,
    },
    {
      name: "diff",
      summary: "what differs between two runs",
      methods: ["run.diff"],
      load: async () => (await import("./commands/run-diff.ts")).runDiff,
    },
    {
      name: "metrics",
      summary: "the metrics of a run, or the points of one of them",
      methods: ["metric.list", "metric.history"],
      load: async () => (await import("./commands/run-metrics.ts")).runMetrics,
    },
    {
      name: "update",
      summary: "change name, tags, note or group of a run",
      methods: ["run.update"],
      load: async () => (await import("./commands/run-update.ts")).runUpdate,
    },
  ],
};

const queueCommands: CommandNode = {
  name: "queue",
  summary: "runs that wait for a worker",
  children: [
    {
      name: "ls",
      summary: "list what waits, in the order in which workers take it",
      methods: ["queue.list"],
      load: async () => (await import("./commands/queue-ls.ts")).queueLs,
    },
    {
      name: "cancel",
      summary: "take runs out of the queue",
      methods: ["queue.cancel"],
      load: async () => (await import("./commands/queue-cancel.ts")).queueCancel,
    },
  ],
};

const task: CommandNode = {
  name: "task",
  summary: "the tasks that runs execute",
  children: [
    {
      name: "ls",
      summary: "list tasks",
      methods: ["task.list"],
      load: async () => (await import("./commands/task-ls.ts")).taskLs,
    },
    {
      name: "show",
      summary: "one task and its runs",
      methods: ["task.get"],
      load: async () => (await import("./commands/task-show.ts")).taskShow,
    },
    {
      name: "run",
      summary: "run a task on a snapshot, or on the folder as it is, in a copy",
      methods: ["run.wait", "task.run"],
      exitsLikeCommand: true,
      load: async () => (await import("./commands/task-run.ts")).taskRun,
    },
  ],
};

/** Every command. Only names and summaries are here: a command's own code is loaded when it is called. */
export const rootCommand: CommandNode = {
  name: "datmo",
  summary: "Records which code, data, packages and settings gave a result, brings it back, and proves it.",
  children: [
    {
      name: "init",
      summary: "create a project in this folder, or update it",
      methods: ["project.create"],
      load: async () => (await import("./commands/init.ts")).init,
    },
    {
      name: "status",
      summary: "what is unsaved, what is running, and what the folder equals",
      methods: ["project.status"],
      load: async () => (await import("./commands/status.ts")).status,
    },
    run,
    { name: "ls", summary: "list runs (as `run ls`)", ...runList },
    {
      name: "rerun",
      summary: "run a run's task again on the state it began with, in a copy",
      methods: ["run.wait", "run.verify"],
      exitsLikeCommand: true,
      load: async () => (await import("./commands/rerun.ts")).rerun,
    },
    {
      name: "worker",
      summary: "run what waits in the queue",
      methods: ["queue.claim", "run.wait"],
      load: async () => (await import("./commands/worker.ts")).worker,
    },
    queueCommands,
    {
      name: "sweep",
      summary: "run a command once for each combination of config values",
      methods: ["sweep.get", "sweep.start"],
      exitsLikeCommand: true,
      load: async () => (await import("./commands/sweep.ts")).sweep,
      children: [
        {
          name: "ls",
          summary: "list sweeps",
          methods: ["sweep.list"],
          load: async () => (await import("./commands/sweep-ls.ts")).sweepLs,
        },
        {
          name: "show",
          summary: "a sweep's combinations and their runs",
          methods: ["sweep.get"],
          load: async () => (await import("./commands/sweep-show.ts")).sweepShow,
        },
      ],
    },
    {
      name: "stop",
      summary: "stop a run, or all of them",
      methods: ["run.stop"],
      load: async () => (await import("./commands/stop.ts")).stop,
    },
    {
      name: "delete",
      summary: "delete runs",
      methods: ["run.delete"],
      load: async () => (await import("./commands/delete.ts")).deleteRuns,
    },
    {
      name: "undelete",
      summary: "bring deleted runs back",
      methods: ["run.undelete"],
      load: async () => (await import("./commands/delete.ts")).undeleteRuns,
    },
    {
      name: "log",
      summary: "log metrics, from inside a run or on a recorded one",
      methods: ["metric.log"],
      load: async () => (await import("./commands/log.ts")).log,
    },
    snapshotCommands,
    environmentCommands,
    pluginCommands,
    ...workspaceCommands,
    task,
    {
      name: "graph",
      summary: "snapshots and the runs between them, as text or for graphviz",
      methods: ["graph.get"],
      load: async () => (await import("./commands/graph.ts")).graph,
    },
    {
      name: "export",
      summary: "write runs as files of MLflow, TensorBoard or DVCLive, as CSV or Parquet",
      methods: ["exporter.run"],
      load: async () => (await import("./commands/export.ts")).exportRuns,
    },
    {
      name: "import",
      summary: "take over runs of MLflow, W&B, TensorBoard, Trackio, DVCLive or the first datmo",
      methods: ["importer.run"],
      load: async () => (await import("./commands/import.ts")).importRuns,
    },
    {
      name: "sync",
      summary: "share with a git remote; without a word: refresh datmo.sqlite for stock sqlite3",
      methods: ["store.sync"],
      load: async () => (await import("./commands/sync.ts")).sync,
      children: [
        {
          name: "push",
          summary: "send snapshots, runs and metrics that a git remote does not have",
          methods: ["store.push"],
          load: async () => (await import("./commands/sync-push.ts")).syncPush,
        },
        {
          name: "pull",
          summary: "take in snapshots, runs and metrics from a git remote",
          methods: ["store.pull"],
          load: async () => (await import("./commands/sync-pull.ts")).syncPull,
        },
      ],
    },
    {
      name: "fsck",
      summary: "read everything the project keeps and say what is damaged",
      methods: ["store.fsck"],
      load: async () => (await import("./commands/fsck.ts")).fsck,
    },
    {
      name: "gc",
      summary: "remove what nothing needs any more; says what and how much",
      methods: ["store.gc"],
      load: async () => (await import("./commands/gc.ts")).gc,
    },
    {
      name: "du",
      summary: "how many bytes runs, snapshots and parts of .datmo take",
      methods: ["store.usage"],
      load: async () => (await import("./commands/du.ts")).du,
    },
    {
      name: "purge",
      summary: "remove a recorded secret, or a snapshot, for good",
      methods: ["store.purge"],
      load: async () => (await import("./commands/purge.ts")).purge,
    },
    {
      name: "doctor",
      summary: "what datmo found on this machine, and how to get what is missing",
      methods: ["project.doctor"],
      load: async () => (await import("./commands/doctor.ts")).doctor,
    },
    {
      name: "cleanup",
      summary: "remove everything datmo keeps of the project; your own files stay",
      methods: ["project.delete"],
      load: async () => (await import("./commands/cleanup.ts")).cleanup,
    },
    {
      name: "completion",
      summary: "print a completion script for bash, zsh or fish",
      load: async () => (await import("./commands/completion.ts")).completion,
    },
    {
      name: "version",
      summary: "print the version",
      load: async () => (await import("./commands/version.ts")).printVersion,
    },
    {
      name: "mcp",
      summary: "serve the project to an agent (MCP) on standard input and output",
      load: async () => (await import("./commands/mcp.ts")).mcp,
    },
    {
      name: "engine",
      summary: "the engine itself, for editors and clients",
      load: async () => (await import("./commands/engine.ts")).engine,
    },
  ],
};
