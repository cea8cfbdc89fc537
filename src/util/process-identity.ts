import { execFile } from "node:child_process";
import { closeSync, openSync, readFileSync, readSync } from "node:fs";
import { hostname } from "node:os";

/** Names one process for ever: a pid alone is reused. Kept in `open/<run>.json` and `process.json`. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Field 22 of /proc/<pid>/stat; where there is no /proc, what `ps` says; empty when neither is there. */
  readonly startTime: string;
  /** /proc/sys/kernel/random/boot_id; empty where there is none. */
  readonly bootId: string;
  readonly host: string;
}

/** `unknown`: the process belongs to another host (or another container), so nobody here can tell. */
export type Liveness = "alive" | "gone" | "unknown";

/** This process. */
export async function thisProcess(): Promise<ProcessIdentity> {
  const identity = await identityOf(process.pid);
  return identity ?? { pid: process.pid, startTime: "", bootId: bootId(), host: hostname() };
}

let ownMark: ProcessIdentity | undefined;

/** This process at once: without /proc its start time is left empty. */
export function processMark(): ProcessIdentity {
  ownMark ??= {
    pid: process.pid,
    startTime: readProcessStat(process.pid)?.startTime ?? "",
    bootId: bootId(),
    host: hostname(),
  };
  return ownMark;
}

/** The process that has this pid now; undefined when there is none. */
export async function identityOf(pid: number): Promise<ProcessIdentity | undefined> {
  const startTime = await startTimeOf(pid);
  return startTime === undefined ? undefined : { pid, startTime, bootId: bootId(), host: hostname() };
}

/** Whether exactly this process still runs. A zombie is gone. */
export async function livenessOf(identity: ProcessIdentity): Promise<Liveness> {
  const sameHost = identity.host === hostname();
  const boot = bootId();
  // Another boot of this machine, or another machine whose processes we cannot see.
  if (boot !== identity.bootId) return sameHost ? "gone" : "unknown";
  if (boot === "" && !sameHost) return "unknown";
  const startTime = await startTimeOf(identity.pid);
  if (startTime !== undefined && startTime === identity.startTime) return "alive";
  if (startTime === undefined && isHidden(identity.pid)) return "unknown";
  // Same boot under another host name: the machine was renamed, or we look out of (into) a container.
  return sameHost ? "gone" : "unknown";
}

/** What /proc/<pid>/stat says. */
export interface ProcessStat {
  readonly pid: number;
  readonly state: string;
  readonly parent: number;
  readonly group: number;
  readonly session: number;
  readonly startTime: string;
  /** Processor time of its own and of its children that were collected, hundredths of a second. Linux only. */
  readonly cpuTicks?: number;
}

/** Linux only; undefined when there is no such process. */
export function readProcessStat(pid: number): ProcessStat | undefined {
  let text: string;
  try {
    text = readSmall(`/proc/${pid}/stat`);
  } catch {
    return undefined;
  }
  // The command's name is in parentheses and may hold anything, parentheses and spaces included.
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  return {
    pid,
    state: fields[0] ?? "",
    parent: Number(fields[1]),
    group: Number(fields[2]),
    session: Number(fields[3]),
    startTime: fields[19] ?? "",
    cpuTicks: Number(fields[11]) + Number(fields[12]) + Number(fields[13]) + Number(fields[14]),
  };
}

/** True when the system knows /proc as Linux does. */
export function hasProc(): boolean {
  return bootId() !== "";
}

async function startTimeOf(pid: number): Promise<string | undefined> {
  if (!Number.isSafeInteger(pid) || pid <= 0) return undefined;
  if (!hasProc()) return psStartTime(pid);
  const stat = readProcessStat(pid);
  return stat === undefined || stat.state === "Z" || stat.state === "X" ? undefined : stat.startTime;
}

/** macOS and the BSDs. */
function psStartTime(pid: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const environment = { PATH: "/bin:/usr/bin", LC_ALL: "C", TZ: "UTC" };
    execFile("ps", ["-o", "stat=,lstart=", "-p", String(pid)], { env: environment }, (error, stdout) => {
      const match = /^\s*(\S+)\s+(.+?)\s*$/.exec(stdout ?? "");
      resolve(error || !match || match[1]?.startsWith("Z") ? undefined : match[2]);
    });
  });
}

/** `readFileSync` takes new memory for every file of unknown size, and processes are looked at a hundred times a second. */
function readSmall(path: string): string {
  smallFile ??= Buffer.allocUnsafeSlow(4096);
  const file = openSync(path, "r");
  try {
    return smallFile.toString("latin1", 0, readSync(file, smallFile, 0, smallFile.length, null));
  } finally {
    closeSync(file);
  }
}

let smallFile: Buffer | undefined;

/** With `hidepid`, processes of other users are there but cannot be seen. */
function isHidden(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM" && readProcessStat(pid) === undefined;
  }
}

let bootIdCache: string | undefined;

function bootId(): string {
  if (bootIdCache === undefined) {
    try {
      bootIdCache = readFileSync("/proc/sys/kernel/random/boot_id", "latin1").trim();
    } catch {
      bootIdCache = "";
    }
  }
  return bootIdCache;
}
