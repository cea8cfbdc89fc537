import { constants } from "node:fs";
import { mkdir, open, unlink } from "node:fs/promises";
import { constants as os } from "node:os";
import { join } from "node:path";
import type { ExitFact } from "../../services/ports/drivers.ts";
import { writeFileAtomic } from "../../util/atomic-file.ts";
import type { ProcessIdentity } from "../../util/process-identity.ts";
import { lstatOf, readSmallFile } from "../../util/safe-files.ts";

/** `process.json`: who runs the command. */
export interface ProcessFile extends ProcessIdentity {
  /** The process leads a session of its own. False when it shares a terminal with the engine. */
  readonly session: boolean;
}

const LIMIT_BYTES = 4096;
/** Room for exit.json, taken before the command can fill the disk. */
const EXIT_BYTES = 100;
/** The wrapper knows this name too. */
const EXIT_ROOM = "exit.json.tmp";

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
  const { O_WRONLY, O_CREAT, O_EXCL, O_APPEND, O_NOFOLLOW = 0 } = constants;
  const room = await open(join(taskDirectory, EXIT_ROOM), O_WRONLY | O_CREAT | O_EXCL, 0o600);
  await room.writeFile(`${" ".repeat(EXIT_BYTES - 1)}\n`).finally(() => room.close());
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
  const json = await readJson(join(taskDirectory, "process.json"));
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

/** How the command ended; undefined while nobody has told. */
export async function readExitFile(taskDirectory: string): Promise<ExitFact | undefined> {
  const path = join(taskDirectory, "exit.json");
  const { exitCode, endedAt, begun } = (await readJson(path)) ?? {};
  if (typeof exitCode !== "number" || !Number.isInteger(exitCode) || exitCode < 0 || exitCode > 255)
    return undefined;
  if (typeof endedAt !== "string") return undefined;
  // `date` was missing, was killed, or knows whole seconds only: the file was written in that same moment.
  const precise = /\.\d{3}Z$/.test(endedAt) && !Number.isNaN(Date.parse(endedAt));
  const written = precise ? undefined : (await lstatOf(path))?.mtime;
  const fact = exitFact(exitCode, written ?? new Date(endedAt));
  return begun === false ? { ...fact, begun } : fact;
}

/**
 * Tells how the command ended when its wrapper could not; a wrapper that could wins. Never throws: the fact
 * stands although the folder is gone or full.
 */
export async function writeExitFile(taskDirectory: string, exitCode: number): Promise<ExitFact> {
  const fact = exitFact(exitCode, new Date());
  const { endedAt } = fact;
  const path = join(taskDirectory, "exit.json");
  const options = { sync: false, exclusive: true };
  await writeFileAtomic(path, `${JSON.stringify({ exitCode, endedAt })}\n`, options).catch(() => {});
  await unlink(join(taskDirectory, EXIT_ROOM)).catch(() => {});
  return (await readExitFile(taskDirectory)) ?? fact;
}

/** Shells tell a signal by 128 + its number; a command that exits with such a code itself looks the same. */
function exitFact(exitCode: number, endedAt: Date): ExitFact {
  const signal = Object.entries(os.signals).find(([, number]) => number === exitCode - 128)?.[0];
  return { exitCode, ...(signal ? { signal } : {}), endedAt: endedAt.toISOString() };
}

async function readJson(path: string): Promise<Readonly<Record<string, unknown>> | undefined> {
  try {
    const content = await readSmallFile(path, LIMIT_BYTES);
    const json: unknown = JSON.parse(content?.toString("utf8") ?? "null");
    return typeof json === "object" && json !== null ? (json as Record<string, unknown>) : undefined;
  } catch {
    // A link, a folder, garbage: whatever it is, it was not left by a wrapper.
    return undefined;
  }
}
