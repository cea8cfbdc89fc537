/*
 * The engine's process: `engine.js --stdio` serves a client, `engine.js --supervise RUN --project DIR` owns one run,
 * `engine.js --deliver DIR` tells plugins what happened in a project.
 */
import "../rpc/stdio-guard.ts";
import { fileURLToPath } from "node:url";
import type { EngineEnvironment } from "../engine.ts";
import { type DatmoError, isDatmoError } from "../protocol/errors.ts";
import { protocolVersion } from "../protocol/methods.ts";
import { parseLogLevel } from "../rpc/logger.ts";
import { runStdioEngine } from "../rpc/stdio-engine.ts";
import { protocolOutput } from "../rpc/stdio-guard.ts";
import { version } from "../util/version.ts";

const environment: EngineEnvironment = {
  directory: process.cwd(),
  variables: process.env,
  // The built engine's launcher lies beside the bundle; the sources start as they are.
  engineFile: fileURLToPath(new URL(`./engine${import.meta.url.slice(-3)}`, import.meta.url)),
};

/** Resolves when the engine has nothing more to do. */
export const finished: Promise<void> = main();

async function main(): Promise<void> {
  const [supervised, project] = [option("--supervise"), option("--project")];
  if (supervised !== undefined && project !== undefined) {
    await superviseRun(supervised, project);
  } else if (option("--deliver") !== undefined) {
    await deliverEvents(option("--deliver") as string);
  } else {
    await runStdioEngine({
      engine: { name: "datmo", version },
      protocolVersion,
      logLevel: parseLogLevel(process.env["DATMO_LOG"]),
      output: protocolOutput,
      // Loaded after `initialize` was answered: the services and what they need take longer than all the rest.
      open: async (session) => (await import("../engine.ts")).openEngine(session, environment),
    });
  }
}

/** Only datmo itself gives these, so nothing of Node's is loaded to read them. */
function option(name: string): string | undefined {
  const at = process.argv.indexOf(name);
  return at < 0 ? undefined : process.argv[at + 1];
}

/** Tells in one line on stdout that the run's command has started or why not, then owns the run to its end. */
async function superviseRun(runId: string, projectDirectory: string): Promise<void> {
  // The terminal that the run was started from has no say any more.
  process.on("SIGINT", () => {});
  process.on("SIGHUP", () => {});
  let told = false;
  const tell = (line: object): void => {
    if (!told) protocolOutput.write(`${JSON.stringify(line)}\n`);
    told = true;
  };
  try {
    const { supervise } = await import("../engine.ts");
    await supervise({ runId, projectDirectory }, environment, () => tell({ started: true }));
  } catch (error) {
    const kind = isDatmoError(error) ? error.kind : undefined;
    const reason = kind === "COMMAND_NOT_STARTED" ? (error as DatmoError).details["reason"] : undefined;
    tell({ kind, error: reason ?? (error as Error).message });
    // Its log may lie on a full disk.
    process.stderr.on("error", () => {});
    process.stderr.write(`${(error as Error).stack}\n`);
    process.exitCode = 70;
  }
}

/** Nobody listens to it, and nothing that runs is to be slower for it. */
async function deliverEvents(projectDirectory: string): Promise<void> {
  process.on("SIGINT", () => {});
  process.on("SIGHUP", () => {});
  const { setPriority } = await import("node:os");
  setPriority(10);
  const { deliverHooks } = await import("../engine.ts");
  await deliverHooks(projectDirectory, environment);
}
