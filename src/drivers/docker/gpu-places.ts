import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";

/** Where this machine shows its GPUs; the tests bring places of their own. */
export interface GpuPlaces {
  readonly dev: string;
  readonly nvidiaProc: string;
  readonly cdi: readonly string[];
}

export const GPU_PLACES: GpuPlaces = {
  dev: "/dev",
  nvidiaProc: "/proc/driver/nvidia",
  cdi: ["/etc/cdi", "/var/run/cdi"],
};

export function hasNvidiaDriver({ nvidiaProc, dev }: GpuPlaces): boolean {
  const places = [join(nvidiaProc, "version"), join(dev, "nvidiactl"), join(dev, "dxg")];
  return places.some((path) => existsSync(path));
}

export function hasAmdDriver({ dev }: GpuPlaces): boolean {
  return existsSync(join(dev, "kfd"));
}

/** Sorted; none when the folder cannot be read. */
export function listNames(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}
