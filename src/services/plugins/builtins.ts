import { errors } from "../../protocol/errors.ts";
import type { Plugin } from "../../protocol/types.ts";
import { version } from "../../util/version.ts";
import type { BuiltinPlugin } from "../ports/builtin-plugins.ts";
import type { PluginParts } from "./plugin-parts.ts";

export function builtinNamed({ builtins }: PluginParts, name: string): BuiltinPlugin | undefined {
  return builtins.find((builtin) => builtin.name === name);
}

/** One that is part of datmo, as the protocol shows it. */
export function describeBuiltin({ name, description, provides, may }: BuiltinPlugin): Plugin {
  return {
    name,
    version,
    description,
    runtime: "builtin",
    hash: "",
    provides: [...provides],
    asks: may,
    state: "ready",
    granted: may,
    installedAt: "",
    source: "built in",
  };
}

/** Throws PLUGIN_BUILT_IN: nothing about these can be changed. */
export function throwIfBuiltin(plugins: PluginParts, name: string, act: string): void {
  if (builtinNamed(plugins, name)) throw errors.PLUGIN_BUILT_IN({ name, act });
}
