import { statSync } from "node:fs";
import { join } from "node:path";
import type Dockerode from "dockerode";
import type { GpuRequest } from "../../services/ports/containers.ts";
import { type GpuPlaces, listNames } from "./gpu-places.ts";

/** Each AMD GPU of this machine by its node (`renderD128`), in the order of their indices. */
export function renderNodes({ dev }: GpuPlaces): readonly string[] {
  const nodes = listNames(join(dev, "dri")).filter((name) => /^renderD\d+$/.test(name));
  return nodes.sort((a, b) => Number(a.slice(7)) - Number(b.slice(7)));
}

/**
 * Without a driver of Docker's own: the devices themselves, and the groups that may open them, by number, for an image
 * need not know their names. Undefined when this machine has not what was asked for.
 */
export function amdDevices(
  request: GpuRequest,
  places: GpuPlaces,
): Partial<Dockerode.HostConfig> | undefined {
  const chosen = chosenNodes(request, renderNodes(places));
  if (chosen.length === 0) return undefined;
  const names = ["kfd", ...chosen.map((name) => `dri/${name}`)];
  const paths = names.map((name) => join(places.dev, name));
  return {
    Devices: names.map((name) => ({
      PathOnHost: join(places.dev, name),
      PathInContainer: `/dev/${name}`,
      CgroupPermissions: "rwm",
    })),
    GroupAdd: [...new Set(paths.map((path) => String(statSync(path).gid)))],
  };
}

function chosenNodes(request: GpuRequest, nodes: readonly string[]): readonly string[] {
  if (request.kind === "all") return nodes;
  if (request.kind === "count") return request.count <= nodes.length ? nodes.slice(0, request.count) : [];
  const found = request.ids.map((id) => (/^\d+$/.test(id) ? nodes[Number(id)] : id));
  return found.every((name) => name !== undefined && nodes.includes(name)) ? (found as string[]) : [];
}
