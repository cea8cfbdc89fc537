import { type ChildProcess, type StdioOptions, spawn } from "node:child_process";
import { once } from "node:events";
import { stat } from "node:fs/promises";
import { constants as os } from "node:os";
import { resolve } from "node:path";
import type { Duplex } from "node:stream";
import { isatty } from "node:tty";
import { DatmoError, errors } from "../../protocol/errors.ts";
import type {
  Driver,
  ExitFact,
  ProcessState,
  StartedProcess,
  StartSpec,
} from "../../services/ports/drivers.ts";
import { identityOf, livenessOf } from "../../util/process-identity.ts";
import { readExitFile, writeExitFile } from "../exit-file.ts";
import { findMembers } from "./members.ts";
import { killLeftovers, type StopOptions, stopRun } from "./stop.ts";
import {
  hadProcess,
  type ProcessFile,
  prepareTaskFolder,
  readProcessFile,
  writeProcessFile,
} from "./task-files.ts";
import { finishTranscript, recordedCommand } from "./transcript.ts";
import { wrapperArguments } from "./wrapper.ts";

export interface HostDriverOptions {
  /** What an interactive command gets; default this process's own three. */
  readonly terminal?: { readonly stdin: number; readonly stdout: number; readonly stderr: number };
}

/**
 * Runs commands on this machine as it is.
 *
 * Output goes to `output.log` by descriptor, the exit code to `exit.json`; neither needs the engine. The one
 * exception: an interactive command on a terminal writes to that terminal, and its output is not recorded.
 * `signal` of an end is told by the code (128 + n), as shells do.
 */
export function createHostDriver(options: HostDriverOptions = {}): Driver {
  const terminal = options.terminal ?? { stdin: 0, stdout: 1, stderr: 2 };
  return {
    name: "host",
    start: (spec) => startCommand(spec, terminal),
    inspect: inspectRun,
    stop: (taskDirectory, stopOptions: StopOptions) => stopRun(taskDirectory, stopOptions),
    usage: async (taskDirectory, root) =>
      (await import("./usage.ts")).watchProcesses({ taskDirectory, ...(root ? { root } : {}) }),
  };
}

type Terminal = NonNullable<HostDriverOptions["terminal"]>;

async function startCommand(spec: StartSpec, terminal: Terminal): Promise<StartedProcess> {
  const directory = resolve(spec.directory);
  await checkSpec(spec, directory);
  try {
    const output = await prepareTaskFolder(spec.taskDirectory);
    try {
      return await launch(spec, directory, terminal, output.fd);
    } finally {
      await output.close();
    }
  } catch (error) {
    throw startError(error, spec);
  }
}

async function checkSpec(spec: StartSpec, directory: string): Promise<void> {
  if (spec.command.kind === "argv" && !spec.command.argv[0]) {
    throw errors.COMMAND_NOT_STARTED({ reason: "no command was given" });
  }
  const found = await stat(directory).catch(() => undefined);
  if (!found?.isDirectory()) {
    throw errors.COMMAND_NOT_STARTED({ reason: `the working directory ${directory} does not exist` });
  }
}

async function launch(
  spec: StartSpec,
  directory: string,
  terminal: Terminal,
  output: number,
): Promise<StartedProcess> {
  const onTerminal = spec.interactive && isatty(terminal.stdin);
  const recorded = onTerminal && isatty(terminal.stdout) ? spec.transcript : undefined;
  const { environment } = spec;
  const command =
    recorded === undefined ? spec.command : recordedCommand(spec.command, recorded, environment, directory);
  const child = spawn("/bin/sh", wrapperArguments(command, directory, environment), {
    cwd: spec.taskDirectory,
    env: environment,
    // A session of its own survives the engine and its terminal; on a terminal it must share the engine's.
    detached: !onTerminal,
    stdio: standardStreams(spec, terminal, output),
  });
  // Without room for one more process or pipe there is a child object, and nothing in it.
  if (child.pid === undefined) throw (await once(child, "error"))[0];
  const ended = once(child, "exit") as Promise<[number | null, NodeJS.Signals | null]>;
  ended.catch(() => {});
  const gate = child.stdio[3] as Duplex;
  const told = await tellProcess(child, gate, spec.taskDirectory, !onTerminal).catch((error: unknown) => {
    // The wrapper sees the gate close without a word, and starts nothing.
    gate.destroy();
    throw error;
  });
  const begun = Promise.race([once(gate, "data"), once(gate, "close")]);
  gate.write("go\n");
  await begun;
  gate.destroy();
  const exited = ended.then(([code, name]) => exitOf(spec.taskDirectory, told, code, name));
  return {
    pid: told.pid,
    // A transcript that cannot be made changes nothing about the end.
    exited:
      recorded === undefined
        ? exited
        : exited.finally(() => finishTranscript(recorded).catch(() => undefined)),
  };
}

function standardStreams(spec: StartSpec, terminal: Terminal, output: number): StdioOptions {
  if (!spec.interactive) return ["ignore", output, output, "pipe"];
  if (isatty(terminal.stdin) && isatty(terminal.stdout)) {
    return [terminal.stdin, terminal.stdout, terminal.stderr, "pipe"];
  }
  return [terminal.stdin, output, output, "pipe"];
}

async function tellProcess(
  child: ChildProcess,
  gate: Duplex,
  taskDirectory: string,
  session: boolean,
): Promise<ProcessFile> {
  await once(child, "spawn");
  const ready = once(gate, "data");
  const identity = await identityOf(child.pid!);
  const closed = once(gate, "close").then(() => undefined);
  gate.on("error", () => {});
  if (!(await Promise.race([ready, closed])) || !identity) {
    throw errors.COMMAND_NOT_STARTED({ reason: "its shell was killed at once" });
  }
  const file = { ...identity, session };
  await writeProcessFile(taskDirectory, file);
  return file;
}

/** The wrapper has ended. When it was killed, what it ran must not outlive the run, and nobody told the code. */
async function exitOf(
  taskDirectory: string,
  file: ProcessFile,
  code: number | null,
  name: NodeJS.Signals | null,
): Promise<ExitFact> {
  const fact = await readExitFile(taskDirectory);
  if (fact) return fact;
  if (name) await killLeftovers(taskDirectory, file);
  return writeExitFile(taskDirectory, code ?? 128 + (os.signals[name ?? "SIGKILL"] ?? 9));
}

async function inspectRun(taskDirectory: string): Promise<ProcessState> {
  const told = await readExitFile(taskDirectory);
  if (told) return { state: "ended", exit: told };
  const file = await readProcessFile(taskDirectory);
  if (!file)
    return (await hadProcess(taskDirectory)) ? { state: "gone" } : { state: "gone", unstarted: true };
  // On another host nobody can tell; a run must not be called lost by a guess.
  if ((await livenessOf(file)) !== "gone") return { state: "alive", pid: file.pid };
  // It may have ended between the two looks.
  const exit = await readExitFile(taskDirectory);
  if (exit) return { state: "ended", exit };
  const { others } = await findMembers(taskDirectory, file);
  return others.length > 0 ? { state: "alive", pid: file.pid } : { state: "gone" };
}

function startError(error: unknown, spec: StartSpec): Error {
  if (error instanceof DatmoError) return error;
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === "ENOSPC" || code === "EDQUOT") {
    return errors.DISK_FULL({ operation: "the run", directory: spec.taskDirectory }, { cause: error });
  }
  if (code === "EROFS") return errors.READ_ONLY({ reason: message }, { cause: error });
  const reason =
    code === "EEXIST"
      ? `a command was started in ${spec.taskDirectory} before`
      : code === "E2BIG"
        ? "the command and its environment are too long for this system"
        : message;
  return errors.COMMAND_NOT_STARTED({ reason }, { cause: error });
}
