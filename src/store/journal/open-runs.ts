import { mkdir, readdir, rename, unlink } from "node:fs/promises";
import { join } from "node:path";
import { isId } from "../../domain/ids.ts";
import { syncFolder, writeFileAtomic } from "../../util/atomic-file.ts";
import { type Liveness, livenessOf, type ProcessIdentity, thisProcess } from "../../util/process-identity.ts";
import { readSmallFile, UnusableFile } from "../../util/safe-files.ts";
import { releaseClaim, takeClaim } from "./claims.ts";

/** `schemas/open-run.schema.json`. */
export interface OpenRunFile {
  readonly v: 1;
  readonly type: "executed" | "recorded";
  readonly createdAt: string;
  readonly owner: ProcessIdentity;
  readonly spool?: string;
  /** GPUs that the queue gave it. */
  readonly gpus?: readonly string[];
}

/** The files `.datmo/open/<run>.json`: one for each run that has not ended. */
export interface OpenRunFiles {
  /** Ids of the runs, sorted. Costs one readdir. */
  ids(): Promise<string[]>;
  /** Undefined when the run is not open, or its file cannot be read. */
  read(runId: string): Promise<OpenRunFile | undefined>;
  /** Durable when it resolves. */
  write(runId: string, open: OpenRunFile): Promise<void>;
  /** Durable when it resolves; a run that is not open is left alone. */
  remove(runId: string): Promise<void>;
  /**
   * The run has ended while its script lives on: the script's last processes may still log. The file stays, under
   * another name, until an engine finds the script gone and has taken in the rest.
   */
  retire(runId: string): Promise<void>;
  /** Runs that were retired, with their files. */
  retired(): Promise<{ runId: string; open: OpenRunFile }[]>;
  /** Durable when it resolves. */
  removeRetired(runId: string): Promise<void>;
  /** Whether this process may finish the run of a process that is gone; `remove` and `release` end that. */
  claim(runId: string): Promise<boolean>;
  release(runId: string): Promise<void>;
  /** Whether this process may measure what the run of a process that is gone uses; `remove` and `releaseUsage` end that. */
  claimUsage(runId: string): Promise<boolean>;
  releaseUsage(runId: string): Promise<void>;
  /** Whether the process that will end the run lives. `unknown`: it is on another host. */
  ownerState(open: OpenRunFile): Promise<Liveness>;
  /** This process as an owner. */
  thisProcess(): Promise<ProcessIdentity>;
}

const OPEN = ".json";
const RETIRED = ".retired";
const CLAIM = ".claim";
const USAGE = ".usage";
const LIMIT_BYTES = 64 * 1024;

/** The open runs in a folder, which is made when the first one is written. */
export function openRuns(directory: string): OpenRunFiles {
  const pathOf = (runId: string): string => {
    if (!isId(runId)) throw new TypeError(`not a run id: ${runId}`);
    return join(directory, runId + OPEN);
  };
  const retiredPath = (runId: string): string => pathOf(runId).slice(0, -OPEN.length) + RETIRED;
  const claimPath = (runId: string): string => pathOf(runId).slice(0, -OPEN.length) + CLAIM;
  const usagePath = (runId: string): string => pathOf(runId).slice(0, -OPEN.length) + USAGE;
  return {
    ids: () => idsIn(directory, OPEN),
    read: (runId) => readOpenRun(pathOf(runId)),
    async write(runId, open) {
      await mkdir(directory, { recursive: true, mode: 0o700 });
      await writeFileAtomic(pathOf(runId), `${JSON.stringify(open)}\n`);
    },
    async remove(runId) {
      await unlink(pathOf(runId)).catch(ignoreMissing);
      await releaseClaim(claimPath(runId));
      await releaseClaim(usagePath(runId));
      // A file that a power cut brings back would have the run ended once more.
      await syncFolder(directory);
    },
    async retire(runId) {
      await rename(pathOf(runId), retiredPath(runId)).catch(ignoreMissing);
      await syncFolder(directory);
    },
    async retired() {
      const found: { runId: string; open: OpenRunFile }[] = [];
      for (const runId of await idsIn(directory, RETIRED)) {
        const open = await readOpenRun(retiredPath(runId));
        if (open) found.push({ runId, open });
      }
      return found;
    },
    async removeRetired(runId) {
      await unlink(retiredPath(runId)).catch(ignoreMissing);
      await releaseClaim(usagePath(runId));
      await syncFolder(directory);
    },
    claim: (runId) => takeClaim(claimPath(runId)),
    release: (runId) => releaseClaim(claimPath(runId)),
    claimUsage: (runId) => takeClaim(usagePath(runId)),
    releaseUsage: (runId) => releaseClaim(usagePath(runId)),
    ownerState: (open) => livenessOf(open.owner),
    thisProcess,
  };
}

async function idsIn(directory: string, ending: string): Promise<string[]> {
  const names = (await readdir(directory).catch(ignoreMissing)) ?? [];
  const ids = names.map((name) => (name.endsWith(ending) ? name.slice(0, -ending.length) : ""));
  return ids.filter(isId).sort();
}

async function readOpenRun(path: string): Promise<OpenRunFile | undefined> {
  try {
    const content = await readSmallFile(path, LIMIT_BYTES);
    const json: unknown = content && JSON.parse(content.toString("utf8"));
    return isOpenRun(json) ? json : undefined;
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof UnusableFile) return undefined;
    throw error;
  }
}

/** By hand: this is read when any engine starts, long before a validator is needed. */
function isOpenRun(json: unknown): json is OpenRunFile {
  if (typeof json !== "object" || json === null) return false;
  const { v, type, createdAt, owner, spool, gpus } = json as Record<string, unknown>;
  if (v !== 1 || (type !== "executed" && type !== "recorded") || typeof createdAt !== "string") return false;
  if (typeof owner !== "object" || owner === null || (spool !== undefined && typeof spool !== "string"))
    return false;
  if (gpus !== undefined && !(Array.isArray(gpus) && gpus.every((id) => typeof id === "string")))
    return false;
  const { pid, startTime, bootId, host } = owner as Record<string, unknown>;
  return Number.isSafeInteger(pid) && [startTime, bootId, host].every((field) => typeof field === "string");
}

function ignoreMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== "ENOENT") throw error;
  return undefined;
}
