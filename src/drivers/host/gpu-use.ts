import { existsSync, readdirSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import type { GpuUse } from "../../services/ports/usage.ts";
import type { ProcessStat } from "../../util/process-identity.ts";
import { variableOf } from "./process-table.ts";

/** Device files of GPUs' drivers: NVIDIA's, AMD's, and that of Windows' Linux. */
const DRIVERS = ["nvidiactl", "kfd", "dxg"];
const DEVICE = /^(nvidia\d+|nvidiactl|kfd|dxg)$/;
/** A program opens its GPU long before it has so many other files open. */
const MOST_FILES = 512;

/**
 * The GPUs that a run has in use: undefined as long as none of its processes has one open. Costs nothing on a machine
 * without GPUs.
 */
export function gpuUseOf(members: readonly ProcessStat[], devices = "/dev"): GpuUse | undefined {
  if (!DRIVERS.some((name) => existsSync(join(devices, name)))) return undefined;
  for (const { pid } of members) {
    if (!hasDeviceOpen(pid, devices)) continue;
    const visible = variableOf(pid, "CUDA_VISIBLE_DEVICES") ?? variableOf(pid, "HIP_VISIBLE_DEVICES");
    return visible === undefined ? {} : visibleGpus(visible);
  }
  return undefined;
}

/** `0,2` or uuids. What is written otherwise (parts of a GPU) is left to show on all GPUs. */
export function visibleGpus(variable: string): GpuUse {
  const ids = variable.split(",").map((id) => id.trim());
  return ids.every((id) => /^(\d{1,3}|GPU-[0-9A-Za-z-]{4,64})$/.test(id)) ? { ids } : {};
}

function hasDeviceOpen(pid: number, devices: string): boolean {
  const folder = `/proc/${pid}/fd`;
  let files: string[];
  try {
    files = readdirSync(folder);
  } catch {
    return false;
  }
  return files.slice(0, MOST_FILES).some((file) => {
    try {
      const target = readlinkSync(join(folder, file));
      return target.startsWith(`${devices}/`) && DEVICE.test(target.slice(devices.length + 1));
    } catch {
      return false;
    }
  });
}
