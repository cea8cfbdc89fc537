import { randomUUID } from "node:crypto";
import { type Command, InvalidArgumentError, Option } from "commander";
import { DatmoError } from "../../protocol/errors.ts";
import type { Run, WorkspaceKind, WorkspaceStartParams, WorkspaceStartResult } from "../../protocol/types.ts";
import type { Call } from "../call.ts";
import type { CommandModule } from "../command-module.ts";
import { EXIT, exitCodeOfRun } from "../exit-codes.ts";
import { configOf, variablesOf } from "../options/assignments.ts";
import { GPU_VALUE } from "../options/place-values.ts";
import {
  definePlaceOptions,
  type PlaceOptions,
  type PlaceParams,
  placeParams,
} from "../options/run-options.ts";
import { collect, durationOption } from "../options/values.ts";
import { runSummary } from "../render/run-summary.ts";
import { plain, shortId } from "../render/text.ts";
import { followRun } from "../running/follow-run.ts";
import { showPreparation } from "../running/show-preparation.ts";
import { workingDirectory } from "../running/working-directory.ts";
import { announce } from "../workspaces/announce.ts";
import { openInBrowser } from "../workspaces/open-browser.ts";

interface Options extends PlaceOptions {
  readonly name?: string;
  readonly tag?: readonly string[];
  readonly note?: string;
  readonly message?: string;
  readonly config?: readonly string[];
  readonly env?: readonly string[];
  /** False with `--no-browser`. */
  readonly browser?: boolean;
  readonly detach?: boolean;
  readonly ready?: number;
  readonly idle?: number;
  readonly record?: boolean;
}

/** `datmo notebook`, `jupyterlab`, `rstudio`, `terminal`. */
export function workspaceCommand(kind: WorkspaceKind): CommandModule {
  return {
    optionalValues: { "--gpu": GPU_VALUE },
    define(command) {
      command
        .option("--name <name>", "name of its run (one is made when not given)")
        .option("--tag <tag>", "a tag (repeatable)", collect)
        .option("--note <text>", "free text")
        .option("--message <text>", "message of its snapshots")
        .option("-c, --config <key=value>", "a value of its config, JSON or text (repeatable)", collect)
        .option("--env <name=value>", "an environment variable for it (repeatable)", collect);
      definePlaceOptions(command);
      if (kind !== "terminal") describePort(command);
      if (kind === "terminal") {
        command.option("--record", "keep what the terminal shows (asciicast v2) with the run");
        return;
      }
      command
        .option("--no-browser", "do not open the browser")
        .option("-d, --detach", "let it run on by itself; `datmo workspace stop` ends it")
        .option("--ready <time>", "longest wait until it answers (30s when not given)", durationOption);
      const idle = new Option("--idle <time>", "end it when nothing was done in it for this long: 2h");
      command.addOption(
        kind === "rstudio" ? idle.argParser(durationOption).hideHelp() : idle.argParser(durationOption),
      );
    },
    async run(call) {
      const options = call.options<Options>();
      const directory = await workingDirectory(call);
      const params = {
        ...startParams(kind, options, call.host.directory),
        ...(directory === undefined ? {} : { directory }),
      };
      return workIn(call, params, options.browser !== false);
    },
  };
}

/** Starts a workspace, says how to get into it, and stays until it ends. */
export async function workIn(call: Call, params: WorkspaceStartParams, browser: boolean): Promise<number> {
  if (params.kind === "terminal") return terminal(call, params);
  return params.detached ? detach(call, params, browser) : stay(call, params, browser);
}

async function stay(call: Call, params: WorkspaceStartParams, browser: boolean): Promise<number> {
  let started: WorkspaceStartResult | undefined;
  const { run } = await followRun(call, {
    silent: true,
    // Jupyter would ask back after SIGINT.
    stopSignal: "SIGTERM",
    async start(originId, signal) {
      started = await start(call, { ...params, originId }, signal);
      return started.run;
    },
    async begun() {
      if (!started) return;
      const { workspace } = started;
      if (call.json) await call.answer(started, () => "");
      else await announce(call, workspace);
      if (!call.json) await call.note("Ctrl-C ends it; what was done is kept as a snapshot.");
      if (browser) await openInBrowser(call, workspace);
    },
  });
  await tellEnd(call, run);
  return run.status === "stopped" ? EXIT.ok : exitCodeOfRun(run);
}

/** The program's last output belongs to the error. */
async function start(call: Call, params: WorkspaceStartParams, signal?: AbortSignal) {
  try {
    return await call.request("workspace.start", params, { ...(signal ? { signal } : {}), progress: true });
  } catch (error) {
    const log = error instanceof DatmoError ? error.details["log"] : undefined;
    if (typeof log === "string" && log.trim() !== "")
      await call.note(log.trimEnd().split("\n").map(plain).join("\n"));
    throw error;
  }
}

async function detach(call: Call, params: WorkspaceStartParams, browser: boolean): Promise<number> {
  const originId = randomUUID();
  const endPreparation = showPreparation(call, await call.engine(), originId);
  const result = await start(call, { ...params, originId }).finally(endPreparation);
  if (call.json) await call.answer(result, () => "");
  else await announce(call, result.workspace);
  if (!call.json) {
    const { name, runId } = result.workspace;
    await call.note(`${plain(name)} runs by itself. End it: datmo workspace stop ${shortId(runId)}`);
  }
  if (browser) await openInBrowser(call, result.workspace);
  return EXIT.ok;
}

async function terminal(call: Call, params: WorkspaceStartParams): Promise<number> {
  const ownsTerminal = call.stdout.isTerminal && call.host.stdin.isTTY === true;
  const { run, interruptedBy, midLine } = await followRun(call, {
    ownsTerminal,
    async start(originId, signal) {
      return (await start(call, { ...params, originId }, signal)).run;
    },
  });
  if (call.json) await call.answer({ run }, () => "");
  if (midLine) await call.note("");
  await tellEnd(call, run);
  return exitCodeOfRun(run, interruptedBy);
}

async function tellEnd(call: Call, run: Run): Promise<void> {
  await call.note(runSummary(run, call.noteStyle));
  if (run.error) await call.note(`${call.noteStyle.red("error:")} ${plain(run.error.message)}`);
}

function startParams(kind: WorkspaceKind, options: Options, directory: string): WorkspaceStartParams {
  const { name, tag, note, message, ready, idle } = options;
  const config = configOf(options.config);
  return {
    kind,
    ...withoutPorts(placeParams(options, directory)),
    ...(options.env === undefined ? {} : { variables: variablesOf(options.env) }),
    ...(name === undefined ? {} : { name }),
    ...(tag === undefined ? {} : { tags: tag }),
    ...(note === undefined ? {} : { note }),
    ...(message === undefined ? {} : { message }),
    ...(config === undefined ? {} : { config }),
    ...portsOf(kind, options),
    ...(ready === undefined ? {} : { readyMs: ready }),
    ...(idle === undefined ? {} : { idleMs: idle }),
    ...(options.detach ? { detached: true } : {}),
    ...(options.record ? { transcript: true } : {}),
  };
}

/** A port alone is the program's own; pairs are further ones of a container. */
function portsOf(
  kind: WorkspaceKind,
  { port = [], ports = [] }: Options,
): Pick<WorkspaceStartParams, "port" | "ports"> {
  const all = [...port, ...ports];
  const [own, ...others] = kind === "terminal" ? [] : all.filter(({ host }) => host === 0);
  if (others.length > 0)
    throw new InvalidArgumentError("Give one port for the program; others as HOST:CONTAINER.");
  const pairs = all.filter((one) => one !== own);
  return {
    ...(own === undefined ? {} : { port: own.container }),
    ...(pairs.length > 0 ? { ports: pairs } : {}),
  };
}

function describePort(command: Command): void {
  const option = command.options.find(({ long }) => long === "--port");
  if (option)
    option.description =
      "its port on this machine (the usual one, or a free one, when not given); HOST:CONTAINER for others (repeatable)";
}

function withoutPorts({ ports: _, ...rest }: PlaceParams): PlaceParams {
  return rest;
}
