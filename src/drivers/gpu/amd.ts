import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { GpuProbe, GpuReading, GpuUse } from "../../services/ports/usage.ts";

const AMD = "0x1002";

/** Watches AMD's GPUs by the files that the kernel's driver has for each. Undefined: there are none. */
export function watchAmd({ ids }: GpuUse, folder = "/sys/class/drm"): GpuProbe | undefined {
  const cards = cardsIn(folder).filter((_, index) => ids === undefined || ids.includes(String(index)));
  if (cards.length === 0) return undefined;
  return { read: () => cards.flatMap(readCard), close: () => undefined };
}

interface Card {
  readonly index: number;
  readonly device: string;
}

function cardsIn(folder: string): Card[] {
  const names = list(folder).filter((name) => /^card\d+$/.test(name));
  const devices = names.map((name) => join(folder, name, "device"));
  return devices
    .filter(
      (device) => text(join(device, "vendor")) === AMD && number(device, "gpu_busy_percent") !== undefined,
    )
    .map((device, index) => ({ index, device }));
}

function readCard({ index, device }: Card): GpuReading[] {
  const utilizationPercent = number(device, "gpu_busy_percent");
  const memoryBytes = number(device, "mem_info_vram_used");
  const [sensors = ""] = list(join(device, "hwmon"));
  const hwmon = join(device, "hwmon", sensors);
  const microwatts = number(hwmon, "power1_average") ?? number(hwmon, "power1_input");
  const millidegrees = number(hwmon, "temp1_input");
  const reading = {
    index,
    ...(utilizationPercent === undefined ? {} : { utilizationPercent }),
    ...(memoryBytes === undefined ? {} : { memoryBytes }),
    ...(microwatts === undefined ? {} : { powerWatts: microwatts / 1e6 }),
    ...(millidegrees === undefined ? {} : { temperatureCelsius: millidegrees / 1e3 }),
  };
  return Object.keys(reading).length > 1 ? [reading] : [];
}

function number(folder: string, name: string): number | undefined {
  const found = text(join(folder, name));
  return /^\d+$/.test(found) ? Number(found) : undefined;
}

function text(path: string): string {
  try {
    return readFileSync(path, "latin1").trim();
  } catch {
    return "";
  }
}

function list(folder: string): string[] {
  try {
    // card10 comes after card9.
    return readdirSync(folder).sort((a, b) => a.length - b.length || (a < b ? -1 : 1));
  } catch {
    return [];
  }
}
