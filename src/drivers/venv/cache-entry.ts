import { randomBytes } from "node:crypto";
import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { errors } from "../../protocol/errors.ts";
import type { Venv } from "../../services/ports/venvs.ts";
import { writeFileAtomic } from "../../util/atomic-file.ts";
import { executableAt } from "../../util/executables.ts";
import { livenessOf, type ProcessIdentity, thisProcess } from "../../util/process-identity.ts";
import { removeFolder } from "../../util/remove-folder.ts";

/*
 * One folder per key: `ready.json`, `claim.json`, and a folder per attempt. A venv knows its own path, so it cannot
 * be moved when it is done: every attempt has a path of its own for ever, and the first one that is done is named in
 * `ready.json`. So whatever is left of a killed maker, its pip included, writes where nobody looks. The claim only
 * saves work: were two to make one venv at once, the second would find the first one's and drop its own.
 */

interface Claim {
  readonly v: 1;
  readonly attempt: string;
  readonly owner: ProcessIdentity;
}

interface Ready {
  readonly v: 1;
  readonly venv: Venv;
}

/** Between two looks at somebody else's work, milliseconds. */
const LOOK_MS = 100;
/** The maker shows that it lives by touching its claim. */
const TOUCH_MS = 5_000;
/** A claim of another machine that was not touched for so long is nobody's. */
const ABANDONED_MS = 60_000;
/** In an attempt that came to its end. */
const DONE = "done";
/** How long a venv stays that was made anew, for the runs that use it: 30 days. */
const KEPT_MS = 30 * 24 * 3600 * 1000;

export interface Making {
  /** Waits while somebody else makes it. */
  waiting(pid: number): void;
  /** Makes it at a path that is its own; the folder is there. */
  make(attempt: string): Promise<Venv>;
  readonly signal?: AbortSignal;
}

/** The venv when it is whole and its Python is still there. */
export async function readyVenv(folder: string): Promise<Venv | undefined> {
  const ready = await readJson<Ready>(join(folder, "ready.json"));
  if (ready?.v !== 1) return undefined;
  const { venv } = ready;
  const programs = process.platform === "win32" ? "Scripts" : "bin";
  if (venv.directory !== undefined && !executableAt(join(venv.directory, programs, "python")))
    return undefined;
  if (venv.r !== undefined && !(await stat(venv.r.library).catch(() => undefined))) return undefined;
  // Under another path (a cache that was moved) its programs would start what was there.
  return [venv.directory, venv.r?.library].every((path) => path === undefined || path.startsWith(folder))
    ? venv
    : undefined;
}

/** The venv, made by whoever comes first. */
export async function makeOnce(folder: string, making: Making): Promise<{ venv: Venv; made: boolean }> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  for (;;) {
    if (making.signal?.aborted) throw errors.CANCELLED({});
    const ready = await readyVenv(folder);
    if (ready) return { venv: ready, made: false };
    const attempt = randomBytes(6).toString("hex");
    if (await claim(folder, attempt)) return await carryOut(folder, attempt, making);
    const owner = await aliveOwner(folder);
    if (owner === undefined) continue;
    making.waiting(owner);
    await sleep(LOOK_MS);
  }
}

/** The next one who asks makes it anew. What is there stays for the runs that use it. */
export async function forget(folder: string): Promise<void> {
  await rm(join(folder, "ready.json"), { force: true });
}

async function carryOut(folder: string, attempt: string, making: Making) {
  const claimFile = join(folder, "claim.json");
  const touch = setInterval(() => {
    const now = new Date();
    utimes(claimFile, now, now).catch(() => undefined);
  }, TOUCH_MS);
  const place = join(folder, attempt);
  try {
    // Between our look and our claim it may have been done.
    const ready = await readyVenv(folder);
    if (ready) return { venv: ready, made: false };
    await rm(join(folder, "ready.json"), { force: true });
    await sweep(folder);
    await mkdir(place, { mode: 0o700 });
    const venv = await making.make(place);
    await writeFile(join(place, DONE), "");
    const content = `${JSON.stringify({ v: 1, venv } satisfies Ready)}\n`;
    const first = await writeFileAtomic(join(folder, "ready.json"), content, { exclusive: true });
    if (first) return { venv, made: true };
    const theirs = await readyVenv(folder);
    if (theirs) await removeFolder(place);
    return { venv: theirs ?? venv, made: theirs === undefined };
  } catch (error) {
    await removeFolder(place).catch(() => undefined);
    // Somebody who took us for gone has made it meanwhile.
    const theirs = making.signal?.aborted ? undefined : await readyVenv(folder);
    if (theirs) return { venv: theirs, made: false };
    throw error;
  } finally {
    clearInterval(touch);
    await rm(claimFile, { force: true }).catch(() => undefined);
  }
}

async function claim(folder: string, attempt: string): Promise<boolean> {
  const content: Claim = { v: 1, attempt, owner: await thisProcess() };
  return writeFileAtomic(join(folder, "claim.json"), JSON.stringify(content), {
    exclusive: true,
    sync: false,
  });
}

/** The process that is making it; undefined when there is none, and then its claim is taken away. */
async function aliveOwner(folder: string): Promise<number | undefined> {
  const file = join(folder, "claim.json");
  const [held, facts] = await Promise.all([readJson<Claim>(file), stat(file).catch(() => undefined)]);
  if (!facts) return undefined;
  const liveness = held?.owner ? await livenessOf(held.owner) : "unknown";
  const quiet = Date.now() - facts.mtimeMs > ABANDONED_MS;
  if (liveness === "alive" || (liveness === "unknown" && !quiet)) return held?.owner?.pid ?? 0;
  const aside = join(folder, `gone-${randomBytes(6).toString("hex")}`);
  // Only one of those who found it out gets to rename it.
  await rename(file, aside).catch(() => undefined);
  await rm(aside, { force: true });
  return undefined;
}

/** Attempts that came to nothing, and venvs that were made anew so long ago that no run has them any more. */
async function sweep(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (!/^[0-9a-f]{12}$/.test(name)) continue;
    const done = await stat(join(folder, name, DONE)).catch(() => undefined);
    if (done && Date.now() - done.mtimeMs < KEPT_MS) continue;
    await removeFolder(join(folder, name)).catch(() => undefined);
  }
}

async function readJson<T>(path: string): Promise<T | undefined> {
  try {
    return JSON.parse(await readFile(path, "utf8")) as T;
  } catch {
    return undefined;
  }
}
