import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";
import type { Variables } from "./executables.ts";

/** Where a user's settings of datmo are: `$XDG_CONFIG_HOME/datmo`, else `~/.config/datmo`. */
export function configFolder(variables: Variables): string {
  return folder(variables, "XDG_CONFIG_HOME", ".config");
}

/** Where a user's things of datmo are that can be made again: `$XDG_CACHE_HOME/datmo`, else `~/.cache/datmo`. */
export function cacheFolder(variables: Variables): string {
  return folder(variables, "XDG_CACHE_HOME", ".cache");
}

function folder(variables: Variables, name: string, inHome: string): string {
  const named = variables[name];
  // The specification: a relative path is to be ignored.
  if (named !== undefined && isAbsolute(named)) return join(named, "datmo");
  return join(variables["HOME"] || homedir(), inHome, "datmo");
}
