import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { UsageReading } from "../../services/ports/usage.ts";

/** Where the kernel counts what a container uses: one folder, or with version 1 one for each controller. */
export type ControlGroup =
  | { readonly version: 2; readonly folder: string }
  | { readonly version: 1; readonly folders: Readonly<Record<string, string>> };

/** Where the system has both; tests bring folders of their own. */
export interface ControlGroupRoots {
  readonly proc: string;
  readonly groups: string;
}

const ROOTS: ControlGroupRoots = { proc: "/proc", groups: "/sys/fs/cgroup" };

/**
 * The control group of a container whose first process has this pid. Undefined when the process is not one of this
 * machine (the engine runs elsewhere, or this is a container itself), or when its files are not to be seen.
 */
export async function findControlGroup(
  pid: number,
  containerId: string,
  roots = ROOTS,
): Promise<ControlGroup | undefined> {
  const text = await textOf(join(roots.proc, String(pid), "cgroup"));
  const folders: Record<string, string> = {};
  let unified: string | undefined;
  for (const line of text?.split("\n") ?? []) {
    const [, controllers = "", path = ""] = /^\d+:([^:]*):(\/.*)$/.exec(line) ?? [];
    // The pid may be that of somebody else.
    if (!path.includes(containerId) || path.split("/").includes("..")) continue;
    if (controllers === "") unified = join(roots.groups, path);
    for (const name of controllers.split(",")) folders[name] = join(roots.groups, name, path);
  }
  const found: ControlGroup[] = [
    ...(folders["cpuacct"] && folders["memory"] ? [{ version: 1 as const, folders }] : []),
    ...(unified === undefined ? [] : [{ version: 2 as const, folder: unified }]),
  ];
  for (const group of found) if (await readControlGroup(group)) return group;
  return undefined;
}

/** Undefined when the group is gone. */
export async function readControlGroup(group: ControlGroup): Promise<UsageReading | undefined> {
  return group.version === 2 ? readUnified(group.folder) : readFirst(group.folders);
}

async function readUnified(folder: string): Promise<UsageReading | undefined> {
  const [cpu, memory, details, io] = await Promise.all(
    ["cpu.stat", "memory.current", "memory.stat", "io.stat"].map((name) => textOf(join(folder, name))),
  );
  const micro = counter(cpu, "usage_usec");
  if (micro === undefined) return undefined;
  const used = inUse(memory, counter(details, "inactive_file"));
  return {
    cpuSeconds: micro / 1e6,
    ...(used === undefined ? {} : { memoryBytes: used }),
    ...(io === undefined
      ? {}
      : { diskReadBytes: sum(io, /rbytes=(\d+)/g), diskWriteBytes: sum(io, /wbytes=(\d+)/g) }),
  };
}

async function readFirst(folders: Readonly<Record<string, string>>): Promise<UsageReading | undefined> {
  const file = (controller: string, name: string): Promise<string | undefined> =>
    textOf(join(folders[controller] ?? "", name));
  const [cpu, memory, details, io] = await Promise.all([
    file("cpuacct", "cpuacct.usage"),
    file("memory", "memory.usage_in_bytes"),
    file("memory", "memory.stat"),
    folders["blkio"] === undefined ? undefined : file("blkio", "blkio.throttle.io_service_bytes_recursive"),
  ]);
  if (cpu === undefined) return undefined;
  const used = inUse(memory, counter(details, "total_inactive_file"));
  return {
    cpuSeconds: Number(cpu) / 1e9,
    ...(used === undefined ? {} : { memoryBytes: used }),
    ...(io === undefined
      ? {}
      : {
          diskReadBytes: sum(io, /^\d+:\d+ Read (\d+)$/gm),
          diskWriteBytes: sum(io, /^\d+:\d+ Write (\d+)$/gm),
        }),
  };
}

/** As `docker stats` counts: without what the kernel keeps of files and can let go of at any time. */
function inUse(memory: string | undefined, inactive = 0): number | undefined {
  return memory === undefined ? undefined : Math.max(0, Number(memory) - inactive);
}

function counter(text: string | undefined, name: string): number | undefined {
  const found = new RegExp(`^${name} (\\d+)$`, "m").exec(text ?? "");
  return found ? Number(found[1]) : undefined;
}

function sum(text: string, pattern: RegExp): number {
  return [...text.matchAll(pattern)].reduce((total, [, bytes]) => total + Number(bytes), 0);
}

async function textOf(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "latin1");
  } catch {
    return undefined;
  }
}
