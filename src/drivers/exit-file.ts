import { constants } from "node:fs";
import { open, unlink } from "node:fs/promises";
import { constants as os } from "node:os";
import { join } from "node:path";
import type { ExitFact } from "../services/ports/drivers.ts";
import { writeFileAtomic } from "../util/atomic-file.ts";
import { lstatOf, readSmallFile } from "../util/safe-files.ts";

/** Room for exit.json, so that a full disk still takes it. The host's wrapper knows this name too. */
const EXIT_ROOM = "exit.json.tmp";

const EXIT_BYTES = 100;
const LIMIT_BYTES = 4096;

/** How the command ended; undefined while nobody has told. */
export async function readExitFile(taskDirectory: string): Promise<ExitFact | undefined> {
  const path = join(taskDirectory, "exit.json");
  const { exitCode, endedAt, outOfMemory, begun } = (await readTaskFile(taskDirectory, "exit.json")) ?? {};
  if (typeof exitCode !== "number" || !Number.isInteger(exitCode) || exitCode < 0 || exitCode > 255)
    return undefined;
  if (typeof endedAt !== "string") return undefined;
  // `date` was missing, was killed, or knows whole seconds only: the file was written in that same moment.
  const precise = /\.\d{3}Z$/.test(endedAt) && !Number.isNaN(Date.parse(endedAt));
  const written = precise ? undefined : (await lstatOf(path))?.mtime;
  const fact = exitFact(exitCode, written ?? new Date(endedAt), outOfMemory === true);
  return begun === false ? { ...fact, begun } : fact;
}

/**
 * Tells how the command ended when its wrapper could not; a wrapper that could wins. Never throws: the fact
 * stands although the folder is gone or full.
 */
export async function writeExitFile(
  taskDirectory: string,
  exitCode: number,
  more: { readonly endedAt?: Date; readonly outOfMemory?: boolean } = {},
): Promise<ExitFact> {
  const fact = exitFact(exitCode, more.endedAt ?? new Date(), more.outOfMemory === true);
  const { endedAt, outOfMemory } = fact;
  const path = join(taskDirectory, "exit.json");
  const content = { exitCode, endedAt, ...(outOfMemory ? { outOfMemory } : {}) };
  const write = () => writeFileAtomic(path, `${JSON.stringify(content)}\n`, { sync: false, exclusive: true });
  await write().catch(async () => {
    await freeExitRoom(taskDirectory);
    await write().catch(() => {});
  });
  await freeExitRoom(taskDirectory);
  return (await readExitFile(taskDirectory)) ?? fact;
}

/** Takes the room for exit.json before a command can fill the disk. Throws EEXIST when it is taken. */
export async function keepExitRoom(taskDirectory: string): Promise<void> {
  const { O_WRONLY, O_CREAT, O_EXCL } = constants;
  const room = await open(join(taskDirectory, EXIT_ROOM), O_WRONLY | O_CREAT | O_EXCL, 0o600);
  await room.writeFile(`${" ".repeat(EXIT_BYTES - 1)}\n`).finally(() => room.close());
}

export async function freeExitRoom(taskDirectory: string): Promise<void> {
  await unlink(join(taskDirectory, EXIT_ROOM)).catch(() => {});
}

/** A small JSON object in a task folder; undefined for anything else, for a run may have put it there. */
export async function readTaskFile(
  taskDirectory: string,
  name: string,
): Promise<Readonly<Record<string, unknown>> | undefined> {
  try {
    const content = await readSmallFile(join(taskDirectory, name), LIMIT_BYTES);
    const json: unknown = JSON.parse(content?.toString("utf8") ?? "null");
    return typeof json === "object" && json !== null ? (json as Record<string, unknown>) : undefined;
  } catch {
    // A link, a folder, garbage: whatever it is, it was not left by a driver.
    return undefined;
  }
}

/** Shells tell a signal by 128 + its number; a command that exits with such a code itself looks the same. */
function exitFact(exitCode: number, endedAt: Date, outOfMemory: boolean): ExitFact {
  const signal = Object.entries(os.signals).find(([, number]) => number === exitCode - 128)?.[0];
  return {
    exitCode,
    ...(signal ? { signal } : {}),
    endedAt: endedAt.toISOString(),
    ...(outOfMemory ? { outOfMemory } : {}),
  };
}
