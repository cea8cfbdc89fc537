import { appendFile, mkdir, readdir, rm, stat, unlink } from "node:fs/promises";
import { join } from "node:path";
import type { HookEvent } from "../../protocol/types.ts";
import type { HookOutbox, WaitingEvent } from "../../services/ports/hooks.ts";
import { writeFileAtomic } from "../../util/atomic-file.ts";
import { isThere, readSmallFile } from "../../util/safe-files.ts";
import { isClaimed, releaseClaim, takeClaim } from "./claims.ts";

/** Events that wait for one plugin; above it they are counted, and lost. */
const MOST_WAITING = 1_000;
const MOST_BYTES = 16 * 1024;
const PLUGIN = /^[a-z][a-z0-9-]{0,49}$/;
const KEY = /^[0-9a-z-]{1,80}$/;
const ENDING = ".json";

/** The outbox in a folder, which is made by the first event: `<plugin>/<key>.json`. */
export function openHookOutbox(directory: string): HookOutbox {
  const claim = join(directory, "deliverer.claim");
  const folderOf = (plugin: string): string => join(directory, plugin);
  const pathOf = (plugin: string, key: string): string => join(folderOf(plugin), key + ENDING);
  const missedPath = (plugin: string): string => join(folderOf(plugin), "missed");

  async function miss(plugin: string, count: number): Promise<void> {
    await mkdir(folderOf(plugin), { recursive: true, mode: 0o700 });
    // A byte for each: several processes may add at once.
    await appendFile(missedPath(plugin), ".".repeat(count), { mode: 0o600 });
  }

  return {
    async put(plugin, { key, ...waiting }) {
      if ((await keysIn(folderOf(plugin))).length >= MOST_WAITING) {
        await miss(plugin, 1);
        return false;
      }
      await mkdir(folderOf(plugin), { recursive: true, mode: 0o700 });
      await writeFileAtomic(pathOf(plugin, key), JSON.stringify({ v: 1, ...waiting }), { sync: false });
      return true;
    },
    waits: (plugin, key) => isThere(pathOf(plugin, key)),
    async plugins() {
      const found: string[] = [];
      for (const name of await names(directory)) {
        if (PLUGIN.test(name) && (await keysIn(folderOf(name))).length > 0) found.push(name);
      }
      return found;
    },
    async oldest(plugin, most) {
      const found: WaitingEvent[] = [];
      for (const key of await keysIn(folderOf(plugin))) {
        if (found.length === most) break;
        const waiting = await read(pathOf(plugin, key));
        if (waiting) found.push({ key, ...waiting });
        else await unlink(pathOf(plugin, key)).catch(() => undefined);
      }
      return found;
    },
    async remove(plugin, keys) {
      for (const key of keys) await unlink(pathOf(plugin, key)).catch(() => undefined);
    },
    miss,
    async missed(plugin) {
      return (await stat(missedPath(plugin)).catch(() => undefined))?.size ?? 0;
    },
    async clearMissed(plugin) {
      if (PLUGIN.test(plugin)) await rm(missedPath(plugin), { force: true });
    },
    async forget(plugin) {
      if (PLUGIN.test(plugin)) await rm(folderOf(plugin), { recursive: true, force: true, maxRetries: 3 });
    },
    async claim() {
      // Not the folders above: the project may have been removed.
      await mkdir(directory, { mode: 0o700 }).catch(() => undefined);
      return takeClaim(claim).catch(() => false);
    },
    release: () => releaseClaim(claim),
    isClaimed: () => isClaimed(claim),
  };
}

async function keysIn(folder: string): Promise<string[]> {
  const keys = (await names(folder)).flatMap((name) =>
    name.endsWith(ENDING) ? [name.slice(0, -ENDING.length)] : [],
  );
  return keys.filter((key) => KEY.test(key)).sort();
}

function names(folder: string): Promise<string[]> {
  return readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return [];
    throw error;
  });
}

const TEXTS = ["id", "at", "runId", "runName", "status", "snapshotId"] as const;
const NUMBERS = ["exitCode", "from", "to"] as const;

/** Whoever can write here could say anything: only what an event has is taken, of the right type. */
async function read(path: string): Promise<Omit<WaitingEvent, "key"> | undefined> {
  try {
    const bytes = await readSmallFile(path, MOST_BYTES);
    const { event, data } = JSON.parse(bytes?.toString("utf8") ?? "null") as Record<string, unknown>;
    const given = data as Record<string, unknown>;
    const taken: Record<string, unknown> = {};
    for (const name of TEXTS) if (typeof given[name] === "string") taken[name] = given[name];
    for (const name of NUMBERS) if (Number.isSafeInteger(given[name])) taken[name] = given[name];
    if (typeof given["visible"] === "boolean") taken["visible"] = given["visible"];
    const sound =
      typeof event === "string" && typeof taken["id"] === "string" && typeof taken["at"] === "string";
    return sound ? { event, data: taken as unknown as HookEvent } : undefined;
  } catch {
    return undefined;
  }
}
