import { spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { join } from "node:path";
import { errors } from "../../protocol/errors.ts";
import type { SpawnSupervisor } from "../../services/runs/supervisor.ts";

/** The supervisor's one line. */
interface Answer {
  readonly started?: boolean;
  readonly error?: string;
  /** Of the error, when it is one of datmo's. */
  readonly kind?: string;
}

/** Longest time until a supervisor must have started its command, milliseconds. */
const START_MS = 60_000;

/**
 * Starts a supervisor: `engine.js --supervise <run>` in a session of its own. It says on its stdout, in one line,
 * that the command has started or why not; then nobody holds on to it any more.
 */
export function createSupervisorSpawner(engineFile: string): SpawnSupervisor {
  return async ({ runId, projectDirectory, taskDirectory, environment }) => {
    const log = openSync(join(taskDirectory, "supervisor.log"), "a", 0o600);
    // Arguments of this node (a loader for sources) are needed to run the same file again.
    const args = [...process.execArgv, engineFile, "--supervise", runId, "--project", projectDirectory];
    const child = spawn(process.execPath, args, {
      detached: true,
      cwd: projectDirectory,
      env: environment,
      stdio: ["ignore", "pipe", log],
    });
    closeSync(log);
    try {
      const line = await firstLine(child);
      const { started, error, kind } = JSON.parse(line) as Answer;
      if (kind === "CANCELLED") throw errors.CANCELLED({});
      if (!started) throw new Error(error ?? "the supervisor said nothing");
    } catch (error) {
      // Whoever was told that it did not start must not find it running later.
      child.kill("SIGKILL");
      throw error;
    } finally {
      child.stdout?.destroy();
      child.unref();
    }
  };
}

function firstLine(child: ReturnType<typeof spawn>): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = "";
    const limit = setTimeout(() => reject(new Error("the supervisor did not answer in time")), START_MS);
    const end = (work: () => void): void => {
      clearTimeout(limit);
      work();
    };
    child.once("error", (error) => end(() => reject(error)));
    child.once("exit", (code) => end(() => reject(new Error(`the supervisor ended with code ${code}`))));
    child.stdout?.on("data", (chunk: Buffer) => {
      text += chunk.toString("utf8");
      const newline = text.indexOf("\n");
      if (newline >= 0) end(() => resolve(text.slice(0, newline)));
    });
  });
}
