import { existsSync } from "node:fs";
import type { GpuMeter } from "../../services/ports/usage.ts";
import { executableAt, findExecutable, type Variables } from "../../util/executables.ts";
import { watchAmd } from "./amd.ts";
import { watchNvidia } from "./nvidia.ts";

export interface GpuMeterOptions {
  readonly variables: Variables;
  /** One of them is there when NVIDIA's driver is loaded. Absent: the system's own. */
  readonly driverFiles?: readonly string[];
  /** Absent: the system's own. */
  readonly drm?: string;
}

const DRIVER_FILES = ["/proc/driver/nvidia/version", "/dev/nvidiactl", "/dev/dxg"];
/** Where nvidia-smi is when it is not on the PATH. */
const OTHER_PLACES = [
  "/usr/bin/nvidia-smi",
  "/usr/local/nvidia/bin/nvidia-smi",
  "/usr/lib/wsl/lib/nvidia-smi",
];

/** Watches the GPUs of this machine. No program is started where no driver is loaded. */
export function createGpuMeter({ variables, driverFiles = DRIVER_FILES, drm }: GpuMeterOptions): GpuMeter {
  return {
    async watch(use) {
      const program = driverFiles.some((path) => existsSync(path)) ? findProgram(variables) : undefined;
      return program === undefined ? watchAmd(use, drm) : watchNvidia({ program, variables }, use);
    },
  };
}

function findProgram(variables: Variables): string | undefined {
  return findExecutable("nvidia-smi", variables, "/") ?? OTHER_PLACES.map(executableAt).find(Boolean);
}
