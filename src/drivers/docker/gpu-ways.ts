import type Dockerode from "dockerode";
import type { EngineFacts, GpuRequest } from "../../services/ports/containers.ts";
import { amdDevices, renderNodes } from "./amd-devices.ts";
import { cdiDevices, cdiNames } from "./cdi.ts";
import type { Connection } from "./connection.ts";
import { GPU_PLACES, type GpuPlaces, hasAmdDriver, hasNvidiaDriver } from "./gpu-places.ts";

type GpuWay = EngineFacts["gpuWays"][number];

/** How a request for GPUs can be put to an engine, and what is known for the error when every way is refused. */
export interface GpuPlan {
  /** Host settings to try one after the other; each is given up when the engine refuses it. */
  readonly attempts: readonly Partial<Dockerode.HostConfig>[];
  /** Folders that the engine takes CDI specifications from; none: it does not know CDI. */
  readonly cdiFolders: readonly string[];
  /** Names of all GPUs in them. */
  readonly cdiDevices: readonly string[];
  /** Nodes of AMD's GPUs. */
  readonly amdNodes: readonly string[];
  readonly product: Connection["product"];
  readonly version: string;
}

/** Ways that this engine and this machine have, best first. Whether one works only a start tells. */
export async function findGpuWays(
  connection: Connection,
  places: GpuPlaces = GPU_PLACES,
): Promise<readonly GpuWay[]> {
  const { devices } = await cdiOf(connection, places);
  const nvidia = connection.product === "docker" && hasNvidiaDriver(places);
  return [
    ...(devices.length > 0 ? [{ way: "cdi" as const, devices }] : []),
    ...(nvidia ? [{ way: "nvidia" as const }] : []),
    ...(hasAmdDriver(places) ? [{ way: "amd" as const }] : []),
  ];
}

export async function planGpus(
  connection: Connection,
  request: GpuRequest,
  places: GpuPlaces = GPU_PLACES,
): Promise<GpuPlan> {
  const { product } = connection;
  const { folders, devices, version } = await cdiOf(connection, places);
  const named = cdiNames(request, devices);
  const amd = hasAmdDriver(places) ? amdDevices(request, places) : undefined;
  // Podman takes this request and gives nothing. Docker is asked although no driver was seen: it may run elsewhere.
  const nvidia = product === "docker" && !isNamed(request) ? [nvidiaRequest(request)] : [];
  const isAmdOnly = amd !== undefined && !hasNvidiaDriver(places);
  return {
    attempts: [
      ...(named ? [deviceRequest({ Driver: "cdi", DeviceIDs: [...named] })] : []),
      ...(isAmdOnly ? [] : nvidia),
      ...(amd ? [amd] : []),
      ...(isAmdOnly ? nvidia : []),
    ],
    cdiFolders: folders,
    cdiDevices: devices,
    amdNodes: hasAmdDriver(places) ? renderNodes(places) : [],
    product,
    version,
  };
}

/** By names that only CDI or AMD's devices have. */
function isNamed(request: GpuRequest): boolean {
  return request.kind === "devices" && request.ids.some((id) => id.includes("=") || id.startsWith("renderD"));
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

async function cdiOf(
  connection: Connection,
  places: GpuPlaces,
): Promise<{
  readonly folders: readonly string[];
  readonly devices: readonly string[];
  readonly version: string;
}> {
  const info = await connection.info();
  const version = info.ServerVersion ?? "";
  const isPodman = connection.product === "podman";
  // Podman before 5 takes no device by such a name through this socket, and does not say so.
  if (isPodman && Number.parseInt(version, 10) < 5) return { folders: [], devices: [], version };
  const told = (info.DiscoveredDevices ?? []).flatMap(({ Source, ID }) =>
    Source === "cdi" && ID && /\/gpu=/.test(ID) ? [ID] : [],
  );
  // Podman looks where everybody does.
  const folders = isPodman ? places.cdi : (info.CDISpecDirs ?? []);
  return { folders, devices: told.length > 0 ? told : cdiDevices(folders), version };
}
