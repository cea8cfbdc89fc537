import { setTimeout } from "node:timers/promises";
import { errors } from "../../../protocol/errors.ts";
import { livenessOf, type ProcessIdentity } from "../../../util/process-identity.ts";
import { namesIn, readIfThere } from "../files/file-system.ts";
import type { ObjectStore } from "../objects/object-store.ts";

const DAY_MS = 24 * 3_600_000;
const LOOK_AGAIN_MS = 50;

export interface WorkUnderWay {
  /** Name of its file in `datmo/active`. */
  readonly name: string;
  /** When it began, by the clock of the file system. Milliseconds. */
  readonly since: number;
}

/**
 * Work that announced itself and whose process lives; what dead ones left is not told. Of a process on another host
 * nobody knows: it counts for a day. `now` is the file system's time.
 */
export async function workUnderWay(store: ObjectStore, now: number): Promise<WorkUnderWay[]> {
  const found: WorkUnderWay[] = [];
  for (const { name, since, live } of await announced(store, now)) if (live) found.push({ name, since });
  return found;
}

/** Names of announcements that dead processes left. */
export async function abandonedWork(store: ObjectStore, now: number): Promise<string[]> {
  return (await announced(store, now)).filter(({ live }) => !live).map(({ name }) => name);
}

/** True once all of this work has ended; false when some has not after `patienceMs`. */
export async function hasEnded(
  store: ObjectStore,
  work: readonly WorkUnderWay[],
  patienceMs: number,
  signal?: AbortSignal,
): Promise<boolean> {
  const until = performance.now() + patienceMs;
  for (;;) {
    const there = new Set(namesIn(store.fs, activeFolder(store)));
    if (!work.some(({ name }) => there.has(name))) return true;
    if (performance.now() >= until) return false;
    await setTimeout(LOOK_AGAIN_MS);
    if (signal?.aborted) throw errors.CANCELLED({});
  }
}

export function activeFolder(store: ObjectStore): string {
  return store.path("datmo", "active");
}

async function announced(
  store: ObjectStore,
  now: number,
): Promise<{ name: string; since: number; live: boolean }[]> {
  const found: { name: string; since: number; live: boolean }[] = [];
  for (const name of namesIn(store.fs, activeFolder(store))) {
    const path = `${activeFolder(store)}/${name}`;
    const facts = store.fs.lstatSync(path, { throwIfNoEntry: false });
    if (!facts) continue;
    const text = readIfThere(store.fs, path)?.toString("utf8") ?? "";
    found.push({ name, since: facts.mtimeMs, live: await isLive(text, now - facts.mtimeMs) });
  }
  return found;
}

async function isLive(text: string, age: number): Promise<boolean> {
  const mark = parseMark(text);
  // A moment after it was made it is still empty.
  if (!mark) return age < DAY_MS;
  if (mark.startTime === "") return isRunning(mark.pid) || (mark.host === "" && age < DAY_MS);
  const state = await livenessOf(mark);
  return state === "alive" || (state === "unknown" && age < DAY_MS);
}

function parseMark(text: string): ProcessIdentity | undefined {
  try {
    const { pid, startTime, bootId, host } = JSON.parse(text) as Partial<ProcessIdentity>;
    if (!Number.isSafeInteger(pid)) return undefined;
    return { pid: Number(pid), startTime: startTime ?? "", bootId: bootId ?? "", host: host ?? "" };
  } catch {
    return undefined;
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
