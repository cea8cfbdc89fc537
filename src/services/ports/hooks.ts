import type { HookEvent } from "../../protocol/types.ts";

export type HookEventName = "run.started" | "run.finished" | "snapshot.created" | "metric.logged";

/** An event as it waits for one plugin. */
export interface WaitingEvent {
  /** Names it in the outbox; events of a plugin are in order of these. */
  readonly key: string;
  readonly event: string;
  readonly data: HookEvent;
}

/** `.datmo/hooks`: events that plugins were not told yet. What is in it outlives every engine. */
export interface HookOutbox {
  /** False: too many wait for this plugin; it was counted as missed. */
  put(plugin: string, waiting: WaitingEvent): Promise<boolean>;
  /** Whether it was not told yet. */
  waits(plugin: string, key: string): Promise<boolean>;
  /** Plugins that events wait for. */
  plugins(): Promise<string[]>;
  /** The oldest ones, at most `most`. What nobody can read is thrown away. */
  oldest(plugin: string, most: number): Promise<WaitingEvent[]>;
  remove(plugin: string, keys: readonly string[]): Promise<void>;
  /** Counts events that the plugin will never be told. */
  miss(plugin: string, count: number): Promise<void>;
  /** How many it was not told. */
  missed(plugin: string): Promise<number>;
  clearMissed(plugin: string): Promise<void>;
  /** Removes everything that waits for it, and its count. */
  forget(plugin: string): Promise<void>;
  /** Whether this process may tell plugins of events: one does, until it gives that back or is gone. */
  claim(): Promise<boolean>;
  release(): Promise<void>;
  isClaimed(): Promise<boolean>;
}

/** Starts the process that tells plugins of what waits, if it can; it outlives this one. */
export type StartDeliverer = (projectDirectory: string) => Promise<void>;

/** Counts points of one run. */
export interface PointCounter {
  add(points: number): void;
}

/** What happens in a project goes in here, and no plugin is waited for. Without granted hooks it costs nothing. */
export interface Hooks {
  /** Resolves when the event is in the outbox, to be told at least once. Never rejects. */
  tell(event: HookEventName, data: Omit<HookEvent, "id" | "at"> & { readonly id?: string }): Promise<void>;
  /** Points are told of once a second; a plugin that lags is told of them all at once. */
  points(runId: string): PointCounter;
  /** Tells of the points so far of a run that has ended, or of all. Never rejects. */
  flush(runId?: string): Promise<void>;
  /** Waits for a moment until what was told here is delivered; what is not is left to the deliverer. */
  close(): Promise<void>;
}
