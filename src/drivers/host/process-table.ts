import { execFile } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { hasProc, type ProcessStat, readProcessStat } from "../../util/process-identity.ts";

/** Every process that runs now, zombies included. Empty when the system does not tell. */
export async function listProcesses(): Promise<ProcessStat[]> {
  return hasProc() ? listFromProc() : listFromPs();
}

/** True when the process' environment holds this variable with this value; false when it may not be read. */
export function hasVariable(pid: number, name: string, value: string): boolean {
  return variableOf(pid, name) === value;
}

/** A variable of the environment that a process was started with. Undefined: not there, or it may not be read. */
export function variableOf(pid: number, name: string): string | undefined {
  try {
    const environment = readFileSync(`/proc/${pid}/environ`, "latin1").split("\0");
    return environment.find((entry) => entry.startsWith(`${name}=`))?.slice(name.length + 1);
  } catch {
    return undefined;
  }
}

/** True for a process that has ended but was not yet collected by its parent. */
export function isZombie(process: ProcessStat): boolean {
  return process.state.startsWith("Z") || process.state.startsWith("X");
}

async function listFromProc(): Promise<ProcessStat[]> {
  const found: ProcessStat[] = [];
  for (const [index, name] of readdirSync("/proc").entries()) {
    if (!/^\d+$/.test(name)) continue;
    // Machines with tens of thousands of processes exist; the engine must go on answering.
    if (index % 500 === 499) await new Promise((resolve) => setImmediate(resolve));
    const stat = readProcessStat(Number(name));
    if (stat) found.push(stat);
  }
  return found;
}

/** macOS and the BSDs: `sess` is not usable there, but a session of our own is one process group at first. */
function listFromPs(): Promise<ProcessStat[]> {
  return new Promise((resolve) => {
    const options = { env: { PATH: "/bin:/usr/bin", LC_ALL: "C", TZ: "UTC" }, maxBuffer: 64 * 1024 * 1024 };
    execFile("ps", ["-axo", "pid=,ppid=,pgid=,stat=,lstart="], options, (_error, stdout) => {
      const found: ProcessStat[] = [];
      for (const line of (stdout ?? "").split("\n")) {
        const match = /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(\S+)\s+(.+?)\s*$/.exec(line);
        if (!match) continue;
        const [, pid, parent, group, state = "", startTime = ""] = match;
        const session = Number(group);
        found.push({ pid: Number(pid), parent: Number(parent), group: session, session, state, startTime });
      }
      resolve(found);
    });
  });
}
