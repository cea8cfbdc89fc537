import { lchown, mkdir, readdir, unlink } from "node:fs/promises";
import { join } from "node:path";
import { writeFileAtomic } from "../../util/atomic-file.ts";
import type { ProcessIdentity } from "../../util/process-identity.ts";
import { thisProcess } from "../../util/process-identity.ts";
import { isThere } from "../../util/safe-files.ts";
import { freeExitRoom, keepExitRoom, readTaskFile } from "../exit-file.ts";

/** `process.json` of a run in a container. */
export interface ContainerFile {
  readonly container: string;
  /** Where its engine listens, as DOCKER_HOST has it. */
  readonly engine: string;
  /** The process that takes in its output and its end. */
  readonly owner: ProcessIdentity;
}

/** Makes the folder (0700), owned by who runs in the container. Throws EEXIST when a command ran here before. */
export async function prepareTaskFolder(taskDirectory: string, user: string): Promise<void> {
  await mkdir(taskDirectory, { recursive: true, mode: 0o700 });
  for (const name of ["process.json", "exit.json"]) {
    if (await isThere(join(taskDirectory, name)))
      throw Object.assign(new Error(`${name} exists`), { code: "EEXIST" });
  }
  await keepExitRoom(taskDirectory);
  await giveTo(taskDirectory, user);
}

export async function writeContainerFile(
  taskDirectory: string,
  file: Omit<ContainerFile, "owner">,
): Promise<void> {
  const content = { ...file, owner: await thisProcess() };
  const path = join(taskDirectory, "process.json");
  await writeFileAtomic(path, `${JSON.stringify(content)}\n`, { sync: false });
}

/** The container never ran. */
export async function removeContainerFile(taskDirectory: string): Promise<void> {
  await unlink(join(taskDirectory, "process.json")).catch(() => {});
  await freeExitRoom(taskDirectory);
}

/** Whether a container was to be started here, whatever is left of it: the file is written before the start. */
export function hadContainer(taskDirectory: string): Promise<boolean> {
  return isThere(join(taskDirectory, "process.json"));
}

/** Undefined when no container was made here, or when the file is not what this driver writes. */
export async function readContainerFile(taskDirectory: string): Promise<ContainerFile | undefined> {
  const { container, engine, owner } = (await readTaskFile(taskDirectory, "process.json")) ?? {};
  // It goes into paths of requests, and the run could have written the file.
  if (typeof container !== "string" || !/^[0-9a-f]{12,64}$/.test(container)) return undefined;
  if (typeof engine !== "string") return undefined;
  const { pid, startTime, bootId, host } = (owner ?? {}) as Partial<ProcessIdentity>;
  if (typeof pid !== "number" || typeof startTime !== "string") return undefined;
  if (typeof bootId !== "string" || typeof host !== "string") return undefined;
  return { container, engine, owner: { pid, startTime, bootId, host } };
}

/** Only root can give away, and only root needs to: everybody else is the owner of the project. */
async function giveTo(taskDirectory: string, user: string): Promise<void> {
  const [uid = 0, gid = 0] = user.split(":").map(Number);
  if (process.getuid?.() !== 0 || uid === 0) return;
  const names = await readdir(taskDirectory);
  for (const path of [taskDirectory, ...names.map((name) => join(taskDirectory, name))]) {
    await lchown(path, uid, gid);
  }
}
