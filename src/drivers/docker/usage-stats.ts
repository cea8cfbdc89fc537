import type { UsageReading } from "../../services/ports/usage.ts";

/** What an engine answers to `GET /containers/{id}/stats`, as far as it is used. Each engine leaves out something. */
export interface EngineStats {
  readonly cpu_stats?: { readonly cpu_usage?: { readonly total_usage?: number } };
  readonly memory_stats?: {
    readonly usage?: number;
    readonly stats?: { readonly inactive_file?: number; readonly total_inactive_file?: number };
  };
  readonly blkio_stats?: {
    readonly io_service_bytes_recursive?: readonly { readonly op?: string; readonly value?: number }[] | null;
  };
}

/** Undefined when the container does not run any more: then there is no memory in use. */
export function usageOfStats({
  cpu_stats,
  memory_stats,
  blkio_stats,
}: EngineStats): UsageReading | undefined {
  const nanoseconds = cpu_stats?.cpu_usage?.total_usage;
  const memory = memory_stats?.usage;
  if (!nanoseconds || memory === undefined) return undefined;
  const { inactive_file, total_inactive_file } = memory_stats?.stats ?? {};
  const io = blkio_stats?.io_service_bytes_recursive;
  const total = (operation: string): number =>
    (io ?? [])
      .filter(({ op = "" }) => op.toLowerCase() === operation)
      .reduce((sum, { value = 0 }) => sum + value, 0);
  return {
    cpuSeconds: nanoseconds / 1e9,
    memoryBytes: Math.max(0, memory - (total_inactive_file ?? inactive_file ?? 0)),
    ...(io ? { diskReadBytes: total("read"), diskWriteBytes: total("write") } : {}),
  };
}
