import type { MethodMap } from "../../protocol/methods.ts";
import type { PluginPermissions } from "../../protocol/types.ts";

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

/** As a method, so that a command may say more exactly what its params are. */
export type PluginCommand = {
  run(params: { readonly [name: string]: unknown }, datmo: Datmo, context: CallContext): unknown;
}["run"];

export interface PluginDefinition {
  /** By the names that the manifest provides. What is answered must be JSON. */
  readonly commands?: { readonly [name: string]: PluginCommand };
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
