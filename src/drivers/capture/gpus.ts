import { readdirSync } from "node:fs";
import { join } from "node:path";
import { findExecutable } from "../../util/executables.ts";
import type { JsonObject } from "../../util/json.ts";
import { runBounded } from "./bounded-process.ts";
import type { CaptureContext } from "./context.ts";
import { readHead } from "./regular-file.ts";

/** Where the kernel shows devices; the tests bring folders of their own. */
export interface DeviceFolders {
  readonly nvidia: string;
  readonly drm: string;
  readonly bootId: string;
}

export const DEVICE_FOLDERS: DeviceFolders = {
  nvidia: "/proc/driver/nvidia",
  drm: "/sys/class/drm",
  bootId: "/proc/sys/kernel/random/boot_id",
};

type GpuCache = { readonly key: string; readonly gpus: readonly JsonObject[] };

const CACHE_VERSION = 1;
const MOST_WAIT_MS = 2_000;
const QUERY = ["index", "name", "uuid", "memory.total", "driver_version", "compute_cap"];
const VENDORS: { readonly [id: string]: string } = { "0x1002": "AMD", "0x8086": "Intel" };

/** Every GPU that a run could see. A program is started only where NVIDIA's driver is loaded, once a boot. */
export async function findGpus(
  context: CaptureContext,
  folders: DeviceFolders = DEVICE_FOLDERS,
): Promise<readonly JsonObject[]> {
  return [...(await nvidiaGpus(context, folders)), ...otherGpus(folders.drm)];
}

async function nvidiaGpus(context: CaptureContext, folders: DeviceFolders): Promise<readonly JsonObject[]> {
  const version = text(join(folders.nvidia, "version"));
  const listed = listFolder(join(folders.nvidia, "gpus"));
  if (version === "" && listed.length === 0) return [];
  const driver = /Kernel Module\D*([\d.]+)/.exec(version)?.[1];
  const program = findExecutable("nvidia-smi", context.variables, context.projectDirectory);
  const key = JSON.stringify([text(folders.bootId), version, listed, program ?? "", visibleDevices(context)]);
  const cache = context.cache<GpuCache>("gpus.json", CACHE_VERSION);
  const known = cache.load();
  if (known?.key === key) return known.gpus;
  const asked = program === undefined ? undefined : await askNvidia(context, program);
  if (asked === undefined) return listed.map((name) => procGpu(join(folders.nvidia, "gpus", name), driver));
  cache.save({ key, gpus: asked });
  return asked;
}

/** Containers are given some of the machine's GPUs by this variable. */
function visibleDevices(context: CaptureContext): string {
  return context.variables["NVIDIA_VISIBLE_DEVICES"] ?? "";
}

async function askNvidia(context: CaptureContext, program: string): Promise<JsonObject[] | undefined> {
  const outcome = await runBounded({
    program,
    arguments: [`--query-gpu=${QUERY.join(",")}`, "--format=csv,noheader,nounits"],
    environment: context.variables,
    timeoutMs: Math.min(context.timeoutMs, MOST_WAIT_MS),
  });
  if (outcome === undefined || outcome.exitCode !== 0) return undefined;
  const lines = outcome.stdout.toString("utf8").split("\n");
  return lines.filter((line) => line.includes(",")).map(nvidiaGpu);
}

function nvidiaGpu(line: string): JsonObject {
  const [index, model, uuid, memory, driver, capability] = line.split(",").map((cell) => cell.trim());
  const mebibytes = Number(memory);
  return {
    vendor: "NVIDIA",
    model: model ?? "",
    index: Number(index),
    uuid: uuid ?? "",
    ...(Number.isFinite(mebibytes) && { memoryBytes: mebibytes * 2 ** 20 }),
    driver: driver ?? "",
    ...(/^\d/.test(capability ?? "") && { computeCapability: capability ?? "" }),
  };
}

/** What the driver's own files tell when its program does not answer. */
function procGpu(folder: string, driver: string | undefined): JsonObject {
  const information = text(join(folder, "information"));
  const field = (name: string): string =>
    new RegExp(`^${name}:[ \\t]*(.+)$`, "m").exec(information)?.[1]?.trim() ?? "";
  return { vendor: "NVIDIA", model: field("Model"), uuid: field("GPU UUID"), ...(driver && { driver }) };
}

function otherGpus(drm: string): JsonObject[] {
  return listFolder(drm)
    .filter((name) => /^card\d+$/.test(name))
    .flatMap((name) => {
      const device = join(drm, name, "device");
      const vendor = VENDORS[text(join(device, "vendor"))];
      if (vendor === undefined) return [];
      const memory = Number(text(join(device, "mem_info_vram_total")) || Number.NaN);
      const model = text(join(device, "product_name")) || text(join(device, "device"));
      return [{ vendor, model, ...(memory > 0 && { memoryBytes: memory }) }];
    });
}

function text(path: string): string {
  return readHead(path, 4_096)?.toString("utf8").trim() ?? "";
}

function listFolder(path: string): string[] {
  try {
    return readdirSync(path).sort();
  } catch {
    return [];
  }
}
