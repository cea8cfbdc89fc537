import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { delivererOf } from "../helpers/plugins.ts";
import { datmo, type RunPlace } from "./run-place.ts";

/* What the benches of plugins share: a place for the grants and the plugins' files, and plugins in a project. */

/** Variables of a user who has granted nothing yet; what there is of theirs is removed afterwards. */
export async function withPluginUser<T>(
  variables: NodeJS.ProcessEnv,
  work: (variables: NodeJS.ProcessEnv) => Promise<T>,
): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "datmo-plugins-bench-"));
  const own = { XDG_CONFIG_HOME: join(folder, "config"), XDG_CACHE_HOME: join(folder, "cache") };
  try {
    return await work({ ...process.env, ...own, ...variables });
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

export interface BenchPlugin {
  readonly name: string;
  readonly provides: readonly object[];
  readonly permissions?: object;
  /** Of `definePlugin`. */
  readonly definition: string;
}

/** A command that answers what it is given. */
export function echoPlugin(name: string): BenchPlugin {
  const provides = [{ kind: "command", name: `${name}-echo`, params: { type: "object" } }];
  return { name, provides, definition: `{ commands: { "${name}-echo": (params) => params } }` };
}

/** Installs a plugin into the project, with all that it asks for. */
export function install(place: RunPlace, { name, definition, ...rest }: BenchPlugin): void {
  const folder = mkdtempSync(join(tmpdir(), "datmo-plugins-bench-"));
  try {
    const manifest = { name, version: "1.0.0", engine: "1", main: "main.js", ...rest };
    writeFileSync(join(folder, "datmo-plugin.json"), JSON.stringify(manifest));
    const source = `import { definePlugin } from "datmo-plugin";\nexport default definePlugin(${definition});\n`;
    writeFileSync(join(folder, "main.js"), source);
    datmo(place, ["plugin", "install", folder]);
    datmo(place, ["plugin", "grant", name, "--asked"]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Ends the process that tells plugins of events, if there is one: it would go on in a folder that is removed. */
export function endTelling(directory: string): void {
  const pid = delivererOf(directory);
  try {
    if (pid !== undefined) process.kill(pid, "SIGKILL");
  } catch {
    // It has just left.
  }
}
