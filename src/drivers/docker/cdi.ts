import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { GpuRequest } from "../../services/ports/containers.ts";
import { listNames } from "./gpu-places.ts";

/*
 * The Container Device Interface: files on the machine say what belongs to a device, and the engine hands over what is
 * asked for by name (`nvidia.com/gpu=0`, `nvidia.com/gpu=0:1`, `nvidia.com/gpu=GPU-…`, `nvidia.com/gpu=all`).
 */

/** Names of every GPU that the specifications in these folders know, each once. */
export function cdiDevices(folders: readonly string[]): readonly string[] {
  const names = folders.flatMap((folder) =>
    listNames(folder)
      .filter((name) => /\.(json|ya?ml)$/.test(name))
      .flatMap((name) => devicesOfSpec(join(folder, name))),
  );
  return [...new Set(names)];
}

/** The names that answer a request; undefined when one of what was asked for is not among the known. */
export function cdiNames(request: GpuRequest, known: readonly string[]): readonly string[] | undefined {
  const single = singleDevices(known);
  if (request.kind === "all") {
    const all = known.find((name) => name.endsWith("=all"));
    if (all !== undefined) return [all];
    return single.length > 0 ? single : undefined;
  }
  if (request.kind === "count") {
    return request.count <= single.length ? single.slice(0, request.count) : undefined;
  }
  const found = request.ids.map((id) => known.find((name) => name === id || name.endsWith(`=${id}`)));
  return found.every((name) => name !== undefined) ? found : undefined;
}

/** Each GPU once, though it may have several names. */
function singleDevices(known: readonly string[]): readonly string[] {
  for (const form of [/=\d+$/, /=GPU-/, /=\d+:\d+$/]) {
    const found = known.filter((name) => form.test(name));
    if (found.length > 0) return found;
  }
  return [];
}

/** Kind and names are found alike in JSON and YAML; everything else in such a file is the engine's business. */
function devicesOfSpec(path: string): string[] {
  try {
    const text = readFileSync(path, "utf8");
    const kind = /(?:^|[\s{,])"?kind"?\s*:\s*["']?([\w.-]+\/[\w.-]+)/m.exec(text)?.[1];
    if (!kind?.endsWith("/gpu")) return [];
    const names = [...text.matchAll(/(?:^|[\s{,-])"?name"?\s*:\s*["']?([\w.:-]+)/gm)];
    return names.map((match) => `${kind}=${match[1]}`);
  } catch {
    return [];
  }
}
