import { type GpuWish, gpuWish } from "./gpu-wish.ts";

/** What can be given to a run now: these GPUs, none yet, or never any. */
export type GpuAnswer =
  | { readonly kind: "given"; readonly ids: readonly string[] }
  | { readonly kind: "later" }
  | { readonly kind: "never" };

/** GPUs that are given to runs, the oldest run first. */
export interface GpuSlots {
  /** Asked for one run after the other. One that has to wait keeps the GPUs that are free for it from younger ones. */
  ask(wish: string): GpuAnswer;
}

export function createGpuSlots(all: readonly string[], busy: ReadonlySet<string>): GpuSlots {
  const free = new Set(all.filter((id) => !busy.has(id)));

  function keep(ids: Iterable<string>): GpuAnswer {
    for (const id of ids) free.delete(id);
    return { kind: "later" };
  }

  function give(ids: readonly string[]): GpuAnswer {
    keep(ids);
    return { kind: "given", ids };
  }

  return {
    ask(text) {
      const wish = gpuWish(text);
      if (!wish || !couldEverHave(wish, all)) return { kind: "never" };
      if (wish.kind === "devices") {
        return wish.ids.every((id) => free.has(id)) ? give(wish.ids) : keep(wish.ids);
      }
      const count = wish.kind === "all" ? all.length : wish.count;
      return free.size >= count ? give([...free].slice(0, count)) : keep([...free]);
    },
  };
}

function couldEverHave(wish: GpuWish, all: readonly string[]): boolean {
  if (wish.kind === "all") return all.length > 0;
  if (wish.kind === "count") return wish.count <= all.length;
  return wish.ids.every((id) => all.includes(id));
}
