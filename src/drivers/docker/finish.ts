import { uptime } from "node:os";
import type { Readable } from "node:stream";
import type { ExitFact, ProcessState } from "../../services/ports/drivers.ts";
import { identityOf } from "../../util/process-identity.ts";
import { readExitFile, writeExitFile } from "../exit-file.ts";
import type { Connection } from "./connection.ts";
import { type ContainerState, removeContainer } from "./container-state.ts";
import { copyOutput } from "./copy-output.ts";
import type { EngineError } from "./engine-errors.ts";
import { openOutputLog } from "./output-log.ts";
import type { ContainerFile } from "./task-folder.ts";

/**
 * Leaves the end of a container in the task folder. The code is the command's own; that memory ran out is told apart,
 * for the command may have lived on.
 */
export function leaveExit(taskDirectory: string, state: ContainerState): Promise<ExitFact> {
  const { ExitCode: code, FinishedAt: finishedAt, OOMKilled: outOfMemory } = state.State;
  const endedAt = new Date(finishedAt);
  return writeExitFile(taskDirectory, code & 0xff, {
    // An engine that did not see the end has no time for it.
    ...(endedAt.getTime() > 0 ? { endedAt } : {}),
    outOfMemory,
  });
}

/** Removes a container whose output and end are in the task folder. */
export async function removeEnded(
  connection: Connection,
  taskDirectory: string,
  container: string,
): Promise<void> {
  // A disk that did not even take the end: the engine goes on knowing it.
  if (await readExitFile(taskDirectory)) await removeContainer(connection, container).catch(() => {});
}

/**
 * Takes what is missing in output.log from the engine's own record of an ended container. `afresh`: all of it, for
 * what lies here may be damaged.
 */
export async function recoverOutput(
  connection: Connection,
  taskDirectory: string,
  state: ContainerState,
  afresh = false,
): Promise<void> {
  // A terminal's output went to the terminal and is not recorded.
  if (state.Config.Tty) return;
  const log = await openOutputLog(taskDirectory, afresh);
  try {
    const source = await recordedOutput(connection, state.Id);
    if (source) await copyOutput(source, log, log.taken());
  } finally {
    await log.close();
  }
}

/** The end of a container whose owner is gone, from the engine's record of it. */
export async function collectEnded(
  connection: Connection,
  taskDirectory: string,
  file: ContainerFile,
  state: ContainerState,
): Promise<ProcessState> {
  const rebooted = (await identityOf(process.pid))?.bootId !== file.owner.bootId;
  await recoverOutput(connection, taskDirectory, state, rebooted);
  if (rebooted && wasCutOff(state)) {
    await removeContainer(connection, state.Id).catch(() => {});
    return { state: "gone" };
  }
  const exit = await leaveExit(taskDirectory, state);
  await removeEnded(connection, taskDirectory, state.Id);
  return { state: "ended", exit };
}

/** The machine went down under it: the engine found it dead at its own start, and 255 is no code of the command. */
function wasCutOff(state: ContainerState): boolean {
  const bootedAt = Date.now() - uptime() * 1000;
  return state.State.ExitCode === 255 && Date.parse(state.State.FinishedAt) >= bootedAt;
}

/** Undefined when the engine kept none. */
async function recordedOutput(connection: Connection, id: string): Promise<Readable | undefined> {
  try {
    // `follow` of a container that has ended ends with its output. Without it the library would gather all of it in
    // memory, and as text.
    const options = { follow: true as const, stdout: true, stderr: true };
    return (await (await connection.library()).getContainer(id).logs(options)) as Readable;
  } catch (error) {
    const { statusCode } = error as EngineError;
    if (statusCode === 501 || statusCode === 404) return undefined;
    throw error;
  }
}
