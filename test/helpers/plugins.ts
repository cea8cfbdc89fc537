import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { cp, mkdir, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { isDatmoError } from "../../src/protocol/errors.ts";
import type { Plugin, PluginPermissions } from "../../src/protocol/types.ts";
import { openTestEngine, type TestEngine, temporaryFolder } from "./engine.ts";

/** A project with its user's folders beside it. */
export interface PluginPlace {
  readonly engine: TestEngine;
  readonly directory: string;
  /** A folder beside the project. */
  readonly beside: string;
  readonly variables: Readonly<Record<string, string | undefined>>;
  /** Writes a plugin beside the project; where it is. */
  write(manifest: object, files: Readonly<Record<string, string>>): Promise<string>;
  /** Another engine on the same project, closed with this one. */
  again(): Promise<TestEngine>;
  close(): Promise<void>;
}

/** With more variables, in a folder of that name. */
export async function pluginPlace(
  more: Readonly<Record<string, string>> = {},
  folder = "project",
): Promise<PluginPlace> {
  const beside = await temporaryFolder();
  const directory = join(beside, folder);
  await mkdir(directory);
  const variables = {
    ...process.env,
    XDG_CONFIG_HOME: join(beside, "config"),
    XDG_CACHE_HOME: join(beside, "cache"),
    ...more,
  };
  const engines = [await openTestEngine({ directory, variables })];
  const engine = engines[0] as TestEngine;
  await engine.call("project.create", {});
  return {
    engine,
    directory,
    beside,
    variables,
    async write(manifest, files) {
      const named = manifest as { readonly name?: string };
      const folder = join(beside, "plugins", named.name ?? "unnamed");
      await rm(folder, { recursive: true, force: true });
      await mkdir(folder, { recursive: true });
      const whole = { version: "1", engine: "1", main: "main.js", ...manifest };
      await writeFile(join(folder, "datmo-plugin.json"), JSON.stringify(whole));
      for (const [path, text] of Object.entries(files)) {
        await mkdir(join(folder, path, ".."), { recursive: true });
        await writeFile(join(folder, path), text);
      }
      return folder;
    },
    async again() {
      const other = await openTestEngine({ directory, variables });
      engines.push(other);
      return other;
    },
    async close() {
      for (const one of engines) await one.close();
      await rm(beside, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

const COMMANDS =
  "attempt names engine memory heap spin wait print garbage raw big deep exit throw log echo".split(" ");

/** Installs `test/fixtures/plugins/escapes`, which tries what it may not, under a name and with what it asks for. */
export async function installEscapes(
  place: PluginPlace,
  name: string,
  asks: PluginPermissions,
): Promise<void> {
  const folder = await place.write(
    {
      name,
      permissions: asks,
      provides: COMMANDS.map((command) => ({
        kind: "command",
        name: `${command}`,
        params: { type: "object" },
      })),
    },
    {},
  );
  await cp("test/fixtures/plugins/escapes", folder, { recursive: true });
  // Two plugins of one project cannot provide the same commands.
  for (const other of await installedPlugins(place.engine)) {
    await place.engine.call("plugin.remove", { name: other.name });
  }
  await place.engine.call("plugin.install", { directory: folder });
}

/** Plugins but those that are part of datmo. */
export async function installedPlugins(engine: TestEngine): Promise<Plugin[]> {
  return (await engine.call("plugin.list", {})).items.filter(({ runtime }) => runtime !== "builtin");
}

/** The kind of the error that a call ends with; "none" when it has a result. */
export async function kindOf(call: Promise<unknown>): Promise<string> {
  return (await outcomeOf(call)).split(":")[0] as string;
}

/** Kind and message of the error that a call ends with; "none" when it has a result. */
export async function outcomeOf(call: Promise<unknown>): Promise<string> {
  try {
    await call;
    return "none";
  } catch (error) {
    if (!isDatmoError(error)) throw error;
    return `${error.kind}: ${error.message}`;
  }
}

/** Waits until something is so; fails after a time that only something broken takes. */
export async function until(
  holds: () => boolean | Promise<boolean>,
  what = "what is waited for",
): Promise<void> {
  const end = Date.now() + 60_000;
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`${what} did not come`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Ends the process that tells the place's plugins of events, if there is one. */
export async function endDeliverer({ directory }: PluginPlace): Promise<void> {
  const pid = delivererOf(directory);
  if (pid === undefined) return;
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It has just left.
  }
}

/** Its process id. */
export function delivererOf(directory: string): number | undefined {
  try {
    return JSON.parse(readFileSync(join(directory, ".datmo/hooks/deliverer.claim"), "utf8")).pid;
  } catch {
    return undefined;
  }
}

/** What the command line prints on stdout, as a user of the place. */
export async function datmo(place: PluginPlace, words: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, [resolve("dist/datmo.js"), ...words], {
    cwd: place.directory,
    env: { ...place.variables },
  });
  return stdout;
}
