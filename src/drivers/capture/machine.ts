import { arch, availableParallelism, cpus, hostname, release, totalmem, type } from "node:os";
import type { MachineFacts } from "../../services/ports/capture.ts";
import type { CaptureContext } from "./context.ts";
import { findGpus } from "./gpus.ts";
import { readHead } from "./regular-file.ts";
import { steeringVariables } from "./variables.ts";

/** The machine this process runs on; the slowest part (asking for GPUs) is bounded to two seconds. */
export async function machineFacts(context: CaptureContext): Promise<MachineFacts> {
  const variables = steeringVariables(context.variables);
  return {
    host: hostname(),
    os: systemName(),
    kernel: release(),
    arch: arch(),
    cpu: cpuModel(),
    cpus: availableParallelism(),
    memoryBytes: totalmem(),
    gpus: await findGpus(context).catch(() => []),
    ...(Object.keys(variables).length > 0 && { variables }),
  };
}

function systemName(): string {
  const linux = readHead("/etc/os-release", 8_192)?.toString("utf8") ?? "";
  const pretty = /^PRETTY_NAME="?([^"\n]*)"?$/m.exec(linux)?.[1];
  if (pretty !== undefined) return pretty;
  if (process.platform !== "darwin") return `${type()} ${release()}`;
  const plist = readHead("/System/Library/CoreServices/SystemVersion.plist", 8_192)?.toString("utf8") ?? "";
  const version = /<key>ProductVersion<\/key>\s*<string>([^<]*)<\/string>/.exec(plist)?.[1];
  return version === undefined ? "macOS" : `macOS ${version}`;
}

/** The first lines of cpuinfo: with hundreds of processors, asking for all of them takes long. */
function cpuModel(): string {
  const info = readHead("/proc/cpuinfo", 4_096)?.toString("latin1") ?? "";
  return (
    /^(?:model name|Model|cpu model)\s*:\s*(.+)$/m.exec(info)?.[1]?.trim() ?? cpus()[0]?.model.trim() ?? ""
  );
}
