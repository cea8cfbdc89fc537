import { constants } from "node:fs";
import { mkdir, open } from "node:fs/promises";
import { join } from "node:path";
import { writeFileAtomic } from "../../util/atomic-file.ts";
import type { ProcessIdentity } from "../../util/process-identity.ts";
import { lstatOf } from "../../util/safe-files.ts";
import { keepExitRoom, readTaskFile } from "../exit-file.ts";

/** `process.json`: who runs the command. */
export interface ProcessFile extends ProcessIdentity {
  /** The process leads a session of its own. False when it shares a terminal with the engine. */
  readonly session: boolean;
}

/**
 * Makes the task folder (0700) and what the command's wrapper needs in it. Answers the descriptor of
 * output.log, opened for appending. Throws what the system says, and `EEXIST` when a command ran here before.
 */
export async function prepareTaskFolder(
  taskDirectory: string,
): Promise<{ fd: number; close(): Promise<void> }> {
  await mkdir(taskDirectory, { recursive: true, mode: 0o700 });
  for (const name of ["process.json", "exit.json"]) {
    if (await lstatOf(join(taskDirectory, name)))
      throw Object.assign(new Error(`${name} exists`), { code: "EEXIST" });
  }
  await keepExitRoom(taskDirectory);
  const { O_WRONLY, O_CREAT, O_APPEND, O_NOFOLLOW = 0 } = constants;
  const output = await open(
    join(taskDirectory, "output.log"),
    O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW,
    0o600,
  );
  return { fd: output.fd, close: () => output.close() };
}

/** Told to the task folder before the command starts. */
export async function writeProcessFile(taskDirectory: string, file: ProcessFile): Promise<void> {
  await writeFileAtomic(join(taskDirectory, "process.json"), `${JSON.stringify(file)}\n`, { sync: false });
}

/** Undefined when no command was started here, or when the file is not what this driver writes. */
export async function readProcessFile(taskDirectory: string): Promise<ProcessFile | undefined> {
  const json = await readTaskFile(taskDirectory, "process.json");
  const { pid, startTime, bootId, host, session } = json ?? {};
  // Process 1 and below are never a command of ours, and signalling them hits everything.
  if (typeof pid !== "number" || !Number.isSafeInteger(pid) || pid <= 1) return undefined;
  if (typeof startTime !== "string" || typeof bootId !== "string" || typeof host !== "string")
    return undefined;
  return { pid, startTime, bootId, host, session: session !== false };
}

/** Whether a command was given a process here, whatever is left of it. */
export async function hadProcess(taskDirectory: string): Promise<boolean> {
  return (await lstatOf(join(taskDirectory, "process.json"))) !== undefined;
}
