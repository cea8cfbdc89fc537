import type { GpuReading, UsageReading } from "../ports/usage.ts";

/** Values by the name of their metric. */
export type Measured = Map<string, number>;

/** A reading and when it was made, milliseconds that rise. */
export interface TimedReading {
  readonly at: number;
  readonly reading: UsageReading;
}

/** What the run used, by name. Processor time needs a reading before: the value is for the time between. */
export function measuredOfRun(now: TimedReading, before: TimedReading | undefined): Measured {
  const { cpuSeconds, memoryBytes, diskReadBytes, diskWriteBytes } = now.reading;
  const found: Measured = new Map();
  const seconds = before ? (now.at - before.at) / 1_000 : 0;
  if (cpuSeconds !== undefined && before?.reading.cpuSeconds !== undefined && seconds > 0) {
    // Less than before: processes have ended whose time nobody collected.
    const used = Math.max(0, cpuSeconds - before.reading.cpuSeconds);
    found.set("system/cpu_percent", rounded((used / seconds) * 100));
  }
  if (memoryBytes !== undefined) found.set("system/memory_bytes", Math.round(memoryBytes));
  if (diskReadBytes !== undefined) found.set("system/disk_read_bytes", diskReadBytes);
  if (diskWriteBytes !== undefined) found.set("system/disk_write_bytes", diskWriteBytes);
  return found;
}

export function measuredOfGpus(readings: readonly GpuReading[]): Measured {
  const found: Measured = new Map();
  for (const { index, utilizationPercent, memoryBytes, powerWatts, temperatureCelsius } of readings) {
    const put = (name: string, value: number | undefined): void => {
      if (value !== undefined) found.set(`system/gpu.${index}/${name}`, value);
    };
    put("utilization_percent", utilizationPercent === undefined ? undefined : rounded(utilizationPercent));
    put("memory_bytes", memoryBytes);
    put("power_watts", powerWatts === undefined ? undefined : rounded(powerWatts));
    put("temperature_celsius", temperatureCelsius);
  }
  return found;
}

/** More digits than the measurement has tell nothing and take room. */
function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}
