// generated from protocol/, do not edit; npm run generate

/** Any JSON value. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };

/** A JSON object. */
export type JsonObject = { readonly [name: string]: Json };

/** A command. One string is given to /bin/sh; an array is executed as it is, word by word. */
export type Command = string | readonly string[];

/** A number, or one of three words for what JSON cannot write. */
export type MetricValue = number | "NaN" | "Infinity" | "-Infinity";

/** A file that was kept. */
export interface FileEntry {
  /** Name inside its component, separated by slashes. */
  readonly path: string;
  /** Size of the content. */
  readonly bytes: number;
  /** SHA-256 of the content, hexadecimal. */
  readonly sha256: string;
  /** Where it lay in the project, relative; a checkout brings it back there. Absent: it lay elsewhere, or in a run's own folder. */
  readonly source?: string;
}

/** One key that differs. */
export interface KeyChange {
  /** The key; dots separate nested keys. */
  readonly key: string;
  /** Value on the left side. Absent: the key is not there. */
  readonly a?: Json;
  /** Value on the right side. Absent: the key is not there. */
  readonly b?: Json;
}

/** What lies at a path on one side. */
export interface PathSide {
  /** What it is. */
  readonly mode: "file" | "executable" | "link";
  /** Size of its content; of the big file, not of its pointer. */
  readonly bytes: number;
  /** SHA-256 of its content, hexadecimal. Absent: it is no big file. */
  readonly sha256?: string;
}

/** One line of a hunk. */
export interface HunkLine {
  /** Whether both sides have it, or only the left or the right one. */
  readonly kind: "context" | "removed" | "added";
  /** The line without its line feed; a carriage return in front of that is part of it. */
  readonly text: string;
  /** True: no line feed follows, the file ends here. Absent: one follows. */
  readonly noNewline?: boolean;
}

/** Lines that differ, close together, with some around them: a hunk of a unified diff. */
export interface Hunk {
  /** Number of its first line on the left side, from 1; with no lines there, the number of the line before. */
  readonly oldStart: number;
  /** How many lines of the left side it holds. */
  readonly oldLines: number;
  /** Number of its first line on the right side, from 1; with no lines there, the number of the line before. */
  readonly newStart: number;
  /** How many lines of the right side it holds. */
  readonly newLines: number;
  /** Its lines. */
  readonly lines: readonly HunkLine[];
}

/** One cell of a notebook that differs. Outputs, execution counts and metadata do not count. */
export interface CellChange {
  /** What happened to it from the left side to the right side; one that was moved may have other text as well. */
  readonly status: "added" | "removed" | "modified" | "moved";
  /** Type of the cell; on the right side where it is on both. */
  readonly type: "code" | "markdown" | "raw" | (string & {});
  /** Type on the left side. Absent: the same. */
  readonly oldType?: string;
  /** Id of the cell. Absent: it has none. */
  readonly id?: string;
  /** Number on the left side, from 1. Absent: not there. */
  readonly oldIndex?: number;
  /** Number on the right side, from 1. Absent: not there. */
  readonly newIndex?: number;
  /** Lines that only the right side has. */
  readonly added: number;
  /** Lines that only the left side has. */
  readonly removed: number;
  /** How its text differs. Absent: only numbers were asked for. */
  readonly hunks?: readonly Hunk[];
}

/** How the content at a path differs. */
export interface ContentChange {
  /** `same`: it does not, only the name or mode does. `text`: by lines. `notebook`: by cells. `link`: the hunks hold where it leads. Not compared by lines: `binary`, `notUtf8` (some other encoding), `big` (kept as a big file; by hash and size), `tooLarge` (too many bytes), `tooLong` (more lines differ than are told), `omitted` (the answer is full: ask for this path alone). */
  readonly kind: "same" | "text" | "notebook" | "link" | "binary" | "notUtf8" | "big" | "tooLarge" | "tooLong" | "omitted" | (string & {});
  /** Lines that only the right side has. Absent: not compared by lines. */
  readonly added?: number;
  /** Lines that only the left side has. Absent: not compared by lines. */
  readonly removed?: number;
  /** True: too different to look for the smallest change; lines that stayed may count as replaced. Absent: it is the smallest. */
  readonly coarse?: boolean;
  /** The lines that differ. Absent: only numbers were asked for, or not compared by lines. */
  readonly hunks?: readonly Hunk[];
  /** Cells that differ, in the order of the right side; none: only outputs, execution counts or metadata do. Absent: no notebook. */
  readonly cells?: readonly CellChange[];
}

/** One path that differs. */
export interface PathChange {
  /** Path, separated by slashes; on the right side where it is there. */
  readonly path: string;
  /** What happened to it from the left side to the right side. */
  readonly status: "added" | "removed" | "modified" | "renamed" | "typeChanged" | "modeChanged";
  /** Path on the left side. Absent: the same. */
  readonly from?: string;
  /** How much of a renamed file stayed, in percent. Absent: not renamed. */
  readonly similarity?: number;
  /** The left side. Absent: it is not there, or no text was asked for. */
  readonly a?: PathSide;
  /** The right side. Absent: it is not there, or no text was asked for. */
  readonly b?: PathSide;
  /** How the content differs. Absent: no text was asked for. */
  readonly content?: ContentChange;
}

/** One package that differs. */
export interface PackageChange {
  /** Name of the package, with its language in front: `python:numpy`. */
  readonly name: string;
  /** Version on the left side. Absent: not installed. */
  readonly a?: string;
  /** Version on the right side. Absent: not installed. */
  readonly b?: string;
}

/** What differs between two states. */
export interface StateDiff {
  /** Config keys that differ. */
  readonly config: readonly KeyChange[];
  /** Metrics that differ. */
  readonly metrics: readonly KeyChange[];
  /** Facts of the environment that differ: interpreters, names of definition files. */
  readonly environment: readonly KeyChange[];
  /** Packages that differ. */
  readonly packages: readonly PackageChange[];
  /** Files that define the environment that differ: `definition/…` for those of the project, `requirements.txt` for the one made from the imports. */
  readonly environmentFiles: readonly PathChange[];
  /** Source files that differ. */
  readonly code: readonly PathChange[];
  /** Kept files that differ. */
  readonly files: readonly PathChange[];
}

/** Something that is wrong with the project's store, or with a plugin. */
export interface Problem {
  /** An error kind of the store or the plugin category. */
  readonly kind: string;
  /** One sentence. */
  readonly message: string;
  /** Details, by the error table. */
  readonly details: JsonObject;
}

/** A port of the container that this machine shows on 127.0.0.1. */
export interface PortMapping {
  /** Port of this machine; 0: a free one. */
  readonly host: number;
  /** Port inside. */
  readonly container: number;
}

/** A file or folder that a command gets as data. */
export interface DataSource {
  /** Relative to the project's root, or absolute. */
  readonly source: string;
  /** Its name in the data folder. Absent: the last part of `source`. */
  readonly name?: string;
  /** In a container it cannot be written to. Absent: it can. */
  readonly readOnly?: boolean;
}

/** What a build gave on one machine. */
export interface BuildFacts {
  /** When, RFC 3339 UTC. */
  readonly at: string;
  /** Machine it was made on. */
  readonly host: string;
  /** Container engine and its version, or the tool that made the venv. */
  readonly engine: string;
  /** Content id of the image. Absent: no image. */
  readonly imageId?: string;
  /** Digests under which registries know the image; empty for one that was only built here. */
  readonly digests: readonly string[];
  /** Base images with their digests, in the order of the FROM lines, as far as the engine knew them. */
  readonly bases: readonly string[];
  /** Name of the venv in the user's cache: hash of lock and interpreter. Absent: no venv. */
  readonly venvKey?: string;
  /** Version of Python inside. Absent: none. */
  readonly python?: string;
  /** Version of R inside. Absent: none. */
  readonly r?: string;
  /** Operating system and architecture, or Python's name for them. */
  readonly platform: string;
  /** Size. Absent: not known. */
  readonly bytes?: number;
  /** Packages found inside. */
  readonly packageCount: number;
}

/** Where code runs; the same definition is the same environment, on any machine. */
export interface Environment {
  /** Hash of the definition, 26 characters. */
  readonly id: string;
  /** Name, unique in the project. */
  readonly name: string;
  /** What it is. */
  readonly kind: "host" | "venv" | "docker" | (string & {});
  /** What it is for; may be empty. */
  readonly description: string;
  /** Image that it is. Absent: it is built from files. */
  readonly image?: string;
  /** Version of Python that it asks for. Absent: any. */
  readonly python?: string;
  /** Entry of the catalogue it came from. Absent: none. */
  readonly framework?: string;
  /** `cpu` or `gpu`, as chosen from the catalogue. Absent: not known. */
  readonly type?: string;
  /** Language and version, as chosen from the catalogue. Absent: not known. */
  readonly language?: string;
  /** When it was first recorded, RFC 3339 UTC. */
  readonly createdAt: string;
  /** Definition files. */
  readonly files: readonly FileEntry[];
  /** Its newest build. Absent: it was never built, or needs no build. */
  readonly build?: BuildFacts;
  /** Runs use it when nothing else is said. Absent: no. */
  readonly active?: boolean;
  /** The remote that it was pulled from, without password. Absent: it was made here. */
  readonly from?: string;
}

/** A definition file. */
export interface EnvironmentFile {
  /** Name, separated by slashes. */
  readonly path: string;
  /** Size. */
  readonly bytes: number;
  /** Its content. Absent: it is large, or no text. */
  readonly text?: string;
}

/** A package inside. */
export interface EnvironmentPackage {
  /** Name with its manager in front: `python:numpy`, `apt:libc6`. */
  readonly name: string;
  /** Version. */
  readonly version: string;
}

/** An environment that can be set up. */
export interface CatalogueEntry {
  /** Its name; `PLUGIN/NAME` where another entry has that name. */
  readonly framework: string;
  /** What is in it. */
  readonly description: string;
  /** What can be chosen, the default first. */
  readonly variants: readonly {
    /** `cpu` or `gpu`. */
    readonly type: string;
    /** Language and version: `py313`, `r45`. */
    readonly language: string;
    /** Public image that it builds on. */
    readonly image: string;
  }[];
  /** Plugin whose catalogue it is of. Absent: it is datmo's own. */
  readonly plugin?: string;
}

/** A run, as it is exported. */
export interface ExportedFacts {
  /** Its id. */
  readonly id: string;
  /** Its name. */
  readonly name: string;
  /** How it ended. */
  readonly status: string;
  /** Exit code of its command. Absent: not known. */
  readonly exitCode?: number;
  /** What was executed. Absent: not known. */
  readonly command?: Command;
  /** RFC 3339 UTC. */
  readonly createdAt: string;
  /** RFC 3339 UTC. Absent: not known. */
  readonly startedAt?: string;
  /** RFC 3339 UTC. Absent: not known, or it goes on. */
  readonly endedAt?: string;
  /** Its group. Absent: none. */
  readonly group?: string;
  /** Free text. Absent: none. */
  readonly note?: string;
  /** Its message. Absent: none. */
  readonly message?: string;
  /** Where it ran. Absent: not known. */
  readonly environmentId?: string;
  /** State before it. Absent: none. */
  readonly beforeSnapshotId?: string;
  /** State after it. Absent: none. */
  readonly afterSnapshotId?: string;
  /** Tags. */
  readonly tags: readonly string[];
  /** Its inputs. */
  readonly config: JsonObject;
  /** What was put into its summary by hand. */
  readonly summary: JsonObject;
  /** Names of its metrics, sorted. */
  readonly metrics: readonly string[];
  /** Last value of each metric. */
  readonly last: { readonly [name: string]: MetricValue };
  /** Files kept with it, by path. */
  readonly files: readonly FileEntry[];
  /** State of the user's repository. Absent: none. */
  readonly userGit?: UserGit;
}

/** A piece of a file. */
export interface ExportPiece {
  /** Path in the folder, `/`-separated. */
  readonly path: string;
  /** `create` begins the file, `append` goes on with it. */
  readonly mode: "create" | "append";
  /** Text. Absent: `base64` or `kept` is given. */
  readonly text?: string;
  /** Bytes. Absent: `text` or `kept` is given. */
  readonly base64?: string;
  /** Path of a file kept with the run: all that is in it. Absent: `text` or `base64` is given. */
  readonly kept?: string;
}

/** A state. */
export interface GraphSnapshot {
  /** Id. */
  readonly id: string;
  /** Message. */
  readonly message: string;
  /** Label. Absent: none. */
  readonly label?: string;
  /** A person asked for it. */
  readonly visible: boolean;
  /** RFC 3339 UTC. */
  readonly createdAt: string;
  /** Its metrics. */
  readonly metrics: { readonly [name: string]: MetricValue };
}

/** What led from one state to another. */
export interface GraphRun {
  /** Id. */
  readonly id: string;
  /** Readable name. */
  readonly name: string;
  /** As in `Run`. */
  readonly status: "queued" | "preparing" | "running" | "succeeded" | "failed" | "stopped" | "lost";
  /** What was executed. Absent: not told. */
  readonly command?: Command;
  /** RFC 3339 UTC. */
  readonly createdAt: string;
  /** The snapshot it began with. Absent: none, or none of those listed. */
  readonly from?: string;
  /** The snapshot it ended with. Absent: none, or none of those listed. */
  readonly to?: string;
  /** Its metrics. */
  readonly metrics: { readonly [name: string]: MetricValue };
}

/** Something that happened. It names what it is about; a plugin asks the engine for the rest. */
export interface HookEvent {
  /** Of this event. What is told a second time, after a crash, has the same one. */
  readonly id: string;
  /** When, RFC 3339 UTC. */
  readonly at: string;
  /** The run. Absent: a snapshot that belongs to none. */
  readonly runId?: string;
  /** Name of the run. Absent: not `run.started` or `run.finished`. */
  readonly runName?: string;
  /** How the run ended. Absent: not `run.finished`. */
  readonly status?: "succeeded" | "failed" | "stopped" | "lost" | (string & {});
  /** Of the run's command. Absent: not `run.finished`, or there is none. */
  readonly exitCode?: number;
  /** The snapshot; of `run.finished`, the one taken after the run. Absent: none. */
  readonly snapshotId?: string;
  /** A user asked for the snapshot. Absent: not `snapshot.created`. */
  readonly visible?: boolean;
  /** Number of points of the run before these, as the engine that took them in counts them. Absent: not `metric.logged`. */
  readonly from?: number;
  /** Number after them. Absent: not `metric.logged`. */
  readonly to?: number;
}

/** What a run is, as far as its source tells. What is told later replaces what was told before. */
export interface ImportedFacts {
  /** Its name. Absent: made from its key. */
  readonly name?: string;
  /** How it ended; `lost`: nobody saw the end, or it goes on. Absent: `lost`. */
  readonly status?: "succeeded" | "failed" | "stopped" | "lost";
  /** RFC 3339 UTC. Absent: not told. */
  readonly startedAt?: string;
  /** RFC 3339 UTC. Absent: not told. */
  readonly endedAt?: string;
  /** Its exit code. Absent: not told. */
  readonly exitCode?: number;
  /** What was executed. Absent: not told. */
  readonly command?: Command;
  /** What it belonged to, such as an experiment. Absent: nothing. */
  readonly group?: string;
  /** Free text. Absent: none. */
  readonly note?: string;
  /** What was said of its state. Absent: nothing. */
  readonly message?: string;
  /** Tags. Absent: none. */
  readonly tags?: readonly string[];
  /** Tags with values of the source. Absent: none. */
  readonly labels?: JsonObject;
  /** Its inputs. Absent: none. */
  readonly config?: JsonObject;
  /** Values that stand in place of a metric's last one, and texts. Absent: none. */
  readonly summary?: JsonObject;
  /** Facts of the machine. Absent: none. */
  readonly machine?: JsonObject;
  /** State of the user's repository. Absent: none. */
  readonly userGit?: UserGit;
  /** Why it failed. Absent: not told. */
  readonly error?: {
    /** Class of the error. */
    readonly kind: string;
    /** One sentence. */
    readonly message: string;
  };
}

/** Points that follow each other in a stream of the source. */
export interface ImportedPoints {
  /** Name of the stream: a file of points, or one metric. Within the run, always the same. */
  readonly stream: string;
  /** Place of the first point in the stream; each point takes one. By it importing again takes only what is new. */
  readonly from: number;
  /** The points. */
  readonly points: Points;
  /** Of the machine, not logged by the run. Absent: no. */
  readonly system?: boolean;
}

/** A file to keep with the run. */
export interface ImportedFile {
  /** Path among the run's files, `/`-separated. */
  readonly name: string;
  /** Absolute path of a file, below what is imported. Absent: `text` is given. */
  readonly path?: string;
  /** Its content. Absent: `path` is given. */
  readonly text?: string;
}

/** A part of what is known of one run. Pieces of one run follow each other. */
export interface ImportPiece {
  /** Key of the run, unique within its identity. Absent: what is told is about no run. */
  readonly run?: string;
  /** What makes the key unique in the world, such as a project. Absent: the key is. */
  readonly identity?: string;
  /** Absent: nothing more of them. */
  readonly facts?: ImportedFacts;
  /** Absent: none. */
  readonly points?: readonly ImportedPoints[];
  /** Absent: none. */
  readonly files?: readonly ImportedFile[];
  /** A stretch of what it printed. Absent: none. */
  readonly output?: {
    /** Where it begins, in bytes of UTF-8. */
    readonly from: number;
    /** The text. */
    readonly text: string;
  };
  /** What could not be read, a sentence each. Absent: nothing. */
  readonly problems?: readonly string[];
}

/** Who is calling. */
export interface ClientInfo {
  /** Name of the client, e.g. `datmo-python`. */
  readonly name: string;
  /** Its version. */
  readonly version: string;
  /** Language it is written in. Absent: not told. */
  readonly language?: string;
  readonly [more: string]: unknown;
}

/** What the client can do. Unknown ones are ignored. */
export interface ClientCapabilities {
  /** Notifications the client wants besides `run.output` and `run.statusChanged` of runs it started itself: `metric.logged`, `plugin.output`, `run.output`, `run.statusChanged` (of every run). Absent: none. */
  readonly notifications?: readonly string[];
  /** The client wants `$/logMessage`. Absent: no. */
  readonly logMessages?: boolean;
  readonly [more: string]: unknown;
}

/** Which engine answers. */
export interface EngineInfo {
  /** Always `datmo`. */
  readonly name: string;
  /** Version of the engine. */
  readonly version: string;
}

/** Points as columns of equal length. */
export interface Points {
  /** Name of the metric of each point. */
  readonly name: readonly string[];
  /** Step of each point. */
  readonly step: readonly number[];
  /** Value of each point. */
  readonly value: readonly MetricValue[];
  /** Time of each point, seconds since the epoch. */
  readonly at: readonly number[];
}

/** A metric in short. */
export interface MetricSummary {
  /** Its name. */
  readonly name: string;
  readonly last: MetricValue;
  /** Step of the last value. */
  readonly lastStep: number;
  /** Time of the last value, RFC 3339 UTC. */
  readonly lastAt: string;
  readonly min: MetricValue;
  readonly max: MetricValue;
  /** How many points there are. */
  readonly count: number;
  /** Of a system metric: the mean over the time that was measured. Absent: it is one that the run logged. */
  readonly mean?: number;
}

/** A system metric in short. */
export interface SystemMetric {
  /** The last value. */
  readonly last: number;
  /** The least value. */
  readonly min: number;
  /** The greatest value. */
  readonly max: number;
  /** The mean over the time that was measured. */
  readonly mean: number;
  /** How many points there are. */
  readonly count: number;
}

/** A metric that was found in the output. */
export interface ParsedPoint {
  /** Name of the metric. */
  readonly name: string;
  /** Its step. Absent: each name counts its own points, from 0. */
  readonly step?: number;
  readonly value: MetricValue;
}

/** What a plugin asks for, or was granted. Paths are relative to the project's root, or absolute. */
export interface PluginPermissions {
  /** Files and folders that may be read, relative to the project's root or absolute. Absent: none. */
  readonly read?: readonly string[];
  /** Files and folders that may be written. Absent: none. */
  readonly write?: readonly string[];
  /** Hosts that may be connected to, as `host` or `host:port`. Absent: none. */
  readonly net?: readonly string[];
  /** Environment variables that may be read. Absent: none. */
  readonly env?: readonly string[];
  /** Programs that may be started, outside any sandbox; `*` is every one. Absent: none. */
  readonly run?: readonly string[];
  /** Methods of this protocol that may be called. Absent: none. */
  readonly engine?: readonly string[];
}

/** One thing that a plugin provides. */
export interface PluginProvides {
  /** What it is. */
  readonly kind: "command" | "exporter" | "hook" | "importer" | "parser" | (string & {});
  /** Its name. Absent: a hook has none. */
  readonly name?: string;
  /** What it is, in a line. Absent: not told. */
  readonly description?: string;
  /** JSON Schema of a command's params. Absent: it takes none. */
  readonly params?: JsonObject;
  /** Events that a hook is told of. Absent: it is no hook. */
  readonly on?: readonly string[];
}

/** A plugin that is installed, or part of datmo. */
export interface Plugin {
  /** Its name, unique in the project. */
  readonly name: string;
  /** Its own version. */
  readonly version: string;
  /** What it is, in a line. Absent: not told. */
  readonly description?: string;
  /** `deno`: sandboxed. `process`: a program of any language, which nothing confines. `builtin`: part of datmo, always on. */
  readonly runtime: "deno" | "process" | "builtin" | (string & {});
  /** Hash of its content. Grants hold for exactly this content. Empty for one that is part of datmo. */
  readonly hash: string;
  /** What it provides. */
  readonly provides: readonly PluginProvides[];
  /** What its manifest asks for. */
  readonly asks: PluginPermissions;
  /** `ready`; `ungranted`: this content was never granted anything, and is not run; `off`: it failed several times in a row and rests; `broken`: its files cannot be used. */
  readonly state: "ready" | "ungranted" | "off" | "broken" | (string & {});
  /** Why it is not ready, or what went wrong last. Absent: nothing. */
  readonly problem?: string;
  /** What it may do: what was both asked for and granted. Absent: never granted. */
  readonly granted?: PluginPermissions;
  /** It runs without a sandbox. Absent: no. */
  readonly grantedAll?: boolean;
  /** When it was granted, RFC 3339 UTC. Absent: never granted. */
  readonly grantedAt?: string;
  /** When it was installed, RFC 3339 UTC. Empty for one that is part of datmo, or broken. */
  readonly installedAt: string;
  /** Folder that it was installed from; `built in` for one that is part of datmo. */
  readonly source: string;
}

/** One permission in words. */
export interface PluginPermission {
  /** `read`, `write`, `net`, `env`, `run` or `engine`. */
  readonly kind: "read" | "write" | "net" | "env" | "run" | "engine" | (string & {});
  /** What exactly. */
  readonly value: string;
  /** What it lets the plugin do. */
  readonly sentence: string;
  /** Whether it was granted. */
  readonly granted: boolean;
}

/** One thing that was tested of a plugin. */
export interface PluginTestOutcome {
  /** What was tested, in a line. */
  readonly name: string;
  /** `types`: Deno's type check; `unit`: a test of its own, run by Deno; `start`: the handshake; `case`: a test of `tests.json`. */
  readonly kind: "types" | "unit" | "start" | "case" | (string & {});
  /** Whether it is as it should be. */
  readonly passed: boolean;
  /** How long it took, milliseconds. */
  readonly durationMs: number;
  /** What is wrong. Absent: nothing. */
  readonly problem?: string;
}

/** A project. */
export interface Project {
  /** Random id of the project. */
  readonly id: string;
  /** Its name. */
  readonly name: string;
  /** Its description; may be empty. */
  readonly description: string;
  /** Absolute path of its root. */
  readonly directory: string;
  /** When it was created, RFC 3339 UTC. */
  readonly createdAt: string;
  /** When its name or description last changed, RFC 3339 UTC. */
  readonly updatedAt: string;
}

/** A snapshot in short. */
export interface SnapshotRef {
  /** Its id. */
  readonly id: string;
  /** Its message. */
  readonly message: string;
  /** Its label. Absent: none. */
  readonly label?: string;
  /** When it was made, RFC 3339 UTC. */
  readonly createdAt: string;
}

/** A run in short. */
export interface RunRef {
  /** Its id. */
  readonly id: string;
  /** Its readable name. */
  readonly name: string;
  /** Its status. */
  readonly status: string;
  /** Its command. Absent: a recorded run that named none. */
  readonly command?: Command;
}

/** A program that datmo can use. */
export interface ToolFact {
  /** Name of the tool. */
  readonly name: string;
  /** Whether it is there and works. */
  readonly found: boolean;
  /** Its version. Absent: unknown. */
  readonly version?: string;
  /** Where it is. Absent: unknown. */
  readonly path?: string;
  /** Why it cannot be used. Absent: no problem. */
  readonly problem?: string;
  /** How to get it. Absent: it is there. */
  readonly howToGet?: string;
}

/** A run that waits. */
export interface QueuedRun {
  readonly run: Run;
  /** GPUs that it asks for. Absent: none. */
  readonly gpu?: string;
  /** The sweep it belongs to. Absent: none. */
  readonly sweepId?: string;
  /** A worker has it and is about to start it. Absent: it waits. */
  readonly held?: boolean;
}

/** A run. */
export interface Run {
  /** Random id, 26 characters. */
  readonly id: string;
  /** Readable name; not unique. */
  readonly name: string;
  /** What kind of run it is. */
  readonly type: "script" | "notebook" | "jupyterlab" | "rstudio" | "terminal" | (string & {});
  /** `executed`: datmo started the command. `recorded`: a script recorded itself. `imported`: taken over from another tool. */
  readonly origin: "executed" | "recorded" | "imported";
  /** Where an imported run came from. Absent: it was not imported. */
  readonly imported?: {
    /** Which importer took it over: the other tool. */
    readonly format: string;
    /** What it is called there. */
    readonly key: string;
    /** Its tags with values there. Absent: none. */
    readonly labels?: JsonObject;
  };
  /** The remote that it was pulled from, without a password. Absent: it was made in this copy of the project. */
  readonly from?: string;
  /** `lost`: its engine and its process are gone without an end. */
  readonly status: "queued" | "preparing" | "running" | "succeeded" | "failed" | "stopped" | "lost";
  /** Exit code of the command, 128 + n after signal n. Absent: unknown or not ended. */
  readonly exitCode?: number;
  /** Something of it was killed because memory ran out; the command itself may have gone on. Absent: no. */
  readonly outOfMemory?: boolean;
  /** What was executed, or how the script was called. Absent: not told. Credentials are masked. */
  readonly command?: Command;
  /** Working directory, relative to the project's root. Absent: the root. */
  readonly directory?: string;
  /** What ran it. Absent for recorded runs. */
  readonly driver?: string;
  /** Its task. Absent for recorded runs. */
  readonly taskId?: string;
  /** Its environment. Absent: not captured yet. */
  readonly environmentId?: string;
  /** Where it ran, and why there. Absent: recorded runs, and runs of older versions. */
  readonly environment?: {
    /** Name of the environment. */
    readonly name: string;
    /** Its kind. */
    readonly kind: "host" | "venv" | "docker" | (string & {});
    /** Why it was chosen. */
    readonly reason: string;
  };
  /** The image that its container was made of. Absent: no container. */
  readonly image?: {
    /** Content id: `sha256:…`. */
    readonly id: string;
    /** Names under which registries know it, with digest. */
    readonly digests: readonly string[];
  };
  /** What its container said of itself. Absent: none was started. */
  readonly container?: {
    /** Id of the container. */
    readonly id: string;
    /** GPUs as they are seen inside. Absent: none were asked for. */
    readonly gpus?: readonly JsonObject[];
    /** Ports that this machine showed. Absent: none. */
    readonly ports?: readonly PortMapping[];
  };
  /** GPUs for the command: `all`, a number of them, or their ids joined by commas (`0,2`, `GPU-…`; a single index is `device=0`). Absent: none are asked for. */
  readonly gpu?: string;
  /** Limit of memory in bytes, swap included; needs a container. Absent: none. */
  readonly memoryBytes?: number;
  /** Limit of processors, in parts of one; needs a container. Absent: none. */
  readonly cpus?: number;
  /** Ports of the container that this machine shows. Absent: none. */
  readonly ports?: readonly PortMapping[];
  /** Files and folders in the data folder, in place of the project's `data`. Absent: the project's. */
  readonly data?: readonly DataSource[];
  /** What its data held when it started. Absent: it has none, or started before its data was read. */
  readonly dataContents?: readonly DataContent[];
  /** The state it began with. Absent: not taken (yet). */
  readonly beforeSnapshotId?: string;
  /** The state it ended with. Absent: not taken (yet). */
  readonly afterSnapshotId?: string;
  /** The after-snapshot was taken later than the end of the run, by another engine. Absent: no. */
  readonly late?: boolean;
  /** The run that it repeats. Absent: none. */
  readonly rerunOf?: string;
  /** It ran in a copy of its before-snapshot. Absent: no, in the project's folder. */
  readonly isolated?: boolean;
  /** Inputs linked into the isolated copy that no snapshot holds. Absent: none. */
  readonly notCaptured?: readonly string[];
  /** The plugin's parser that its output was read with. Absent: the built-in one, or none. */
  readonly parser?: string;
  /** Why not all of its output was parsed. Absent: it was. */
  readonly parserProblem?: string;
  /** The user's inputs. */
  readonly config: JsonObject;
  /** The last value of each metric, by name. */
  readonly metrics: { readonly [name: string]: MetricValue };
  /** System metrics in short, by name: what it used of the machine. Absent: none were measured, or not asked for in a list. */
  readonly system?: { readonly [name: string]: SystemMetric };
  /** Values the user put in place of a metric's last value, and texts. Absent: none. */
  readonly summary?: JsonObject;
  /** Tags, sorted. */
  readonly tags: readonly string[];
  /** Group it belongs to. Absent: none. */
  readonly group?: string;
  /** The sweep it belongs to. Absent: none. */
  readonly sweepId?: string;
  /** Free text. Absent: none. */
  readonly note?: string;
  /** Message for its snapshots. Absent: made from the command. */
  readonly message?: string;
  /** When it was created, RFC 3339 UTC. */
  readonly createdAt: string;
  /** When its command began, RFC 3339 UTC. Absent: not yet. */
  readonly startedAt?: string;
  /** When it ended, RFC 3339 UTC. Absent: not yet. */
  readonly endedAt?: string;
  /** From start to end in milliseconds. Absent: not ended. */
  readonly durationMs?: number;
  /** Why it failed, when datmo knows more than the exit code. Absent: nothing more. */
  readonly error?: {
    /** An error kind, or the class of the script's exception. */
    readonly kind: string;
    /** One sentence. */
    readonly message: string;
  };
  /** It was deleted and can be undeleted until `gc`. Absent: no. */
  readonly deleted?: boolean;
}

/** The machine a run was on. */
export interface MachineFacts {
  /** Host name. */
  readonly host: string;
  /** Operating system. */
  readonly os: string;
  /** Kernel release. */
  readonly kernel: string;
  /** Processor architecture. */
  readonly arch: string;
  /** Processor model. */
  readonly cpu: string;
  /** Logical processors. */
  readonly cpus: number;
  /** Memory in bytes. */
  readonly memoryBytes: number;
  /** Graphics processors, as found. */
  readonly gpus: readonly JsonObject[];
  /** Environment variables that steer randomness or threads. Absent: none seen. */
  readonly variables?: JsonObject;
  readonly [more: string]: unknown;
}

/** State of the user's own git repository. */
export interface UserGit {
  /** Commit id. */
  readonly commit: string;
  /** Branch. Absent: detached. */
  readonly branch?: string;
  /** Address of `origin`, without password. Absent: none. */
  readonly remote?: string;
}

/** What one file or folder that a run gets as data held. */
export interface DataContent {
  /** Its name in the data folder. */
  readonly name: string;
  /** What it is. */
  readonly kind: "file" | "folder";
  /** Number of files. */
  readonly files: number;
  /** Size of all of them. */
  readonly bytes: number;
  /** SHA-256 of the file, or of the folder's list: lines of hash, size and path as JSON, sorted by path. Absent: it was not read; `reason` says why. */
  readonly sha256?: string;
  /** Why it was not read, as the end of a sentence. Absent: it was. */
  readonly reason?: string;
}

/** One difference that a verification found. */
export interface Difference {
  /** What differs. */
  readonly kind: "status" | "exitCode" | "config" | "package" | "environment" | "code" | "file" | "metric" | "seed" | "variable" | "data" | "image" | "gpu" | "driver" | "machine";
  /** `cause`: something that went in; it does not make a verification fail, it explains it. `effect`: something that came out. */
  readonly role: "cause" | "effect";
  /** Name of the package, file, key or metric; of data its name, and the path of the file in a folder. */
  readonly name: string;
  /** On the original's side. Absent: not there. */
  readonly a?: Json;
  /** On the repetition's side. Absent: not there. */
  readonly b?: Json;
  /** Of a metric: the first step at which its points differ. Absent: they do not, or have no steps in common. */
  readonly step?: number;
}

/** A snapshot: one state, five components. */
export interface Snapshot {
  /** Random id, 26 characters. */
  readonly id: string;
  /** What it is; may be empty for those that runs make. */
  readonly message: string;
  /** Short category, e.g. `best`. Absent: none. */
  readonly label?: string;
  /** False for those that runs make by themselves. */
  readonly visible: boolean;
  /** When it was taken, RFC 3339 UTC. */
  readonly createdAt: string;
  /** The run that made it. Absent: none. */
  readonly runId?: string;
  /** Id of the code component: a git tree. */
  readonly codeId: string;
  /** How many files the code component holds. Absent: not recorded. */
  readonly codeFiles?: number;
  /** Their size together, in bytes. Absent: not recorded. */
  readonly codeBytes?: number;
  /** Id of the environment's definition. */
  readonly environmentId: string;
  /** Its config. */
  readonly config: JsonObject;
  /** Its metrics. */
  readonly metrics: { readonly [name: string]: MetricValue };
  /** Its files. */
  readonly files: readonly FileEntry[];
  /** Taken later than the end of its run. Absent: no. */
  readonly late?: boolean;
  /** Equals the project's folder. Absent: nobody asked to look. */
  readonly current?: boolean;
}

/** Environment component of a snapshot. */
export interface EnvironmentSummary {
  /** `host`, `venv` or `docker`. */
  readonly kind: string;
  /** Version of Python. Absent: none found. */
  readonly python?: string;
  /** Version of R. Absent: none found. */
  readonly r?: string;
  /** Packages, by name. */
  readonly packages: readonly {
    /** Name with its language in front: `python:numpy`. */
    readonly name: string;
    /** Version. */
    readonly version: string;
  }[];
  /** requirements.txt made from the imports. Absent: no Python code. */
  readonly requirements?: string;
  /** Names of definition files at the root of the project. */
  readonly definition: readonly string[];
}

/** Something that could not be taken. */
export interface Skipped {
  /** Its path. */
  readonly path: string;
  /** Why. */
  readonly reason: string;
}

/** A pointer in a config to data that is kept elsewhere, and what was found of it. */
export interface PointerState {
  /** Its key in the config, dotted. */
  readonly key: string;
  /** Where the data is: an address, or a path (relative ones from the project's root). */
  readonly target: string;
  /** SHA-256 that its content should have, hexadecimal. Absent: any. */
  readonly sha256?: string;
  /** Bytes that it should have. Absent: any. */
  readonly size?: number;
  /** `ok`; `missing`; `changed`: it has another size or content; `unchecked`: it lies on another machine, or its content was not read; `invalid`: it is no pointer. */
  readonly state: "ok" | "missing" | "changed" | "unchecked" | "invalid" | (string & {});
  /** More about the state, as half a sentence. Absent: nothing to add. */
  readonly reason?: string;
}

/** Which values are tried: every combination of `grid`, and for each of them `random.count` samples. */
export interface SweepSpec {
  /** Keys with the values to try; the last one varies fastest. Absent: none. */
  readonly grid?: readonly {
    /** Key of the config; dots nest. */
    readonly name: string;
    /** What is tried, in this order. */
    readonly values: readonly Json[];
  }[];
  /** Keys whose values are drawn. Absent: none. */
  readonly random?: {
    /** Samples. */
    readonly count: number;
    /** The same seed draws the same values. Absent: one is made, and kept. */
    readonly seed?: number;
    /** What is drawn. */
    readonly parameters: readonly {
      /** Key of the config; dots nest. */
      readonly name: string;
      /** How. */
      readonly kind: "uniform" | "int" | "choice";
      /** Least value of `uniform` and `int`. Absent: `choice`. */
      readonly low?: number;
      /** Greatest value. Absent: `choice`. */
      readonly high?: number;
      /** Evenly in the logarithm. Absent: no. */
      readonly log?: boolean;
      /** Values of `choice`. Absent: the other kinds. */
      readonly values?: readonly Json[];
    }[];
  };
}

/** A sweep. */
export interface Sweep {
  /** Id, 26 characters. */
  readonly id: string;
  /** Readable name. */
  readonly name: string;
  /** Group of its runs. */
  readonly group: string;
  readonly command: Command;
  readonly spec: SweepSpec;
  /** Combinations. */
  readonly total: number;
  /** The state that all its runs begin with. */
  readonly snapshotId: string;
  /** RFC 3339 UTC. */
  readonly createdAt: string;
}

/** One combination. */
export interface SweepRun {
  /** Its place, from 0. */
  readonly index: number;
  /** What it sets in the config. */
  readonly values: JsonObject;
  /** Its run. Absent: it was not added yet, or was deleted. */
  readonly run?: Run;
}

/** A sweep in a list. */
export interface SweepOverview {
  readonly sweep: Sweep;
  /** How many of its runs have each status; those that are not there are left out. */
  readonly counts: { readonly [name: string]: number };
}

/** A task. */
export interface Task {
  /** Hash of its definition. */
  readonly id: string;
  readonly command: Command;
  /** Working directory, relative to the project's root. Absent: the root. */
  readonly directory?: string;
  /** Where it runs. Absent: `host`. */
  readonly driver: string;
  /** Where it runs: id of an environment. Absent: the machine as it is. */
  readonly environmentId?: string;
  /** GPUs for the command: `all`, a number of them, or their ids joined by commas (`0,2`, `GPU-…`; a single index is `device=0`). Absent: none are asked for. */
  readonly gpu?: string;
  /** Limit of memory in bytes, swap included; needs a container. Absent: none. */
  readonly memoryBytes?: number;
  /** Limit of processors, in parts of one; needs a container. Absent: none. */
  readonly cpus?: number;
  /** Ports of the container that this machine shows. Absent: none. */
  readonly ports?: readonly PortMapping[];
  /** Files and folders in the data folder, in place of the project's `data`. Absent: the project's. */
  readonly data?: readonly DataSource[];
  /** Time limit in milliseconds. Absent: none. */
  readonly timeoutMs?: number;
  /** Environment variables given to the command besides those of the engine. Absent: none. Values that look like credentials are masked in what is kept. */
  readonly variables?: { readonly [name: string]: string };
  /** Names of variables whose values it is given and nobody keeps. Absent: none. */
  readonly secrets?: readonly string[];
  /** Files of variables that are read when it starts. Absent: none. */
  readonly envFiles?: readonly string[];
  /** The command gets the terminal or standard input. Absent: no. */
  readonly interactive?: boolean;
  /** Runs that executed it. Absent: not counted. */
  readonly runs?: number;
  /** When it was first used, RFC 3339 UTC. */
  readonly createdAt: string;
}

/** Which program it is. */
export type WorkspaceKind = "notebook" | "jupyterlab" | "rstudio" | "terminal";

/** A workspace that runs. */
export interface Workspace {
  /** Id of its run. */
  readonly runId: string;
  /** Name of its run. */
  readonly name: string;
  readonly kind: WorkspaceKind;
  /** Status of its run. */
  readonly status: string;
  /** Name of its environment. Absent: not known. */
  readonly environment?: string;
  /** When its program began, RFC 3339 UTC. Absent: not yet. */
  readonly startedAt?: string;
  /** Address on this machine's loopback with which it can be opened. It holds the secret. Absent: a terminal, or it does not answer yet. */
  readonly url?: string;
  /** Port of this machine. Absent: a terminal, or it does not answer yet. */
  readonly port?: number;
  /** Name to log in with. Absent: none is asked for. */
  readonly user?: string;
  /** Password to log in with. Absent: none is asked for. */
  readonly password?: string;
  /** A file of the user's alone that leads a browser to the address, so that the secret is on no command line. Absent: it has no address. */
  readonly openFile?: string;
}

/** Params of `config.log`: Deep-merges values into a run's config. */
export interface ConfigLogParams {
  /** Id of the run. */
  readonly runId: string;
  /** Values by key; nested objects are merged. */
  readonly config: JsonObject;
}

/** Result of `config.log`. */
export interface ConfigLogResult {
  /** The run's config after it, as far as this engine knows it. */
  readonly config: JsonObject;
}

/** Params of `environment.catalog`: Environments that can be set up. */
export type EnvironmentCatalogParams = { readonly [name: string]: never };

/** Result of `environment.catalog`. */
export interface EnvironmentCatalogResult {
  /** Entries, the default first. */
  readonly entries: readonly CatalogueEntry[];
  /** Plugins whose entries could not be had, and why. Absent: none. */
  readonly problems?: readonly string[];
}

/** Params of `environment.setup`: Writes an environment of the catalogue into `datmo_environment/` and records it. */
export interface EnvironmentSetupParams {
  /** Entry of the catalogue; `requirements`: the packages that the project's scripts import, of Python and of R, as they are installed. Absent: `python-base`. */
  readonly framework?: string;
  /** What is made of `requirements`. Absent: `docker`. */
  readonly kind?: "docker" | "venv";
  /** `cpu` or `gpu`. Absent: `cpu`. */
  readonly type?: string;
  /** Language and version. Absent: the entry's default. */
  readonly language?: string;
  /** Name. Absent: `framework:type-language`. */
  readonly name?: string;
  /** Replace files in `datmo_environment/` that no environment holds. Absent: refuse. */
  readonly force?: boolean;
}

/** Result of `environment.setup`. */
export interface EnvironmentSetupResult {
  readonly environment: Environment;
  /** False when this definition was recorded before. */
  readonly created: boolean;
  /** Paths of the files written, relative to the project. */
  readonly written: readonly string[];
  /** What one should know of it. Absent: nothing. */
  readonly notes?: readonly string[];
}

/** Params of `environment.create`: Records an environment: from paths, an image, `datmo_environment/`, a Dockerfile at the root, or the packages that the project's scripts import, in this order. */
export interface EnvironmentCreateParams {
  /** Files and folders, each `SRC` or `SRC>NAME`; a single folder stands for what is in it. Absent: none. */
  readonly paths?: readonly string[];
  /** An image, by name. Absent: none. */
  readonly image?: string;
  /** `docker` or `venv`, where the files allow both. Absent: `docker` when there is a Dockerfile or nothing at all, else `venv`. */
  readonly kind?: "docker" | "venv";
  /** Version of Python for a venv or a generated Dockerfile, such as `3.12`. Absent: that of the project. */
  readonly python?: string;
  /** Name. Absent: made from what it is. */
  readonly name?: string;
  /** What it is for. Absent: none. */
  readonly description?: string;
}

/** Result of `environment.create`. */
export interface EnvironmentCreateResult {
  readonly environment: Environment;
  /** False when this definition was recorded before. */
  readonly created: boolean;
  /** What it was made from. */
  readonly source: "paths" | "image" | "folder" | "dockerfile" | "requirements" | (string & {});
  /** What one should know: files left out, credentials not kept. */
  readonly notes: readonly string[];
}

/** Params of `environment.get`: One environment: files, packages, builds, and what uses it. */
export interface EnvironmentGetParams {
  /** Id, name or unique prefix; `host` is the machine as it is. */
  readonly id: string;
}

/** Result of `environment.get`. */
export interface EnvironmentGetResult {
  readonly environment: Environment;
  /** Definition files. */
  readonly files: readonly EnvironmentFile[];
  /** Packages found by its newest build; of the host, those of the project's interpreters. */
  readonly packages: readonly EnvironmentPackage[];
  /** Its builds, newest first. */
  readonly builds: readonly BuildFacts[];
  /** Runs that used it, newest first, at most 20. */
  readonly runs: readonly RunRef[];
  /** How many runs used it. */
  readonly runCount: number;
  /** How many snapshots hold it. */
  readonly snapshotCount: number;
}

/** Params of `environment.list`: Environments, newest first; the last one is the host. */
export interface EnvironmentListParams {
  /** At most this many items. Absent: 100. */
  readonly limit?: number;
  /** `nextCursor` of the answer before. Absent: from the beginning. */
  readonly cursor?: string;
}

/** Result of `environment.list`. */
export interface EnvironmentListResult {
  /** Environments. */
  readonly items: readonly Environment[];
  /** Where to go on. Absent: this was the end. */
  readonly nextCursor?: string;
}

/** Params of `environment.update`: Changes name or description. */
export interface EnvironmentUpdateParams {
  /** Id, name or unique prefix. */
  readonly id: string;
  /** New name. Absent: unchanged. */
  readonly name?: string;
  /** New description. Absent: unchanged. */
  readonly description?: string;
}

/** Result of `environment.update`. */
export interface EnvironmentUpdateResult {
  readonly environment: Environment;
}

/** Params of `environment.use`: Makes an environment the one that runs use when nothing else is said, on this machine. */
export interface EnvironmentUseParams {
  /** Id, name or unique prefix; `host` is the machine as it is. Absent: forget the choice; then `datmo_environment/` counts, else the host. */
  readonly id?: string;
}

/** Result of `environment.use`. */
export interface EnvironmentUseResult {
  readonly environment: Environment;
  /** Why it is the active one, a sentence. */
  readonly reason: string;
  /** There are files in `datmo_environment/` that are another environment; they do not count now. Absent: no. */
  readonly folderDiffers?: boolean;
}

/** Params of `environment.build`: Makes what an environment needs to run: an image, or a venv. */
export interface EnvironmentBuildParams {
  /** Id, name or unique prefix. Absent: the active one. */
  readonly id?: string;
  /** Build again although it is there. Absent: no. */
  readonly noCache?: boolean;
  /** Any text; comes back in the `environment.buildOutput` notifications of this request. Absent: none. */
  readonly originId?: string;
  /** Asks for `$/progress` notifications carrying this token. Absent: none are sent. */
  readonly progressToken?: string;
}

/** Result of `environment.build`. */
export interface EnvironmentBuildResult {
  readonly environment: Environment;
  /** The build. Absent: the host needs none. */
  readonly build?: BuildFacts;
  /** It was there; nothing was done. */
  readonly cached: boolean;
  /** What one should know. */
  readonly notes: readonly string[];
}

/** Params of `environment.delete`: Deletes environments. Their images and venvs stay unless asked for. */
export interface EnvironmentDeleteParams {
  /** Ids, names or unique prefixes. */
  readonly ids: readonly string[];
  /** Also those that runs or snapshots used. Absent: no. */
  readonly force?: boolean;
  /** Remove their images from the container engine as well. Absent: no. */
  readonly images?: boolean;
}

/** Result of `environment.delete`. */
export interface EnvironmentDeleteResult {
  /** Ids of the deleted environments. */
  readonly ids: readonly string[];
  /** Images of theirs that were removed. */
  readonly images: readonly string[];
}

/** Params of `environment.export`: Writes a folder that `docker build` builds anywhere. */
export interface EnvironmentExportParams {
  /** Id, name or unique prefix. */
  readonly id: string;
  /** Absolute path of an empty or absent folder. */
  readonly directory: string;
  /** Asks for `$/progress` notifications carrying this token. Absent: none are sent. */
  readonly progressToken?: string;
}

/** Result of `environment.export`. */
export interface EnvironmentExportResult {
  /** Files written. */
  readonly files: number;
  /** Their size together. */
  readonly bytes: number;
}

/** Params of `exporter.run`: Writes runs as the files of another tool. */
export interface ExporterRunParams {
  /** `mlruns`, `tfevents`, `dvclive`, `csv`, `parquet`, or what a plugin writes. */
  readonly format: string;
  /** Folder, absolute or relative to where the connection began; created when it is not there. */
  readonly directory: string;
  /** Ids, names or beginnings of ids. Absent: all runs, or those of the filter. */
  readonly runs?: readonly string[];
  /** Only runs that it is true of (docs/filter.md). Absent: all. */
  readonly filter?: string;
  /** Also what the runs used of the machine, as metrics `system/…`. Absent: no. */
  readonly system?: boolean;
  /** Replaces files that datmo did not write there, or that were changed since. Absent: no. */
  readonly force?: boolean;
  /** Asks for `$/progress` notifications carrying this token. Absent: none are sent. */
  readonly progressToken?: string;
}

/** Result of `exporter.run`. */
export interface ExporterRunResult {
  /** What was written. */
  readonly format: string;
  /** Absolute path of the folder. */
  readonly directory: string;
  /** Runs that were exported. */
  readonly runs: number;
  /** Files that were written. */
  readonly files: number;
  /** Files that were there as they are. */
  readonly unchanged: number;
  /** Bytes of all of these files. */
  readonly bytes: number;
  /** What could not be exported, the first 100, a sentence each. */
  readonly problems: readonly string[];
}

/** Params of `file.log`: Keeps a file with a run. */
export interface FileLogParams {
  /** Id of the run. */
  readonly runId: string;
  /** File, absolute or relative to the project's root. */
  readonly path: string;
  /** Name to keep it under. Absent: the file's own name. */
  readonly name?: string;
}

/** Result of `file.log`. */
export interface FileLogResult {
  readonly file: FileEntry;
}

/** Params of `file.list`: Files of a run or snapshot. */
export interface FileListParams {
  /** A run. Absent: `snapshotId` is given. */
  readonly runId?: string;
  /** A snapshot. Absent: `runId` is given. */
  readonly snapshotId?: string;
}

/** Result of `file.list`. */
export interface FileListResult {
  /** Files. */
  readonly items: readonly FileEntry[];
}

/** Params of `file.get`: One kept file. */
export interface FileGetParams {
  /** A run. Absent: `snapshotId` is given. */
  readonly runId?: string;
  /** A snapshot. Absent: `runId` is given. */
  readonly snapshotId?: string;
  /** Its path in the component. */
  readonly path: string;
  /** File to write it to, absolute; must not exist. Absent: the content is in the answer, up to 8 MiB. */
  readonly destination?: string;
}

/** Result of `file.get`. */
export interface FileGetResult {
  readonly file: FileEntry;
  /** The content, base64. Absent: it was written to `destination`. */
  readonly content?: string;
}

/** Params of `graph.get`: Snapshots as nodes, runs as edges, newest first. */
export interface GraphGetParams {
  /** At most this many snapshots and this many runs. Absent: 100. */
  readonly limit?: number;
}

/** Result of `graph.get`. */
export interface GraphGetResult {
  /** Nodes. */
  readonly snapshots: readonly GraphSnapshot[];
  /** Edges: of runs that begin or end with one of the snapshots. */
  readonly runs: readonly GraphRun[];
  /** There are older ones. */
  readonly more: boolean;
}

/** Params of `importer.run`: Takes over the runs of another tool. */
export interface ImporterRunParams {
  /** File or folder of the other tool, absolute or relative to where the connection began. */
  readonly path: string;
  /** What it is: `mlruns`, `tfevents`, `wandb`, `trackio`, `dvclive`, `datmo`, or what a plugin reads. Absent: found out. */
  readonly format?: string;
  /** Only says what would come. Absent: no. */
  readonly dryRun?: boolean;
  /** Asks for `$/progress` notifications carrying this token. Absent: none are sent. */
  readonly progressToken?: string;
}

/** Result of `importer.run`. */
export interface ImporterRunResult {
  /** What it was. */
  readonly format: string;
  /** Absolute path of what was read. */
  readonly path: string;
  /** Nothing was written. */
  readonly dryRun: boolean;
  /** Runs that came. */
  readonly newRuns: number;
  /** Runs that were here, and of which there was more. */
  readonly changedRuns: number;
  /** Runs that were here as they are. */
  readonly unchangedRuns: number;
  /** Points of metrics that came. */
  readonly points: number;
  /** Files that came or were replaced. */
  readonly files: number;
  /** Ids of the runs that came or were changed, the first 1,000. */
  readonly runIds: readonly string[];
  /** What could not be read, the first 100. */
  readonly problems: readonly {
    /** Key of the run. Absent: it is about no single one. */
    readonly run?: string;
    /** One sentence. */
    readonly message: string;
  }[];
  /** How many problems there were. */
  readonly problemCount: number;
}

/** Params of `initialize`: Opens the connection; must be the first request. */
export interface InitializeParams {
  /** Version of the protocol the client speaks. */
  readonly protocolVersion: number;
  readonly client: ClientInfo;
  /** The client's process; the engine leaves when it is gone. Absent: the engine watches its parent only. */
  readonly processId?: number;
  /** Folder to look for the project from, upwards. Absent: the engine's working directory. */
  readonly projectDir?: string;
  /** What the client can do. Absent: nothing beyond the basics. */
  readonly capabilities?: ClientCapabilities;
}

/** Result of `initialize`. */
export interface InitializeResult {
  /** Version the engine speaks. */
  readonly protocolVersion: number;
  readonly engine: EngineInfo;
  /** What the engine can do; empty in this version. */
  readonly capabilities: JsonObject;
}

/** Params of `shutdown`: Asks the engine to finish what it began; `exit` follows. */
export type ShutdownParams = { readonly [name: string]: never };

/** Result of `shutdown`. */
export type ShutdownResult = { readonly [name: string]: never };

/** Params of `metric.log`: Logs points: inline columns, or a stretch of a spool file. */
export interface MetricLogParams {
  /** Id of the run. */
  readonly runId: string;
  /** Points as columns. Absent: `spool` is given. */
  readonly points?: Points;
  /** A stretch of a spool file (docs/formats.md) in the run's folder, or in the folder registered with the run. Absent: `points` is given. */
  readonly spool?: {
    /** Bare name of the file. */
    readonly file: string;
    /** First byte not told yet. */
    readonly from: number;
    /** Byte after the last record. */
    readonly to: number;
  };
}

/** Result of `metric.log`. */
export interface MetricLogResult {
  /** How many points were taken in. */
  readonly points: number;
  /** Every record of the spool before this byte is on disk. Absent: the points came inline. */
  readonly durableTo?: number;
}

/** Params of `metric.list`: The metrics of a run. */
export interface MetricListParams {
  /** Id, name or unique prefix. */
  readonly runId: string;
  /** The system metrics: what the run used of the machine, measured by datmo. Absent: those that the run logged. */
  readonly system?: boolean;
}

/** Result of `metric.list`. */
export interface MetricListResult {
  /** Metrics, by name. */
  readonly items: readonly MetricSummary[];
}

/** Params of `metric.history`: The points of one metric, in order of step. */
export interface MetricHistoryParams {
  /** Id, name or unique prefix. */
  readonly runId: string;
  /** Name of the metric. */
  readonly name: string;
  /** First step. Absent: the beginning. */
  readonly fromStep?: number;
  /** Last step. Absent: the end. */
  readonly toStep?: number;
  /** Down-sample to this many stretches, keeping the minimum and maximum of each. Absent: every point. */
  readonly buckets?: number;
  /** Of the system metric of that name. Absent: of the one that the run logged; when it logged none, of the system metric. */
  readonly system?: boolean;
}

/** Result of `metric.history`. */
export interface MetricHistoryResult {
  /** Name of the metric. */
  readonly name: string;
  /** Points as columns. */
  readonly points: {
    /** Steps. */
    readonly step: readonly number[];
    /** Values. */
    readonly value: readonly MetricValue[];
    /** Times, seconds since the epoch. */
    readonly at: readonly number[];
  };
}

/** Params of `plugin.install`: Installs a plugin from a folder, or replaces the one of the same name. */
export interface PluginInstallParams {
  /** Folder with `datmo-plugin.json`, relative to where the connection began. */
  readonly directory: string;
}

/** Result of `plugin.install`. */
export interface PluginInstallResult {
  readonly plugin: Plugin;
  /** There was one of this name. */
  readonly replaced: boolean;
}

/** Params of `plugin.list`: The installed plugins, by name, then those that are part of datmo. */
export type PluginListParams = { readonly [name: string]: never };

/** Result of `plugin.list`. */
export interface PluginListResult {
  /** Plugins, installed ones first, each by name. */
  readonly items: readonly Plugin[];
}

/** Params of `plugin.get`: One plugin, and what it asks for in words. */
export interface PluginGetParams {
  /** Name of the plugin. */
  readonly name: string;
}

/** Result of `plugin.get`. */
export interface PluginGetResult {
  readonly plugin: Plugin;
  /** What it asks for, each in a sentence. */
  readonly permissions: readonly PluginPermission[];
  /** Its files, by path. */
  readonly files: readonly string[];
  /** What confines it on this machine, in a line. */
  readonly sandbox: string;
}

/** Params of `plugin.grant`: Grants permissions to a plugin, for this project and exactly its present content. */
export interface PluginGrantParams {
  /** Name of the plugin. */
  readonly name: string;
  /** What is granted, of what it asks for. Absent: nothing more. */
  readonly permissions?: PluginPermissions;
  /** Everything that it asks for. Absent: no. */
  readonly asked?: boolean;
  /** Everything there is, without a sandbox. Absent: no. */
  readonly all?: boolean;
}

/** Result of `plugin.grant`. */
export interface PluginGrantResult {
  readonly plugin: Plugin;
}

/** Params of `plugin.revoke`: Takes back everything that was granted to a plugin; it is not run any more. */
export interface PluginRevokeParams {
  /** Name of the plugin. */
  readonly name: string;
}

/** Result of `plugin.revoke`. */
export interface PluginRevokeResult {
  readonly plugin: Plugin;
}

/** Params of `plugin.remove`: Removes a plugin and what was granted to it. */
export interface PluginRemoveParams {
  /** Name of the plugin. */
  readonly name: string;
}

/** Result of `plugin.remove`. */
export interface PluginRemoveResult {
  /** The one that was removed. */
  readonly name: string;
}

/** Params of `plugin.call`: Calls a command of a plugin. */
export interface PluginCallParams {
  /** Name of the plugin. */
  readonly name: string;
  /** Name of its command. */
  readonly command: string;
  /** Params for the command. Absent: none. */
  readonly params?: JsonObject;
  /** Longest time it may take, milliseconds; then its process is killed. Absent: 60,000. */
  readonly timeoutMs?: number;
}

/** Result of `plugin.call`. */
export interface PluginCallResult {
  /** What the command answered. */
  readonly result: Json;
}

/** Params of `plugin.create`: Writes the folder of a new plugin that works: manifest, code, tests. */
export interface PluginCreateParams {
  /** Name of the plugin: lower-case letters, digits and hyphens. */
  readonly name: string;
  /** Folder to make, relative to where the connection began. Absent: the name. */
  readonly directory?: string;
  /** What it is to provide. Absent: `command`. */
  readonly kind?: "command" | (string & {});
  /** What it is written in. `typescript` runs in the sandbox; `python` and `r` are programs that nothing confines. Absent: `typescript`. */
  readonly language?: "typescript" | "python" | "r" | (string & {});
  /** What it is, in a line. Absent: a line that tells what the example does. */
  readonly description?: string;
}

/** Result of `plugin.create`. */
export interface PluginCreateResult {
  /** The folder, absolute. */
  readonly directory: string;
  /** What was written, by path in it, without the SDK's types. */
  readonly files: readonly string[];
  /** What it is written in. */
  readonly language: "typescript" | "python" | "r" | (string & {});
}

/** Params of `plugin.start`: Starts a plugin's process and shakes hands, so that what is wrong shows before it is needed. */
export interface PluginStartParams {
  /** Name of the plugin. */
  readonly name: string;
}

/** Result of `plugin.start`. */
export interface PluginStartResult {
  readonly plugin: Plugin;
}

/** Params of `plugin.test`: Tests a plugin's folder against projects that are made for it and thrown away. */
export interface PluginTestParams {
  /** Folder with `datmo-plugin.json`, relative to where the connection began. */
  readonly directory: string;
  /** It may have everything that it asks for. Absent: what reaches no further than the project. */
  readonly asked?: boolean;
  /** It runs without a sandbox. Absent: no. */
  readonly all?: boolean;
  /** Asks for `$/progress` notifications carrying this token. Absent: none are sent. */
  readonly progressToken?: string;
}

/** Result of `plugin.test`. */
export interface PluginTestResult {
  /** The plugin as it was tested. */
  readonly plugin: Plugin;
  /** What it asks for, each in a sentence. */
  readonly permissions: readonly PluginPermission[];
  /** Everything that was tested, in order. */
  readonly results: readonly PluginTestOutcome[];
  /** How many of them are as they should be. */
  readonly passed: number;
  /** How many are not. */
  readonly failed: number;
  /** The last of what the plugin printed. Absent: nothing. */
  readonly output?: string;
}

/** Params of `project.create`: Creates a project, or updates the one that is there. */
export interface ProjectCreateParams {
  /** Its root. Absent: the connection's project folder. */
  readonly directory?: string;
  /** Its name. Absent: the folder's name for a new project, unchanged for an existing one. */
  readonly name?: string;
  /** What it is about. Absent: empty, or unchanged. */
  readonly description?: string;
}

/** Result of `project.create`. */
export interface ProjectCreateResult {
  readonly project: Project;
  /** False when an existing project was updated. */
  readonly created: boolean;
}

/** Params of `project.get`: The connection's project. */
export type ProjectGetParams = { readonly [name: string]: never };

/** Result of `project.get`. */
export interface ProjectGetResult {
  readonly project: Project;
}

/** Params of `project.update`: Changes name or description. */
export interface ProjectUpdateParams {
  /** New name. Absent: unchanged. */
  readonly name?: string;
  /** New description. Absent: unchanged. */
  readonly description?: string;
}

/** Result of `project.update`. */
export interface ProjectUpdateResult {
  readonly project: Project;
}

/** Params of `project.status`: Is anything unsaved, and against what. */
export interface ProjectStatusParams {
  /** At most this many changed paths. Absent: 1,000. */
  readonly limit?: number;
  /** Asks for `$/progress` notifications carrying this token. Absent: none are sent. */
  readonly progressToken?: string;
  /** Read the files that pointers name, however big. Absent: only those that are read quickly. */
  readonly verify?: boolean;
}

/** Result of `project.status`. */
export interface ProjectStatusResult {
  readonly project: Project;
  /** True when snapshots hold all that is in the project's folder: its code as it is, and what is at the places of kept files. */
  readonly clean: boolean;
  /** Paths that differ from the newest snapshot; everything when there is none. */
  readonly changes: readonly PathChange[];
  /** How many paths differ, beyond `limit` too. */
  readonly changeCount: number;
  /** The newest snapshot that equals the project's folder. Absent: none. */
  readonly current?: SnapshotRef;
  /** The newest snapshot somebody made. Absent: none. */
  readonly newestUser?: SnapshotRef;
  /** The newest snapshot that a run made. Absent: none. */
  readonly newestAutomatic?: SnapshotRef;
  /** The active environment. */
  readonly environment: {
    /** What it is; `host` is the machine as it is. */
    readonly kind: "host" | "venv" | "docker" | (string & {});
    /** Its name. */
    readonly name: string;
    /** Id of its definition. */
    readonly id: string;
    /** Why it is the active one, a sentence. */
    readonly reason: string;
  };
  /** What changed in the environment since the newest snapshot. */
  readonly environmentChanges: readonly PackageChange[];
  /** Runs that have not ended. */
  readonly activeRuns: readonly RunRef[];
  /** A checkout that a crash interrupted. Absent: none. */
  readonly interruptedCheckout?: {
    /** Snapshot that was being restored. */
    readonly targetId: string;
    /** Snapshot taken before. */
    readonly heldId: string;
  };
  /** What is wrong with the store; usually empty. */
  readonly problems: readonly Problem[];
  /** Kept files that changed at their places in the project since they were kept; a missing one is no unsaved work. */
  readonly keptChanges: readonly PathChange[];
  /** Definition files of the environment that differ from the newest snapshot's. */
  readonly definitionChanges: readonly PathChange[];
  /** Files that changed while they were looked at; at most `limit`. */
  readonly unstable: readonly string[];
  /** What a snapshot cannot take; at most `limit`. */
  readonly skipped: readonly Skipped[];
  /** Pointers in the config, checked where they are local: of `config.json` at the root and of the newest snapshot that somebody made. */
  readonly pointers: readonly PointerState[];
}

/** Params of `project.delete`: Removes `.datmo` and everything datmo keeps of the project. The project's own files stay. */
export interface ProjectDeleteParams {
  /** Id of the project, as a safeguard. */
  readonly confirm: string;
}

/** Result of `project.delete`. */
export interface ProjectDeleteResult {
  /** Root of the project that was. */
  readonly directory: string;
  /** Bytes freed. */
  readonly bytes: number;
  /** Images removed that were built for it. Absent: it has no environments. */
  readonly images?: number;
  /** Containers removed that ran for it. Absent: it has no environments. */
  readonly containers?: number;
}

/** Params of `project.doctor`: What datmo found on this machine, and how to get what is missing. Works without a project. */
export type ProjectDoctorParams = { readonly [name: string]: never };

/** Result of `project.doctor`. */
export interface ProjectDoctorResult {
  readonly engine: EngineInfo;
  /** What was looked for. */
  readonly tools: readonly ToolFact[];
  /** Graphics processors of this machine, as found. Absent: the engine does not tell. */
  readonly gpus?: readonly JsonObject[];
  /** The connection's project. Absent: none. */
  readonly project?: Project;
  /** What is wrong with the project's store and its plugins. */
  readonly problems: readonly Problem[];
}

/** Params of `queue.add`: Records a run as queued and takes its before-snapshot; a worker executes it later. */
export interface QueueAddParams {
  readonly command: Command;
  /** Working directory, relative to the project's root. Absent: the root. */
  readonly directory?: string;
  /** Where it runs. Absent: `host`. */
  readonly driver?: string;
  /** GPUs for the command: `all`, a number of them, or their ids joined by commas (`0,2`, `GPU-…`; a single index is `device=0`). Absent: none are asked for. */
  readonly gpu?: string;
  /** Time limit in milliseconds. Absent: none. */
  readonly timeoutMs?: number;
  /** Environment variables given to the command besides those of the engine. Absent: none. Values that look like credentials are masked in what is kept. */
  readonly variables?: { readonly [name: string]: string };
  /** Names of variables whose values are secret: taken from the engine's environment, given to the command, and kept nowhere. Absent: none. */
  readonly secrets?: readonly string[];
  /** Files of lines NAME=VALUE, relative to the project's root or absolute: read when the command starts; what they say is kept nowhere. Absent: none. */
  readonly envFiles?: readonly string[];
  /** Values of secrets that the engine's environment does not have; kept nowhere. Absent: none. */
  readonly secretValues?: { readonly [name: string]: string };
  /** Readable name. Absent: one is made. */
  readonly name?: string;
  /** Tags. Absent: none. */
  readonly tags?: readonly string[];
  /** Group. Absent: none. */
  readonly group?: string;
  /** Free text. Absent: none. */
  readonly note?: string;
  /** The run's config. Absent: `config.json` at the root when it is there, else empty. */
  readonly config?: JsonObject;
  /** Message for its snapshots. Absent: made from the command. */
  readonly message?: string;
  /** Lines of the output that are exactly `name: number` become metrics. Absent: yes. */
  readonly parse?: boolean;
  /** What finds metrics in the output: `key-value` (lines that are exactly `name: number`), `none`, or the name of a plugin's parser. Absent: as the project's settings say; without them, `key-value`. */
  readonly parser?: string;
  /** What it uses of processor, memory, disk and GPUs is measured while it runs. Absent: as `DATMO_USAGE` and the project's settings say; without them, yes. */
  readonly usage?: boolean;
  /** State to run on: id, label or unique prefix of a snapshot. Absent: the project as it is now. */
  readonly snapshotId?: string;
  /** Run it on a state that came from elsewhere. Absent: no. */
  readonly trust?: boolean;
  /** Asks for `$/progress` notifications carrying this token. Absent: none are sent. */
  readonly progressToken?: string;
  /** Environment: id, name or unique prefix; `host`; `docker`: the Dockerfile at the root; `venv`: the lock file there. Absent: `environmentPaths`, the active one, `datmo_environment/`, `host`. */
  readonly environment?: string;
  /** Definition files, each `SRC` or `SRC>NAME`, instead of `environment`. Absent: none. */
  readonly environmentPaths?: readonly string[];
  /** Limit of memory in bytes, swap included; needs a container. Absent: none. */
  readonly memoryBytes?: number;
  /** Limit of processors, in parts of one; needs a container. Absent: none. */
  readonly cpus?: number;
  /** Ports of the container that this machine shows. Absent: none. */
  readonly ports?: readonly PortMapping[];
  /** Files and folders in the data folder, in place of the project's `data`. Absent: the project's. */
  readonly data?: readonly DataSource[];
}

/** Result of `queue.add`. */
export interface QueueAddResult {
  readonly run: Run;
}

/** Params of `queue.list`: Runs that wait, in the order in which workers take them. */
export type QueueListParams = { readonly [name: string]: never };

/** Result of `queue.list`. */
export interface QueueListResult {
  /** Queued runs, the next one first. */
  readonly items: readonly QueuedRun[];
}

/** Params of `queue.claim`: Takes the oldest queued run that can be started and starts it in this engine. */
export interface QueueClaimParams {
  /** GPUs that runs may be given. Absent: those of this machine. */
  readonly gpus?: readonly string[];
  /** Only runs of this sweep. Absent: any. */
  readonly sweepId?: string;
  /** Asks for `$/progress` notifications carrying this token. Absent: none are sent. */
  readonly progressToken?: string;
}

/** Result of `queue.claim`. */
export interface QueueClaimResult {
  /** The run that was taken. Absent: none can be started now. */
  readonly run?: Run;
  /** GPUs that it was given. Absent: none. */
  readonly gpus?: readonly string[];
  /** Queued runs that wait for GPUs that are busy now. */
  readonly waiting: number;
  /** Queued runs that another worker is about to start. */
  readonly held: number;
  /** Queued runs that need GPUs which were not named. */
  readonly unfit: number;
}

/** Params of `queue.cancel`: Takes queued runs out of the queue; they end as stopped. */
export interface QueueCancelParams {
  /** Ids, names or unique prefixes. */
  readonly ids: readonly string[];
}

/** Result of `queue.cancel`. */
export interface QueueCancelResult {
  /** The runs after it. */
  readonly runs: readonly Run[];
}

/** Params of `run.start`: Executes a command; answers when the run is durable and its process has started. */
export interface RunStartParams {
  readonly command: Command;
  /** Working directory, relative to the project's root. Absent: the root. */
  readonly directory?: string;
  /** Where it runs: `host`, `docker`. Absent: what goes with the environment. */
  readonly driver?: string;
  /** Environment: id, name or unique prefix; `host`; `docker`: the Dockerfile at the root; `venv`: the lock file there. Absent: `environmentPaths`, the active one, `datmo_environment/`, `host`. */
  readonly environment?: string;
  /** Definition files, each `SRC` or `SRC>NAME`, instead of `environment`. Absent: none. */
  readonly environmentPaths?: readonly string[];
  /** GPUs for the command: `all`, a number of them, or their ids joined by commas (`0,2`, `GPU-…`; a single index is `device=0`). Absent: none are asked for. */
  readonly gpu?: string;
  /** Limit of memory in bytes, swap included; needs a container. Absent: none. */
  readonly memoryBytes?: number;
  /** Limit of processors, in parts of one; needs a container. Absent: none. */
  readonly cpus?: number;
  /** Ports of the container that this machine shows. Absent: none. */
  readonly ports?: readonly PortMapping[];
  /** Files and folders in the data folder, in place of the project's `data`. Absent: the project's. */
  readonly data?: readonly DataSource[];
  /** Time limit in milliseconds. Absent: none. */
  readonly timeoutMs?: number;
  /** Environment variables given to the command besides those of the engine. Absent: none. Values that look like credentials are masked in what is kept. */
  readonly variables?: { readonly [name: string]: string };
  /** Names of variables whose values are secret: taken from the engine's environment, given to the command, and kept nowhere. Absent: none. */
  readonly secrets?: readonly string[];
  /** Files of lines NAME=VALUE, relative to the project's root or absolute: read when the command starts; what they say is kept nowhere. Absent: none. */
  readonly envFiles?: readonly string[];
  /** Values of secrets that the engine's environment does not have; kept nowhere. Absent: none. */
  readonly secretValues?: { readonly [name: string]: string };
  /** The command gets the terminal or standard input. Absent: no. */
  readonly interactive?: boolean;
  /** Readable name. Absent: one is made. */
  readonly name?: string;
  /** Tags. Absent: none. */
  readonly tags?: readonly string[];
  /** Group. Absent: none. */
  readonly group?: string;
  /** Free text. Absent: none. */
  readonly note?: string;
  /** The run's config. Absent: `config.json` at the root when it is there, else empty. */
  readonly config?: JsonObject;
  /** Message for its snapshots. Absent: made from the command. */
  readonly message?: string;
  /** Lines of the output that are exactly `name: number` become metrics. Absent: yes. */
  readonly parse?: boolean;
  /** What finds metrics in the output: `key-value` (lines that are exactly `name: number`), `none`, or the name of a plugin's parser. Absent: as the project's settings say; without them, `key-value`. */
  readonly parser?: string;
  /** What it uses of processor, memory, disk and GPUs is measured while it runs. Absent: as `DATMO_USAGE` and the project's settings say; without them, yes. */
  readonly usage?: boolean;
  /** The run belongs to a process of its own and goes on when this engine leaves. Absent: no. */
  readonly detached?: boolean;
  /** Run in a copy of the before-snapshot. Absent: no, in the project's folder. */
  readonly isolated?: boolean;
  /** Made by the client; echoed on every notification about this run, so that early output can be placed. Absent: none. */
  readonly originId?: string;
  /** Asks for `$/progress` notifications carrying this token. Absent: none are sent. */
  readonly progressToken?: string;
}

/** Result of `run.start`. */
export interface RunStartResult {
  readonly run: Run;
}

/** Params of `run.create`: Begins a recorded run: the caller is the run. */
export interface RunCreateParams {
  /** Readable name. Absent: one is made. */
  readonly name?: string;
  /** Tags. Absent: none. */
  readonly tags?: readonly string[];
  /** Group. Absent: none. */
  readonly group?: string;
  /** Free text. Absent: none. */
  readonly note?: string;
  /** The run's config. Absent: `config.json` at the root when it is there, else empty. */
  readonly config?: JsonObject;
  /** Id made by the client, 26 base32 characters; repeating the call with the same id changes nothing. Absent: made here. */
  readonly id?: string;
  /** Kind of run. Absent: `script`. */
  readonly type?: string;
  /** How the script was called. Absent: not told. */
  readonly command?: Command;
  /** Its working directory, absolute. Absent: the project's root. */
  readonly directory?: string;
  /** The interpreter it runs in. Absent: not Python. */
  readonly pythonExecutable?: string;
  /** Take before- and after-snapshots in the background. Absent: yes. */
  readonly snapshots?: boolean;
  /** When the script began, RFC 3339 UTC. Absent: now. */
  readonly startedAt?: string;
  /** Process of the script, watched for its end. Absent: the client's. */
  readonly processId?: number;
  /** Append to the run with this id although it has ended. Absent: no. */
  readonly resume?: boolean;
}

/** Result of `run.create`. */
export interface RunCreateResult {
  readonly run: Run;
  /** Absolute path of the run's own folder. */
  readonly taskDirectory: string;
}

/** Params of `run.finish`: Ends a recorded run. */
export interface RunFinishParams {
  /** Id of the run. */
  readonly id: string;
  /** How it ended. Absent: `succeeded`, or `failed` with an exit code other than 0. */
  readonly status?: "succeeded" | "failed" | "stopped";
  /** Exit code of the script. Absent: unknown. */
  readonly exitCode?: number;
  /** Why it failed. Absent: nothing more is known. */
  readonly error?: {
    /** Class of the exception, or an error kind. */
    readonly kind: string;
    /** One sentence. */
    readonly message: string;
  };
  /** When it ended, RFC 3339 UTC. Absent: now. */
  readonly endedAt?: string;
}

/** Result of `run.finish`. */
export interface RunFinishResult {
  readonly run: Run;
}

/** Params of `run.get`: One run with everything that is known of it. */
export interface RunGetParams {
  /** Id, name or unique prefix. */
  readonly id: string;
}

/** Result of `run.get`. */
export interface RunGetResult {
  readonly run: Run;
  /** Absent: not captured. */
  readonly machine?: MachineFacts;
  /** Absent: no repository. */
  readonly userGit?: UserGit;
  /** Files kept with it. */
  readonly files: readonly FileEntry[];
  /** Absolute path of its own folder. */
  readonly taskDirectory: string;
}

/** Params of `run.list`: Runs, by default the newest first. */
export interface RunListParams {
  /** A filter, docs/filter.md. Absent: all. */
  readonly filter?: string;
  /** Sort keys, comma-separated, `-` in front for descending. Absent: `-created`. */
  readonly sort?: string;
  /** At most this many items. Absent: 100. */
  readonly limit?: number;
  /** `nextCursor` of the answer before. Absent: from the beginning. */
  readonly cursor?: string;
  /** Only these statuses. Absent: any. */
  readonly status?: readonly string[];
  /** Only runs with all these tags. Absent: any. */
  readonly tags?: readonly string[];
  /** Deleted runs instead. Absent: no. */
  readonly deleted?: boolean;
  /** With their system metrics in short. Absent: without. */
  readonly system?: boolean;
}

/** Result of `run.list`. */
export interface RunListResult {
  /** Runs. */
  readonly items: readonly Run[];
  /** Where to go on. Absent: this was the end. */
  readonly nextCursor?: string;
  /** How many fit in all. Absent: not counted. */
  readonly total?: number;
}

/** Params of `run.update`: Changes name, tags, note or group. */
export interface RunUpdateParams {
  /** Id, name or unique prefix. */
  readonly id: string;
  /** New name. Absent: unchanged. */
  readonly name?: string;
  /** Tags to add. Absent: none. */
  readonly addTags?: readonly string[];
  /** Tags to remove. Absent: none. */
  readonly removeTags?: readonly string[];
  /** New note. Absent: unchanged. */
  readonly note?: string;
  /** New group. Absent: unchanged. */
  readonly group?: string;
}

/** Result of `run.update`. */
export interface RunUpdateResult {
  readonly run: Run;
}

/** Params of `run.delete`: Deletes runs that have ended; undone by `run.undelete` until `gc`. */
export interface RunDeleteParams {
  /** Ids, names or unique prefixes. */
  readonly ids: readonly string[];
}

/** Result of `run.delete`. */
export interface RunDeleteResult {
  /** Ids of the deleted runs. */
  readonly ids: readonly string[];
}

/** Params of `run.undelete`: Takes a deletion back. */
export interface RunUndeleteParams {
  /** Ids or unique prefixes. */
  readonly ids: readonly string[];
}

/** Result of `run.undelete`. */
export interface RunUndeleteResult {
  /** Ids of the runs that are back. */
  readonly ids: readonly string[];
}

/** Params of `run.wait`: Answers when the run has ended and its after-snapshot is taken. Cancelling does not stop the run. */
export interface RunWaitParams {
  /** Id, name or unique prefix. */
  readonly id: string;
  /** Answer after this time with the run as it is. Absent: wait for the end. */
  readonly timeoutMs?: number;
}

/** Result of `run.wait`. */
export interface RunWaitResult {
  readonly run: Run;
}

/** Params of `run.stop`: Stops a run, or all active ones: graceful, then killed. */
export interface RunStopParams {
  /** Id, name or unique prefix. Absent: needs `all`. */
  readonly id?: string;
  /** Every active run. Absent: no. */
  readonly all?: boolean;
  /** Time between the request to end and the kill. Absent: 10,000. */
  readonly graceMs?: number;
  /** How it is asked to end. Absent: `SIGTERM`. */
  readonly signal?: "SIGINT" | "SIGTERM";
}

/** Result of `run.stop`. */
export interface RunStopResult {
  /** The runs after it. */
  readonly runs: readonly Run[];
}

/** Params of `run.logs`: Output of a run. */
export interface RunLogsParams {
  /** Id, name or unique prefix. */
  readonly id: string;
  /** First byte wanted. Negative: counted from the end. Absent: 0. */
  readonly offset?: number;
  /** At most this many bytes. Absent: 1 MiB. */
  readonly limit?: number;
  /** `utf8`: what is not UTF-8 is replaced. Absent: `utf8`. */
  readonly encoding?: "utf8" | "base64";
}

/** Result of `run.logs`. */
export interface RunLogsResult {
  /** The output, encoded as asked. */
  readonly text: string;
  /** Byte it begins at. */
  readonly offset: number;
  /** Byte to go on at. */
  readonly nextOffset: number;
  /** Bytes of output so far. */
  readonly size: number;
  /** No more will come after `size`. */
  readonly ended: boolean;
}

/** Params of `run.diff`: What differs between two runs. */
export interface RunDiffParams {
  /** Id, name or unique prefix of the left side. */
  readonly a: string;
  /** Of the right side. */
  readonly b: string;
  /** Compare the text of files: `stat` only counts lines, `full` tells them. Absent: only which paths differ. */
  readonly text?: "stat" | "full";
  /** Lines told around those that differ. Absent: 3. */
  readonly context?: number;
  /** Only these files and folders, in the code and the kept files; relative to the root of the project, or absolute in it. Absent: all. */
  readonly paths?: readonly string[];
}

/** Result of `run.diff`. */
export interface RunDiffResult {
  readonly a: Run;
  readonly b: Run;
  readonly diff: StateDiff;
}

/** Params of `run.rerun`: A new run of the same task on the run's before-snapshot, in an isolated copy. */
export interface RunRerunParams {
  /** Id, name or unique prefix. */
  readonly id: string;
  /** Another state to run on. Absent: the run's before-snapshot. */
  readonly snapshotId?: string;
  /** Another environment: as in `run.start`; `captured`: a venv with the packages that the run recorded. Absent: the run's own, by the same image. */
  readonly environment?: string;
  /** Values that replace those of the run's config, deep-merged. Absent: none. */
  readonly config?: JsonObject;
  /** Readable name. Absent: one is made. */
  readonly name?: string;
  /** Tags. Absent: none. */
  readonly tags?: readonly string[];
  /** Time limit in milliseconds. Absent: none. */
  readonly timeoutMs?: number;
  /** Run a command that came from elsewhere. Absent: no. */
  readonly trust?: boolean;
  /** Values of secrets that the engine's environment does not have; kept nowhere. Absent: none. */
  readonly secretValues?: { readonly [name: string]: string };
  /** As in `run.start`. Absent: none. */
  readonly originId?: string;
  /** Asks for `$/progress` notifications carrying this token. Absent: none are sent. */
  readonly progressToken?: string;
}

/** Result of `run.rerun`. */
export interface RunRerunResult {
  readonly run: Run;
}

/** Params of `run.verify`: Compares a repetition with its original, and says what differs and why. */
export interface RunVerifyParams {
  /** The original. Absent: the run that `rerunId` repeats. */
  readonly originalId?: string;
  /** The repetition; must have ended. */
  readonly rerunId: string;
  /** Metrics may differ by this share of the larger magnitude. Absent: 0, exactly equal. */
  readonly tolerance?: number;
}

/** Result of `run.verify`. */
export interface RunVerifyResult {
  /** No difference that matters: status, metrics and produced files agree. */
  readonly same: boolean;
  /** The first thing that came out different. Absent: nothing did. */
  readonly first?: Difference;
  /** The likeliest reason: the first thing that went in different. Absent: nothing known did. */
  readonly cause?: Difference;
  /** Share by which metrics were allowed to differ. */
  readonly tolerance: number;
  readonly original: Run;
  readonly rerun: Run;
  /** All of them, causes first, the likeliest before others. */
  readonly differences: readonly Difference[];
  /** How many metrics were compared. */
  readonly comparedMetrics: number;
  /** How many produced files were compared. */
  readonly comparedFiles: number;
  /** Inputs that nobody can tell of whether they changed: no snapshot holds them, and they were not read. Data is told with the reason. */
  readonly notCaptured: readonly string[];
}

/** Params of `snapshot.create`: Takes all five components in one step. Nothing changed: the same snapshot. */
export interface SnapshotCreateParams {
  /** What it is. */
  readonly message: string;
  /** Short category. Absent: none. */
  readonly label?: string;
  /** Make the run's after-snapshot a visible one (for an active run: a snapshot within it). Absent: none. */
  readonly runId?: string;
  /** Environment that it holds, as in `run.start`; not for a snapshot of a run. Absent: the active one. */
  readonly environment?: string;
  /** Definition files of the environment that it holds, `SRC` or `SRC>NAME`; not with `environment`, nor for a snapshot of a run. Absent: as `environment` says. */
  readonly environmentPaths?: readonly string[];
  /** Its config. Absent: `config.json` at the root when it is there, else empty. */
  readonly config?: JsonObject;
  /** Its metrics. Absent: `metrics.json` or `stats.json` at the root when it is there, else empty. */
  readonly metrics?: { readonly [name: string]: MetricValue };
  /** A JSON file with the config, instead of `config`. Absent: none. */
  readonly configFile?: string;
  /** A JSON file with the metrics, instead of `metrics`. Absent: none. */
  readonly metricsFile?: string;
  /** Files and folders for the files component, each `SRC` or `SRC>NAME`. Absent: none. */
  readonly paths?: readonly string[];
  /** Asks for `$/progress` notifications carrying this token. Absent: none are sent. */
  readonly progressToken?: string;
  /** Pointers to files that are not kept, for its config: size and SHA-256 are computed. Absent: none. */
  readonly pointers?: readonly {
    /** Key in the config, dotted. */
    readonly key: string;
    /** The file, relative to the project's root or absolute; or an address, which is not looked at. */
    readonly path: string;
  }[];
}

/** Result of `snapshot.create`. */
export interface SnapshotCreateResult {
  readonly snapshot: Snapshot;
  /** False when nothing had changed and this is an existing snapshot; a new message or label was then applied to it. */
  readonly created: boolean;
  /** Files that changed while they were read. */
  readonly unstable: readonly string[];
  /** What could not be taken. */
  readonly skipped: readonly Skipped[];
}

/** Params of `snapshot.get`: One snapshot with its environment. */
export interface SnapshotGetParams {
  /** Id, label or unique prefix. */
  readonly id: string;
  /** Read the files that pointers name, however big. Absent: only those that are read quickly. */
  readonly verify?: boolean;
  /** Asks for `$/progress` notifications carrying this token. Absent: none are sent. */
  readonly progressToken?: string;
}

/** Result of `snapshot.get`. */
export interface SnapshotGetResult {
  readonly snapshot: Snapshot;
  readonly environment: EnvironmentSummary;
  /** How many source files it holds. */
  readonly codeFiles: number;
  /** Their size together. */
  readonly codeBytes: number;
  /** Files that changed while they were read. */
  readonly unstable: readonly string[];
  /** What could not be taken. */
  readonly skipped: readonly Skipped[];
  /** Pointers in its config, checked where they are local. */
  readonly pointers: readonly PointerState[];
}

/** Params of `snapshot.list`: Snapshots, newest first. */
export interface SnapshotListParams {
  /** Those that runs made as well. Absent: no. */
  readonly all?: boolean;
  /** Only those whose message or label contains it. Absent: all. */
  readonly text?: string;
  /** Mark the one that equals the project's folder. Absent: no. */
  readonly markCurrent?: boolean;
  /** At most this many items. Absent: 100. */
  readonly limit?: number;
  /** `nextCursor` of the answer before. Absent: from the beginning. */
  readonly cursor?: string;
}

/** Result of `snapshot.list`. */
export interface SnapshotListResult {
  /** Snapshots. */
  readonly items: readonly Snapshot[];
  /** Where to go on. Absent: this was the end. */
  readonly nextCursor?: string;
}

/** Params of `snapshot.update`: Changes message, label, visibility; merges config and metrics. */
export interface SnapshotUpdateParams {
  /** Id, label or unique prefix. */
  readonly id: string;
  /** New message. Absent: unchanged. */
  readonly message?: string;
  /** New label; empty removes it. Absent: unchanged. */
  readonly label?: string;
  /** Absent: unchanged. */
  readonly visible?: boolean;
  /** Merged into its config. Absent: nothing. */
  readonly config?: JsonObject;
  /** Merged into its metrics. Absent: nothing. */
  readonly metrics?: { readonly [name: string]: MetricValue };
}

/** Result of `snapshot.update`. */
export interface SnapshotUpdateResult {
  readonly snapshot: Snapshot;
}

/** Params of `snapshot.delete`: Deletes snapshots; content goes with `gc`. */
export interface SnapshotDeleteParams {
  /** Ids, labels or unique prefixes. */
  readonly ids: readonly string[];
  /** Also those that a run needs. Absent: no. */
  readonly force?: boolean;
}

/** Result of `snapshot.delete`. */
export interface SnapshotDeleteResult {
  /** Ids of the deleted snapshots. */
  readonly ids: readonly string[];
}

/** Params of `snapshot.checkout`: Brings a snapshot's code back into the project's folder. */
export interface SnapshotCheckoutParams {
  /** Id, label or unique prefix. */
  readonly id: string;
  /** Save unsaved work as a snapshot first, then go on; move files in the way to `.datmo/displaced`. Absent: refuse. */
  readonly force?: boolean;
  /** Asks for `$/progress` notifications carrying this token. Absent: none are sent. */
  readonly progressToken?: string;
}

/** Result of `snapshot.checkout`. */
export interface SnapshotCheckoutResult {
  readonly snapshot: Snapshot;
  /** The snapshot taken of what was there. Absent: it was saved already. */
  readonly saved?: Snapshot;
  /** Files written. */
  readonly written: number;
  /** Files removed. */
  readonly removed: number;
  /** Files moved out of the way. */
  readonly displaced: readonly string[];
  /** Kept files that were brought back to their places in the project. */
  readonly restored: readonly string[];
  /** Names of its kept files that have no place in the project: an export brings them. */
  readonly notRestored: readonly string[];
}

/** Params of `snapshot.diff`: What differs between two snapshots, or between a snapshot and the project's folder. */
export interface SnapshotDiffParams {
  /** Id, label or unique prefix of the left side. Absent: the newest snapshot that was made on purpose; if there is none, the newest. */
  readonly a?: string;
  /** Of the right side. Absent: the project's folder as it is. */
  readonly b?: string;
  /** Compare the text of files: `stat` only counts lines, `full` tells them. Absent: only which paths differ. */
  readonly text?: "stat" | "full";
  /** Lines told around those that differ. Absent: 3. */
  readonly context?: number;
  /** Only these files and folders, in the code and the kept files; relative to the root of the project, or absolute in it. Absent: all. */
  readonly paths?: readonly string[];
}

/** Result of `snapshot.diff`. */
export interface SnapshotDiffResult {
  readonly a: Snapshot;
  /** The right side. Absent: the project's folder. */
  readonly b?: Snapshot;
  readonly diff: StateDiff;
  /** What of the folder could not be compared. Absent: two snapshots were. */
  readonly skipped?: readonly Skipped[];
}

/** Params of `snapshot.export`: Puts a snapshot's code and files into a folder outside `.datmo`. */
export interface SnapshotExportParams {
  /** Id, label or unique prefix. */
  readonly id: string;
  /** Folder, absolute; must be empty or absent. */
  readonly directory: string;
  /** Asks for `$/progress` notifications carrying this token. Absent: none are sent. */
  readonly progressToken?: string;
  /** Only the code, or only the kept files. Absent: both, the kept files in `datmo_files`. */
  readonly only?: "code" | "files";
}

/** Result of `snapshot.export`. */
export interface SnapshotExportResult {
  /** Files written. */
  readonly files: number;
  /** Bytes written. */
  readonly bytes: number;
}

/** Params of `store.sync`: Folds the journal and refreshes `datmo.sqlite` for stock sqlite3. */
export interface StoreSyncParams {
  /** Asks for `$/progress` notifications carrying this token. Absent: none are sent. */
  readonly progressToken?: string;
}

/** Result of `store.sync`. */
export interface StoreSyncResult {
  /** Number of the folded journal. */
  readonly generation: number;
  /** Absolute path of `datmo.sqlite`. */
  readonly sqlitePath: string;
  /** Records in it. */
  readonly records: number;
}

/** Params of `store.fsck`: Reads everything the project keeps and says what is damaged. Changes nothing. */
export interface StoreFsckParams {
  /** Asks for `$/progress` notifications carrying this token. Absent: none are sent. */
  readonly progressToken?: string;
}

/** Result of `store.fsck`. */
export interface StoreFsckResult {
  /** Nothing is wrong. */
  readonly clean: boolean;
  /** What is wrong with the records. */
  readonly problems: readonly Problem[];
  /** What is wrong with the snapshots' objects. */
  readonly objects: readonly {
    /** Object, file or reference. */
    readonly path: string;
    /** What is wrong with it. */
    readonly problem: string;
    /** Ids of the snapshots it touches. */
    readonly snapshots: readonly string[];
    /** Ids of the runs it touches. Absent: none. */
    readonly runs?: readonly string[];
    /** What can be done. Absent: nothing better than a backup. */
    readonly hint?: string;
  }[];
  /** What is not damage and yet not as it should be. Absent: nothing. */
  readonly notes?: readonly {
    /** What it is about. */
    readonly path: string;
    /** What is odd. */
    readonly note: string;
    /** What can be done. */
    readonly hint: string;
  }[];
}

/** Params of `store.push`: Sends what a remote does not have: snapshots, runs, tasks and metrics. */
export interface StorePushParams {
  /** The git repository: a path, or an https, ssh, git or file address. Absent: the one of the last push or pull. */
  readonly remote?: string;
  /** Asks for `$/progress` notifications carrying this token. Absent: none are sent. */
  readonly progressToken?: string;
}

/** Result of `store.push`. */
export interface StorePushResult {
  /** The remote, without a password. */
  readonly remote: string;
  /** The remote had everything. */
  readonly nothingNew: boolean;
  /** Snapshots that it has now. */
  readonly snapshots: number;
  /** Snapshots that it has no more, because they were deleted. */
  readonly removed: number;
  /** Runs that are new there, or were changed. */
  readonly runs: number;
  /** Records of all kinds that are new there, or were changed. */
  readonly records: number;
  /** Points of metrics in the files that were sent. */
  readonly points: number;
  /** Git objects that were sent. */
  readonly objects: number;
  /** Big files that were sent. */
  readonly bigFiles: number;
  /** Size of these big files. */
  readonly bytes: number;
  /** Runs whose points stay here until they have ended. */
  readonly waiting: number;
  /** What others could not take in, and so was not sent: fields, snapshots, points of runs. */
  readonly keptBack: readonly string[];
}

/** Params of `store.pull`: Takes in what a remote has and this project has not. */
export interface StorePullParams {
  /** The git repository: a path, or an https, ssh, git or file address. Absent: the one of the last push or pull. */
  readonly remote?: string;
  /** Asks for `$/progress` notifications carrying this token. Absent: none are sent. */
  readonly progressToken?: string;
}

/** Result of `store.pull`. */
export interface StorePullResult {
  /** The remote, without a password. */
  readonly remote: string;
  /** Everything was here. */
  readonly nothingNew: boolean;
  /** Snapshots that came. */
  readonly snapshots: number;
  /** Snapshots that went, because they were deleted elsewhere. */
  readonly removed: number;
  /** Runs that came, or were changed. */
  readonly runs: number;
  /** Records of all kinds that came, or were changed. */
  readonly records: number;
  /** Points of metrics that came. */
  readonly points: number;
  /** Git objects that came. */
  readonly objects: number;
  /** Big files that came. */
  readonly bigFiles: number;
  /** Size of these big files. */
  readonly bytes: number;
}

/** Params of `store.gc`: Removes what nothing needs any more: deleted runs and snapshots, and what only they used. */
export interface StoreGcParams {
  /** Only say what would go. Absent: no. */
  readonly dryRun?: boolean;
  /** Asks for `$/progress` notifications carrying this token. Absent: none are sent. */
  readonly progressToken?: string;
}

/** Result of `store.gc`. */
export interface StoreGcResult {
  /** Nothing was removed. */
  readonly dryRun: boolean;
  /** What went, or would go, by kind. */
  readonly collected: readonly {
    /** What they are. */
    readonly kind: "runs" | "snapshots" | "objects" | "packs" | "bigFiles" | "leftovers" | "folders" | (string & {});
    /** How many. */
    readonly count: number;
    /** Bytes that it frees. */
    readonly bytes: number;
  }[];
  /** All of it together. */
  readonly bytes: number;
  /** What nothing needs and is too young, or may be needed by work under way; a later call frees it. */
  readonly laterBytes: number;
  /** The user's own files that a checkout moved to `.datmo/displaced`; never removed. */
  readonly displaced: {
    /** How many. */
    readonly count: number;
    /** Bytes on disk. */
    readonly bytes: number;
  };
}

/** Params of `store.usage`: Where the bytes are: parts of `.datmo`, runs and snapshots, the largest first. */
export interface StoreUsageParams {
  /** Asks for `$/progress` notifications carrying this token. Absent: none are sent. */
  readonly progressToken?: string;
}

/** Result of `store.usage`. */
export interface StoreUsageResult {
  /** All of `.datmo`. */
  readonly bytes: number;
  /** By part of `.datmo`. */
  readonly parts: readonly {
    /** Its folder or file. */
    readonly name: string;
    /** Its size. */
    readonly bytes: number;
  }[];
  /** By run. */
  readonly runs: readonly {
    /** Id of the run. */
    readonly id: string;
    /** Its name. */
    readonly name: string;
    /** Both together. */
    readonly bytes: number;
    /** Its folder: output, and what it left there. */
    readonly taskBytes: number;
    /** Its metric points. */
    readonly seriesBytes: number;
    /** It was deleted; `gc` frees it. Absent: no. */
    readonly deleted?: boolean;
  }[];
  /** By snapshot. */
  readonly snapshots: readonly {
    /** Id of the snapshot. */
    readonly id: string;
    /** What it is. */
    readonly message: string;
    /** Its label. Absent: none. */
    readonly label?: string;
    /** The run that took it. Absent: none. */
    readonly runId?: string;
    /** False for those that runs make by themselves. */
    readonly visible: boolean;
    /** All it holds, as written out. */
    readonly bytes: number;
    /** What deleting it alone would free. */
    readonly ownBytes: number;
  }[];
}

/** Params of `store.purge`: Removes a recorded secret for good: files in everything that was recorded, or whole snapshots. */
export interface StorePurgeParams {
  /** Paths relative to the project, to the files of a snapshot or run (`*`, `**`, `?` allowed), or ids or labels of snapshots. */
  readonly targets: readonly string[];
  /** Only say what would go. Absent: no. */
  readonly dryRun?: boolean;
  /** Asks for `$/progress` notifications carrying this token. Absent: none are sent. */
  readonly progressToken?: string;
}

/** Result of `store.purge`. */
export interface StorePurgeResult {
  /** Nothing was removed. */
  readonly dryRun: boolean;
  /** Id of the record of it. Absent in a dry run. */
  readonly id?: string;
  /** Where the content was found, in code and files. Whatever holds the same content goes. */
  readonly paths: readonly string[];
  /** Different contents. */
  readonly contents: number;
  /** Ids of the snapshots that are written anew. */
  readonly snapshots: readonly string[];
  /** Ids of the snapshots that are removed. */
  readonly removedSnapshots: readonly string[];
  /** Files of these paths that lie in the project's folder: the next snapshot records them again. */
  readonly stillThere: readonly string[];
  /** Files of these paths in runs' own folders, which stay. */
  readonly taskFiles: readonly {
    /** Id of the run. */
    readonly runId: string;
    /** Path in its folder. */
    readonly path: string;
  }[];
}

/** Params of `sweep.start`: Queues a run for every combination that has none yet. */
export interface SweepStartParams {
  /** Id, name or unique prefix of a sweep that is there, or a new id of 26 characters. Absent: a new one. */
  readonly id?: string;
  /** Readable name. Absent: one is made. */
  readonly name?: string;
  /** What every run executes. Absent: that of the sweep that is there. */
  readonly command?: Command;
  /** Which values are tried. Absent: that of the sweep that is there. */
  readonly spec?: SweepSpec;
  /** Values that all combinations have. Absent: `config.json` at the root when it is there, else empty. */
  readonly config?: JsonObject;
  /** Group of its runs. Absent: its name. */
  readonly group?: string;
  /** Working directory, relative to the project's root. Absent: the root. */
  readonly directory?: string;
  /** Where it runs. Absent: `host`. */
  readonly driver?: string;
  /** GPUs for the command: `all`, a number of them, or their ids joined by commas (`0,2`, `GPU-…`; a single index is `device=0`). Absent: none are asked for. */
  readonly gpu?: string;
  /** Time limit in milliseconds. Absent: none. */
  readonly timeoutMs?: number;
  /** Environment variables given to the command besides those of the engine. Absent: none. Values that look like credentials are masked in what is kept. */
  readonly variables?: { readonly [name: string]: string };
  /** Names of variables whose values are secret: taken from the engine's environment, given to the command, and kept nowhere. Absent: none. */
  readonly secrets?: readonly string[];
  /** Files of lines NAME=VALUE, relative to the project's root or absolute: read when the command starts; what they say is kept nowhere. Absent: none. */
  readonly envFiles?: readonly string[];
  /** Values of secrets that the engine's environment does not have; kept nowhere. Absent: none. */
  readonly secretValues?: { readonly [name: string]: string };
  /** Tags. Absent: none. */
  readonly tags?: readonly string[];
  /** Free text. Absent: none. */
  readonly note?: string;
  /** Message for its snapshots. Absent: made from the command. */
  readonly message?: string;
  /** Lines of the output that are exactly `name: number` become metrics. Absent: yes. */
  readonly parse?: boolean;
  /** What finds metrics in the output: `key-value` (lines that are exactly `name: number`), `none`, or the name of a plugin's parser. Absent: as the project's settings say; without them, `key-value`. */
  readonly parser?: string;
  /** What it uses of processor, memory, disk and GPUs is measured while it runs. Absent: as `DATMO_USAGE` and the project's settings say; without them, yes. */
  readonly usage?: boolean;
  /** Asks for `$/progress` notifications carrying this token. Absent: none are sent. */
  readonly progressToken?: string;
  /** Environment: id, name or unique prefix; `host`; `docker`: the Dockerfile at the root; `venv`: the lock file there. Absent: `environmentPaths`, the active one, `datmo_environment/`, `host`. */
  readonly environment?: string;
  /** Definition files, each `SRC` or `SRC>NAME`, instead of `environment`. Absent: none. */
  readonly environmentPaths?: readonly string[];
  /** Limit of memory in bytes, swap included; needs a container. Absent: none. */
  readonly memoryBytes?: number;
  /** Limit of processors, in parts of one; needs a container. Absent: none. */
  readonly cpus?: number;
  /** Ports of the container that this machine shows. Absent: none. */
  readonly ports?: readonly PortMapping[];
  /** Files and folders in the data folder, in place of the project's `data`. Absent: the project's. */
  readonly data?: readonly DataSource[];
}

/** Result of `sweep.start`. */
export interface SweepStartResult {
  readonly sweep: Sweep;
  /** Runs that were queued now. */
  readonly added: number;
}

/** Params of `sweep.get`: A sweep with its runs. */
export interface SweepGetParams {
  /** Id, name or unique prefix. */
  readonly id: string;
}

/** Result of `sweep.get`. */
export interface SweepGetResult {
  readonly sweep: Sweep;
  /** Its combinations, in their order. */
  readonly runs: readonly SweepRun[];
  /** How many runs have each status; those that are not there are left out. */
  readonly counts: { readonly [name: string]: number };
}

/** Params of `sweep.list`: All sweeps, newest first. */
export interface SweepListParams {
  /** At most this many items. Absent: 100. */
  readonly limit?: number;
  /** `nextCursor` of the answer before. Absent: from the beginning. */
  readonly cursor?: string;
}

/** Result of `sweep.list`. */
export interface SweepListResult {
  /** Sweeps. */
  readonly items: readonly SweepOverview[];
  /** Where to go on. Absent: this was the end. */
  readonly nextCursor?: string;
}

/** Params of `task.create`: Keeps a task; the same definition is the same task. */
export interface TaskCreateParams {
  readonly command: Command;
  /** Working directory, relative to the project's root. Absent: the root. */
  readonly directory?: string;
  /** Where it runs. Absent: `host`. */
  readonly driver?: string;
  /** Where it runs: id, name or unique prefix of an environment. Absent: the machine as it is. */
  readonly environmentId?: string;
  /** GPUs for the command: `all`, a number of them, or their ids joined by commas (`0,2`, `GPU-…`; a single index is `device=0`). Absent: none are asked for. */
  readonly gpu?: string;
  /** Limit of memory in bytes, swap included; needs a container. Absent: none. */
  readonly memoryBytes?: number;
  /** Limit of processors, in parts of one; needs a container. Absent: none. */
  readonly cpus?: number;
  /** Ports of the container that this machine shows. Absent: none. */
  readonly ports?: readonly PortMapping[];
  /** Files and folders in the data folder, in place of the project's `data`. Absent: the project's. */
  readonly data?: readonly DataSource[];
  /** Time limit in milliseconds. Absent: none. */
  readonly timeoutMs?: number;
  /** Environment variables given to the command besides those of the engine. Absent: none. Values that look like credentials are masked in what is kept. */
  readonly variables?: { readonly [name: string]: string };
  /** Names of variables whose values are secret: taken from the engine's environment, given to the command, and kept nowhere. Absent: none. */
  readonly secrets?: readonly string[];
  /** Files of lines NAME=VALUE, relative to the project's root or absolute: read when the command starts; what they say is kept nowhere. Absent: none. */
  readonly envFiles?: readonly string[];
  /** The command gets the terminal or standard input. Absent: no. */
  readonly interactive?: boolean;
}

/** Result of `task.create`. */
export interface TaskCreateResult {
  readonly task: Task;
  /** False when it was there already. */
  readonly created: boolean;
}

/** Params of `task.get`: One task. */
export interface TaskGetParams {
  /** Id or unique prefix. */
  readonly id: string;
}

/** Result of `task.get`. */
export interface TaskGetResult {
  readonly task: Task;
  /** Its newest runs, at most 100, newest first. */
  readonly runs: readonly Run[];
}

/** Params of `task.list`: All tasks, newest first. */
export interface TaskListParams {
  /** At most this many items. Absent: 100. */
  readonly limit?: number;
  /** `nextCursor` of the answer before. Absent: from the beginning. */
  readonly cursor?: string;
}

/** Result of `task.list`. */
export interface TaskListResult {
  /** Tasks. */
  readonly items: readonly Task[];
  /** Where to go on. Absent: this was the end. */
  readonly nextCursor?: string;
}

/** Params of `task.run`: A new run of the task on a state, in an isolated copy. */
export interface TaskRunParams {
  /** Id or unique prefix of the task. */
  readonly id: string;
  /** State to run on: id, label or unique prefix of a snapshot; its config counts. Absent: the project as it is now. */
  readonly snapshotId?: string;
  /** Values that replace those of the state's config, deep-merged. Absent: none. */
  readonly config?: JsonObject;
  /** What finds metrics in the output: `key-value` (lines that are exactly `name: number`), `none`, or the name of a plugin's parser. Absent: as the project's settings say; without them, `key-value`. */
  readonly parser?: string;
  /** Readable name. Absent: one is made. */
  readonly name?: string;
  /** Tags. Absent: none. */
  readonly tags?: readonly string[];
  /** Group. Absent: none. */
  readonly group?: string;
  /** Free text. Absent: none. */
  readonly note?: string;
  /** Time limit in milliseconds. Absent: the task's. */
  readonly timeoutMs?: number;
  /** Run a command that came from elsewhere. Absent: no. */
  readonly trust?: boolean;
  /** Values of secrets that the engine's environment does not have; kept nowhere. Absent: none. */
  readonly secretValues?: { readonly [name: string]: string };
  /** The run belongs to a process of its own and goes on when this engine leaves. Absent: no. */
  readonly detached?: boolean;
  /** As in `run.start`. Absent: none. */
  readonly originId?: string;
  /** Asks for `$/progress` notifications carrying this token. Absent: none are sent. */
  readonly progressToken?: string;
}

/** Result of `task.run`. */
export interface TaskRunResult {
  readonly run: Run;
}

/** Params of `workspace.start`: Starts a workspace; answers when its program answers. */
export interface WorkspaceStartParams {
  readonly kind: WorkspaceKind;
  /** Working directory, relative to the project's root. Absent: the root. */
  readonly directory?: string;
  /** Where it runs: `host`, `docker`. Absent: what goes with the environment. */
  readonly driver?: string;
  /** Environment: id, name or unique prefix; `host`; `docker`: the Dockerfile at the root; `venv`: the lock file there. Absent: `environmentPaths`, the active one, `datmo_environment/`, `host`. */
  readonly environment?: string;
  /** Definition files, each `SRC` or `SRC>NAME`, instead of `environment`. Absent: none. */
  readonly environmentPaths?: readonly string[];
  /** GPUs for the command: `all`, a number of them, or their ids joined by commas (`0,2`, `GPU-…`; a single index is `device=0`). Absent: none are asked for. */
  readonly gpu?: string;
  /** Limit of memory in bytes, swap included; needs a container. Absent: none. */
  readonly memoryBytes?: number;
  /** Limit of processors, in parts of one; needs a container. Absent: none. */
  readonly cpus?: number;
  /** Ports of the container that this machine shows. Absent: none. */
  readonly ports?: readonly PortMapping[];
  /** Files and folders in the data folder, in place of the project's `data`. Absent: the project's. */
  readonly data?: readonly DataSource[];
  /** Environment variables given to the command besides those of the engine. Absent: none. Values that look like credentials are masked in what is kept. */
  readonly variables?: { readonly [name: string]: string };
  /** Readable name. Absent: one is made. */
  readonly name?: string;
  /** Tags. Absent: none. */
  readonly tags?: readonly string[];
  /** Group. Absent: none. */
  readonly group?: string;
  /** Free text. Absent: none. */
  readonly note?: string;
  /** The run's config. Absent: `config.json` at the root when it is there, else empty. */
  readonly config?: JsonObject;
  /** Message for its snapshots. Absent: made from the command. */
  readonly message?: string;
  /** Port of this machine on which it answers. Absent: the usual one when it is free, else another. */
  readonly port?: number;
  /** Longest time in milliseconds from the start of the program until it answers. Absent: 30,000. */
  readonly readyMs?: number;
  /** It ends by itself when nothing was done in it for this long, in milliseconds. Absent: never. */
  readonly idleMs?: number;
  /** Keep what the terminal shows as `terminal.cast` (asciicast v2) among the run's files; kind `terminal` only. Absent: no. */
  readonly transcript?: boolean;
  /** The run belongs to a process of its own and goes on when this engine leaves. Absent: no. */
  readonly detached?: boolean;
  /** A workspace run (id, name or unique prefix) to be opened again where it ended, in place of `environment` and what goes with it. Absent: a new one. */
  readonly rerunOf?: string;
  /** With `rerunOf`: in the project's folder, which is brought to that state first, instead of a copy. Absent: in a copy. */
  readonly here?: boolean;
  /** With `here`: unsaved work in the folder is saved as a snapshot first; without it such work is a refusal. Absent: no. */
  readonly force?: boolean;
  /** With `rerunOf`: the run came from elsewhere, and its command was looked at. Absent: no. */
  readonly trust?: boolean;
  /** Made by the client; echoed on every notification about this run, so that early output can be placed. Absent: none. */
  readonly originId?: string;
  /** Asks for `$/progress` notifications carrying this token. Absent: none are sent. */
  readonly progressToken?: string;
}

/** Result of `workspace.start`. */
export interface WorkspaceStartResult {
  readonly workspace: Workspace;
  readonly run: Run;
}

/** Params of `workspace.list`: The workspaces that run. */
export type WorkspaceListParams = { readonly [name: string]: never };

/** Result of `workspace.list`. */
export interface WorkspaceListResult {
  /** Newest first. */
  readonly items: readonly Workspace[];
}

/** Params of `workspace.stop`: Ends workspaces gracefully; answers when their after-snapshots are taken. */
export interface WorkspaceStopParams {
  /** Run of the workspace: id, name or unique prefix. Absent: `all` must be given. */
  readonly id?: string;
  /** Every workspace that runs. Absent: no. */
  readonly all?: boolean;
  /** Time in milliseconds between the request to end and the kill. Absent: 10,000. */
  readonly graceMs?: number;
}

/** Result of `workspace.stop`. */
export interface WorkspaceStopResult {
  /** The runs that ended. */
  readonly runs: readonly Run[];
}

/** Params of the notification `environment.buildOutput`: Output of a build. */
export interface EnvironmentBuildOutputParams {
  /** The environment. */
  readonly environmentId: string;
  /** As given to `environment.build`. Absent: none was given. */
  readonly originId?: string;
  /** What the builder printed. */
  readonly text: string;
}

/** Params of the notification `initialized`: The client has taken in the answer to `initialize`. */
export type InitializedParams = { readonly [name: string]: never };

/** Params of the notification `exit`: The engine leaves. */
export type ExitParams = { readonly [name: string]: never };

/** Params of the notification `$/cancelRequest`: Cancels a request; it still answers, with -32800 unless it was faster. */
export interface CancelRequestParams {
  /** Id of the request. */
  readonly id: string | number;
}

/** Params of the notification `$/progress`: How far a request has come. */
export interface ProgressParams {
  /** The request's `progressToken`. */
  readonly token: string;
  /** State of the work. */
  readonly value: {
    /** One line: what is being done. */
    readonly message: string;
    /** Work done, in the unit of `total`. Absent: unknown. */
    readonly done?: number;
    /** Work in all. Absent: unknown. */
    readonly total?: number;
  };
}

/** Params of the notification `$/logMessage`: One record of the engine's log, for clients whose users cannot see a child's stderr. */
export interface LogMessageParams {
  /** How serious it is. */
  readonly level: "error" | "warn" | "info" | "debug";
  /** One sentence. */
  readonly message: string;
  /** When, RFC 3339 UTC. */
  readonly at: string;
  /** More about it. Absent: nothing more. */
  readonly fields?: JsonObject;
}

/** Params of the notification `metric.logged`: Points of a run were taken in; ask `metric.history` for them. Sent in batches to those who asked for it. */
export interface MetricLoggedParams {
  /** The run. */
  readonly runId: string;
  /** Number of points of the run before this batch, as this engine counts them. */
  readonly from: number;
  /** Number after it. */
  readonly to: number;
  /** Names of the metrics concerned. */
  readonly names: readonly string[];
}

/** Params of the notification `plugin.output`: What a plugin of this connection's engine printed. Sent to those who asked for it. */
export interface PluginOutputParams {
  /** The plugin. */
  readonly name: string;
  /** What it printed, as it came. */
  readonly text: string;
}

/** Params of the notification `run.output`: Output of a run. */
export interface RunOutputParams {
  /** The run. */
  readonly runId: string;
  /** As given to `run.start`. Absent: none was given. */
  readonly originId?: string;
  /** Output as UTF-8; what is not UTF-8 is replaced. Empty: too much came at once; read on with `run.logs` from `offset`. */
  readonly text: string;
  /** Byte of the output that `text` begins at. */
  readonly offset: number;
  /** Byte after it. */
  readonly nextOffset: number;
}

/** Params of the notification `run.statusChanged`: A run has a new status. */
export interface RunStatusChangedParams {
  /** The run. */
  readonly runId: string;
  /** As given to `run.start`. Absent: none was given. */
  readonly originId?: string;
  readonly run: Run;
}

/** Params of the notification `run.note`: Something to know of a run before its command starts: where it runs and why, what was left out. */
export interface RunNoteParams {
  /** The run. */
  readonly runId: string;
  /** As given to `run.start`. Absent: none was given. */
  readonly originId?: string;
  /** One sentence. */
  readonly message: string;
}

/** Params of the call `command.call` of a plugin: Carries out one of the plugin's commands. */
export interface CommandCallParams {
  /** Name of the command. */
  readonly name: string;
  /** What it is called with; it fits the schema of the manifest. */
  readonly params: JsonObject;
}

/** What a plugin answers to `command.call`. */
export interface CommandCallResult {
  /** Any JSON value. */
  readonly result: Json;
}

/** Params of the call `driver.start` of a plugin: Starts a command somewhere else. */
export interface DriverStartParams {
  /** Name of the driver. */
  readonly name: string;
  /** Id of the run. */
  readonly runId: string;
  readonly command: Command;
  /** Root of the files that the command works on, absolute, on this machine. */
  readonly root: string;
  /** Working directory relative to the root; empty: the root. */
  readonly directory: string;
  /** Environment variables of the run. */
  readonly variables: { readonly [name: string]: string };
  /** The run's config; a script finds it in the file that `DATMO_CONFIG` names. */
  readonly config: JsonObject;
}

/** What a plugin answers to `driver.start`. */
export interface DriverStartResult {
  /** How it is found again. */
  readonly handle: string;
}

/** Params of the call `driver.poll` of a plugin: What came of a command since. */
export interface DriverPollParams {
  /** Name of the driver. */
  readonly name: string;
  /** What `driver.start` answered. */
  readonly handle: string;
  /** Byte of the output (standard output and error in one) to begin with. */
  readonly outputFrom: number;
  /** How long it may wait. */
  readonly waitMs: number;
}

/** What a plugin answers to `driver.poll`. */
export interface DriverPollResult {
  /** Output from there on, base64; at most 1 MiB of it. */
  readonly output: string;
  /** Its exit code, 128 + n when signal n ended it. Absent: it runs. */
  readonly exitCode?: number;
}

/** Params of the call `driver.signal` of a plugin: Sends a signal to a command and everything that it started. */
export interface DriverSignalParams {
  /** Name of the driver. */
  readonly name: string;
  /** What `driver.start` answered. */
  readonly handle: string;
  /** The signal. */
  readonly signal: "SIGINT" | "SIGTERM" | "SIGKILL";
}

/** What a plugin answers to `driver.signal`. */
export type DriverSignalResult = { readonly [name: string]: never };

/** Params of the call `driver.fetch` of a plugin: Files that a command which has ended left. */
export interface DriverFetchParams {
  /** Name of the driver. */
  readonly name: string;
  /** What `driver.start` answered. */
  readonly handle: string;
  /** Where the page before ended. Absent: the first page. */
  readonly cursor?: string;
}

/** What a plugin answers to `driver.fetch`. */
export interface DriverFetchResult {
  /** Files, or parts of them, in order. */
  readonly files: readonly {
    /** `task`: what `DATMO_TASK_DIR` named; of it `journal/`, `spool/` and `files/` are taken. */
    readonly folder: "project" | "task";
    /** Relative path, slashes between. */
    readonly path: string;
    /** Base64. */
    readonly content: string;
    /** It goes on where the part before ended. Absent: it begins. */
    readonly more?: boolean;
    /** It may be run. Absent: no. */
    readonly executable?: boolean;
  }[];
  /** There is more. Absent: this was all. */
  readonly cursor?: string;
}

/** Params of the call `driver.remove` of a plugin: Forgets a command: nothing of it is needed any more. */
export interface DriverRemoveParams {
  /** Name of the driver. */
  readonly name: string;
  /** What `driver.start` answered. */
  readonly handle: string;
}

/** What a plugin answers to `driver.remove`. */
export type DriverRemoveResult = { readonly [name: string]: never };

/** Params of the call `environment.entries` of a plugin: What can be set up from a plugin's catalogue. */
export interface EnvironmentEntriesParams {
  /** Name of the catalogue. */
  readonly name: string;
}

/** What a plugin answers to `environment.entries`. */
export interface EnvironmentEntriesResult {
  /** Entries, the default first. */
  readonly entries: readonly {
    /** Its name. */
    readonly framework: string;
    /** What is in it. */
    readonly description: string;
    /** What can be chosen, the default first. */
    readonly variants: readonly {
      /** `cpu` or `gpu`. */
      readonly type: "cpu" | "gpu";
      /** Language and version: `py313`, `r45`. */
      readonly language: string;
      /** Image that it builds on. */
      readonly image: string;
    }[];
  }[];
}

/** Params of the call `environment.files` of a plugin: The definition files of one choice. */
export interface EnvironmentFilesParams {
  /** Name of the catalogue. */
  readonly name: string;
  /** Name of the entry. */
  readonly framework: string;
  /** `cpu` or `gpu`. */
  readonly type: string;
  /** Language and version. */
  readonly language: string;
}

/** What a plugin answers to `environment.files`. */
export interface EnvironmentFilesResult {
  /** Text of each file by its path in the folder, slashes between; a Dockerfile among them. */
  readonly files: { readonly [name: string]: string };
}

/** Params of the call `exporter.take` of a plugin: Hands the next part of an export to the plugin, and takes pieces of files. */
export interface ExporterTakeParams {
  /** Name of the exporter. */
  readonly name: string;
  /** The export that this is a part of. */
  readonly export: string;
  /** It begins. Absent: it has begun. */
  readonly begin?: {
    /** The project. */
    readonly project: {
      /** Its id. */
      readonly id: string;
      /** Its name. */
      readonly name: string;
    };
    /** Absolute path of the folder; the plugin need not be able to read it. */
    readonly directory: string;
  };
  /** The next run. Absent: it is not one's turn. */
  readonly run?: ExportedFacts;
  /** Points of the run. Absent: none. */
  readonly points?: {
    /** Id of the run. */
    readonly runId: string;
    readonly points: Points;
  };
  /** Content of a file kept with the run. Absent: none. */
  readonly file?: {
    /** Id of the run. */
    readonly runId: string;
    /** Its path. */
    readonly path: string;
    /** Place of the first byte. */
    readonly from: number;
    /** Bytes. */
    readonly base64: string;
    /** These are the last. */
    readonly done: boolean;
  };
  /** Id of the run that was told whole. Absent: there is more. */
  readonly ended?: string;
  /** There are no more runs. Absent: there may be. */
  readonly done?: boolean;
}

/** What a plugin answers to `exporter.take`. */
export interface ExporterTakeResult {
  /** Pieces of files, in order. */
  readonly pieces: readonly ExportPiece[];
  /** Paths of files kept with the run whose content is wanted; only as answer to `run`. Absent: none. */
  readonly wants?: readonly string[];
  /** There are more pieces. Absent: no. */
  readonly more?: boolean;
}

/** Params of the call `hook.deliver` of a plugin: Tells of events of one sort, in order. */
export interface HookDeliverParams {
  /** What happened. */
  readonly event: "run.started" | "run.finished" | "snapshot.created" | "metric.logged" | (string & {});
  /** One or more, at most 100, oldest first. */
  readonly events: readonly HookEvent[];
}

/** What a plugin answers to `hook.deliver`. */
export type HookDeliverResult = { readonly [name: string]: never };

/** Params of the call `importer.detect` of a plugin: Whether the importer can read something. */
export interface ImporterDetectParams {
  /** Name of the importer. */
  readonly name: string;
  /** Absolute path. */
  readonly path: string;
}

/** What a plugin answers to `importer.detect`. */
export interface ImporterDetectResult {
  /** It can. */
  readonly matches: boolean;
}

/** Params of the call `importer.page` of a plugin: The next pieces of what is imported. */
export interface ImporterPageParams {
  /** Name of the importer. */
  readonly name: string;
  /** Absolute path. */
  readonly path: string;
  /** That of the page before. Absent: from the beginning. */
  readonly cursor?: string;
}

/** What a plugin answers to `importer.page`. */
export interface ImporterPageResult {
  /** Pieces of runs. */
  readonly pieces: readonly ImportPiece[];
  /** Where it goes on. Absent: that was all. */
  readonly cursor?: string;
}

/** Params of the call `parser.parse` of a plugin: Finds the metrics in the next lines of a run's output. */
export interface ParserParseParams {
  /** Name of the parser. */
  readonly name: string;
  /** The reading that these lines belong to. */
  readonly stream: string;
  /** The run. */
  readonly run: {
    /** Its id. */
    readonly id: string;
    /** Its command. Absent: not known any more. */
    readonly command?: Command;
  };
  /** Number of lines of the stream that came before; 0 begins it. */
  readonly from: number;
  /** The next lines, without their ends: what a terminal shows of them, after the last carriage return. Lines over 256 KiB are left out. */
  readonly lines: readonly string[];
  /** These are the last. */
  readonly done: boolean;
}

/** What a plugin answers to `parser.parse`. */
export interface ParserParseResult {
  /** What was found, in order. */
  readonly points: readonly ParsedPoint[];
  /** It does not know what came before in this stream, and must: the output is read again from its beginning. Absent: no. */
  readonly lost?: boolean;
}
