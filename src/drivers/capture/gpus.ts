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

const CACHE_VERSION = 2;
const MOST_WAIT_MS = 2_000;
const QUERY = ["index", "name", "uuid", "memory.total", "driver_version", "compute_cap", "mig.mode.current"];
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
  const ask = (...words: string[]): Promise<string | undefined> => askProgram(context, program, words);
  const [listed, page] = await Promise.all([
    ask(`--query-gpu=${QUERY.join(",")}`, "--format=csv,noheader,nounits"),
    ask(),
  ]);
  if (listed === undefined) return undefined;
  const cuda = /CUDA Version: *([\d.]+)/.exec(page ?? "")?.[1];
  const gpus = listed
    .split("\n")
    .filter((line) => line.includes(","))
    .map((line) => nvidiaGpu(line, cuda));
  if (!gpus.some(({ hasParts }) => hasParts)) return gpus.map(({ gpu }) => gpu);
  const parts = partsOfGpus((await ask("-L")) ?? "");
  return gpus.map(({ gpu, hasParts }) =>
    hasParts ? { ...gpu, mig: parts.get(String(gpu["uuid"])) ?? [] } : gpu,
  );
}

async function askProgram(
  context: CaptureContext,
  program: string,
  words: readonly string[],
): Promise<string | undefined> {
  const outcome = await runBounded({
    program,
    arguments: words,
    environment: context.variables,
    timeoutMs: Math.min(context.timeoutMs, MOST_WAIT_MS),
  });
  return outcome?.exitCode === 0 ? outcome.stdout.toString("utf8") : undefined;
}

function nvidiaGpu(line: string, cuda: string | undefined): { gpu: JsonObject; hasParts: boolean } {
  const [index, model, uuid, memory, driver, capability, mig] = line.split(",").map((cell) => cell.trim());
  const mebibytes = Number(memory);
  const gpu = {
    vendor: "NVIDIA",
    model: model ?? "",
    index: Number(index),
    uuid: uuid ?? "",
    ...(Number.isFinite(mebibytes) && { memoryBytes: mebibytes * 2 ** 20 }),
    driver: driver ?? "",
    // The newest that the driver can serve, not what a library was made with.
    ...(cuda !== undefined && { cuda }),
    ...(/^\d/.test(capability ?? "") && { computeCapability: capability ?? "" }),
  };
  return { gpu, hasParts: mig === "Enabled" };
}

/** The parts that GPUs were divided into (MIG), by the GPU's uuid, as `nvidia-smi -L` lists them. */
export function partsOfGpus(list: string): Map<string, { profile: string; uuid: string }[]> {
  const found = new Map<string, { profile: string; uuid: string }[]>();
  let parts: { profile: string; uuid: string }[] | undefined;
  for (const line of list.split("\n")) {
    const gpu = /^GPU \d+: .*\(UUID: (GPU-[^)]+)\)/.exec(line)?.[1];
    if (gpu !== undefined) {
      parts = [];
      found.set(gpu, parts);
    }
    const [, profile, uuid] = /^\s+MIG (\S+)\s+Device\s+\d+: \(UUID: (MIG-[^)]+)\)/.exec(line) ?? [];
    if (profile !== undefined && uuid !== undefined) parts?.push({ profile, uuid });
  }
  return found;
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
