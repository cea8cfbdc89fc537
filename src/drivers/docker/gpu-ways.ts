import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import type Dockerode from "dockerode";
import { errors } from "../../protocol/errors.ts";
import type { EngineFacts, GpuRequest } from "../../services/ports/containers.ts";
import type { Connection, EngineInfo } from "./connection.ts";

type GpuWay = EngineFacts["gpuWays"][number];

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

/** Ways that this engine and this machine have, best first. Whether one works only a start tells. */
export async function findGpuWays(
  connection: Connection,
  places: GpuPlaces = GPU_PLACES,
): Promise<readonly GpuWay[]> {
  const info = await connection.info();
  const devices = cdiDevices(connection, info, places);
  const nvidia = connection.product === "docker" && hasNvidiaDriver(places);
  return [
    ...(devices.length > 0 ? [{ way: "cdi" as const, devices }] : []),
    ...(nvidia ? [{ way: "nvidia" as const }] : []),
    ...(existsSync(join(places.dev, "kfd")) ? [{ way: "amd" as const }] : []),
  ];
}

/** Host settings to try one after the other for a request; each is given up when the engine refuses it. */
export async function gpuAttempts(
  connection: Connection,
  request: GpuRequest,
  places: GpuPlaces = GPU_PLACES,
): Promise<readonly Partial<Dockerode.HostConfig>[]> {
  const ways = await findGpuWays(connection, places);
  const cdi = ways.find(({ way }) => way === "cdi")?.devices ?? [];
  const named = cdiNames(request, cdi);
  return [
    ...(named.length > 0 ? [deviceRequest({ Driver: "cdi", DeviceIDs: [...named] })] : []),
    // Podman takes this request and gives nothing. Docker is asked although no driver was seen: it may run elsewhere.
    ...(connection.product === "docker" ? [nvidiaRequest(request)] : []),
    ...(ways.some(({ way }) => way === "amd") ? [amdDevices(request, places)] : []),
  ];
}

/** The error for a request that no way could serve. */
export function gpuNotAvailable(
  connection: Pick<Connection, "product">,
  reason: string,
  places: GpuPlaces = GPU_PLACES,
): Error {
  if (!hasNvidiaDriver(places) && !existsSync(join(places.dev, "kfd"))) {
    const how =
      "Install the driver of your GPU first: `nvidia-smi` (or `rocminfo`) must list it on this machine.";
    return errors.GPU_NOT_AVAILABLE({ missing: "no GPU driver is loaded on this machine", how, reason });
  }
  if (/nvml error|driver not loaded|initialization error/i.test(reason)) {
    const how = "Check `nvidia-smi` on this machine; after an update of the driver restart it.";
    return errors.GPU_NOT_AVAILABLE({ missing: "the NVIDIA driver does not work", how, reason });
  }
  if (connection.product === "podman") {
    const how = "Make one: `sudo nvidia-ctk cdi generate --output=/etc/cdi/nvidia.yaml` (Podman 5 or newer).";
    const missing = "there is no CDI specification for it, which Podman needs";
    return errors.GPU_NOT_AVAILABLE({ missing, how, reason });
  }
  const how =
    "Install nvidia-container-toolkit, then `sudo nvidia-ctk runtime configure --runtime=docker` and restart Docker.";
  return errors.GPU_NOT_AVAILABLE({ missing: "the engine has no NVIDIA container toolkit", how, reason });
}

function hasNvidiaDriver({ nvidiaProc, dev }: GpuPlaces): boolean {
  return [join(nvidiaProc, "version"), join(dev, "nvidiactl"), join(dev, "dxg")].some((path) =>
    existsSync(path),
  );
}

function nvidiaRequest(request: GpuRequest): Partial<Dockerode.HostConfig> {
  // `utility` brings nvidia-smi, with which the container is checked.
  const capabilities = { Driver: "", Capabilities: [["gpu", "compute", "utility"]] };
  if (request.kind === "all") return deviceRequest({ ...capabilities, Count: -1 });
  if (request.kind === "count") return deviceRequest({ ...capabilities, Count: request.count });
  return deviceRequest({ ...capabilities, DeviceIDs: [...request.ids] });
}

function deviceRequest(request: Dockerode.DeviceRequest): Partial<Dockerode.HostConfig> {
  return { DeviceRequests: [request] };
}

/** Without a driver of Docker's own: the devices themselves, and the groups that may open them. */
function amdDevices(request: GpuRequest, { dev }: GpuPlaces): Partial<Dockerode.HostConfig> {
  const nodes = listNames(join(dev, "dri")).filter((name) => /^renderD\d+$/.test(name));
  const chosen =
    request.kind === "all"
      ? nodes
      : request.kind === "count"
        ? nodes.slice(0, request.count)
        : nodes.filter((_, index) => request.ids.includes(String(index)));
  const paths = [join(dev, "kfd"), ...chosen.map((name) => join(dev, "dri", name))];
  return {
    Devices: paths.map((path) => ({
      PathOnHost: path,
      PathInContainer: path,
      CgroupPermissions: "rwm",
    })),
    GroupAdd: [...new Set(paths.map((path) => String(statSync(path).gid)))],
  };
}

/** Names such as `nvidia.com/gpu=0` of every GPU that a CDI specification knows. */
function cdiDevices(connection: Connection, info: EngineInfo, places: GpuPlaces): readonly string[] {
  const told = (info.DiscoveredDevices ?? []).flatMap(({ Source, ID }) =>
    Source === "cdi" && ID ? [ID] : [],
  );
  if (told.length > 0) return told.filter((id) => /\/gpu=/.test(id));
  // Podman looks where everybody does, and does not say so.
  const folders = connection.product === "podman" ? places.cdi : (info.CDISpecDirs ?? []);
  return folders.flatMap((folder) =>
    listNames(folder)
      .filter((name) => /\.(json|ya?ml)$/.test(name))
      .flatMap((name) => devicesOfSpec(join(folder, name))),
  );
}

/** Kind and names are found alike in JSON and YAML; everything else in such a file is the engine's business. */
function devicesOfSpec(path: string): string[] {
  try {
    const text = readFileSync(path, "utf8");
    const kind = /^[\s{,]*"?kind"?\s*:\s*"?([\w.-]+\/[\w.-]+)/m.exec(text)?.[1];
    if (!kind?.endsWith("/gpu")) return [];
    const names = [...text.matchAll(/(?:^|[\s{,-])"?name"?\s*:\s*"?([\w.:-]+)/gm)];
    return names.map((match) => `${kind}=${match[1]}`);
  } catch {
    return [];
  }
}

function cdiNames(request: GpuRequest, known: readonly string[]): readonly string[] {
  const all = known.filter((name) => name.endsWith("=all")).slice(0, 1);
  const single = known.filter((name) => /=\d+$/.test(name));
  if (request.kind === "all") return all.length > 0 ? all : single;
  if (request.kind === "count") return request.count <= single.length ? single.slice(0, request.count) : [];
  const found = request.ids.map((id) => known.find((name) => name.endsWith(`=${id}`)));
  return found.filter((name) => name !== undefined).length === request.ids.length ? (found as string[]) : [];
}

function listNames(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}
