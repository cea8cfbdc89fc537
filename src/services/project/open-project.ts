import type { ProcessIdentity } from "../../util/process-identity.ts";
import type { PluginParts } from "../plugins/plugin-parts.ts";
import type { Capture, CaptureHints } from "../ports/capture.ts";
import type { Collector } from "../ports/collecting.ts";
import type { ContainerEngine } from "../ports/containers.ts";
import type { DataContents } from "../ports/data.ts";
import type { Driver, RemoteRunner } from "../ports/drivers.ts";
import type { Exporter } from "../ports/exporters.ts";
import type { Hooks } from "../ports/hooks.ts";
import type { Importer } from "../ports/importers.ts";
import type { Queue } from "../ports/queue.ts";
import type { RecordStore } from "../ports/records.ts";
import type { SeriesStore } from "../ports/series.ts";
import type { ShareParts } from "../ports/sharing.ts";
import type { SnapshotStore } from "../ports/snapshots.ts";
import type { TaskFolderTail } from "../ports/task-folders.ts";
import type { GpuMeter } from "../ports/usage.ts";
import type { Venvs } from "../ports/venvs.ts";
import type { Loopback, WorkspaceNotes } from "../ports/workspaces.ts";

/** One project with everything the services need of it. Opening is cheap; each part wakes up on first use. */
export interface OpenProject {
  /** Random id, from `.datmo/format`. */
  readonly id: string;
  /** Absolute path of the project's root. */
  readonly directory: string;
  /** Absolute path of `.datmo`. */
  readonly datmo: string;
  readonly records: RecordStore;
  readonly series: SeriesStore;
  readonly snapshots: SnapshotStore;
  /** The same git store, for what concerns all of it. */
  readonly collector: Collector;
  readonly share: ShareParts;
  readonly capture: Capture;
  /** What data that no snapshot holds had in it. */
  readonly data: DataContents;
  readonly openRuns: OpenRuns;
  readonly queue: Queue;
  readonly contentKeys: ContentKeys;
  readonly drivers: ReadonlyMap<string, Driver>;
  /** The driver that carries commands out by a runner of a plugin's; without one it knows what is left of them. */
  elsewhere(name: string, runner: RemoteRunner | undefined): Driver;
  /** The machine's container engine; asking is what finds out whether there is one. */
  readonly containers: ContainerEngine;
  /** GPUs of this machine; asking is what finds out whether there are any. */
  readonly gpuMeter: GpuMeter;
  /** The user's venvs, shared by all projects. */
  readonly venvs: Venvs;
  readonly plugins: PluginParts;
  /** Those that are part of datmo. */
  readonly importers: readonly Importer[];
  readonly exporters: readonly Exporter[];
  readonly hooks: Hooks;
  readonly loopback: Loopback;
  readonly workspaces: WorkspaceNotes;
  /** The same git store over another working folder (an isolated copy). */
  snapshotsAt(directory: string, exclude: readonly string[]): SnapshotStore;
  taskDirectory(runId: string): string;
  taskFolder(runId: string, spoolDirectory?: string): TaskFolderTail;
}

/** How projects come to be; implemented by the composition root. */
export interface ProjectFactory {
  /** Root of the project that `from` lies in, or undefined. */
  find(from: string): Promise<string | undefined>;
  open(directory: string): Promise<OpenProject>;
  /** Creates `.datmo` with an empty store; removes it again when that fails. */
  createLayout(directory: string): Promise<void>;
}

/** `schemas/open-run.schema.json`. */
export interface OpenRun {
  readonly v: 1;
  readonly type: "executed" | "recorded";
  readonly createdAt: string;
  readonly owner: ProcessIdentity;
  readonly spool?: string;
  /** GPUs that the queue gave it. */
  readonly gpus?: readonly string[];
}

/** The files `.datmo/open/<run>.json`: runs that have not ended. */
export interface OpenRuns {
  ids(): Promise<string[]>;
  read(runId: string): Promise<OpenRun | undefined>;
  write(runId: string, open: OpenRun): Promise<void>;
  remove(runId: string): Promise<void>;
  /** The run has ended while its script lives on and may still log: kept aside until the script is gone. */
  retire(runId: string): Promise<void>;
  retired(): Promise<{ runId: string; open: OpenRun }[]>;
  removeRetired(runId: string): Promise<void>;
  /** Whether this process may finish a run whose owner is gone. Given back by `remove` and `release`. */
  claim(runId: string): Promise<boolean>;
  release(runId: string): Promise<void>;
  /** Whether this process may measure what a run uses whose owner is gone. Given back by `remove` and `releaseUsage`. */
  claimUsage(runId: string): Promise<boolean>;
  releaseUsage(runId: string): Promise<void>;
  /** `unknown`: its owner is on another host. */
  ownerState(open: OpenRun): Promise<"alive" | "gone" | "unknown">;
  /** This process as an owner. */
  thisProcess(): Promise<ProcessIdentity>;
}

/** Finds the snapshot of an equal state without opening the database. A hint: losing it costs a duplicate. */
export interface ContentKeys {
  find(key: string): Promise<string | undefined>;
  put(key: string, snapshotId: string): Promise<void>;
  /** Forgets the snapshot of a state. */
  remove(key: string): Promise<void>;
}

export type { CaptureHints };
