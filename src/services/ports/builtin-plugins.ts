import type { PluginPermissions, PluginProvides } from "../../protocol/types.ts";

/**
 * A plugin that is part of datmo: always on, listed beside the installed ones, with what it may do fixed. What it
 * provides is carried out by `src/builtin/<kind>/…`, behind the same port as what an installed plugin provides.
 */
export interface BuiltinPlugin {
  readonly name: string;
  /** What it is, in a line. */
  readonly description: string;
  readonly provides: readonly PluginProvides[];
  /** What it may do. Where a path or host is what the user names in a call: a phrase such as `the file you name`. */
  readonly may: PluginPermissions;
}
