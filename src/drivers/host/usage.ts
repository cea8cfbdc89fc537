import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import type { UsageProbe, UsageReading } from "../../services/ports/usage.ts";
import { hasProc, type ProcessIdentity, type ProcessStat } from "../../util/process-identity.ts";
import { gpuUseOf } from "./gpu-use.ts";
import { findMembers } from "./members.ts";
import { type ProcessFile, readProcessFile } from "./task-files.ts";

export interface WatchedProcesses {
  readonly taskDirectory: string;
  /** The process whose tree is the run. Absent: what the task folder names. */
  readonly root?: ProcessIdentity;
  /** Where the devices of GPUs are. Absent: /dev. */
  readonly devices?: string;
}

/** Linux shows programs hundredths of a second, whatever the kernel's own clock does. */
const TICKS_PER_SECOND = 100;
/** Processes with less memory than this hardly share any that counts. */
const SMALL_BYTES = 16 * 2 ** 20;
/** Of the time, how much looking at shared memory may take: 1 / 400. */
const SHARED_COST_FACTOR = 400;

/**
 * What the processes of a run use, from /proc: its session, and everything that descends from it. Processor time and
 * storage of those that have ended are in the counts of the parents that collected them.
 */
export function watchProcesses(watched: WatchedProcesses): UsageProbe {
  const known = new Map<number, string>();
  const memory = createMemoryMeter();
  let file: ProcessFile | undefined;
  let isClosed = false;

  async function look(): Promise<UsageReading | undefined> {
    file ??= watched.root
      ? { ...watched.root, session: false }
      : await readProcessFile(watched.taskDirectory);
    if (!file || !hasProc()) return undefined;
    const began = performance.now();
    const { leader, others } = await findMembers(watched.taskDirectory, file, known);
    const members = leader ? [leader, ...others] : others;
    if (members.length === 0) return undefined;
    const gpu = gpuUseOf(members, watched.devices);
    const counts = countsOf(members);
    const costMs = performance.now() - began;
    const memoryBytes = await memory.read(members);
    return {
      ...counts,
      ...(memoryBytes === undefined ? {} : { memoryBytes }),
      ...(gpu ? { gpu } : {}),
      costMs,
    };
  }

  return {
    read: async () => (isClosed ? undefined : look().catch(() => undefined)),
    close() {
      isClosed = true;
    },
  };
}

function countsOf(members: readonly ProcessStat[]): UsageReading {
  let ticks = 0;
  let [read, written, seen] = [0, 0, false];
  for (const { pid, cpuTicks = 0 } of members) {
    ticks += cpuTicks;
    const io = textOf(`/proc/${pid}/io`);
    if (io === undefined) continue;
    seen = true;
    read += numberIn(io, "read_bytes");
    written += numberIn(io, "write_bytes");
  }
  return {
    cpuSeconds: ticks / TICKS_PER_SECOND,
    ...(seen ? { diskReadBytes: read, diskWriteBytes: written } : {}),
  };
}

/**
 * The memory of one process is what it has resident. Of several, what they share is counted once: the kernel adds that
 * up page by page, which takes 15 ms for a gigabyte, so with much memory it is asked more rarely.
 */
function createMemoryMeter(): { read(members: readonly ProcessStat[]): Promise<number | undefined> } {
  let notBefore = 0;
  return {
    async read(members) {
      const resident = members.map(
        ({ pid }) => numberIn(textOf(`/proc/${pid}/status`) ?? "", "VmRSS") * 1024,
      );
      const sum = resident.reduce((total, bytes) => total + bytes, 0);
      if (resident.filter((bytes) => bytes > SMALL_BYTES).length <= 1) return sum;
      const began = performance.now();
      if (began < notBefore) return undefined;
      let total = 0;
      for (const [place, { pid }] of members.entries()) {
        const text = await readFile(`/proc/${pid}/smaps_rollup`, "latin1").catch(() => "");
        total += text === "" ? (resident[place] ?? 0) : numberIn(text, "Pss") * 1024;
      }
      const ended = performance.now();
      notBefore = ended + (ended - began) * SHARED_COST_FACTOR;
      return total;
    },
  };
}

function numberIn(text: string, name: string): number {
  const found = new RegExp(`^${name}:\\s*(\\d+)`, "m").exec(text);
  return found ? Number(found[1]) : 0;
}

/** Undefined: the process is gone, or belongs to somebody else. */
function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return undefined;
  }
}
