import { constants } from "node:fs";
import { mkdir, open, realpath, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { plainPathProblem } from "../../domain/plain-path.ts";
import type { RemoteFile } from "../../services/ports/drivers.ts";
import { isWithin } from "../../util/real-path.ts";

/** Bytes that `output.log` holds. */
export async function outputSize(taskDirectory: string): Promise<number> {
  return stat(join(taskDirectory, "output.log")).then(
    ({ size }) => size,
    () => 0,
  );
}

/** At its place, not at the end: two engines that take in the same bytes write the same. */
export async function writeOutput(taskDirectory: string, output: Uint8Array, at: number): Promise<void> {
  const { O_WRONLY, O_CREAT, O_NOFOLLOW = 0 } = constants;
  const log = await open(join(taskDirectory, "output.log"), O_WRONLY | O_CREAT | O_NOFOLLOW, 0o600);
  try {
    await log.write(output, 0, output.length, at);
  } finally {
    await log.close();
  }
}

/** Puts a file that a command left where it belongs; why it does not belong there. Throws what the disk says. */
export async function takeFile(
  file: RemoteFile,
  root: string,
  taskDirectory: string,
): Promise<string | undefined> {
  const folder = file.folder === "task" ? taskDirectory : root;
  if (file.refused !== undefined) return file.refused;
  const problem = plainPathProblem(file.path);
  if (problem !== undefined) return problem;
  if (isOurs(file)) return `${file.path} is a name of datmo's`;
  const path = join(folder, file.path);
  await mkdir(dirname(path), { recursive: true, mode: 0o777 });
  if (!isWithin(await realpath(folder), await realpath(dirname(path)))) {
    return `${file.path} leads out of its folder by a link`;
  }
  const { O_WRONLY, O_CREAT, O_TRUNC, O_APPEND, O_NOFOLLOW = 0 } = constants;
  const flags = O_WRONLY | O_CREAT | O_NOFOLLOW | (file.more ? O_APPEND : O_TRUNC);
  const target = await open(path, flags, file.executable ? 0o777 : 0o666);
  try {
    await target.writeFile(file.content);
  } finally {
    await target.close();
  }
  return undefined;
}

/** What tells how the run ended is said by nobody but its driver. */
function isOurs({ folder, path }: RemoteFile): boolean {
  return folder === "task" && !/^(journal|spool|files|task-files)\//.test(path);
}
