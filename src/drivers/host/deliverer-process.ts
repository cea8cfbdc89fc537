import { spawn } from "node:child_process";
import type { StartDeliverer } from "../../services/ports/hooks.ts";
import type { Variables } from "../../util/executables.ts";

/** Starts `engine.js --deliver DIR` in a session of its own; nobody waits for it or holds on to it. */
export function createDelivererStarter(engineFile: string, variables: Variables): StartDeliverer {
  return async (projectDirectory) => {
    // Sources need the loader that this node was started with.
    const loader = engineFile.endsWith(".ts") ? process.execArgv : [];
    const child = spawn(process.execPath, [...loader, engineFile, "--deliver", projectDirectory], {
      detached: true,
      cwd: projectDirectory,
      env: { ...variables },
      stdio: "ignore",
    });
    // Where it cannot be started, the events wait for the next engine.
    child.on("error", () => undefined);
    child.unref();
  };
}
