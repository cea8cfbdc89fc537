/* The third page of the composition root: engines on projects that are made for a test and thrown away. */
import { mkdir, mkdtemp, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { engineBeside } from "./engine-plugins.ts";
import type { EngineParts } from "./rpc/dispatch.ts";
import type { Session } from "./rpc/server.ts";
import type { ThrowAways } from "./services/plugins/testing/throw-away.ts";
import type { Variables } from "./util/executables.ts";

/** What says which run a process belongs to is not for what is tested. */
const HIDDEN = ["DATMO_RUN_ID", "DATMO_TASK_DIR", "DATMO_DATA_DIR", "DATMO_CONFIG"];

/** A folder with projects in it, whose user has nothing: no grants, no cache. */
export async function makeThrowAways<E extends { readonly variables: Variables }>(
  open: (session: Session, environment: E) => Promise<EngineParts>,
  environment: E,
): Promise<ThrowAways> {
  const root = await realpath(await mkdtemp(join(tmpdir(), "datmo-plugin-test-")));
  const variables: Record<string, string | undefined> = {
    ...environment.variables,
    XDG_CONFIG_HOME: join(root, "config"),
    XDG_CACHE_HOME: join(root, "cache"),
  };
  for (const name of HIDDEN) delete variables[name];
  let count = 0;
  return {
    async folder(name) {
      const directory = join(root, `${name}-${++count}`);
      await mkdir(directory);
      return directory;
    },
    async project(heard) {
      const directory = join(root, `project-${++count}`);
      await mkdir(directory);
      const engine = engineBeside((session) =>
        open(
          {
            ...session,
            wants: (method) => method === "plugin.output",
            notify: (method, params) => {
              if (method === "plugin.output") heard(String((params as { readonly text?: unknown }).text));
            },
          },
          { ...environment, hasTerminal: false, directory, variables },
        ),
      );
      return { ...engine, directory };
    },
    remove: () => rm(root, { recursive: true, force: true, maxRetries: 5 }),
  };
}
