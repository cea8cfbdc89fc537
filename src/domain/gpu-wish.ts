/** Which GPUs a command asks for. */
export type GpuWish =
  | { readonly kind: "all" }
  | { readonly kind: "count"; readonly count: number }
  | { readonly kind: "devices"; readonly ids: readonly string[] };

/**
 * Reads `all`, a number of GPUs, or their ids joined by commas (`0,2`, `GPU-…`, `MIG-…`, `0:1`, `nvidia.com/gpu=1`,
 * `renderD128`); a single index is `device=0`, since `0` alone would be none. Undefined: it is none of these.
 */
export function gpuWish(text: string): GpuWish | undefined {
  if (text === "all") return { kind: "all" };
  if (/^\d+$/.test(text)) {
    const count = Number(text);
    return count > 0 && count <= 1000 ? { kind: "count", count } : undefined;
  }
  const ids = text.replace(/^device=/, "").split(",");
  const areIds = ids.every((id) =>
    /^(\d{1,4}(:\d{1,2})?|(GPU|MIG)-[\w/-]+|renderD\d{1,4}|[\w.-]+\/[\w.-]+=[\w.:-]+)$/.test(id),
  );
  return areIds && new Set(ids).size === ids.length ? { kind: "devices", ids } : undefined;
}
