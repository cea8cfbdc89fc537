import { mkdir, readdir, unlink } from "node:fs/promises";
import { join } from "node:path";
import { isId } from "../../domain/ids.ts";
import type { Queue, QueueEntry } from "../../services/ports/queue.ts";
import { syncFolder, writeFileAtomic } from "../../util/atomic-file.ts";
import { readSmallFile, UnusableFile } from "../../util/safe-files.ts";
import { isLeased, sweepLeases, takeLease } from "./leases.ts";

/** A plan may hold a config of this size. */
const LIMIT_BYTES = 64 * 1024 * 1024;
/** `<milliseconds, hexadecimal>-<run>.json`, so that the order of names is the order of the queue. */
const ENTRY = /^([0-9a-f]{12})-([a-z2-7]{26})\.json$/;

/** The queue in a folder, which is made when the first run is put in. */
export function openQueue(directory: string): Queue {
  const seen = new Map<string, Pick<QueueEntry, "gpu" | "sweepId">>();

  async function namesOf(runId: string): Promise<string[]> {
    const names = await list(directory);
    return names.filter((name) => ENTRY.exec(name)?.[2] === runId);
  }

  async function read(runId: string): Promise<QueueEntry | undefined> {
    for (const name of await namesOf(runId)) {
      const entry = await readEntry(join(directory, name), runId);
      if (!entry) continue;
      const { gpu, sweepId } = entry;
      seen.set(runId, {
        ...(gpu === undefined ? {} : { gpu }),
        ...(sweepId === undefined ? {} : { sweepId }),
      });
      return entry;
    }
    return undefined;
  }

  return {
    async ids() {
      const names = await list(directory);
      const entries = names.filter((name) => ENTRY.test(name)).sort();
      const ids = new Set(entries.map((name) => ENTRY.exec(name)?.[2] ?? ""));
      for (const id of seen.keys()) if (!ids.has(id)) seen.delete(id);
      await sweepLeases(directory, names, (name) => !ids.has(name));
      return [...ids];
    },
    async peek(runId) {
      return seen.get(runId) ?? (await read(runId));
    },
    read,
    async add(entry) {
      await mkdir(directory, { recursive: true, mode: 0o700 });
      const order = Math.max(0, Date.parse(entry.queuedAt)).toString(16).padStart(12, "0");
      await writeFileAtomic(join(directory, `${order}-${entry.runId}.json`), `${JSON.stringify(entry)}\n`);
    },
    async take(runId) {
      if (!isId(runId)) throw new TypeError(`not a run id: ${runId}`);
      await mkdir(directory, { recursive: true, mode: 0o700 });
      return takeLease(directory, runId, async () => {
        for (const name of await namesOf(runId)) await unlink(join(directory, name)).catch(ignoreMissing);
        await syncFolder(directory);
      });
    },
    isHeld: (runId) => isLeased(directory, runId),
  };
}

async function list(directory: string): Promise<string[]> {
  return (await readdir(directory).catch(ignoreMissing)) ?? [];
}

async function readEntry(path: string, runId: string): Promise<QueueEntry | undefined> {
  try {
    const content = await readSmallFile(path, LIMIT_BYTES);
    const json: unknown = content && JSON.parse(content.toString("utf8"));
    return isEntry(json, runId) ? json : undefined;
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof UnusableFile) return undefined;
    throw error;
  }
}

function isEntry(json: unknown, runId: string): json is QueueEntry {
  if (typeof json !== "object" || json === null) return false;
  const { v, runId: named, queuedAt, gpu, sweepId, needs, plan } = json as Record<string, unknown>;
  const texts = [gpu, sweepId].every((field) => field === undefined || typeof field === "string");
  const names =
    needs === undefined || (Array.isArray(needs) && needs.every((name) => typeof name === "string"));
  return (
    v === 1 &&
    named === runId &&
    typeof queuedAt === "string" &&
    texts &&
    names &&
    typeof plan === "object" &&
    plan !== null
  );
}

function ignoreMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== "ENOENT") throw error;
  return undefined;
}
