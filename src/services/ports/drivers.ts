import type { JsonObject } from "../../util/json.ts";
import type { ProcessIdentity } from "../../util/process-identity.ts";
import type { ContainerFacts, ContainerSpec } from "./containers.ts";
import type { UsageProbe } from "./usage.ts";

export type Command =
  | { readonly kind: "argv"; readonly argv: readonly string[] }
  | { readonly kind: "shell"; readonly text: string };

export interface StartSpec {
  readonly runId: string;
  readonly command: Command;
  /** Working directory. */
  readonly directory: string;
  /** `.datmo/tasks/<run id>`; output goes to its `output.log`, the exit code to its `exit.json`. */
  readonly taskDirectory: string;
  /** The whole environment of the process. */
  readonly environment: Readonly<Record<string, string>>;
  /** Give the command this process's terminal or standard input. */
  readonly interactive: boolean;
  /** File that gets what the terminal of an interactive command shows, as asciicast v2. Absent: it is not kept. */
  readonly transcript?: string;
  /** For drivers of container engines. */
  readonly container?: ContainerSpec;
  /** For drivers that carry it out somewhere else: the root that `directory` is in, and the run's config. */
  readonly remote?: { readonly root: string; readonly config: JsonObject };
}

export interface ExitFact {
  /** The command's own code, or 128 + n when signal n ended it. */
  readonly exitCode: number;
  readonly signal?: string;
  readonly endedAt: string;
  /** The kernel killed something of the run for its memory limit; the command itself may have gone on. */
  readonly outOfMemory?: boolean;
  /** False: the engine died before the command was started, and nothing of it ran. Absent: it ran. */
  readonly begun?: false;
}

export interface StartedProcess {
  readonly pid: number;
  readonly container?: ContainerFacts;
  /**
   * Resolves when how the command ended is known and left in its task folder, for drivers that have to clean up behind
   * it. What is left of it is still on its way out.
   */
  readonly ended?: Promise<ExitFact>;
  /** Resolves when the command has ended and nothing of it is left. */
  readonly exited: Promise<ExitFact>;
}

/** What is known of a run's process whose engine may be gone. */
export type ProcessState =
  | { readonly state: "alive"; readonly pid: number }
  | { readonly state: "ended"; readonly exit: ExitFact }
  /** `unstarted`: nothing of the command was ever started. */
  | { readonly state: "gone"; readonly unstarted?: true };

/** Runs commands somewhere. */
export interface Driver {
  readonly name: string;
  start(spec: StartSpec): Promise<StartedProcess>;
  /** Looks at a run from its task folder alone. */
  inspect(taskDirectory: string): Promise<ProcessState>;
  /** Asks the run's whole process group to end, kills it after `graceMs`; resolves when it is gone. */
  stop(taskDirectory: string, options: { graceMs: number; signal?: "SIGINT" | "SIGTERM" }): Promise<void>;
  /**
   * Looks at what a run uses, from its task folder alone. `root`: the process that the run is, when this driver did
   * not start it. Keeps no process alive.
   */
  usage(taskDirectory: string, root?: ProcessIdentity): Promise<UsageProbe>;
}

/** What is carried out somewhere else. */
export interface RemoteTask {
  readonly runId: string;
  readonly command: Command;
  /** Root of the files that the command works on, on this machine. */
  readonly root: string;
  /** Working directory relative to the root; empty: the root itself. */
  readonly directory: string;
  readonly variables: Readonly<Record<string, string>>;
  readonly config: JsonObject;
}

export interface RemoteState {
  /** What came behind the byte that was asked for. */
  readonly output: Uint8Array;
  /** Absent: it runs. */
  readonly exitCode?: number;
}

/** A part of a file that the command left. */
export interface RemoteFile {
  /** `task`: the run's own folder; its journal and spool are there. */
  readonly folder: "project" | "task";
  /** Relative, slashes between. */
  readonly path: string;
  readonly content: Uint8Array;
  /** It goes on where the part before of the same file ended. */
  readonly more: boolean;
  readonly executable: boolean;
  /** Why it may not be put there. */
  readonly refused?: string;
}

/** Carries out commands somewhere else. What `start` answers is all that it needs to find one again. */
export interface RemoteRunner {
  start(task: RemoteTask): Promise<string>;
  /** May wait as long for something new. */
  poll(handle: string, outputFrom: number, waitMs: number): Promise<RemoteState>;
  signal(handle: string, signal: "SIGINT" | "SIGTERM" | "SIGKILL"): Promise<void>;
  /** What a command that has ended left, in order. */
  files(handle: string): AsyncIterable<RemoteFile>;
  /** Nothing of it is needed any more. */
  remove(handle: string): Promise<void>;
}
