import { errors } from "../../protocol/errors.ts";
import type { GpuRequest } from "../../services/ports/containers.ts";
import { GPU_PLACES, type GpuPlaces, hasAmdDriver, hasNvidiaDriver } from "./gpu-places.ts";
import type { GpuPlan } from "./gpu-ways.ts";

interface Lack {
  readonly missing: string;
  readonly how: string;
}

const MAKE_SPEC = "sudo nvidia-ctk cdi generate --output=/etc/cdi/nvidia.yaml";

/** The error for a request that no way could serve. `reason`: what the engine said to each, in one line. */
export function gpuNotAvailable(
  plan: Omit<GpuPlan, "attempts">,
  request: GpuRequest,
  reason: string,
  places: GpuPlaces = GPU_PLACES,
): Error {
  const lack =
    brokenDriver(reason) ?? unknownDevice(plan, request, reason) ?? missingPart(plan, places, request);
  return errors.GPU_NOT_AVAILABLE({ ...lack, reason });
}

/** NVIDIA's toolkit is there and says what is wrong. */
function brokenDriver(reason: string): Lack | undefined {
  const told = /nvidia-container-cli: (.*?)(?::? unknown)?$/.exec(reason)?.[1] ?? reason;
  if (/requirement error|unsatisfied condition/i.test(reason)) {
    const how = "Update the machine's driver, or take an image for an older CUDA.";
    return { missing: `the image needs a newer driver (${told})`, how };
  }
  if (/nvml error|driver not loaded|initialization error|driver.library version mismatch/i.test(reason)) {
    const how = "Check `nvidia-smi` on this machine; after an update of the driver restart it.";
    return { missing: `the NVIDIA driver does not work (${told})`, how };
  }
  return undefined;
}

/** There are GPUs, but not what was asked for. */
function unknownDevice(
  plan: Omit<GpuPlan, "attempts">,
  request: GpuRequest,
  reason: string,
): Lack | undefined {
  const asked = namesOf(request);
  if (/unknown device|no such device/i.test(reason)) {
    return { missing: `this machine has no GPU ${asked}`, how: "`nvidia-smi -L` lists what there is." };
  }
  const { cdiDevices, amdNodes, cdiFolders } = plan;
  if (cdiDevices.length > 0) {
    const how = `Known are ${cdiDevices.join(", ")}. After a change of devices: \`${MAKE_SPEC}\`.`;
    return { missing: `the CDI specification in ${cdiFolders.join(", ")} has no GPU ${asked}`, how };
  }
  if (amdNodes.length > 0) {
    const how = `Known are ${amdNodes.map((name, index) => `${index} (${name})`).join(", ")}.`;
    return { missing: `this machine has no AMD GPU ${asked}`, how };
  }
  return undefined;
}

/** What is to be installed next: driver, toolkit, specification. */
function missingPart(plan: Omit<GpuPlan, "attempts">, places: GpuPlaces, request: GpuRequest): Lack {
  const { product, version, cdiFolders } = plan;
  if (hasAmdDriver(places) && !hasNvidiaDriver(places)) {
    const how =
      "Its user must see /dev/dri (groups render and video), and amdgpu must be loaded: `rocminfo`.";
    return { missing: "AMD's driver shows no GPU in /dev/dri", how };
  }
  if (!hasNvidiaDriver(places)) {
    const how =
      "Install the driver of your GPU first: `nvidia-smi` (or `rocminfo`) must list it on this machine.";
    const node = request.kind === "devices" && request.ids.some((id) => id.startsWith("renderD"));
    return {
      missing: `no GPU driver is loaded on this machine${node ? " (there is no /dev/kfd)" : ""}`,
      how,
    };
  }
  if (product === "podman" && cdiFolders.length === 0) {
    const how = `Update to Podman 5 or newer, and make a CDI specification: \`${MAKE_SPEC}\`. Or use Docker.`;
    return { missing: `Podman ${version} takes a request for GPUs over its socket and gives none`, how };
  }
  if (product === "podman") {
    const missing = `there is no CDI specification in ${cdiFolders.join(" or ")}, which Podman needs`;
    return { missing, how: `Install nvidia-container-toolkit, then make one: \`${MAKE_SPEC}\`.` };
  }
  const configure = "sudo nvidia-ctk runtime configure --runtime=docker";
  if (cdiFolders.length === 0) {
    const how = `Install nvidia-container-toolkit, then \`${configure}\` and restart Docker.`;
    return { missing: "the engine has no NVIDIA container toolkit", how };
  }
  const missing = `the engine has no NVIDIA container toolkit, and no CDI specification in ${cdiFolders.join(" or ")}`;
  const how = `Install nvidia-container-toolkit, then \`${MAKE_SPEC}\`, or \`${configure}\` and restart Docker.`;
  return { missing, how };
}

function namesOf(request: GpuRequest): string {
  if (request.kind === "devices") return request.ids.join(", ");
  return request.kind === "all" ? "at all" : `number ${request.count}`;
}
