import { randomBytes } from "node:crypto";
import { link, open, rename, stat, unlink } from "node:fs/promises";
import { livenessOf, type ProcessIdentity, thisProcess } from "../../util/process-identity.ts";
import { isThere, readSmallFile } from "../../util/safe-files.ts";

const LIMIT_BYTES = 4096;
/** A claim of a process that nobody here can see (on another host) holds this long. */
const UNKNOWN_MS = 10 * 60 * 1000;

/**
 * Takes a claim for this process: a file that one process only can make. False when one that lives holds it,
 * this one too; nothing is waited for. A claim is a hint that saves double work, no lock: whoever loses it may go on.
 */
export async function takeClaim(path: string): Promise<boolean> {
  const own = await thisProcess();
  if (await create(path, own)) return true;
  if (!(await isStale(path))) return false;
  return (await takeAway(path)) && create(path, own);
}

/** Gives a claim back; one that is not there is fine. */
export async function releaseClaim(path: string): Promise<void> {
  await unlink(path).catch(ignoreMissing);
}

/** Whether a process that lives holds it. */
export async function isClaimed(path: string): Promise<boolean> {
  return (await isThere(path)) && !(await isStale(path));
}

async function create(path: string, own: ProcessIdentity): Promise<boolean> {
  try {
    const handle = await open(path, "wx", 0o600);
    await handle.writeFile(`${JSON.stringify(own)}\n`).finally(() => handle.close());
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
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

async function isStale(path: string): Promise<boolean> {
  const holder = await holderOf(path);
  const state = holder ? await livenessOf(holder) : "unknown";
  if (state !== "unknown") return state === "gone";
  // Without a holder it was made a moment ago, or its maker died in that moment.
  const facts = await stat(path).catch(() => undefined);
  return facts !== undefined && Date.now() - facts.mtimeMs > UNKNOWN_MS;
}

/** Removes a stale claim. False when it was another one by then, which is put back. */
async function takeAway(path: string): Promise<boolean> {
  const aside = `${path}.${randomBytes(6).toString("hex")}.tmp`;
  try {
    await rename(path, aside);
  } catch (error) {
    ignoreMissing(error as NodeJS.ErrnoException);
    return true;
  }
  const stale = await isStale(aside);
  if (!stale) await link(aside, path).catch(() => undefined);
  await unlink(aside).catch(ignoreMissing);
  return stale;
}

function ignoreMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== "ENOENT") throw error;
}
