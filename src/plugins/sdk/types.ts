import type { MethodMap } from "../../protocol/methods.ts";
import type {
  ExportedFacts,
  HookEvent,
  ImportPiece,
  MetricValue,
  PluginPermissions,
} from "../../protocol/types.ts";
import type { PluginDriver } from "./kinds/driver.ts";
import type { EnvironmentCatalogue } from "./kinds/environment.ts";

/** Methods of the engine that a plugin may be granted. */
export type EngineMethod = Exclude<
  keyof MethodMap,
  "initialize" | "shutdown" | `plugin.${string}` | `store.${string}` | "project.delete" | "project.create"
>;

/** The engine, as a plugin sees it. */
export interface Datmo {
  /** Calls the engine; rejects with a `DatmoError`, of kind PLUGIN_PERMISSION_DENIED when it was not granted. */
  request<M extends EngineMethod>(method: M, params: MethodMap[M]["params"]): Promise<MethodMap[M]["result"]>;
  /** Root of the project; also the working directory. */
  readonly projectDirectory: string;
  /** What was both asked for and granted. */
  readonly granted: PluginPermissions;
}

/** How one call ends early. */
export interface CallContext {
  /** Aborted when nobody waits for the answer any more. */
  readonly signal: AbortSignal;
}

/** Params of a command, which the engine has held against the schema in the manifest. */
// biome-ignore lint/suspicious/noExplicitAny: a command says itself what they are, and its schema is what checks them.
export type CommandParams = { readonly [name: string]: any };

/** What becomes JSON; a function, a symbol or a bigint does not. */
export type Answerable =
  | string
  | number
  | boolean
  | null
  | undefined
  | (object & { readonly bind?: never; readonly then?: never });

/** As a method, so that a command may say more exactly what its params are. */
export type PluginCommand = {
  run(params: CommandParams, datmo: Datmo, context: CallContext): Answerable | Promise<Answerable>;
}["run"];

/** What hooks can be told of, and what each event says. */
export interface HookEvents {
  "run.started": Told<"runId" | "runName">;
  "run.finished": Told<"runId" | "runName" | "status"> & Pick<HookEvent, "exitCode" | "snapshotId">;
  "snapshot.created": Told<"snapshotId" | "visible"> & Pick<HookEvent, "runId">;
  /** Points `from` to `to` of the run were taken in: ask `metric.history` for them. */
  "metric.logged": Told<"runId" | "from" | "to">;
}
export type HookEventName = keyof HookEvents;
type Told<K extends keyof HookEvent> = Required<Pick<HookEvent, "id" | "at" | K>>;

/** Takes events of one sort, oldest first; when it fails it is told again, three times at most. */
export type PluginHook<E extends HookEventName> = (
  events: readonly HookEvents[E][],
  datmo: Datmo,
  context: CallContext,
) => unknown;
/** Everything at a path, from the beginning, some pieces at a time. Pieces of one run follow each other. */
export type ImporterPages = (
  path: string,
  datmo: Datmo,
  context: CallContext,
) => AsyncIterable<readonly ImportPiece[]> | Iterable<readonly ImportPiece[]>;

export interface PluginImporter {
  /** Whether this is something that it reads: a look at names and first bytes. */
  detect(path: string, datmo: Datmo): boolean | Promise<boolean>;
  readonly pages: ImporterPages;
}

/** A file that an exporter begins or goes on with: text, bytes, or all that is in a file kept with the run. */
export type ExportPiece = {
  readonly path: string;
  /** Absent: `append` when it was begun in this answer or an earlier one, else `create`. */
  readonly mode?: "create" | "append";
} & ({ readonly text: string } | { readonly bytes: Uint8Array } | { readonly kept: string });

/** Points of one metric, in order of step. */
export interface ExportedPoints {
  readonly name: readonly string[];
  readonly step: readonly number[];
  readonly value: readonly MetricValue[];
  /** Seconds since the epoch. */
  readonly at: readonly number[];
}

/** A stretch of a kept file that was wanted. */
export interface ExportedFile {
  readonly path: string;
  readonly from: number;
  readonly bytes: Uint8Array;
  readonly done: boolean;
}

export type ExportedRun = ExportedFacts;
type Awaitable<T> = T | Promise<T>;
type Pieces = Awaitable<readonly ExportPiece[] | null | undefined>;

/** One export. Files that are begun for a run are complete with it; those of the beginning and the end, at the end. */
export interface PluginExport {
  begin?(): Pieces;
  /** `wants`: asks for what is in one of the run's files. */
  run?(run: ExportedRun, wants: (path: string) => void): Pieces;
  points?(run: ExportedRun, points: ExportedPoints): Pieces;
  file?(run: ExportedRun, file: ExportedFile): Pieces;
  runEnd?(run: ExportedRun): Pieces;
  end?(): Pieces;
}

/** Opened anew for each export. `directory`: only to be told; the engine writes the files. */
export type PluginExporter = (
  target: { readonly directory: string; readonly project: { readonly id: string; readonly name: string } },
  datmo: Datmo,
) => PluginExport;

/** The run whose output is read. */
export interface ParsedRun {
  readonly id: string;
  /** A line for the shell, or words. Absent: not known any more. */
  readonly command?: string | readonly string[];
}

/** A metric in the output. Without a step each name counts its own points. */
export interface FoundPoint {
  readonly name: string;
  readonly step?: number;
  readonly value: number | "NaN" | "Infinity" | "-Infinity";
}

export type FoundPoints = FoundPoint | readonly FoundPoint[] | null | undefined;

/** One output, from its first line to its last. */
export interface OutputReading {
  line(line: string): FoundPoints;
  /** There are no more lines. */
  end?(): FoundPoints;
}

/**
 * A function of one line; or one that remembers, opened anew for each output. What it finds must depend on the lines
 * alone: an output may be read again from its beginning.
 */
export type PluginParser =
  | ((line: string, run: ParsedRun) => FoundPoints)
  | { open(run: ParsedRun): OutputReading };

export interface PluginDefinition {
  /** By the names that the manifest provides. What is answered must be JSON. */
  readonly commands?: { readonly [name: string]: PluginCommand };
  /** Make files of other tools out of runs, by the names that the manifest provides. */
  readonly exporters?: { readonly [name: string]: PluginExporter };
  /** By the events that the manifest provides. */
  readonly hooks?: { readonly [E in HookEventName]?: PluginHook<E> };
  /** Find metrics in what commands print, by the names that the manifest provides. */
  readonly parsers?: { readonly [name: string]: PluginParser };
  readonly importers?: { readonly [name: string]: PluginImporter };
  /** What carries out commands somewhere else, by name. */
  readonly drivers?: { readonly [name: string]: PluginDriver };
  /** Catalogues of environments, by name. */
  readonly environments?: { readonly [name: string]: EnvironmentCatalogue };
}

/** An error of the engine. */
export class DatmoError extends Error {
  readonly kind: string;
  readonly code: number;
  readonly details: { readonly [name: string]: unknown };
  readonly hint: string;

  constructor(
    message: string,
    facts: {
      readonly kind: string;
      readonly code: number;
      readonly details?: { readonly [name: string]: unknown };
      readonly hint?: string;
    },
  ) {
    super(message);
    this.name = "DatmoError";
    this.kind = facts.kind;
    this.code = facts.code;
    this.details = facts.details ?? {};
    this.hint = facts.hint ?? "";
  }
}
