import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { writeFileAtomic } from "../../util/atomic-file.ts";
import { type ProcessIdentity, processMark } from "../../util/process-identity.ts";
import { lstatOf } from "../../util/safe-files.ts";
import { keepExitRoom, readTaskFile } from "../exit-file.ts";

/** `elsewhere.json` in a task folder: how a command that runs somewhere else is found again. */
export interface RemoteNote {
  readonly handle: string;
  /** Where its files belong on this machine. */
  readonly root: string;
  /** The process that takes in its output and end. */
  readonly owner: ProcessIdentity;
}

const NAME = "elsewhere.json";

/** Makes the task folder. Throws `EEXIST` when a command ran here before. */
export async function prepareRemote(taskDirectory: string): Promise<void> {
  await mkdir(taskDirectory, { recursive: true, mode: 0o700 });
  for (const name of [NAME, "exit.json"]) {
    if (await lstatOf(join(taskDirectory, name)))
      throw Object.assign(new Error(`${name} exists`), { code: "EEXIST" });
  }
  await keepExitRoom(taskDirectory);
}

export async function writeRemoteNote(taskDirectory: string, handle: string, root: string): Promise<void> {
  const note: RemoteNote = { handle, root, owner: processMark() };
  await writeFileAtomic(join(taskDirectory, NAME), `${JSON.stringify(note)}\n`, { sync: true });
}

/** Undefined when nothing was started, or the file is not what this driver writes. */
export async function readRemoteNote(taskDirectory: string): Promise<RemoteNote | undefined> {
  const { handle, root, owner } = (await readTaskFile(taskDirectory, NAME)) ?? {};
  if (typeof handle !== "string" || typeof root !== "string") return undefined;
  return { handle, root, owner: owner as ProcessIdentity };
}
