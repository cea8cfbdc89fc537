import type { PluginManifest } from "../../domain/plugin-manifest.ts";
import type { Permissions } from "../../domain/plugin-permissions.ts";
import type { PluginCall, PluginCallMap } from "../../protocol/methods.ts";

/** The files of a plugin, all of them read once: what is checked is what is run. */
export interface PluginContent {
  readonly manifest: PluginManifest;
  /** SHA-256 over paths and contents, hexadecimal. */
  readonly hash: string;
  readonly files: readonly PluginFile[];
}

export interface PluginFile {
  /** Relative, with slashes. */
  readonly path: string;
  readonly content: Uint8Array;
}

export interface InstalledPlugin {
  readonly content: PluginContent;
  readonly installedAt: string;
  /** Folder that it was installed from. */
  readonly source: string;
}

/** The plugins of a project, `.datmo/plugins/<name>`. */
export interface PluginStore {
  /** Reads a plugin that is not installed. Throws PLUGIN_INVALID, PLUGIN_TOO_NEW and DIRECTORY_NOT_FOUND. */
  readFolder(directory: string): Promise<PluginContent>;
  names(): Promise<string[]>;
  /** Undefined when there is none; throws PLUGIN_INVALID when its files cannot be used. */
  read(name: string): Promise<InstalledPlugin | undefined>;
  /** What changes when the plugin is installed anew, without reading its files; undefined when there is none. */
  stamp(name: string): Promise<string | undefined>;
  /** Replaces one of the same name. */
  install(content: PluginContent, source: string, installedAt: string): Promise<void>;
  remove(name: string): Promise<void>;
}

/** What the user allowed one content of a plugin, in one project. */
export interface PluginGrant {
  readonly hash: string;
  readonly grantedAt: string;
  /** Without a sandbox. */
  readonly all: boolean;
  readonly permissions: Permissions;
  /** Events that its hooks are told of: who raises one need not read any plugin's files. */
  readonly hooks: readonly string[];
}

/** The grants for one project, in the user's own folder. */
export interface PluginGrants {
  /** By name of the plugin; cheap when nothing changed since the last time. */
  all(): Promise<ReadonlyMap<string, PluginGrant>>;
  put(name: string, grant: PluginGrant): Promise<void>;
  remove(name: string): Promise<void>;
}

/** Failures in a row, kept over engines so that a plugin that always hangs is not asked each time. */
export interface PluginFailures {
  readonly failures: number;
  readonly reason: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

export interface PluginHealth {
  read(name: string, hash: string): Promise<PluginFailures | undefined>;
  failed(name: string, hash: string, reason: string): Promise<PluginFailures>;
  /** It works, or is to be tried again. */
  forget(name: string): Promise<void>;
}

/** One line for each act that was denied. Never rejects. */
export type PluginAudit = (line: {
  readonly plugin: string;
  readonly hash: string;
  readonly denied: string;
}) => Promise<void>;

/** A plugin as it may be run. */
export interface RunnablePlugin {
  readonly content: PluginContent;
  /** What is both asked for and granted. */
  readonly permissions: Permissions;
  readonly all: boolean;
}

export interface PluginCallOptions {
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

/** What answers a plugin that calls the engine back. Rejects with what the plugin is told. */
export type AnswerPlugin = (
  plugin: RunnablePlugin,
  method: string,
  params: unknown,
  signal: AbortSignal,
) => Promise<object>;

/** Runs plugins: one process for each, started by its first call, kept warm, stopped when idle. */
export interface PluginHost {
  /** Whether its code can be run and imports nothing from outside. Throws PLUGIN_INVALID and DENO_NOT_FOUND. */
  check(content: PluginContent): Promise<void>;
  /**
   * Throws PLUGIN_CRASHED, PLUGIN_TIMEOUT, PLUGIN_FAILED, PLUGIN_LIMIT, PLUGIN_ANSWER, PLUGIN_INVALID,
   * DENO_NOT_FOUND and CANCELLED. What is answered fits the protocol's schema of that call. Calls of one plugin that are open at once share its process.
   */
  call<C extends PluginCall>(
    plugin: RunnablePlugin,
    call: C,
    params: PluginCallMap[C]["params"],
    options: PluginCallOptions,
  ): Promise<PluginCallMap[C]["result"]>;
  /** Starts its process and shakes hands, when it does not run. Throws as `call` does before it calls. */
  start(plugin: RunnablePlugin): Promise<void>;
  /** Ends its process, if there is one. */
  stop(name: string): Promise<void>;
  /** What confines plugins on this machine, in a line. Never rejects. */
  sandbox(): Promise<string>;
  close(): Promise<void>;
}
