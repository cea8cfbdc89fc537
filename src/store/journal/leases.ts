import { randomBytes } from "node:crypto";
import { link, open, readdir, stat, unlink, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Lease } from "../../services/ports/queue.ts";
import { livenessOf, type ProcessIdentity, thisProcess } from "../../util/process-identity.ts";
import { readSmallFile } from "../../util/safe-files.ts";

const LIMIT_BYTES = 4096;
/** How often a lease is renewed, for those on other hosts who cannot see its process. */
const RENEW_MS = 60_000;
/** A lease of a process that nobody here can see holds this long after it was renewed. */
const UNKNOWN_MS = 10 * RENEW_MS;

/*
 * A lease is the file `<name>.<n>.lease` with the identity of its process; the highest n counts. It is taken by
 * making the next number, which one process only can do. A dead holder's file stays where it is until the whole
 * matter is finished: so whoever looked before somebody else took it comes too late, instead of taking it away.
 */

/** Takes the lease of a name. Undefined when somebody who lives has it. `finished` ends the matter it is about. */
export async function takeLease(
  directory: string,
  name: string,
  finished: () => Promise<void>,
): Promise<Lease | undefined> {
  const top = highest(await numbersOf(directory, name));
  if (top > 0 && !(await isStale(pathOf(directory, name, top)))) return undefined;
  const path = pathOf(directory, name, top + 1);
  if (!(await create(path, await thisProcess()))) return undefined;
  const renewing = setInterval(() => void renew(path), RENEW_MS).unref();
  return {
    isHeld: async () => highest(await numbersOf(directory, name)) === top + 1,
    async release() {
      clearInterval(renewing);
      await unlink(path).catch(ignoreMissing);
    },
    async finish() {
      clearInterval(renewing);
      await finished();
      for (const number of await numbersOf(directory, name)) {
        if (number <= top + 1) await unlink(pathOf(directory, name, number)).catch(ignoreMissing);
      }
    },
  };
}

/** Whether somebody who lives has the lease. */
export async function isLeased(directory: string, name: string): Promise<boolean> {
  const top = highest(await numbersOf(directory, name));
  return top > 0 && !(await isStale(pathOf(directory, name, top)));
}

/** Removes what processes left that were killed while they wrote, or when only leases were left. `names`: of the folder. */
export async function sweepLeases(
  directory: string,
  names: readonly string[],
  isFinished: (name: string) => boolean,
): Promise<void> {
  for (const file of names) {
    const name = /^(.+)\.\d+\.lease$/.exec(file)?.[1];
    if (name === undefined ? !file.endsWith(".tmp") : !isFinished(name)) continue;
    const path = join(directory, file);
    // Whoever looked at it before is long done by then.
    const facts = await stat(path).catch(() => undefined);
    if (!facts || Date.now() - facts.mtimeMs < UNKNOWN_MS) continue;
    if (name === undefined || (await isStale(path))) await unlink(path).catch(ignoreMissing);
  }
}

async function numbersOf(directory: string, name: string): Promise<number[]> {
  const files = (await readdir(directory).catch(ignoreMissing)) ?? [];
  const numbers: number[] = [];
  for (const file of files) {
    if (!file.startsWith(`${name}.`)) continue;
    const number = /^\.(\d+)\.lease$/.exec(file.slice(name.length))?.[1];
    if (number !== undefined) numbers.push(Number(number));
  }
  return numbers;
}

function highest(numbers: readonly number[]): number {
  return Math.max(0, ...numbers);
}

function pathOf(directory: string, name: string, number: number): string {
  return join(directory, `${name}.${number}.lease`);
}

/** With its content from the beginning, where the file system has hard links. False: somebody was faster. */
async function create(path: string, own: ProcessIdentity): Promise<boolean> {
  const text = `${JSON.stringify(own)}\n`;
  const temporary = `${path}.${randomBytes(6).toString("hex")}.tmp`;
  await writeFile(temporary, text, { mode: 0o600, flag: "wx" });
  try {
    await link(temporary, path);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EEXIST") return false;
    if (!["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EMLINK"].includes(code ?? "")) throw error;
    return createInPlace(path, text);
  } finally {
    await unlink(temporary).catch(ignoreMissing);
  }
}

async function createInPlace(path: string, text: string): Promise<boolean> {
  try {
    const handle = await open(path, "wx", 0o600);
    await handle.writeFile(text).finally(() => handle.close());
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

/** Its process is gone, or was not heard of for long. One that is not there any more was given back. */
async function isStale(path: string): Promise<boolean> {
  const facts = await stat(path).catch(ignoreMissing);
  if (!facts) return true;
  const holder = await holderOf(path);
  const state = holder ? await livenessOf(holder) : "unknown";
  return state === "unknown" ? Date.now() - facts.mtimeMs > UNKNOWN_MS : state === "gone";
}

async function holderOf(path: string): Promise<ProcessIdentity | undefined> {
  try {
    const content = await readSmallFile(path, LIMIT_BYTES);
    const { pid, startTime, bootId, host } = JSON.parse(content?.toString("utf8") ?? "{}");
    const texts = [startTime, bootId, host].every((field) => typeof field === "string");
    return Number.isSafeInteger(pid) && texts ? { pid, startTime, bootId, host } : undefined;
  } catch {
    return undefined;
  }
}

async function renew(path: string): Promise<void> {
  const now = new Date();
  await utimes(path, now, now).catch(() => undefined);
}

function ignoreMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== "ENOENT") throw error;
  return undefined;
}
